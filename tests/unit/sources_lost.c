/* sources_lost.c: a run ends and the next goes on where it was, wherever the files have gone in
 * between. */
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
#include "core/base/rng.h"
#include "tests/kit/followed.h"

static void
of_a_renamed_file_the_rest_is_read_first(void **state)
{
	(void)state;
	followed_begin();
	followed_append("f\nc\n");
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("new\n");
	followed_assert_goes_on("half|c|new|");
}

static void
of_one_renamed_and_not_begun_anew_too(void **state)
{
	(void)state;
	followed_begin();
	followed_append("f\nc\n");
	assert_int_equal(rename(followed.path, followed_in_folder("log-20261121")), 0);
	followed_assert_goes_on("half|c|");
	followed_append("new\n");
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "half|c|new|");
}

static void
the_ones_in_between_are_read_too(void **state)
{
	(void)state;
	followed_begin();
	followed_append("f\nc\n");
	assert_int_equal(rename(followed.path, followed_in_folder("log.3")), 0);
	followed_append("d\n");
	assert_int_equal(rename(followed.path, followed_in_folder("log.2")), 0);
	usleep(20000);
	followed_append("e\n");
	assert_int_equal(rename(followed.path, followed_in_folder("log.1")), 0);
	followed_append("new\n");
	followed_write_text(followed_in_folder("log.old"), "no name of a rotated one\n");
	followed_assert_goes_on("half|c|d|e|new|");
}

static void
assert_goes_on_with_all(const char *const *lines, size_t count)
{
	followed_restart(&(struct source_options){.path = followed.path});
	followed_wait_and_take();
	followed_assert_has(lines, count);
}

static void
of_one_that_was_packed_meanwhile_the_rest_is_read(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "new"};
	followed_begin();
	followed_append("f\nc\n");
	followed_run("mv log log.1; gzip log.1; printf 'new\\n' > log");
	/* A run that ends before it has read anything changes nothing. */
	followed_restart(&(struct source_options){.path = followed.path});
	followed_save();
	assert_goes_on_with_all(rest, 3);
	followed_save();
	assert_goes_on_with_all(NULL, 0);
}

static void
a_link_that_leads_to_another_file_meanwhile_loses_nothing(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	static const char *const more[] = {"d", "newest"};
	followed_run("mkdir logs; ln -s logs/app-20261119.log log");
	followed_begin();
	followed_append("f\nc\n");
	followed_run("cd logs; sleep 0.02; echo second > app-20261120.log; gzip app-20261119.log");
	followed_run("cd logs; sleep 0.02; echo third > app-20261121.log; gzip app-20261120.log");
	followed_run(
	    "cd logs; echo 'no date' > app-2.log; echo another > app-x-20261121.log; echo new > "
	    "app-20261122.log");
	followed_run("ln -s logs/app-20261122.log next; mv -T next log");
	assert_goes_on_with_all(rest, 5);
	followed_save();
	followed_append("d\n");
	followed_run(
	    "echo newest > logs/app-20261123.log; ln -s logs/app-20261123.log next; mv -T next "
	    "log");
	assert_goes_on_with_all(more, 2);
}

static void
one_that_was_given_any_name_is_found(void **state)
{
	(void)state;
	followed_begin();
	followed_append("f\nc\n");
	assert_int_equal(rename(followed.path, followed_in_folder("yesterday")), 0);
	followed_append("new\n");
	followed_assert_goes_on("half|c|new|");
}

static void
one_that_was_packed_before_its_end_is_not_read_again(void **state)
{
	(void)state;
	static const char *const rest[] = {"half of", "new"};
	followed_run(
	    "for i in $(seq 20); do echo " FOLLOWED_FIRST "; done > log; cp log log.1; gzip log.1");
	followed_append("written while it was packed\nhalf of");
	followed_take_all();
	followed_save();
	followed_run("printf 'new\\n' > next; mv next log");
	assert_goes_on_with_all(rest, 2);
	assert_true(followed_stats(1)->finished && followed_stats(1)->error[0] == '\0');
}

static void
those_in_between_are_read_packed_or_not(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	followed_write_text(
	    followed_in_folder("log.9"), "an old one, that the first run did not ask for\n");
	followed_run("gzip log.9; touch -d 1999-01-01 log.9.gz");
	followed_begin();
	followed_append("f\nc\n");
	followed_run("mv log log-20261119; zstd -q --rm log-20261119");
	followed_run("sleep 0.02; printf 'second\\n' > log-20261120; gzip log-20261120");
	followed_run("sleep 0.02; printf 'third\\n' > log-20261121; printf 'new\\n' > log");
	assert_goes_on_with_all(rest, 5);
}

static void
a_packed_one_that_only_begins_alike_came_after_it(void **state)
{
	(void)state;
	static const char *const rest[] = {"hal", FOLLOWED_FIRST, "other", "new"};
	followed_begin();
	followed_run("printf '%s\\nother\\n' '" FOLLOWED_FIRST
		     "' > log.1; gzip log.1; printf 'new\\n' > next; mv next log");
	assert_goes_on_with_all(rest, 4);
}

static void
nor_is_one_whose_first_kilobyte_is_the_same(void **state)
{
	(void)state;
	static const char *const rest[] = {"hal", "new", "other"};
	followed_run("for i in $(seq 20); do echo " FOLLOWED_FIRST "; done > log; cp log log.1");
	followed_append("read\nhal");
	followed_take_all();
	followed_save();
	followed_run(
	    "printf 'other\\nlonger than it was\\n' >> log.1; gzip log.1; printf 'new\\n' > next; "
	    "mv next log");
	followed_restart(&(struct source_options){.path = followed.path});
	followed_wait_and_take();
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(followed.got.data, rest[i]));
	assert_null(strstr(followed.got.data, "halo"));
	assert_int_equal(followed_stats(0)->lines + followed_stats(1)->lines, 21 + 1 + 1 + 22);
}

static void
two_that_were_packed_one_soon_after_the_other_are_both_read(void **state)
{
	(void)state;
	static const char *const first[] = {"half", "c", FOLLOWED_SECOND "1"};
	static const char *const rest[] = {FOLLOWED_SECOND "2", "new"};
	followed_begin();
	followed_append("f\nc\n");
	followed_run("mv log log.1; gzip log.1; echo " FOLLOWED_SECOND "1 > log");
	followed_restart(&(struct source_options){.path = followed.path});
	followed_take_all();
	followed_assert_has(first, 3);
	/* The packed one is not over: it was written just now. */
	followed_save();
	followed_run("echo " FOLLOWED_SECOND
		     "2 >> log; mv log.1.gz log.2.gz; mv log log.1; gzip log.1; echo new > log");
	assert_goes_on_with_all(rest, 2);
	followed_save();
	assert_goes_on_with_all(NULL, 0);
}

static void
of_one_that_was_deleted_what_came_after_it_is_read(void **state)
{
	(void)state;
	static const char *const rest[] = {"hal", "packed", "one", "two", "new"};
	followed_begin();
	followed_run("rm log; printf 'packed\\n' > log.3; gzip log.3; printf 'one\\n' > log.2; "
		     "printf 'two\\n' > log.1; printf 'new\\n' > log");
	assert_goes_on_with_all(rest, 5);
}

/* As logrotate's `extension` and `olddir` have it; the other logs are not this one's. */
static void
one_whose_extension_stays_and_one_put_aside_are_found(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "one", "two", "three", "four", "new"};
	snprintf(followed.path, sizeof(followed.path), "%s/app.jsonl", followed.folder);
	followed_begin_with(followed.path, FRAME_LINES);
	followed_begin();
	followed_append("f\nc\n");
	followed_run("mkdir old mine; mv app.jsonl old/app.jsonl.4; gzip old/app.jsonl.4; echo one "
		     "> old/app.jsonl.3; "
		     "echo two > app.2.jsonl; echo three > app-20261121.jsonl; "
		     "echo four > app.1.jsonl; gzip app.1.jsonl; echo new > app.jsonl; "
		     "echo none > app-2.jsonl; echo none > app.error.jsonl; "
		     "echo none > mine/app.jsonl; echo none > mine/app.jsonl.1");
	assert_goes_on_with_all(rest, 7);
}

static void
however_many_came_in_between_are_read(void **state)
{
	(void)state;
	followed_begin();
	followed_run("mv log log.60; for i in $(seq 59 -1 1); do echo $i > log.$i; touch -d "
		     "\"+$((60 - i)) seconds\" log.$i; done; echo new > log");
	followed_restart(&(struct source_options){.path = followed.path});
	for (int i = 0; i < 10; i++)
		followed_wait_and_take();
	int next = 59, read = 0;
	assert_memory_equal(followed.got.data, "hal|", 4);
	for (const char *at = followed.got.data + 4; next > 0 && atoi(at) == next; read++, next--)
		at = strchr(at, '|') + 1;
	assert_int_equal(read, 59);
	assert_non_null(strstr(followed.got.data, "|1|new|"));
}

/* Of two that are followed, one is rotated and the other has the name of what came after it. */
static void
a_half_line_of_another_file_goes_on_where_it_began(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "other", "new"};
	const char *all = followed_in_folder("log*");
	struct source_options glob = {.path = all};
	followed_append(FOLLOWED_FIRST "\nb\nhal");
	followed_write_text(followed.other, FOLLOWED_SECOND "\noth");
	followed_begin_with(all, FRAME_LINES);
	followed_take_all();
	followed_save();
	followed_append("f\nc\n");
	followed_run("cp log log.2; echo new > log");
	usleep(20000);
	followed_write_text(followed.other, "er\n");
	followed_restart(&glob);
	followed_wait_and_take();
	followed_assert_has(rest, 4);
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
	followed_write_text(
	    followed_in_folder("log.9"), "an old one, that the first run did not ask for\n");
	followed_run("touch -d 1999-01-01 log.9; cp -p log.9 log.8; gzip log.8");
	for (size_t i = 0; i < 9; i++) {
		followed_begin_with(followed.path, FRAME_LINES);
		followed_begin();
		followed_run("mv log log.1");
		followed_run(done[i / 3]);
		followed_wait_and_take();
		followed_save();
		followed_run("printf 't\\nsecond\\n' >> log");
		followed_run("mv log.1 log.2; gzip log.2; mv log log.1; echo third > log");
		followed_run(moved[i % 3]);
		assert_goes_on_with_all(rest[i / 3], i / 3 == 0 ? 4 : 3);
		followed_run("rm log log.1* log.2*");
	}
}

static void
a_time_that_was_cut_to_the_second_is_no_earlier_one(void **state)
{
	(void)state;
	static const char *const rest[] = {"half", "c", "second", "third", "new"};
	followed_begin();
	followed_append("f\nc\n");
	followed_run("touch -d '2026-01-28 10:00:00.7' log; mv log log.3; gzip log.3");
	followed_run("echo second > log.2; touch -d '2026-01-28 10:00:00' log.2; gzip log.2");
	followed_run(
	    "echo third > log.1; touch -d '2026-01-28 10:00:01' log.1; gzip log.1; echo new > log");
	assert_goes_on_with_all(rest, 5);
}

enum { CHAOS_LINES = 4000, CHAOS_TURNS = 120 };

struct chaos {
	int written;
	unsigned char seen[CHAOS_LINES], kept[CHAOS_LINES]; /* kept: of what was saved */
};

static void
chaos_write(struct chaos *chaos, struct rng *rng)
{
	for (int i = (int)rng_below(rng, 5); i > 0 && chaos->written < CHAOS_LINES; i--) {
		char line[64];
		snprintf(line, sizeof(line), "%d %s\n", chaos->written++,
		    rng_below(rng, 4) > 0 ? "of a length that is not always the same" : "");
		followed_append(line);
	}
}

static void
chaos_read(struct chaos *chaos)
{
	buf_clear(&followed.got);
	sources_look(followed.sources);
	followed_take_all();
	for (char *at = followed.got.data; at != NULL && *at != '\0'; at = strchr(at, '|') + 1)
		chaos->seen[atoi(at)]++;
}

static void
chaos_rotate(void)
{
	followed_run("for i in $(ls -v log.*.gz 2>&- | sed 's/log.//;s/.gz//' | sort -rn); do "
		     "mv log.$i.gz log.$((i+1)).gz; done; "
		     "mv log log.1; : > log; gzip log.1");
}

/* A turn is a run that is killed at any time, or saves and is killed; of what it read after it was
 * saved nothing is left. */
static void
chaos_turn(struct chaos *chaos, struct rng *rng)
{
	for (int i = (int)rng_below(rng, 4); i > 0; i--) {
		chaos_write(chaos, rng);
		chaos_read(chaos);
		if (rng_below(rng, 3) == 0) {
			chaos_rotate();
			chaos_read(chaos);
		}
		if (rng_below(rng, 2) == 0) {
			followed_save();
			memcpy(chaos->kept, chaos->seen, sizeof(chaos->kept));
		}
		if (rng_below(rng, 4) == 0)
			clock_advance((int64_t)rng_below(rng, 8) * CLOCK_SECOND);
	}
	memcpy(chaos->seen, chaos->kept, sizeof(chaos->seen));
	for (int i = (int)rng_below(rng, 3); i > 0; i--) {
		chaos_write(chaos, rng);
		chaos_rotate();
	}
	chaos_write(chaos, rng);
	followed_restart(&(struct source_options){.path = followed.path});
}

static void
whatever_is_packed_and_killed_each_line_is_read_once(void **state)
{
	(void)state;
	static struct chaos chaos;
	struct rng rng;
	for (unsigned seed = 1; seed <= 3; seed++) {
		chaos = (struct chaos){0};
		rng_seed(&rng, seed, 7);
		followed_run("rm -f log*; : > log");
		followed_begin_with(followed.path, FRAME_LINES);
		followed_save();
		for (int i = 0; i < CHAOS_TURNS / 3; i++)
			chaos_turn(&chaos, &rng);
		for (int i = 0; i < 10; i++) {
			chaos_read(&chaos);
			clock_advance(CLOCK_SECOND);
		}
		for (int i = 0; i < chaos.written; i++) {
			if (chaos.seen[i] != 1)
				fail_msg("seed %u: line %d of %d was read %d times", seed, i,
				    chaos.written, chaos.seen[i]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FOLLOWED_TEST(of_a_renamed_file_the_rest_is_read_first),
	    FOLLOWED_TEST(of_one_renamed_and_not_begun_anew_too),
	    FOLLOWED_TEST(the_ones_in_between_are_read_too),
	    FOLLOWED_TEST(of_one_that_was_packed_meanwhile_the_rest_is_read),
	    FOLLOWED_TEST(a_link_that_leads_to_another_file_meanwhile_loses_nothing),
	    FOLLOWED_TEST(one_that_was_given_any_name_is_found),
	    FOLLOWED_TEST(one_that_was_packed_before_its_end_is_not_read_again),
	    FOLLOWED_TEST(those_in_between_are_read_packed_or_not),
	    FOLLOWED_TEST(a_packed_one_that_only_begins_alike_came_after_it),
	    FOLLOWED_TEST(nor_is_one_whose_first_kilobyte_is_the_same),
	    FOLLOWED_TEST(two_that_were_packed_one_soon_after_the_other_are_both_read),
	    FOLLOWED_TEST(of_one_that_was_deleted_what_came_after_it_is_read),
	    FOLLOWED_TEST(one_whose_extension_stays_and_one_put_aside_are_found),
	    FOLLOWED_TEST(however_many_came_in_between_are_read),
	    FOLLOWED_TEST(a_half_line_of_another_file_goes_on_where_it_began),
	    FOLLOWED_TEST(one_of_which_little_or_nothing_was_read_is_found),
	    FOLLOWED_TEST(a_time_that_was_cut_to_the_second_is_no_earlier_one),
	    FOLLOWED_TEST(whatever_is_packed_and_killed_each_line_is_read_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
