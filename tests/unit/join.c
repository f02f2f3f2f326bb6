/* join.c: labels find their predictions in either order, in bounded memory (beside a
 * naive model, and in files: join_files.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/join_counts.h"

#define MS INT64_C(1000)
#define TTL (1000 * MS)
#define MEMORY ((size_t)1 << 20)

static struct join *join;

static void
start(struct join_options options)
{
	join_free(join);
	if (options.memory == 0)
		options.memory = MEMORY;
	join = join_new(&options);
}

static int
set_up(void **state)
{
	(void)state;
	start((struct join_options){.ttl_us = TTL});
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	join_free(join);
	join_free(NULL);
	join = NULL;
	return 0;
}

/* A prediction without a label; the score tells them apart. */
static bool
predict(const char *id, wall_us ms, float score, int *label)
{
	struct join_entry entry = {
	    .ts = ms * MS, .score = score, .series = 7, .decision = 1, .label = -1};
	bool duplicate, found = join_prediction(join, join_hash(id), &entry, &duplicate);
	*label = duplicate ? -2 : entry.label;
	return found;
}

static bool
label(const char *id, wall_us ms, int value, struct join_entry *entry, int *previous)
{
	*entry = (struct join_entry){0};
	*previous = -9;
	return join_label(join, join_hash(id), ms * MS, value, entry, previous);
}

static void
a_label_finds_its_prediction(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	assert_false(predict("a", 100, 0.25f, &known));
	assert_int_equal(known, -1);
	assert_counts(join, (struct join_stats){.pending = 1});
	assert_true(label("a", 500, 1, &entry, &previous));
	assert_int_equal(previous, -1);
	assert_true(entry.ts == 100 * MS && entry.score == 0.25f && entry.series == 7);
	assert_int_equal(entry.decision, 1);
	assert_int_equal(entry.label, 1);
	assert_counts(join, (struct join_stats){.joined = 1});
}

static void
a_prediction_finds_its_label(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	assert_false(label("a", 500, 1, &entry, &previous));
	assert_counts(join, (struct join_stats){.waiting_labels = 1});
	assert_true(predict("a", 100, 0.25f, &known));
	assert_int_equal(known, 1);
	assert_counts(join, (struct join_stats){.joined = 1});
	/* It now lives by the prediction's time, and can be corrected. */
	join_expire(join, 1099 * MS);
	assert_true(label("a", 600, 0, &entry, &previous));
	assert_int_equal(previous, 1);
	assert_true(entry.ts == 100 * MS && entry.score == 0.25f);
	join_expire(join, 1100 * MS);
	assert_false(label("a", 600, 0, &entry, &previous));
}

static void
of_two_labels_the_last_wins_and_the_first_is_reported(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("a", 100, 0.5f, &known);
	assert_true(label("a", 200, 1, &entry, &previous));
	assert_true(label("a", 300, 0, &entry, &previous));
	assert_int_equal(previous, 1);
	assert_int_equal(entry.label, 0);
	assert_true(label("a", 300, 0, &entry, &previous));
	assert_int_equal(previous, 0);
	assert_false(label("b", 200, 0, &entry, &previous));
	assert_false(label("b", 300, 1, &entry, &previous));
	assert_true(predict("b", 400, 0.5f, &known));
	assert_int_equal(known, 1);
	assert_counts(join, (struct join_stats){.joined = 2, .duplicate_labels = 3});
}

static void
a_second_prediction_of_an_id_changes_nothing(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("a", 100, 0.25f, &known);
	assert_false(predict("a", 200, 0.75f, &known));
	assert_int_equal(known, -2);
	assert_true(label("a", 300, 1, &entry, &previous));
	assert_true(entry.score == 0.25f && entry.ts == 100 * MS);
	assert_false(predict("a", 300, 0.75f, &known));
	assert_int_equal(known, -2);
	assert_counts(join, (struct join_stats){.joined = 1, .duplicate_predictions = 2});
}

static void
what_is_too_old_expires_by_event_time(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("b", 200, 0.5f, &known);
	predict("a", 100, 0.5f, &known); /* out of order */
	label("x", 150, 1, &entry, &previous);
	join_expire(join, 1099 * MS);
	assert_counts(join, (struct join_stats){.pending = 2, .waiting_labels = 1});
	join_expire(join, 1100 * MS);
	assert_counts(join, (struct join_stats){.pending = 1, .waiting_labels = 1, .expired = 1});
	join_expire(join, 500 * MS); /* no way back */
	join_expire(join, 1199 * MS);
	assert_counts(join, (struct join_stats){.pending = 1, .expired = 1, .expired_labels = 1});
	assert_true(label("b", 1199, 1, &entry, &previous));
	join_expire(join, 9999 * MS);
	assert_counts(join, (struct join_stats){.joined = 1, .expired = 1, .expired_labels = 1});
}

/* To the grain of expiry, and a good part at a time: the newer half of the table is never touched.
 */
static void
a_full_table_without_a_folder_drops_the_oldest(void **state)
{
	(void)state;
	enum { COUNT = 300000, ROOM = (int)(MEMORY / JOIN_ENTRY_BYTES) };
	struct join_entry entry;
	int known, previous;
	char id[32];
	start((struct join_options){.ttl_us = COUNT * MS * 2});
	for (int i = 0; i < COUNT; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		predict(id, i + 1, 0.5f, &known);
		struct join_stats stats = join_stats(join);
		assert_int_equal(stats.pending + stats.evicted, i + 1);
		assert_true(stats.memory_bytes <= MEMORY);
		if (i > ROOM)
			assert_true(stats.pending > ROOM / 5 * 2 && stats.pending < ROOM);
	}
	struct join_stats stats = join_stats(join);
	assert_string_equal(stats.error, "");
	int pending = (int)stats.pending;
	int64_t grain = stats.grain_us / MS;
	for (int i = COUNT - 1; i >= COUNT - pending - grain; i--) {
		snprintf(id, sizeof(id), "r%d", i);
		bool found = label(id, COUNT, 1, &entry, &previous);
		assert_int_equal(found, i >= COUNT - pending);
	}
}

static void
a_prediction_may_bear_its_label(void **state)
{
	(void)state;
	struct join_entry entry = {.ts = 100 * MS, .label = 1}, found;
	bool duplicate;
	int previous;
	assert_true(join_prediction(join, join_hash("a"), &entry, &duplicate));
	assert_false(duplicate);
	assert_true(label("a", 200, 0, &found, &previous));
	assert_int_equal(previous, 1);
	assert_false(label("b", 200, 0, &found, &previous));
	assert_true(join_prediction(join, join_hash("b"), &entry, NULL));
	assert_int_equal(entry.label, 0);
	assert_counts(join, (struct join_stats){.joined = 2, .duplicate_labels = 1});
}

static void
without_an_id_nothing_is_kept(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	assert_false(predict("", 100, 0.5f, &known));
	assert_int_equal(known, -1);
	assert_false(label("", 100, 1, &entry, &previous));
	assert_counts(join, (struct join_stats){0});
}

static void
a_label_without_a_time_is_as_young_as_the_newest_event(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("a", 5000, 0.5f, &known);
	label("b", 0, 1, &entry, &previous);
	join_expire(join, 5999 * MS);
	assert_counts(join, (struct join_stats){.pending = 1, .waiting_labels = 1});
	join_expire(join, 6000 * MS);
	assert_counts(join, (struct join_stats){.expired = 1, .expired_labels = 1});
}

/* By its time alone, to the whole second, never early; corrected by its label; never again. */
static void
a_prediction_without_a_label_is_due_at_its_age(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	start((struct join_options){.ttl_us = 100 * CLOCK_SECOND, .assume_us = 10 * CLOCK_SECOND});
	predict("late", 7000, 0.5f, &known);
	predict("early", 5001, 0.25f, &known);
	predict("labelled", 5000, 0.125f, &known);
	assert_true(label("labelled", 6000, 1, &entry, &previous));
	assert_false(join_due(join, 15 * CLOCK_SECOND + 1, &entry));
	assert_true(join_due(join, 16 * CLOCK_SECOND, &entry));
	assert_true(entry.ts == 5 * CLOCK_SECOND + MS && entry.label == 0);
	assert_false(join_due(join, 16 * CLOCK_SECOND, &entry));
	assert_counts(join, (struct join_stats){.pending = 1, .joined = 1, .assumed = 1});
	assert_true(label("early", 20000, 1, &entry, &previous));
	assert_true(previous == 0 && entry.assumed && entry.label == 1);
	assert_counts(join, (struct join_stats){.pending = 1, .joined = 2});
	assert_true(label("early", 21000, 0, &entry, &previous));
	assert_true(previous == 1 && !entry.assumed);
	assert_true(join_due(join, 17 * CLOCK_SECOND, &entry));
	assert_true(entry.ts == 7 * CLOCK_SECOND);
	assert_false(join_due(join, 1000 * CLOCK_SECOND, &entry));
	join_expire(join, 1000 * CLOCK_SECOND);
	assert_counts(join, (struct join_stats){.joined = 2, .duplicate_labels = 1});
}

static void
a_score_is_kept_as_well_near_one_as_near_zero(void **state)
{
	(void)state;
	const double scores[] = {0, 1e-12, 3e-7, 0.1, 0.3, 0.5, 0.5000001, 0.7, 0.999, 1 - 1e-9, 1};
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		double kept = join_score(scores[i]);
		double end = scores[i] > 0.5 ? 1 - scores[i] : scores[i];
		double error = kept > scores[i] ? kept - scores[i] : scores[i] - kept;
		assert_true(error <= 6e-8 * end);
		assert_true(join_score(kept) == kept);
	}
	assert_true(join_score(0) == 0 && join_score(1) == 1);
}

static void
a_large_table_keeps_every_entry(void **state)
{
	(void)state;
	enum { COUNT = 200000 };
	struct join_entry entry;
	int known, previous;
	char id[32];
	start((struct join_options){
	    .memory = (size_t)COUNT * JOIN_ENTRY_BYTES * 5 / 4, .ttl_us = INT64_C(1) << 40});
	for (int i = 0; i < COUNT; i++) {
		snprintf(id, sizeof(id), "%08x-request", i);
		assert_false(predict(id, i + 1, (float)i / COUNT, &known));
	}
	for (int i = COUNT - 1; i >= 0; i--) {
		snprintf(id, sizeof(id), "%08x-request", i);
		assert_true(label(id, COUNT, i % 2, &entry, &previous));
		assert_true(
		    entry.score == join_score((float)i / COUNT) && entry.ts == (i + 1) * MS);
	}
	assert_counts(join, (struct join_stats){.joined = COUNT});
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_label_finds_its_prediction),
	    TEST(a_prediction_finds_its_label),
	    TEST(of_two_labels_the_last_wins_and_the_first_is_reported),
	    TEST(a_second_prediction_of_an_id_changes_nothing),
	    TEST(what_is_too_old_expires_by_event_time),
	    TEST(a_full_table_without_a_folder_drops_the_oldest),
	    TEST(a_prediction_may_bear_its_label),
	    TEST(without_an_id_nothing_is_kept),
	    TEST(a_label_without_a_time_is_as_young_as_the_newest_event),
	    TEST(a_prediction_without_a_label_is_due_at_its_age),
	    TEST(a_score_is_kept_as_well_near_one_as_near_zero),
	    TEST(a_large_table_keeps_every_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
