/* sources_turned.c: a file is followed through all that happens to log files while it is read,
 * every line once and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/kit/followed.h"

static void
a_renamed_file_is_read_to_its_end_before_the_new_one(void **state)
{
	(void)state;
	followed_append("a\nb");
	followed_assert_reads("a|");
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_assert_reads("");
	followed_write_to(followed.other, O_APPEND, "b\nc\n", 4);
	followed_append("new\n");
	followed_assert_reads("bb|c|");
	/* The writer may not have noticed yet. */
	clock_advance(CLOCK_SECOND / 2);
	followed_write_to(followed.other, O_APPEND, "late\n", 5);
	followed_assert_reads("late|");
	clock_advance(CLOCK_SECOND * 3 / 4);
	followed_write_to(followed.other, O_APPEND, "later\n", 6);
	followed_assert_reads("later|");
	assert_false(followed_stats(0)->at_end);
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("new|");
	assert_true(followed_stats(0)->at_end);
	assert_true(followed_stats(0)->rotations == 1);
}

static void
a_writer_who_never_leaves_the_old_file_does_not_hide_the_new_one(void **state)
{
	(void)state;
	followed_append("a\n");
	followed_assert_reads("a|");
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("new\n");
	followed_assert_reads("");
	for (int i = 0; i < 61; i++) {
		followed_write_to(followed.other, O_APPEND, "x\n", 2);
		followed_assert_reads(i < 60 ? "x|" : "x|new|");
		clock_advance(CLOCK_SECOND / 2);
	}
}

static void
rotations_while_the_old_file_is_waited_for_are_not_missed(void **state)
{
	(void)state;
	followed_append("0\n");
	followed_assert_reads("0|");
	for (char i = '1'; i <= '5'; i++) {
		snprintf(followed.other, sizeof(followed.other), "%s/log.%c", followed.folder, i);
		assert_int_equal(rename(followed.path, followed.other), 0);
		followed_append((const char[]){i, '\n', '\0'});
		followed_assert_reads("");
		/* Removed files can still be read. */
		unlink(followed.other);
	}
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("1|");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("2|");
	clock_advance(3 * CLOCK_SECOND);
	followed_assert_reads("3|");
	clock_advance(3 * CLOCK_SECOND);
	followed_assert_reads("4|");
	clock_advance(3 * CLOCK_SECOND);
	followed_assert_reads("5|");
	assert_true(followed_stats(0)->rotations == 5);
}

static void
a_half_line_at_the_end_of_a_rotated_file_is_handed_over(void **state)
{
	(void)state;
	followed_append("a\nhalf");
	followed_assert_reads("a|");
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("b\n");
	followed_assert_reads("");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("half|b|");
}

static void
a_truncated_file_is_read_from_its_start(void **state)
{
	(void)state;
	followed_append("one\ntwo\n");
	followed_assert_reads("one|two|");
	assert_int_equal(truncate(followed.path, 0), 0);
	followed_assert_reads("");
	followed_append("three\n");
	followed_assert_reads("three|");
	followed_write_to(followed.path, O_TRUNC, "4\n", 2);
	followed_assert_reads("4|");
	assert_true(followed_stats(0)->truncations == 2);
}

static void
a_file_written_over_is_known_by_its_first_bytes(void **state)
{
	(void)state;
	followed_append("one\ntwo\n");
	followed_assert_reads("one|two|");
	/* Longer than what was read, the same length, and the same beginning of a line. */
	followed_write_to(followed.path, O_TRUNC, "1\n2\n3\n4\n5\n", 10);
	followed_assert_reads("1|2|3|4|5|");
	followed_write_to(followed.path, O_TRUNC, "1\n2\n3\n4\n6\n", 10);
	followed_assert_reads("1|2|3|4|6|");
	assert_true(followed_stats(0)->truncations == 2);
}

static void
a_file_replaced_by_another_is_read_from_its_start(void **state)
{
	(void)state;
	followed_append("one\n");
	followed_assert_reads("one|");
	followed_write_to(followed.other, O_TRUNC, "two\n", 4);
	assert_int_equal(rename(followed.other, followed.path), 0);
	followed_assert_reads("");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("two|");
	unlink(followed.path);
	followed_assert_reads("");
	followed_append("three\n");
	followed_assert_reads("");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("three|");
}

/* logrotate's copytruncate and compress: all is over before anyone has looked. */
static void
copy_truncate_and_pack(void)
{
	followed_append(FOLLOWED_FIRST "\nb\nhal");
	followed_assert_reads(FOLLOWED_FIRST "|b|");
	followed_append("f\nc\n");
	followed_run("cp log log.1; : > log; gzip log.1; echo new > log");
}

static void
the_rest_of_a_copy_that_was_packed_at_once_is_read(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "new"};
	copy_truncate_and_pack();
	buf_clear(&followed.got);
	followed_wait_and_take();
	followed_assert_has(rest, 3);
}

/* Under a glob the copy is seen while it is empty yet. */
static void
a_copy_that_is_just_being_made_is_not_read_beside_the_log(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "new"};
	followed_begin_with(followed_in_folder("log*"), FRAME_LINES);
	followed_append(FOLLOWED_FIRST "\nb\nhal");
	sources_look(followed.sources);
	followed_assert_reads(FOLLOWED_FIRST "|b|");
	followed_append("f\nc\n");
	followed_run("true > log.1");
	sources_look(followed.sources);
	followed_assert_reads("half|c|");
	followed_run("cat log > log.1; echo more > log");
	followed_assert_reads("more|");
	followed_run("mv log.1 log.2; true > log.1");
	sources_look(followed.sources);
	followed_append(FOLLOWED_SECOND "\nhal");
	followed_assert_reads(FOLLOWED_SECOND "|");
	followed_append("f\nc\n");
	followed_run("cat log > log.1; echo new > log");
	buf_clear(&followed.got);
	followed_wait_and_take();
	followed_assert_has(rest, 3);
}

static void
so_it_is_after_an_end_in_that_moment(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "new"};
	copy_truncate_and_pack();
	assert_false(followed_take(1 << 20));
	followed_save();
	followed_restart(&(struct source_options){.path = followed.path});
	followed_wait_and_take();
	followed_assert_has(rest, 3);
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
	int fd = open(followed.path, O_WRONLY | O_CREAT | O_APPEND, 0600);
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
		snprintf(followed.other, sizeof(followed.other), "%s/log.%d", followed.folder, i);
		shared->moving = true;
		if (rename(followed.path, followed.other) != 0)
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
	const char *at = followed.stretch.text, *end = at + followed.stretch.length;
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
		while (sources_take(followed.sources, &followed.stretch, 4096))
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
	assert_true(followed_stats(0)->rotations == ROTATIONS);
}

static void
a_writer_that_truncates_after_a_pause_loses_no_line(void **state)
{
	(void)state;
	assert_int_equal(follow_writer(write_and_truncate), ROTATIONS * 1000 + 500);
	assert_true(followed_stats(0)->truncations == ROTATIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLLOWED_TEST(a_renamed_file_is_read_to_its_end_before_the_new_one),
	    FOLLOWED_TEST(a_writer_who_never_leaves_the_old_file_does_not_hide_the_new_one),
	    FOLLOWED_TEST(rotations_while_the_old_file_is_waited_for_are_not_missed),
	    FOLLOWED_TEST(a_half_line_at_the_end_of_a_rotated_file_is_handed_over),
	    FOLLOWED_TEST(a_truncated_file_is_read_from_its_start),
	    FOLLOWED_TEST(a_file_written_over_is_known_by_its_first_bytes),
	    FOLLOWED_TEST(the_rest_of_a_copy_that_was_packed_at_once_is_read),
	    FOLLOWED_TEST(a_copy_that_is_just_being_made_is_not_read_beside_the_log),
	    FOLLOWED_TEST(so_it_is_after_an_end_in_that_moment),
	    FOLLOWED_TEST(a_file_replaced_by_another_is_read_from_its_start),
	    FOLLOWED_TEST(a_writer_that_renames_under_load_loses_no_line),
	    FOLLOWED_TEST(a_writer_that_truncates_after_a_pause_loses_no_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
