/* sources.c: lines come as they are written, whatever is in them, and several files at once are
 * merged by their times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/kit/followed.h"

static void
lines_come_as_they_are_written(void **state)
{
	(void)state;
	followed_append("one\ntwo\nthr");
	followed_assert_reads("one|two|");
	followed_assert_reads("");
	assert_true(followed_stats(0)->at_end);
	followed_append("ee\n");
	followed_assert_reads("three|");
	followed_append("\n\nfour\r\nf\rive\r");
	followed_assert_reads("||four|");
	followed_append("\nsix\n");
	followed_assert_reads("f\rive|six|");
	assert_true(followed_stats(0)->lines == 8);
	assert_true(
	    followed_stats(0)->bytes == strlen("one\ntwo\nthree\n\n\nfour\r\nf\rive\r\nsix\n"));
}

static void
a_file_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	followed_assert_reads("");
	assert_false(followed_stats(0)->present);
	assert_false(followed_stats(0)->at_end);
	assert_non_null(strstr(followed_stats(0)->error, "No such file"));
	followed_append("a\n");
	followed_assert_reads("a|");
	assert_true(followed_stats(0)->present);
	assert_string_equal(followed_stats(0)->error, "");
}

static void
what_cannot_be_read_says_why(void **state)
{
	(void)state;
	assert_int_equal(mkdir(followed.path, 0700), 0);
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "not a regular file"));
	rmdir(followed.path);
	assert_int_equal(mkfifo(followed.path, 0600), 0);
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "not a regular file"));
	unlink(followed.path);
	followed_append("a\n");
	if (geteuid() == 0) {
		/* Root may read anything: a path through a file is refused to it too. */
		char through[160];
		snprintf(through, sizeof(through), "%s/x", followed.path);
		followed_add(through);
		clock_advance(CLOCK_SECOND);
		followed_assert_reads("a|");
		assert_non_null(strstr(followed_stats(1)->error, "Not a directory"));
		return;
	}
	chmod(followed.path, 0);
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "Permission denied"));
	chmod(followed.path, 0600);
	followed_assert_reads("a|");
}

static void
a_file_without_a_size_is_no_log(void **state)
{
	(void)state;
	followed_begin_with("/proc/self/status", FRAME_LINES);
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "no size"));
	assert_true(sources_at_end(followed.sources));
}

static void
the_hole_left_by_a_writer_that_does_not_append_is_passed_over(void **state)
{
	(void)state;
	int fd = open(followed.path, O_WRONLY | O_CREAT, 0600);
	assert_true(write(fd, "one\ntwo\n", 8) == 8);
	followed_assert_reads("one|two|");
	assert_int_equal(truncate(followed.path, 0), 0);
	assert_true(write(fd, "three\n", 6) == 6);
	followed_assert_reads("three|");
	assert_true(write(fd, "four\n", 5) == 5);
	followed_assert_reads("four|");
	close(fd);
}

static void
nul_bytes_are_bytes_of_a_line(void **state)
{
	(void)state;
	followed_write_to(followed.path, O_APPEND, "a\0b\nc\0\n\0\n", 9);
	followed_take_all();
	assert_int_equal(followed.got.length, 9);
	assert_memory_equal(followed.got.data, "a\0b|c\0|\0|", 9);
}

static void
a_byte_order_mark_is_no_part_of_the_first_line(void **state)
{
	(void)state;
	followed_append("\xEF");
	followed_assert_reads("");
	followed_append("\xBB\xBF{}\n\xEF\xBB\xBF{}\n");
	followed_take_all();
	assert_string_equal(followed.got.data, "{}|\xEF\xBB\xBF{}|");
	assert_int_equal(followed_stats(0)->lines, 2);
}

static void
a_line_too_long_is_passed_over_and_counted(void **state)
{
	(void)state;
	char *text = malloc(STRETCH_MAX_RECORD + 16);
	assert_non_null(text);
	memset(text, 'x', STRETCH_MAX_RECORD + 16);
	/* As long as it may be, with a CR after it; one byte more; far more. */
	followed_write_to(followed.path, O_APPEND, text, STRETCH_MAX_RECORD);
	followed_append("\r\na\n");
	followed_take_all();
	assert_int_equal(followed.got.length, STRETCH_MAX_RECORD + 3);
	followed_write_to(followed.path, O_APPEND, text, STRETCH_MAX_RECORD + 1);
	followed_append("\nb\n");
	followed_assert_reads("b|");
	for (int i = 0; i < 3; i++) {
		followed_write_to(followed.path, O_APPEND, text, STRETCH_MAX_RECORD + 16);
		followed_assert_reads("");
	}
	assert_true(followed_stats(0)->too_long == 2);
	followed_append("\nc\nd");
	followed_assert_reads("c|");
	assert_true(followed_stats(0)->too_long == 2);
	assert_true(followed_stats(0)->lines == 4);
	free(text);
}

static void
a_stretch_is_about_as_long_as_asked_for_and_knows_its_place(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		followed_append("0123456789abcdef\n");
	uint64_t offset = 0, line = 1;
	int calls = 0;
	for (; sources_take(followed.sources, &followed.stretch, 1000); calls++) {
		assert_true(followed.stretch.length > 900 || followed.stretch.live);
		assert_in_range(followed.stretch.length, 1, 1000);
		assert_true(followed.stretch.offset == offset && followed.stretch.line == line);
		assert_int_equal(followed.stretch.length % 17, 0);
		assert_int_equal(followed.stretch.file, 0);
		assert_int_equal(followed.stretch.live,
		    followed.stretch.offset + followed.stretch.length == 17000);
		offset += followed.stretch.length;
		line += followed.stretch.length / 17;
	}
	assert_int_equal(calls, 18);
	assert_int_equal(offset, 17000);
	assert_true(followed_stats(0)->at_end && sources_at_end(followed.sources) &&
		    followed_stats(0)->lines == 1000);
}

static void
a_line_longer_than_what_was_asked_for_comes_whole(void **state)
{
	(void)state;
	followed_append("a\n0123456789012345678901234567890123456789\nb\n");
	while (followed_take(8))
		continue;
	assert_string_equal(followed.got.data, "a|0123456789012345678901234567890123456789|b|");
}

/* --- several at once --- */

static char second[128];

static void
a_glob_finds_what_comes_later_and_nothing_twice(void **state)
{
	(void)state;
	char pattern[160];
	sources_free(followed.sources);
	followed.sources = sources_new();
	snprintf(pattern, sizeof(pattern), "%s/log*", followed.folder);
	followed_append("a\n");
	followed_add(pattern);
	followed_assert_reads("a|");
	followed_append("b\n");
	/* It rotates to names that the glob matches too, and on. */
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("c\n");
	sources_look(followed.sources);
	followed_assert_reads("b|");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("c|");
	snprintf(second, sizeof(second), "%s/log.2", followed.folder);
	assert_int_equal(rename(followed.other, second), 0);
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("d\n");
	sources_look(followed.sources);
	for (int i = 0; i < 5; i++) {
		clock_advance(CLOCK_SECOND);
		sources_look(followed.sources);
		followed_take_all();
	}
	assert_string_equal(followed.got.data, "c|d|");
	snprintf(second, sizeof(second), "%s/log-2026", followed.folder);
	followed_write_to(second, O_APPEND, "e\n", 2);
	followed_assert_reads("");
	sources_look(followed.sources);
	followed_assert_reads("e|");
	assert_int_equal(sources_count(followed.sources), 2);
	assert_true(sources_at_end(followed.sources));
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
	snprintf(second, sizeof(second), "%s/second", followed.folder);
	followed_add(second);
	sources_on_time(followed.sources, leading_number);
	followed_append("10\n30\n50\n");
	followed_write_to(second, O_APPEND, "20\n40\n60\n", 9);
	clock_advance(CLOCK_SECOND);
	while (followed_take(3))
		continue;
	assert_string_equal(followed.got.data, "10|20|30|40|50|60|");
	/* One with nothing to read is not waited for. */
	followed_append("70\n80\n");
	followed_assert_reads("70|80|");
	clock_advance(CLOCK_SECOND);
	followed_write_to(second, O_APPEND, "75\n", 3);
	followed_append("90\n");
	followed_assert_reads("75|90|");
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
	snprintf(second, sizeof(second), "%s/second", followed.folder);
	followed_begin_with(followed.path, FRAME_CSV);
	sources_add(followed.sources, &(struct source_options){.path = second, .frame = FRAME_CSV});
	sources_on_time(followed.sources, number_by_header);
	followed_append("up\n10\n30\n50\n");
	followed_write_to(second, O_APPEND, "dn\n80\n60\n40\n", 12);
	clock_advance(CLOCK_SECOND);
	while (followed_take(3))
		continue;
	assert_string_equal(followed.got.data, "10|80|30|60|50|40|");
}

static void
what_is_ahead_is_known(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		followed_append("0123456789abcdef\n");
	assert_true(sources_take(followed.sources, &followed.stretch, 1700));
	assert_true(
	    sources_behind(followed.sources) == 17000 - 1700 && !sources_at_end(followed.sources));
	followed_take_all();
	assert_true(sources_behind(followed.sources) == 0 && sources_at_end(followed.sources));
	assert_true(followed_stats(0)->bytes == 17000 && followed_stats(0)->size == 17000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLLOWED_TEST(lines_come_as_they_are_written),
	    FOLLOWED_TEST(a_file_that_is_not_there_is_waited_for),
	    FOLLOWED_TEST(what_cannot_be_read_says_why),
	    FOLLOWED_TEST(a_file_without_a_size_is_no_log),
	    FOLLOWED_TEST(the_hole_left_by_a_writer_that_does_not_append_is_passed_over),
	    FOLLOWED_TEST(nul_bytes_are_bytes_of_a_line),
	    FOLLOWED_TEST(a_byte_order_mark_is_no_part_of_the_first_line),
	    FOLLOWED_TEST(a_line_too_long_is_passed_over_and_counted),
	    FOLLOWED_TEST(a_stretch_is_about_as_long_as_asked_for_and_knows_its_place),
	    FOLLOWED_TEST(a_line_longer_than_what_was_asked_for_comes_whole),
	    FOLLOWED_TEST(a_glob_finds_what_comes_later_and_nothing_twice),
	    FOLLOWED_TEST(several_are_merged_by_time_a_stretch_at_a_time),
	    FOLLOWED_TEST(each_of_several_csv_is_asked_with_its_own_header),
	    FOLLOWED_TEST(what_is_ahead_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
