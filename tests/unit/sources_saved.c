/* sources_saved.c: a run ends and the next goes on where it was; near the end, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/kit/followed.h"

static void
what_comes_later_is_read_and_no_more(void **state)
{
	(void)state;
	followed_begin();
	followed_assert_goes_on("");
	followed_save();
	followed_append("f\nc\n");
	followed_assert_goes_on("half|c|");
	assert_true(followed_stats(0)->lines == 4 &&
		    followed_stats(0)->bytes == strlen(FOLLOWED_FIRST "\nb\nhalf\nc\n"));
	assert_true(followed.stretch.line == 3 &&
		    followed.stretch.offset == strlen(FOLLOWED_FIRST "\nb\n"));
}

static void
a_truncated_file_is_read_from_its_start(void **state)
{
	(void)state;
	followed_begin();
	followed_write_to(followed.path, O_TRUNC, "new\n", 4);
	followed_assert_goes_on("hal|new|");
	assert_true(followed.stretch.line == 1);
	followed_save();
	followed_write_to(followed.path, O_TRUNC, "longer than it was\n", 19);
	followed_assert_goes_on("longer than it was|");
}

static void
the_rest_of_a_copied_and_truncated_file_is_in_the_copy(void **state)
{
	(void)state;
	followed_begin();
	followed_append("f\nc\n");
	char command[512];
	snprintf(command, sizeof(command), "cp '%s' '%s'", followed.path, followed.other);
	assert_int_equal(system(command), 0);
	followed_write_to(followed.path, O_TRUNC, "new\n", 4);
	followed_assert_goes_on("half|c|new|");
}

static void
a_file_that_is_gone_leaves_its_half_line(void **state)
{
	(void)state;
	followed_begin();
	unlink(followed.path);
	followed_assert_goes_on("");
	followed_append("new\n");
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "hal|new|");
}

static void
files_of_a_glob_are_known_under_their_new_names(void **state)
{
	(void)state;
	const struct source_options glob = {.path = followed_in_folder("log*")};
	sources_free(followed.sources);
	followed.sources = sources_new();
	followed_write_text(
	    followed.other, "older, and long enough to be known again by what is in it, surely\n");
	followed_append(FOLLOWED_FIRST "\nb\n");
	sources_add(followed.sources, &glob);
	followed_wait_and_take();
	followed_save();
	followed_append("c\n");
	assert_int_equal(rename(followed.other, followed_in_folder("log.2")), 0);
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("new\n");
	followed_restart(&glob);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "c|new|");
	followed_save();
	/* And packed. */
	char command[512];
	snprintf(command, sizeof(command), "cd '%s' && gzip log.2 log.1", followed.folder);
	assert_int_equal(system(command), 0);
	followed_append("d\n");
	followed_restart(&glob);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "d|");
}

static void
a_packed_file_goes_on_where_it_was_and_is_over_once(void **state)
{
	(void)state;
	const struct source_options packed = {.path = followed_in_folder("p*.gz")};
	char command[512];
	snprintf(command, sizeof(command),
	    "cd '%s' && seq -f 'line number %%06.0f' 500000 | gzip > p.gz", followed.folder);
	assert_int_equal(system(command), 0);
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources, &packed);
	int next = 1;
	for (int i = 0; i < 10; i++) {
		/* More than 4 MiB are passed over in several goes. */
		for (bool came = true; came || sources_is_busy(followed.sources);) {
			came = sources_take(followed.sources, &followed.stretch, 300000);
			if (!came)
				continue;
			for (char *at = followed.stretch.text; *at != '\0';
			     at = strchr(at, '\n') + 1)
				assert_int_equal(atoi(at + strlen("line number ")), next++);
			followed_save();
			followed_restart(&packed);
			if (i == 3)
				rename(followed_in_folder("p.gz"), followed_in_folder("p1.gz"));
		}
		clock_advance(CLOCK_SECOND);
	}
	assert_int_equal(next, 500001);
	followed_save();
	followed_restart(&packed);
	assert_true(sources_at_end(followed.sources));
	followed_wait_and_take();
	assert_true(followed.got.length == 0 && sources_count(followed.sources) == 1);
}

static void
a_table_goes_on_at_its_rowid(void **state)
{
	(void)state;
	sqlite3 *db;
	const struct source_options rows = {.path = followed_in_folder("db"), .table = "t"};
	assert_int_equal(sqlite3_open(rows.path, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)", 0, 0, 0);
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources, &rows);
	followed_assert_reads("{\"a\":1}|{\"a\":2}|");
	followed_save();
	sqlite3_exec(db, "INSERT INTO t VALUES (3)", 0, 0, 0);
	sqlite3_close(db);
	followed_restart(&rows);
	followed_assert_reads("{\"a\":3}|");
}

static void
the_header_of_a_csv_is_kept(void **state)
{
	(void)state;
	const struct source_options csv = {.path = followed.path, .frame = FRAME_CSV};
	followed_begin_with(followed.path, FRAME_CSV);
	followed_append("id,x\n1,2\n");
	followed_assert_reads("1,2|");
	followed_save();
	followed_append("3,4\n");
	followed_restart(&csv);
	followed_assert_reads("3,4|");
	assert_int_equal(followed.stretch.header_length, 4);
	assert_memory_equal(followed.stretch.header, "id,x", 4);
}

static void
bytes_that_make_no_sense_change_nothing(void **state)
{
	(void)state;
	followed_begin();
	struct buf good = {0};
	buf_append(&good, followed.pack.data, followed.pack.length);
	for (size_t cut = 0; cut < good.length; cut++) {
		char *exact = malloc(cut + 1);
		memcpy(exact, good.data, cut);
		struct unpack unpack = {.at = exact, .end = exact + cut};
		assert_false(sources_load(followed.sources, &unpack));
		free(exact);
	}
	followed_append("f\nc\n");
	followed_assert_reads("half|c|");
	buf_free(&good);
}

static void
what_is_asked_for_no_more_keeps_its_number(void **state)
{
	(void)state;
	followed_begin();
	const char *second = followed_in_folder("second");
	followed_write_text(second, "x\n");
	sources_add(followed.sources, &(struct source_options){.path = second});
	followed_wait_and_take();
	followed_save();
	followed_write_text(second, "y\n");
	followed_append("f\n");
	followed_restart(&(struct source_options){.path = second});
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "y|");
	assert_int_equal(followed.stretch.file, 1);
	assert_true(followed_stats(0)->finished);
}

static void
begin_near_the_end(uint64_t bytes)
{
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources,
	    &(struct source_options){.path = followed_in_folder("log*"), .newest = bytes});
}

static void
the_newest_is_read_first_when_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		char line[32];
		snprintf(line, sizeof(line), "line %03d\n", i);
		followed_append(line);
	}
	followed_write_text(followed.other, "older\n");
	const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	assert_int_equal(utimensat(AT_FDCWD, followed.other, old, 0), 0);
	begin_near_the_end(20);
	followed_assert_reads("line 098|line 099|");
	begin_near_the_end(18);
	followed_assert_reads("line 098|line 099|");
	assert_true(sources_at_end(followed.sources) && sources_behind(followed.sources) == 0);
	followed_append("new\n");
	followed_assert_reads("new|");
	begin_near_the_end(1000);
	followed_wait_and_take();
	assert_int_equal(followed_stats(0)->lines + followed_stats(1)->lines, 102);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLLOWED_TEST(what_comes_later_is_read_and_no_more),
	    FOLLOWED_TEST(a_truncated_file_is_read_from_its_start),
	    FOLLOWED_TEST(the_rest_of_a_copied_and_truncated_file_is_in_the_copy),
	    FOLLOWED_TEST(a_file_that_is_gone_leaves_its_half_line),
	    FOLLOWED_TEST(files_of_a_glob_are_known_under_their_new_names),
	    FOLLOWED_TEST(a_packed_file_goes_on_where_it_was_and_is_over_once),
	    FOLLOWED_TEST(a_table_goes_on_at_its_rowid),
	    FOLLOWED_TEST(the_header_of_a_csv_is_kept),
	    FOLLOWED_TEST(bytes_that_make_no_sense_change_nothing),
	    FOLLOWED_TEST(what_is_asked_for_no_more_keeps_its_number),
	    FOLLOWED_TEST(the_newest_is_read_first_when_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
