/* sources_packed.c: what is packed with gzip or zstd is unpacked as it is read, and read once. */
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
gzip_and_zstd_are_unpacked_members_and_all(void **state)
{
	(void)state;
	followed_write_text(followed.path, "a\nb\n");
	followed_run("gzip -c log > one.gz; printf 'c\\nd' | gzip -c >> one.gz");
	followed_run("(zstd -qc log; printf 'e\\n' | zstd -qc) > two.zst");
	followed_begin_with(followed_in_folder("*.gz"), FRAME_LINES);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "a|b|c|d|");
	assert_true(
	    followed_stats(0)->finished && followed_stats(0)->bytes == followed_stats(0)->size);
	assert_true(sources_at_end(followed.sources) && sources_behind(followed.sources) == 0);
	buf_clear(&followed.got);
	followed_begin_with(followed_in_folder("two.zst"), FRAME_LINES);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "a|b|e|");
}

#define LINES 5000

static void
append_many(const char *file, int from, int count)
{
	FILE *stream = fopen(file, "a");
	assert_non_null(stream);
	for (int i = from; i < from + count; i++)
		fprintf(stream, "{\"request_id\":\"r-%08d\",\"score\":0.%04d}\n", i, i % 9973);
	fclose(stream);
}

/* How many of these lines came, each once and in order? */
static int
count_many(void)
{
	int next = 0;
	for (const char *at = followed.got.data; at != NULL && *at != '\0';
	     at = strchr(at, '|') + 1) {
		int number = -1;
		assert_int_equal(sscanf(at, "{\"request_id\":\"r-%d\"", &number), 1);
		if (number != next)
			fail_msg("%d came instead of %d", number, next);
		next++;
	}
	return next;
}

/* A zstd file gives nothing before its first block is whole: 128 KiB, that do not shrink here. */
static void
what_does_not_shrink_is_unpacked_too(void **state)
{
	(void)state;
	followed_run("head -c 300000 /dev/urandom | base64 -w 99 > log");
	followed_run("zstd -qk log; gzip -k log; wc -l < log > lines");
	for (int i = 0; i < 2; i++) {
		int wanted = 0, lines = 0;
		buf_clear(&followed.got);
		followed_begin_with(followed_in_folder(i == 0 ? "log.zst" : "log.gz"), FRAME_LINES);
		followed_wait_and_take();
		FILE *file = fopen(followed_in_folder("lines"), "r");
		assert_non_null(file);
		assert_int_equal(fscanf(file, "%d", &wanted), 1);
		fclose(file);
		for (size_t at = 0; at < followed.got.length; at++)
			lines += followed.got.data[at] == '|';
		assert_int_equal(lines, wanted);
		assert_string_equal(followed_stats(0)->error, "");
	}
	followed_run("head -c 100 log.zst > cut.zst; touch -d 1999-01-01 cut.zst");
	followed_begin_with(followed_in_folder("cut.zst"), FRAME_LINES);
	clock_freeze(2000000000 * CLOCK_SECOND);
	followed_wait_and_take();
	assert_non_null(strstr(followed_stats(0)->error, "cut short"));
}

static void
what_was_compressed_after_it_was_read_is_not_read_again(void **state)
{
	(void)state;
	followed_begin_with(followed_in_folder("log*"), FRAME_LINES);
	append_many(followed.path, 0, LINES);
	sources_look(followed.sources);
	followed_take_all();
	append_many(followed.path, LINES, 10); /* not read before it is gone */
	assert_int_equal(rename(followed.path, followed.other), 0);
	append_many(followed.path, LINES + 10, 5);
	sources_look(followed.sources);
	followed_take_all();
	followed_run("gzip log.1");
	followed_wait_and_take();
	assert_int_equal(count_many(), LINES + 15);
	/* And on to the next name, as logrotate does. */
	assert_int_equal(rename(followed_in_folder("log.1.gz"), followed_in_folder("log.2.gz")), 0);
	assert_int_equal(rename(followed.path, followed.other), 0);
	append_many(followed.path, LINES + 15, 5);
	followed_wait_and_take();
	followed_run("zstd -q --rm log.1");
	followed_wait_and_take();
	assert_int_equal(count_many(), LINES + 20);
}

static void
what_lies_there_packed_and_unpacked_is_read_once(void **state)
{
	(void)state;
	append_many(followed.path, 0, LINES);
	followed_run("zstd -qk log; gzip -k log");
	followed_begin_with(followed.folder, FRAME_LINES);
	followed_wait_and_take();
	assert_int_equal(count_many(), LINES);
	followed_run("rm log");
	for (int i = 0; i < 5; i++)
		followed_wait_and_take();
	assert_int_equal(count_many(), LINES);
}

static void
of_what_was_compressed_before_its_end_the_rest_is_read(void **state)
{
	(void)state;
	followed_begin_with(followed_in_folder("log*"), FRAME_LINES);
	append_many(followed.path, 0, LINES);
	sources_look(followed.sources);
	followed_take_all();
	/* More is written, which nobody reads before it is only there packed. */
	append_many(followed.path, LINES, LINES);
	followed_run("gzip -c log > log.gz; : > log");
	followed_wait_and_take();
	append_many(followed.path, 2 * LINES, 5);
	followed_wait_and_take();
	assert_int_equal(count_many(), 2 * LINES + 5);
	assert_true(followed_stats(1)->finished);
}

static void
a_file_that_is_still_being_compressed_is_waited_for(void **state)
{
	(void)state;
	append_many(followed.path, 0, LINES);
	followed_run("gzip log");
	followed_run("head -c 20000 log.gz > part; tail -c +20001 log.gz > rest; rm log.gz");
	followed_begin_with(followed_in_folder("new.gz"), FRAME_LINES);
	followed_assert_reads("");
	followed_run("cp part new.gz");
	sources_look(followed.sources);
	followed_take_all();
	clock_advance(CLOCK_SECOND);
	followed_take_all();
	assert_int_not_equal(count_many(), 0);
	assert_int_not_equal(count_many(), LINES);
	assert_false(followed_stats(0)->finished);
	followed_run("cat rest >> new.gz");
	followed_wait_and_take();
	assert_int_equal(count_many(), LINES);
	assert_true(followed_stats(0)->finished);
	assert_string_equal(followed_stats(0)->error, "");
}

static void
a_cut_or_damaged_file_says_so_and_what_was_read_is_kept(void **state)
{
	(void)state;
	append_many(followed.path, 0, LINES);
	followed_run("gzip -c log | head -c 20000 > log.gz");
	followed_begin_with(followed_in_folder("log.gz"), FRAME_LINES);
	followed_wait_and_take();
	assert_true(followed_stats(0)->finished);
	assert_non_null(strstr(followed_stats(0)->error, "cut short"));
	assert_true(followed.got.length > 10000);
	followed_run("zstd -qc log > log.zst; head -c 20 /dev/zero | dd of=log.zst bs=1 seek=1000 "
		     "conv=notrunc "
		     "2>/dev/null");
	followed_begin_with(followed_in_folder("log.zst"), FRAME_LINES);
	followed_wait_and_take();
	assert_true(followed_stats(0)->finished);
	assert_non_null(strstr(followed_stats(0)->error, "damaged"));
	followed_write_text(followed_in_folder("not.gz"), "no such thing\n");
	followed_begin_with(followed_in_folder("not.gz"), FRAME_LINES);
	buf_clear(&followed.got);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "no such thing|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLLOWED_TEST(gzip_and_zstd_are_unpacked_members_and_all),
	    FOLLOWED_TEST(what_does_not_shrink_is_unpacked_too),
	    FOLLOWED_TEST(what_was_compressed_after_it_was_read_is_not_read_again),
	    FOLLOWED_TEST(what_lies_there_packed_and_unpacked_is_read_once),
	    FOLLOWED_TEST(of_what_was_compressed_before_its_end_the_rest_is_read),
	    FOLLOWED_TEST(a_file_that_is_still_being_compressed_is_waited_for),
	    FOLLOWED_TEST(a_cut_or_damaged_file_says_so_and_what_was_read_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
