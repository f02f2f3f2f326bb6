/* sources.c: a file is followed through all that happens to log files, every line once and in
 * order.
 */
#include "tests/unit/sources_stage.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

static void
lines_come_as_they_are_written(void **state)
{
	(void)state;
	append("one\ntwo\nthr");
	assert_reads("one|two|");
	assert_reads("");
	assert_true(stats(0)->at_end);
	append("ee\n");
	assert_reads("three|");
	append("\n\nfour\r\nf\rive\r");
	assert_reads("||four|");
	append("\nsix\n");
	assert_reads("f\rive|six|");
	assert_true(stats(0)->lines == 8);
	assert_true(stats(0)->bytes == strlen("one\ntwo\nthree\n\n\nfour\r\nf\rive\r\nsix\n"));
}

static void
a_file_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	assert_reads("");
	assert_false(stats(0)->present);
	assert_false(stats(0)->at_end);
	assert_non_null(strstr(stats(0)->error, "No such file"));
	append("a\n");
	assert_reads("a|");
	assert_true(stats(0)->present);
	assert_string_equal(stats(0)->error, "");
}

static void
what_cannot_be_read_says_why(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_reads("");
	assert_non_null(strstr(stats(0)->error, "not a regular file"));
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_reads("");
	assert_non_null(strstr(stats(0)->error, "not a regular file"));
	unlink(path);
	append("a\n");
	if (geteuid() == 0) {
		/* Root may read anything: a path through a file is refused to it too. */
		char through[160];
		snprintf(through, sizeof(through), "%s/x", path);
		add(through);
		clock_advance(CLOCK_SECOND);
		assert_reads("a|");
		assert_non_null(strstr(stats(1)->error, "Not a directory"));
		return;
	}
	chmod(path, 0);
	assert_reads("");
	assert_non_null(strstr(stats(0)->error, "Permission denied"));
	chmod(path, 0600);
	assert_reads("a|");
}

static void
a_renamed_file_is_read_to_its_end_before_the_new_one(void **state)
{
	(void)state;
	append("a\nb");
	assert_reads("a|");
	assert_int_equal(rename(path, other), 0);
	assert_reads("");
	write_to(other, O_APPEND, "b\nc\n", 4);
	append("new\n");
	assert_reads("bb|c|");
	/* The writer may not have noticed yet. */
	clock_advance(CLOCK_SECOND / 2);
	write_to(other, O_APPEND, "late\n", 5);
	assert_reads("late|");
	clock_advance(CLOCK_SECOND * 3 / 4);
	write_to(other, O_APPEND, "later\n", 6);
	assert_reads("later|");
	assert_false(stats(0)->at_end);
	clock_advance(CLOCK_SECOND);
	assert_reads("new|");
	assert_true(stats(0)->at_end);
	assert_true(stats(0)->rotations == 1);
}

static void
a_writer_who_never_leaves_the_old_file_does_not_hide_the_new_one(void **state)
{
	(void)state;
	append("a\n");
	assert_reads("a|");
	assert_int_equal(rename(path, other), 0);
	append("new\n");
	assert_reads("");
	for (int i = 0; i < 61; i++) {
		write_to(other, O_APPEND, "x\n", 2);
		assert_reads(i < 60 ? "x|" : "x|new|");
		clock_advance(CLOCK_SECOND / 2);
	}
}

static void
rotations_while_the_old_file_is_waited_for_are_not_missed(void **state)
{
	(void)state;
	append("0\n");
	assert_reads("0|");
	for (char i = '1'; i <= '5'; i++) {
		snprintf(other, sizeof(other), "%s/log.%c", folder, i);
		assert_int_equal(rename(path, other), 0);
		append((const char[]){i, '\n', '\0'});
		assert_reads("");
		/* Removed files can still be read. */
		unlink(other);
	}
	clock_advance(CLOCK_SECOND);
	assert_reads("1|");
	clock_advance(CLOCK_SECOND);
	assert_reads("2|");
	clock_advance(3 * CLOCK_SECOND);
	assert_reads("3|");
	clock_advance(3 * CLOCK_SECOND);
	assert_reads("4|");
	clock_advance(3 * CLOCK_SECOND);
	assert_reads("5|");
	assert_true(stats(0)->rotations == 5);
}

static void
a_half_line_at_the_end_of_a_rotated_file_is_handed_over(void **state)
{
	(void)state;
	append("a\nhalf");
	assert_reads("a|");
	assert_int_equal(rename(path, other), 0);
	append("b\n");
	assert_reads("");
	clock_advance(CLOCK_SECOND);
	assert_reads("half|b|");
}

static void
a_truncated_file_is_read_from_its_start(void **state)
{
	(void)state;
	append("one\ntwo\n");
	assert_reads("one|two|");
	assert_int_equal(truncate(path, 0), 0);
	assert_reads("");
	append("three\n");
	assert_reads("three|");
	write_to(path, O_TRUNC, "4\n", 2);
	assert_reads("4|");
	assert_true(stats(0)->truncations == 2);
}

static void
a_file_written_over_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	append("one\ntwo\n");
	assert_reads("one|two|");
	/* Longer than what was read, the same length, and the same beginning of a line. */
	write_to(path, O_TRUNC, "1\n2\n3\n4\n5\n", 10);
	assert_reads("1|2|3|4|5|");
	write_to(path, O_TRUNC, "1\n2\n3\n4\n6\n", 10);
	assert_reads("1|2|3|4|6|");
	assert_true(stats(0)->truncations == 2);
}

static void
a_file_replaced_by_another_is_read_from_its_start(void **state)
{
	(void)state;
	append("one\n");
	assert_reads("one|");
	write_to(other, O_TRUNC, "two\n", 4);
	assert_int_equal(rename(other, path), 0);
	assert_reads("");
	clock_advance(CLOCK_SECOND);
	assert_reads("two|");
	unlink(path);
	assert_reads("");
	append("three\n");
	assert_reads("");
	clock_advance(CLOCK_SECOND);
	assert_reads("three|");
}

static void
the_hole_left_by_a_writer_that_does_not_append_is_passed_over(void **state)
{
	(void)state;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(write(fd, "one\ntwo\n", 8) == 8);
	assert_reads("one|two|");
	assert_int_equal(truncate(path, 0), 0);
	assert_true(write(fd, "three\n", 6) == 6);
	assert_reads("three|");
	assert_true(write(fd, "four\n", 5) == 5);
	assert_reads("four|");
	close(fd);
}

static void
nul_bytes_are_bytes_of_a_line(void **state)
{
	(void)state;
	write_to(path, O_APPEND, "a\0b\nc\0\n\0\n", 9);
	take_all();
	assert_int_equal(got.length, 9);
	assert_memory_equal(got.data, "a\0b|c\0|\0|", 9);
}

static void
a_byte_order_mark_is_no_part_of_the_first_line(void **state)
{
	(void)state;
	append("\xEF");
	assert_reads("");
	append("\xBB\xBF{}\n\xEF\xBB\xBF{}\n");
	take_all();
	assert_string_equal(got.data, "{}|\xEF\xBB\xBF{}|");
	assert_int_equal(stats(0)->lines, 2);
}

static void
a_line_too_long_is_passed_over_and_counted(void **state)
{
	(void)state;
	char *text = malloc(STRETCH_MAX_RECORD + 16);
	assert_non_null(text);
	memset(text, 'x', STRETCH_MAX_RECORD + 16);
	/* As long as it may be, with a CR after it; one byte more; far more. */
	write_to(path, O_APPEND, text, STRETCH_MAX_RECORD);
	append("\r\na\n");
	take_all();
	assert_int_equal(got.length, STRETCH_MAX_RECORD + 3);
	write_to(path, O_APPEND, text, STRETCH_MAX_RECORD + 1);
	append("\nb\n");
	assert_reads("b|");
	for (int i = 0; i < 3; i++) {
		write_to(path, O_APPEND, text, STRETCH_MAX_RECORD + 16);
		assert_reads("");
	}
	assert_true(stats(0)->too_long == 2);
	append("\nc\nd");
	assert_reads("c|");
	assert_true(stats(0)->too_long == 2);
	assert_true(stats(0)->lines == 4);
	free(text);
}

static void
a_stretch_is_about_as_long_as_asked_for_and_knows_its_place(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		append("0123456789abcdef\n");
	uint64_t offset = 0, line = 1;
	int calls = 0;
	for (; sources_take(sources, &stretch, 1000); calls++) {
		assert_true(stretch.length > 900 || stretch.live);
		assert_in_range(stretch.length, 1, 1000);
		assert_true(stretch.offset == offset && stretch.line == line);
		assert_int_equal(stretch.length % 17, 0);
		assert_int_equal(stretch.file, 0);
		assert_int_equal(stretch.live, stretch.offset + stretch.length == 17000);
		offset += stretch.length;
		line += stretch.length / 17;
	}
	assert_int_equal(calls, 18);
	assert_int_equal(offset, 17000);
	assert_true(stats(0)->at_end && sources_at_end(sources) && stats(0)->lines == 1000);
}

static void
a_line_longer_than_what_was_asked_for_comes_whole(void **state)
{
	(void)state;
	append("a\n0123456789012345678901234567890123456789\nb\n");
	while (take(8))
		continue;
	assert_string_equal(got.data, "a|0123456789012345678901234567890123456789|b|");
}

/* --- a writer that rotates under load --- */

struct shared {
	pid_t follower;
	_Atomic unsigned polls; /* times sources_take came to the end */
	_Atomic bool moving; /* the writer still writes to the file it rotated away */
	_Atomic bool done;
};

#define ROTATIONS 12

/* Writes numbered lines, some of them in two pieces. */
static int
write_lines(int fd, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char line[64];
		int length = snprintf(line, sizeof(line), "%d %.*s\n", i, i % 40,
		    "........................................");
		int cut = i % 3 == 0 ? length / 2 : length;
		if (write(fd, line, (size_t)cut) != cut ||
		    write(fd, line + cut, (size_t)(length - cut)) != length - cut)
			_exit(2);
	}
	return from + count;
}

static void
wait_for_polls(struct shared *shared)
{
	for (unsigned from = shared->polls; shared->polls - from < 3;) {
		if (getppid() != shared->follower)
			_exit(5); /* the test has failed and left */
		usleep(200);
	}
}

static int
open_log(void)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0)
		_exit(3);
	return fd;
}

static void
write_and_rename(struct shared *shared)
{
	int fd = open_log(), next = 0;
	wait_for_polls(shared);
	for (int i = 0; i < ROTATIONS; i++) {
		next = write_lines(fd, next, 500);
		snprintf(other, sizeof(other), "%s/log.%d", folder, i);
		shared->moving = true;
		if (rename(path, other) != 0)
			_exit(4);
		/* As a service does that is told late to open its log again. */
		next = write_lines(fd, next, 100);
		int new = open_log();
		usleep(1000);
		next = write_lines(fd, next, 50);
		shared->moving = false;
		close(fd);
		fd = new;
		wait_for_polls(shared);
	}
	write_lines(fd, next, 500);
	shared->done = true;
	_exit(0);
}

static void
write_and_truncate(struct shared *shared)
{
	int fd = open_log(), next = 0;
	for (int i = 0; i < ROTATIONS; i++) {
		next = write_lines(fd, next, 500);
		/* What is guaranteed: a follower that had the time to read loses nothing. */
		wait_for_polls(shared);
		if (ftruncate(fd, 0) != 0)
			_exit(4);
		/* At once more than there was before, so that the size alone tells nothing. */
		next = write_lines(fd, next, i % 2 ? 100 : 900);
		wait_for_polls(shared);
	}
	write_lines(fd, next, 500);
	shared->done = true;
	_exit(0);
}

static int
check_next(int next)
{
	char expected[64];
	const char *at = stretch.text, *end = at + stretch.length;
	for (; at < end; next++) {
		int size = snprintf(expected, sizeof(expected), "%d %.*s\n", next, next % 40,
		    "........................................");
		if (size > end - at || memcmp(at, expected, (size_t)size) != 0)
			fail_msg("expected '%s', not '%.*s'", expected, size, at);
		at += size;
	}
	return next;
}

/* Follows what the writer writes and returns the number of lines. */
static int
follow_writer(void (*writer)(struct shared *shared))
{
	struct shared *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	shared->follower = getpid();
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(300); /* should we die first */
		writer(shared);
	}
	int next = 0, status = 0;
	bool alive = true;
	for (int after = 0; after < 200; after += !alive) {
		/* Silence is only trusted while the writer is not between two files. */
		if (!shared->moving)
			clock_advance(CLOCK_SECOND / 20);
		while (sources_take(sources, &stretch, 4096))
			next = check_next(next);
		shared->polls++;
		if (alive && waitpid(pid, &status, WNOHANG) == pid)
			alive = false;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(shared->done);
	munmap(shared, sizeof(*shared));
	return next;
}

static void
a_writer_that_renames_under_load_loses_no_line(void **state)
{
	(void)state;
	assert_int_equal(follow_writer(write_and_rename), ROTATIONS * 650 + 500);
	assert_true(stats(0)->rotations == ROTATIONS);
}

static void
a_writer_that_truncates_after_a_pause_loses_no_line(void **state)
{
	(void)state;
	assert_int_equal(follow_writer(write_and_truncate), ROTATIONS * 1000 + 500);
	assert_true(stats(0)->truncations == ROTATIONS);
}

/* --- several at once --- */

static char second[128];

static void
a_glob_finds_what_comes_later_and_nothing_twice(void **state)
{
	(void)state;
	char pattern[160];
	sources_free(sources);
	sources = sources_new();
	snprintf(pattern, sizeof(pattern), "%s/log*", folder);
	append("a\n");
	add(pattern);
	assert_reads("a|");
	append("b\n");
	/* It rotates to names that the glob matches too, and on. */
	assert_int_equal(rename(path, other), 0);
	append("c\n");
	sources_look(sources);
	assert_reads("b|");
	clock_advance(CLOCK_SECOND);
	assert_reads("c|");
	snprintf(second, sizeof(second), "%s/log.2", folder);
	assert_int_equal(rename(other, second), 0);
	assert_int_equal(rename(path, other), 0);
	append("d\n");
	sources_look(sources);
	for (int i = 0; i < 5; i++) {
		clock_advance(CLOCK_SECOND);
		sources_look(sources);
		take_all();
	}
	assert_string_equal(got.data, "c|d|");
	snprintf(second, sizeof(second), "%s/log-2026", folder);
	write_to(second, O_APPEND, "e\n", 2);
	assert_reads("");
	sources_look(sources);
	assert_reads("e|");
	assert_int_equal(sources_count(sources), 2);
	assert_true(sources_at_end(sources));
}

static wall_us
leading_number(const struct source_record *record, void *context)
{
	(void)context;
	assert_true(record->length > 0);
	return atoi(record->text);
}

static void
several_are_merged_by_time_a_stretch_at_a_time(void **state)
{
	(void)state;
	snprintf(second, sizeof(second), "%s/second", folder);
	add(second);
	sources_on_time(sources, leading_number);
	append("10\n30\n50\n");
	write_to(second, O_APPEND, "20\n40\n60\n", 9);
	clock_advance(CLOCK_SECOND);
	while (take(3))
		continue;
	assert_string_equal(got.data, "10|20|30|40|50|60|");
	/* One with nothing to read is not waited for. */
	append("70\n80\n");
	assert_reads("70|80|");
	clock_advance(CLOCK_SECOND);
	write_to(second, O_APPEND, "75\n", 3);
	append("90\n");
	assert_reads("75|90|");
}

/* Its only column, or what that column tells. */
static wall_us
number_by_header(const struct source_record *record, void *context)
{
	(void)context;
	assert_int_equal(record->header_length, 2);
	return memcmp(record->header, "up", 2) == 0 ? atoi(record->text) : 100 - atoi(record->text);
}

static void
each_of_several_csv_is_asked_with_its_own_header(void **state)
{
	(void)state;
	snprintf(second, sizeof(second), "%s/second", folder);
	begin_with(path, FRAME_CSV);
	sources_add(sources, &(struct source_options){.path = second, .frame = FRAME_CSV});
	sources_on_time(sources, number_by_header);
	append("up\n10\n30\n50\n");
	write_to(second, O_APPEND, "dn\n80\n60\n40\n", 12);
	clock_advance(CLOCK_SECOND);
	while (take(3))
		continue;
	assert_string_equal(got.data, "10|80|30|60|50|40|");
}

static void
what_is_ahead_is_known(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		append("0123456789abcdef\n");
	assert_true(sources_take(sources, &stretch, 1700));
	assert_true(sources_behind(sources) == 17000 - 1700 && !sources_at_end(sources));
	take_all();
	assert_true(sources_behind(sources) == 0 && sources_at_end(sources));
	assert_true(stats(0)->bytes == 17000 && stats(0)->size == 17000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(lines_come_as_they_are_written),
	    TEST(a_file_that_is_not_there_is_waited_for),
	    TEST(what_cannot_be_read_says_why),
	    TEST(a_renamed_file_is_read_to_its_end_before_the_new_one),
	    TEST(a_writer_who_never_leaves_the_old_file_does_not_hide_the_new_one),
	    TEST(rotations_while_the_old_file_is_waited_for_are_not_missed),
	    TEST(a_half_line_at_the_end_of_a_rotated_file_is_handed_over),
	    TEST(a_truncated_file_is_read_from_its_start),
	    TEST(a_file_written_over_is_known_by_its_first_bytes),
	    TEST(a_file_replaced_by_another_is_read_from_its_start),
	    TEST(the_hole_left_by_a_writer_that_does_not_append_is_passed_over),
	    TEST(nul_bytes_are_bytes_of_a_line),
	    TEST(a_byte_order_mark_is_no_part_of_the_first_line),
	    TEST(a_line_too_long_is_passed_over_and_counted),
	    TEST(a_stretch_is_about_as_long_as_asked_for_and_knows_its_place),
	    TEST(a_line_longer_than_what_was_asked_for_comes_whole),
	    TEST(a_writer_that_renames_under_load_loses_no_line),
	    TEST(a_writer_that_truncates_after_a_pause_loses_no_line),
	    TEST(a_glob_finds_what_comes_later_and_nothing_twice),
	    TEST(several_are_merged_by_time_a_stretch_at_a_time),
	    TEST(each_of_several_csv_is_asked_with_its_own_header),
	    TEST(what_is_ahead_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
