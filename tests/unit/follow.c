/* follow.c: a file is followed through all that happens to log files, every line once and in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/source/follow.h"

static char folder[64], path[128], other[128];
static struct follow *follow;
static struct buf got; /* the lines read, each with a '|' after it */

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/fraudtop-follow-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(other, sizeof(other), "%s/log.1", folder);
	clock_freeze(0);
	buf_clear(&got);
	follow = follow_new(path);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	char command[128];
	follow_free(follow);
	follow_free(NULL);
	buf_free(&got);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void
write_to(const char *file, int flags, const char *bytes, size_t length)
{
	int fd = open(file, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_true(write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

static void
append(const char *text)
{
	write_to(path, O_APPEND, text, strlen(text));
}

static void
take(const char *line, size_t length, void *context)
{
	assert_ptr_equal(context, &got);
	buf_append(&got, line, length);
	buf_append(&got, "|", 1);
}

/* Reads until nothing more is to be had at once, then compares what came since the last time. */
static void
assert_reads(const char *expected)
{
	buf_clear(&got);
	buf_append(&got, "", 0);
	for (int i = 0; follow_read(follow, 1 << 20, take, &got); i++)
		assert_in_range(i, 0, 1000);
	assert_string_equal(got.data, expected);
}

static void
lines_come_as_they_are_written(void **state)
{
	(void)state;
	append("one\ntwo\nthr");
	assert_reads("one|two|");
	assert_reads("");
	assert_true(follow_stats(follow)->at_end);
	append("ee\n");
	assert_reads("three|");
	append("\n\nfour\r\nf\rive\r");
	assert_reads("||four|");
	append("\nsix\n");
	assert_reads("f\rive|six|");
	assert_true(follow_stats(follow)->lines == 8);
	assert_true(
	    follow_stats(follow)->bytes == strlen("one\ntwo\nthree\n\n\nfour\r\nf\rive\r\nsix\n"));
}

static void
a_file_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	assert_reads("");
	assert_false(follow_stats(follow)->present);
	assert_false(follow_stats(follow)->at_end);
	assert_non_null(strstr(follow_stats(follow)->error, "No such file"));
	append("a\n");
	assert_reads("a|");
	assert_true(follow_stats(follow)->present);
	assert_string_equal(follow_stats(follow)->error, "");
}

static void
what_cannot_be_read_says_why(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_reads("");
	assert_non_null(strstr(follow_stats(follow)->error, "not a regular file"));
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_reads("");
	assert_non_null(strstr(follow_stats(follow)->error, "not a regular file"));
	unlink(path);
	append("a\n");
	if (geteuid() == 0) {
		/* Root may read anything: a path through a file is refused to it too. */
		follow_free(follow);
		char through[160];
		snprintf(through, sizeof(through), "%s/x", path);
		follow = follow_new(through);
		assert_reads("");
		assert_non_null(strstr(follow_stats(follow)->error, "Not a directory"));
		return;
	}
	chmod(path, 0);
	assert_reads("");
	assert_non_null(strstr(follow_stats(follow)->error, "Permission denied"));
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
	assert_false(follow_stats(follow)->at_end);
	clock_advance(CLOCK_SECOND);
	assert_reads("new|");
	assert_true(follow_stats(follow)->at_end);
	assert_true(follow_stats(follow)->rotations == 1);
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
	assert_true(follow_stats(follow)->rotations == 5);
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
	assert_true(follow_stats(follow)->truncations == 2);
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
	assert_true(follow_stats(follow)->truncations == 2);
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
	while (follow_read(follow, 1 << 20, take, &got))
		continue;
	assert_int_equal(got.length, 9);
	assert_memory_equal(got.data, "a\0b|c\0|\0|", 9);
}

static void
a_line_too_long_is_passed_over_and_counted(void **state)
{
	(void)state;
	char *text = malloc(FOLLOW_MAX_LINE + 16);
	assert_non_null(text);
	memset(text, 'x', FOLLOW_MAX_LINE + 16);
	/* As long as it may be, with a CR after it; one byte more; far more. */
	write_to(path, O_APPEND, text, FOLLOW_MAX_LINE);
	append("\r\na\n");
	while (follow_read(follow, 1 << 20, take, &got))
		continue;
	assert_int_equal(got.length, FOLLOW_MAX_LINE + 3);
	write_to(path, O_APPEND, text, FOLLOW_MAX_LINE + 1);
	append("\nb\n");
	assert_reads("b|");
	for (int i = 0; i < 3; i++) {
		write_to(path, O_APPEND, text, FOLLOW_MAX_LINE + 16);
		assert_reads("");
	}
	assert_true(follow_stats(follow)->too_long == 2);
	append("\nc\nd");
	assert_reads("c|");
	assert_true(follow_stats(follow)->too_long == 2);
	assert_true(follow_stats(follow)->lines == 4);
	free(text);
}

static void
no_more_is_read_than_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		append("0123456789abcdef\n");
	int calls = 1;
	while (follow_read(follow, 1000, take, &got)) {
		assert_true(follow_stats(follow)->bytes == (uint64_t)calls * 1000);
		assert_false(follow_stats(follow)->at_end);
		calls++;
	}
	assert_int_equal(calls, 18);
	assert_int_equal(got.length, 17000);
	assert_true(follow_stats(follow)->at_end);
}

static void
a_finished_file_needs_no_last_newline(void **state)
{
	(void)state;
	append("a\nb");
	assert_reads("a|");
	follow_finish(follow, take, &got);
	assert_string_equal(got.data, "a|b|");
	follow_finish(follow, take, &got);
	assert_string_equal(got.data, "a|b|");
}

/* --- a writer that rotates under load --- */

struct shared {
	pid_t follower;
	_Atomic unsigned polls; /* calls of follow_read that came to the end */
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

static void
expect_next(const char *line, size_t length, void *context)
{
	int *next = context;
	char expected[64];
	int size = snprintf(expected, sizeof(expected), "%d %.*s", *next, *next % 40,
	    "........................................");
	if ((size_t)size != length || memcmp(line, expected, length) != 0)
		fail_msg("expected '%s', not '%.*s'", expected, (int)length, line);
	(*next)++;
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
		alarm(60); /* should we die first */
		writer(shared);
	}
	int next = 0, status = 0;
	bool alive = true;
	for (int after = 0; after < 200; after += !alive) {
		/* Silence is only trusted while the writer is not between two files. */
		if (!shared->moving)
			clock_advance(CLOCK_SECOND / 20);
		while (follow_read(follow, 4096, expect_next, &next))
			continue;
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
	assert_true(follow_stats(follow)->rotations == ROTATIONS);
}

static void
a_writer_that_truncates_after_a_pause_loses_no_line(void **state)
{
	(void)state;
	assert_int_equal(follow_writer(write_and_truncate), ROTATIONS * 1000 + 500);
	assert_true(follow_stats(follow)->truncations == ROTATIONS);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
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
	    TEST(a_line_too_long_is_passed_over_and_counted),
	    TEST(no_more_is_read_than_asked_for),
	    TEST(a_finished_file_needs_no_last_newline),
	    TEST(a_writer_that_renames_under_load_loses_no_line),
	    TEST(a_writer_that_truncates_after_a_pause_loses_no_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
