/* sources_saved.c: a run ends and the next goes on where it was, whatever was done to the files in
 * between. */
#include "tests/unit/sources_stage.h"

#include <sqlite3.h>

static struct buf pack;

static void
save(void)
{
	buf_clear(&pack);
	sources_save(sources, &pack);
}

/* Another run, of the same, that has loaded what was saved. */
static void
restart(const struct source_options *options)
{
	struct unpack unpack = {.at = pack.data, .end = pack.data + pack.length};
	buf_clear(&got);
	sources_free(sources);
	sources = sources_new();
	sources_add(sources, options);
	assert_true(sources_load(sources, &unpack));
	assert_true(unpack_good(&unpack));
}

/* What a run reads after this was done while none ran. */
static void
assert_goes_on(const char *expected)
{
	restart(&(struct source_options){.path = path});
	wait_and_take();
	assert_string_equal(got.data != NULL ? got.data : "", expected);
}

#define FIRST "the first line, which is long enough that a copy of it is believed to be one"

#define SECOND "a-line-of-the-second-file,-which-is-as-long,-so-that-it-is-known-by-it:-"

static void
begin(void)
{
	append(FIRST "\nb\nhal");
	assert_reads(FIRST "|b|");
	save();
}

static void
what_comes_later_is_read_and_no_more(void **state)
{
	(void)state;
	begin();
	assert_goes_on("");
	save();
	append("f\nc\n");
	assert_goes_on("half|c|");
	assert_true(stats(0)->lines == 4 && stats(0)->bytes == strlen(FIRST "\nb\nhalf\nc\n"));
	assert_true(stretch.line == 3 && stretch.offset == strlen(FIRST "\nb\n"));
}

static void
of_a_renamed_file_the_rest_is_read_first(void **state)
{
	(void)state;
	begin();
	append("f\nc\n");
	assert_int_equal(rename(path, other), 0);
	append("new\n");
	assert_goes_on("half|c|new|");
}

static void
of_one_renamed_and_not_begun_anew_too(void **state)
{
	(void)state;
	begin();
	append("f\nc\n");
	assert_int_equal(rename(path, in_folder("log-20261121")), 0);
	assert_goes_on("half|c|");
	append("new\n");
	wait_and_take();
	assert_string_equal(got.data, "half|c|new|");
}

static void
the_ones_in_between_are_read_too(void **state)
{
	(void)state;
	begin();
	append("f\nc\n");
	assert_int_equal(rename(path, in_folder("log.3")), 0);
	append("d\n");
	assert_int_equal(rename(path, in_folder("log.2")), 0);
	usleep(20000);
	append("e\n");
	assert_int_equal(rename(path, in_folder("log.1")), 0);
	append("new\n");
	write_text(in_folder("log.old"), "no name of a rotated one\n");
	assert_goes_on("half|c|d|e|new|");
}

/* Files are read in turns where nothing tells their times: it is not their order that counts. */
static void
assert_has(const char *const *lines, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		const char *at = got.data != NULL ? strstr(got.data, lines[i]) : NULL;
		if (at == NULL || at[strlen(lines[i])] != '|')
			fail_msg("%s is not in %s", lines[i], got.data);
		length += strlen(lines[i]) + 1;
	}
	assert_int_equal(got.length, length);
}

static void
assert_goes_on_with_all(const char *const *lines, size_t count)
{
	restart(&(struct source_options){.path = path});
	wait_and_take();
	assert_has(lines, count);
}

static void
run(const char *words)
{
	char command[256];
	snprintf(command, sizeof(command), "cd '%s' && { %s; }", folder, words);
	assert_int_equal(system(command), 0);
}

static void
of_one_that_was_packed_meanwhile_the_rest_is_read(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "new"};
	begin();
	append("f\nc\n");
	run("mv log log.1; gzip log.1; printf 'new\\n' > log");
	/* A run that ends before it has read anything changes nothing. */
	restart(&(struct source_options){.path = path});
	save();
	assert_goes_on_with_all(rest, 3);
	save();
	assert_goes_on_with_all(NULL, 0);
}

static void
a_link_that_leads_to_another_file_meanwhile_loses_nothing(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	static const char *const more[] = {"d", "newest"};
	run("mkdir logs; ln -s logs/app-20261119.log log");
	begin();
	append("f\nc\n");
	run("cd logs; sleep 0.02; echo second > app-20261120.log; gzip app-20261119.log");
	run("cd logs; sleep 0.02; echo third > app-20261121.log; gzip app-20261120.log");
	run("cd logs; echo 'no date' > app-2.log; echo another > app-x-20261121.log; echo new > "
	    "app-20261122.log");
	run("ln -s logs/app-20261122.log next; mv -T next log");
	assert_goes_on_with_all(rest, 5);
	save();
	append("d\n");
	run("echo newest > logs/app-20261123.log; ln -s logs/app-20261123.log next; mv -T next "
	    "log");
	assert_goes_on_with_all(more, 2);
}

static void
one_that_was_given_any_name_is_found(void **state)
{
	(void)state;
	begin();
	append("f\nc\n");
	assert_int_equal(rename(path, in_folder("yesterday")), 0);
	append("new\n");
	assert_goes_on("half|c|new|");
}

static void
one_that_was_packed_before_its_end_is_not_read_again(void **state)
{
	(void)state;
	static const char *const rest[] = {"half of", "new"};
	run("for i in $(seq 20); do echo " FIRST "; done > log; cp log log.1; gzip log.1");
	append("written while it was packed\nhalf of");
	take_all();
	save();
	run("printf 'new\\n' > next; mv next log");
	assert_goes_on_with_all(rest, 2);
	assert_true(stats(1)->finished && stats(1)->error[0] == '\0');
}

static void
those_in_between_are_read_packed_or_not(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	write_text(in_folder("log.9"), "an old one, that the first run did not ask for\n");
	run("gzip log.9; touch -d 1999-01-01 log.9.gz");
	begin();
	append("f\nc\n");
	run("mv log log-20261119; zstd -q --rm log-20261119");
	run("sleep 0.02; printf 'second\\n' > log-20261120; gzip log-20261120");
	run("sleep 0.02; printf 'third\\n' > log-20261121; printf 'new\\n' > log");
	assert_goes_on_with_all(rest, 5);
}

static void
a_packed_one_that_only_begins_alike_is_another(void **state)
{
	(void)state;
	static const char *const rest[] = {"hal", "new"};
	begin();
	run("printf '%s\\nother\\n' '" FIRST
	    "' > log.1; gzip log.1; printf 'new\\n' > next; mv next log");
	assert_goes_on_with_all(rest, 2);
}

static void
nor_is_one_whose_first_kilobyte_is_the_same(void **state)
{
	(void)state;
	static const char *const rest[] = {"hal", "new", "other"};
	run("for i in $(seq 20); do echo " FIRST "; done > log; cp log log.1");
	append("read\nhal");
	take_all();
	save();
	run("printf 'other\\nlonger than it was\\n' >> log.1; gzip log.1; printf 'new\\n' > next; "
	    "mv next log");
	restart(&(struct source_options){.path = path});
	wait_and_take();
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(got.data, rest[i]));
	assert_null(strstr(got.data, "halo"));
	assert_int_equal(stats(0)->lines + stats(1)->lines, 21 + 1 + 1 + 22);
}

static void
two_that_were_packed_one_soon_after_the_other_are_both_read(void **state)
{
	(void)state;
	static const char *const first[] = {"half", "c", SECOND "1"};
	static const char *const rest[] = {SECOND "2", "new"};
	begin();
	append("f\nc\n");
	run("mv log log.1; gzip log.1; echo " SECOND "1 > log");
	restart(&(struct source_options){.path = path});
	take_all();
	assert_has(first, 3);
	/* The packed one is not over: it was written just now. */
	save();
	run("echo " SECOND
	    "2 >> log; mv log.1.gz log.2.gz; mv log log.1; gzip log.1; echo new > log");
	assert_goes_on_with_all(rest, 2);
	save();
	assert_goes_on_with_all(NULL, 0);
}

/* What cannot be known by what was read of it is known by when it was written. */
static void
one_of_which_little_or_nothing_was_read_is_found(void **state)
{
	(void)state;
	static const char *const done[] = {"rm -f log", "true > log", "printf 'shor' > log"};
	static const char *const moved[] = {"true", "gzip log.1", "zstd -q --rm log.1"};
	/* While nothing is at the path, the half line may still go on. */
	static const char *const rest[][4] = {{"t", "second", "third", "hal"},
	    {"t", "second", "third"}, {"short", "second", "third"}};
	write_text(in_folder("log.9"), "an old one, that the first run did not ask for\n");
	run("touch -d 1999-01-01 log.9; cp -p log.9 log.8; gzip log.8");
	for (size_t i = 0; i < 9; i++) {
		begin_with(path, FRAME_LINES);
		begin();
		run("mv log log.1");
		run(done[i / 3]);
		wait_and_take();
		save();
		run("printf 't\\nsecond\\n' >> log");
		run("mv log.1 log.2; gzip log.2; mv log log.1; echo third > log");
		run(moved[i % 3]);
		assert_goes_on_with_all(rest[i / 3], i / 3 == 0 ? 4 : 3);
		run("rm log log.1* log.2*");
	}
}

static void
a_time_that_was_cut_to_the_second_is_no_earlier_one(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	begin();
	append("f\nc\n");
	run("touch -d '2026-01-28 10:00:00.7' log; mv log log.3; gzip log.3");
	run("echo second > log.2; touch -d '2026-01-28 10:00:00' log.2; gzip log.2");
	run("echo third > log.1; touch -d '2026-01-28 10:00:01' log.1; gzip log.1; echo new > log");
	assert_goes_on_with_all(rest, 5);
}

static void
a_truncated_file_is_read_from_its_start(void **state)
{
	(void)state;
	begin();
	write_to(path, O_TRUNC, "new\n", 4);
	assert_goes_on("hal|new|");
	assert_true(stretch.line == 1);
	save();
	write_to(path, O_TRUNC, "longer than it was\n", 19);
	assert_goes_on("longer than it was|");
}

static void
the_rest_of_a_copied_and_truncated_file_is_in_the_copy(void **state)
{
	(void)state;
	begin();
	append("f\nc\n");
	char command[512];
	snprintf(command, sizeof(command), "cp '%s' '%s'", path, other);
	assert_int_equal(system(command), 0);
	write_to(path, O_TRUNC, "new\n", 4);
	assert_goes_on("half|c|new|");
}

static void
a_file_that_is_gone_leaves_its_half_line(void **state)
{
	(void)state;
	begin();
	unlink(path);
	assert_goes_on("");
	append("new\n");
	wait_and_take();
	assert_string_equal(got.data, "hal|new|");
}

static void
files_of_a_glob_are_known_under_their_new_names(void **state)
{
	(void)state;
	const struct source_options glob = {.path = in_folder("log*")};
	sources_free(sources);
	sources = sources_new();
	write_text(other, "older, and long enough to be known again by what is in it, surely\n");
	append(FIRST "\nb\n");
	sources_add(sources, &glob);
	wait_and_take();
	save();
	append("c\n");
	assert_int_equal(rename(other, in_folder("log.2")), 0);
	assert_int_equal(rename(path, other), 0);
	append("new\n");
	restart(&glob);
	wait_and_take();
	assert_string_equal(got.data, "c|new|");
	save();
	/* And packed. */
	char command[512];
	snprintf(command, sizeof(command), "cd '%s' && gzip log.2 log.1", folder);
	assert_int_equal(system(command), 0);
	append("d\n");
	restart(&glob);
	wait_and_take();
	assert_string_equal(got.data, "d|");
}

static void
a_packed_file_goes_on_where_it_was_and_is_over_once(void **state)
{
	(void)state;
	const struct source_options packed = {.path = in_folder("p*.gz")};
	char command[512];
	snprintf(command, sizeof(command),
	    "cd '%s' && seq -f 'line number %%06.0f' 500000 | gzip > p.gz", folder);
	assert_int_equal(system(command), 0);
	sources_free(sources);
	sources = sources_new();
	sources_add(sources, &packed);
	int next = 1;
	for (int i = 0; i < 10; i++) {
		/* More than 4 MiB are passed over in several goes. */
		for (bool came = true; came || sources_is_busy(sources);) {
			came = sources_take(sources, &stretch, 300000);
			if (!came)
				continue;
			for (char *at = stretch.text; *at != '\0'; at = strchr(at, '\n') + 1)
				assert_int_equal(atoi(at + strlen("line number ")), next++);
			save();
			restart(&packed);
			if (i == 3)
				rename(in_folder("p.gz"), in_folder("p1.gz"));
		}
		clock_advance(CLOCK_SECOND);
	}
	assert_int_equal(next, 500001);
	save();
	restart(&packed);
	assert_true(sources_at_end(sources));
	wait_and_take();
	assert_true(got.length == 0 && sources_count(sources) == 1);
}

static void
a_table_goes_on_at_its_rowid(void **state)
{
	(void)state;
	sqlite3 *db;
	const struct source_options rows = {.path = in_folder("db"), .table = "t"};
	assert_int_equal(sqlite3_open(rows.path, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)", 0, 0, 0);
	sources_free(sources);
	sources = sources_new();
	sources_add(sources, &rows);
	assert_reads("{\"a\":1}|{\"a\":2}|");
	save();
	sqlite3_exec(db, "INSERT INTO t VALUES (3)", 0, 0, 0);
	sqlite3_close(db);
	restart(&rows);
	assert_reads("{\"a\":3}|");
}

static void
the_header_of_a_csv_is_kept(void **state)
{
	(void)state;
	const struct source_options csv = {.path = path, .frame = FRAME_CSV};
	begin_with(path, FRAME_CSV);
	append("id,x\n1,2\n");
	assert_reads("1,2|");
	save();
	append("3,4\n");
	restart(&csv);
	assert_reads("3,4|");
	assert_int_equal(stretch.header_length, 4);
	assert_memory_equal(stretch.header, "id,x", 4);
}

static void
bytes_that_make_no_sense_change_nothing(void **state)
{
	(void)state;
	begin();
	struct buf good = {0};
	buf_append(&good, pack.data, pack.length);
	for (size_t cut = 0; cut < good.length; cut++) {
		char *exact = malloc(cut + 1);
		memcpy(exact, good.data, cut);
		struct unpack unpack = {.at = exact, .end = exact + cut};
		assert_false(sources_load(sources, &unpack));
		free(exact);
	}
	append("f\nc\n");
	assert_reads("half|c|");
	buf_free(&good);
}

static void
what_is_asked_for_no_more_keeps_its_number(void **state)
{
	(void)state;
	begin();
	const char *second = in_folder("second");
	write_text(second, "x\n");
	sources_add(sources, &(struct source_options){.path = second});
	wait_and_take();
	save();
	write_text(second, "y\n");
	append("f\n");
	restart(&(struct source_options){.path = second});
	wait_and_take();
	assert_string_equal(got.data, "y|");
	assert_int_equal(stretch.file, 1);
	assert_true(stats(0)->finished);
}

static void
begin_near_the_end(uint64_t bytes)
{
	sources_free(sources);
	sources = sources_new();
	sources_add(sources, &(struct source_options){.path = in_folder("log*"), .newest = bytes});
}

static void
the_newest_is_read_first_when_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		char line[32];
		snprintf(line, sizeof(line), "line %03d\n", i);
		append(line);
	}
	write_text(other, "older\n");
	const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	assert_int_equal(utimensat(AT_FDCWD, other, old, 0), 0);
	begin_near_the_end(20);
	assert_reads("line 098|line 099|");
	begin_near_the_end(18);
	assert_reads("line 098|line 099|");
	assert_true(sources_at_end(sources) && sources_behind(sources) == 0);
	append("new\n");
	assert_reads("new|");
	begin_near_the_end(1000);
	wait_and_take();
	assert_int_equal(stats(0)->lines + stats(1)->lines, 102);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_comes_later_is_read_and_no_more),
	    TEST(of_a_renamed_file_the_rest_is_read_first),
	    TEST(of_one_renamed_and_not_begun_anew_too),
	    TEST(the_ones_in_between_are_read_too),
	    TEST(of_one_that_was_packed_meanwhile_the_rest_is_read),
	    TEST(a_link_that_leads_to_another_file_meanwhile_loses_nothing),
	    TEST(one_that_was_given_any_name_is_found),
	    TEST(one_that_was_packed_before_its_end_is_not_read_again),
	    TEST(those_in_between_are_read_packed_or_not),
	    TEST(a_packed_one_that_only_begins_alike_is_another),
	    TEST(nor_is_one_whose_first_kilobyte_is_the_same),
	    TEST(two_that_were_packed_one_soon_after_the_other_are_both_read),
	    TEST(one_of_which_little_or_nothing_was_read_is_found),
	    TEST(a_time_that_was_cut_to_the_second_is_no_earlier_one),
	    TEST(a_truncated_file_is_read_from_its_start),
	    TEST(the_rest_of_a_copied_and_truncated_file_is_in_the_copy),
	    TEST(a_file_that_is_gone_leaves_its_half_line),
	    TEST(files_of_a_glob_are_known_under_their_new_names),
	    TEST(a_packed_file_goes_on_where_it_was_and_is_over_once),
	    TEST(a_table_goes_on_at_its_rowid),
	    TEST(the_header_of_a_csv_is_kept),
	    TEST(bytes_that_make_no_sense_change_nothing),
	    TEST(what_is_asked_for_no_more_keeps_its_number),
	    TEST(the_newest_is_read_first_when_asked_for),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&pack);
	return failed;
}
