/* join.c: labels find their predictions in either order, in bounded memory, beside a naive model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/base/rng.h"
#include "core/join/join.h"

#define TTL INT64_C(1000)

static struct join *join;

static int
set_up(void **state)
{
	(void)state;
	join = join_new(4, TTL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	join_free(join);
	join_free(NULL);
	return 0;
}

/* A prediction without a label; the score tells them apart. */
static bool
predict(const char *id, wall_us ts, float score, int *label)
{
	struct join_entry entry = {
	    .ts = ts, .score = score, .series = 7, .decision = 1, .label = -1};
	bool duplicate, found = join_prediction(join, id, &entry, &duplicate);
	*label = duplicate ? -2 : entry.label;
	return found;
}

static bool
label(const char *id, wall_us ts, int value, struct join_entry *entry, int *previous)
{
	*entry = (struct join_entry){0};
	*previous = -9;
	return join_label(join, id, ts, value, entry, previous);
}

static void
assert_stats(struct join_stats wanted)
{
	struct join_stats stats = join_stats(join);
	assert_memory_equal(&stats, &wanted, sizeof(stats));
}

static void
a_label_finds_its_prediction(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	assert_false(predict("a", 100, 0.25f, &known));
	assert_int_equal(known, -1);
	assert_stats((struct join_stats){.pending = 1});
	assert_true(label("a", 500, 1, &entry, &previous));
	assert_int_equal(previous, -1);
	assert_true(entry.ts == 100 && entry.score == 0.25f && entry.series == 7);
	assert_int_equal(entry.decision, 1);
	assert_int_equal(entry.label, 1);
	assert_stats((struct join_stats){.joined = 1});
}

static void
a_prediction_finds_its_label(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	assert_false(label("a", 500, 1, &entry, &previous));
	assert_stats((struct join_stats){.waiting_labels = 1});
	assert_true(predict("a", 100, 0.25f, &known));
	assert_int_equal(known, 1);
	assert_stats((struct join_stats){.joined = 1});
	/* It now lives by the prediction's time, and can be corrected. */
	join_expire(join, 1099);
	assert_true(label("a", 600, 0, &entry, &previous));
	assert_int_equal(previous, 1);
	assert_true(entry.ts == 100 && entry.score == 0.25f);
	join_expire(join, 1100);
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
	assert_stats((struct join_stats){.joined = 2, .duplicate_labels = 3});
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
	assert_true(entry.score == 0.25f && entry.ts == 100);
	assert_false(predict("a", 300, 0.75f, &known));
	assert_int_equal(known, -2);
	assert_stats((struct join_stats){.joined = 1, .duplicate_predictions = 2});
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
	join_expire(join, 1099);
	assert_stats((struct join_stats){.pending = 2, .waiting_labels = 1});
	join_expire(join, 1100);
	assert_stats((struct join_stats){.pending = 1, .waiting_labels = 1, .expired = 1});
	join_expire(join, 500); /* no way back */
	join_expire(join, 1199);
	assert_stats((struct join_stats){.pending = 1, .expired = 1, .expired_labels = 1});
	assert_true(label("b", 1199, 1, &entry, &previous));
	join_expire(join, 9999);
	assert_stats((struct join_stats){.joined = 1, .expired = 1, .expired_labels = 1});
}

static void
a_full_table_drops_the_oldest(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("c", 300, 0.5f, &known);
	predict("a", 100, 0.5f, &known);
	predict("b", 200, 0.5f, &known);
	label("d", 400, 1, &entry, &previous);
	predict("e", 500, 0.5f, &known);
	assert_stats((struct join_stats){.pending = 3, .waiting_labels = 1, .evicted = 1});
	/* "a" is gone: its label waits, and that costs "b". */
	assert_false(label("a", 600, 1, &entry, &previous));
	assert_stats((struct join_stats){.pending = 2, .waiting_labels = 2, .evicted = 2});
	assert_true(label("c", 700, 1, &entry, &previous));
	/* "c" has all it waited for: it goes uncounted. */
	predict("f", 800, 0.5f, &known);
	assert_stats(
	    (struct join_stats){.pending = 2, .waiting_labels = 2, .joined = 1, .evicted = 2});
	predict("g", 900, 0.5f, &known);
	assert_stats(
	    (struct join_stats){.pending = 3, .waiting_labels = 1, .joined = 1, .evicted = 3});
}

static void
a_prediction_may_bear_its_label(void **state)
{
	(void)state;
	struct join_entry entry = {.ts = 100, .label = 1}, found;
	bool duplicate;
	int previous;
	assert_true(join_prediction(join, "a", &entry, &duplicate));
	assert_false(duplicate);
	assert_true(label("a", 200, 0, &found, &previous));
	assert_int_equal(previous, 1);
	assert_false(label("b", 200, 0, &found, &previous));
	assert_true(join_prediction(join, "b", &entry, NULL));
	assert_int_equal(entry.label, 0);
	assert_stats((struct join_stats){.joined = 2, .duplicate_labels = 1});
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
	assert_stats((struct join_stats){0});
}

static void
a_label_without_a_time_is_as_young_as_the_newest_event(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	predict("a", 5000, 0.5f, &known);
	label("b", 0, 1, &entry, &previous);
	join_expire(join, 5999);
	assert_stats((struct join_stats){.pending = 1, .waiting_labels = 1});
	join_expire(join, 6000);
	assert_stats((struct join_stats){.expired = 1, .expired_labels = 1});
}

/* --- a naive model: an array, searched from end to end --- */

#define MODEL_MAX 60

struct model_entry {
	unsigned id;
	wall_us ts;
	float score;
	int label;
	char state; /* p pending, j joined, l label, a negative by assumption */
};

static struct model_entry model[MODEL_MAX];
static size_t model_count;
static struct join_stats model_stats;

static struct model_entry *
model_find(unsigned id)
{
	for (size_t i = 0; i < model_count; i++)
		if (model[i].id == id)
			return &model[i];
	return NULL;
}

static size_t
model_oldest(void)
{
	size_t oldest = 0;
	for (size_t i = 1; i < model_count; i++)
		if (model[i].ts < model[oldest].ts)
			oldest = i;
	return oldest;
}

static void
model_drop(size_t index, uint64_t *predictions, uint64_t *labels)
{
	if (model[index].state == 'p') {
		model_stats.pending--;
		++*predictions;
	} else if (model[index].state == 'l') {
		model_stats.waiting_labels--;
		++*labels;
	} else if (model[index].state == 'a') {
		model_stats.assumed--;
	}
	model[index] = model[--model_count];
}

static struct model_entry *
model_add(unsigned id, wall_us ts, char kind)
{
	if (model_count == MODEL_MAX)
		model_drop(model_oldest(), &model_stats.evicted, &model_stats.evicted);
	model[model_count] = (struct model_entry){.id = id, .ts = ts, .label = -1, .state = kind};
	return &model[model_count++];
}

static void
try_prediction(unsigned number, wall_us ts, float score)
{
	char id[16];
	int known, wanted = -1;
	struct model_entry *entry = model_find(number);
	if (entry != NULL && entry->state != 'l') {
		model_stats.duplicate_predictions++;
		wanted = -2;
	} else if (entry != NULL) {
		*entry = (struct model_entry){number, ts, score, entry->label, 'j'};
		wanted = entry->label;
		model_stats.waiting_labels--;
		model_stats.joined++;
	} else {
		model_add(number, ts, 'p')->score = score;
		model_stats.pending++;
	}
	snprintf(id, sizeof(id), "r%u", number);
	assert_int_equal(predict(id, ts, score, &known), wanted >= 0);
	assert_int_equal(known, wanted);
}

static void
try_label(unsigned number, wall_us ts, int value)
{
	char id[16];
	struct join_entry found;
	int previous, wanted = -1;
	bool assumed = false;
	struct model_entry *entry = model_find(number);
	bool joins = entry != NULL && entry->state != 'l';
	if (entry == NULL) {
		entry = model_add(number, ts, 'l');
		model_stats.waiting_labels++;
	} else if (entry->state == 'p') {
		entry->state = 'j';
		model_stats.pending--;
		model_stats.joined++;
	} else if (entry->state == 'a') {
		entry->state = 'j';
		wanted = 0;
		assumed = true;
		model_stats.assumed--;
		model_stats.joined++;
	} else {
		model_stats.duplicate_labels++;
		wanted = entry->label;
		if (entry->state == 'l' && ts > entry->ts)
			entry->ts = ts;
	}
	entry->label = value;
	snprintf(id, sizeof(id), "r%u", number);
	assert_int_equal(label(id, ts, value, &found, &previous), joins);
	if (joins) {
		assert_int_equal(previous, wanted);
		assert_int_equal(found.label, value);
		assert_int_equal(found.assumed, assumed);
		assert_true(found.label_ts == ts);
		assert_true(found.ts == entry->ts && found.score == join_score(entry->score));
	}
}

/* Every prediction that is due, once, and no other. */
static void
try_due(wall_us now, int64_t age)
{
	struct join_entry entry;
	while (join_due(join, now, &entry)) {
		size_t i = 0;
		while (i < model_count && model[i].ts != entry.ts)
			i++;
		assert_true(i < model_count && model[i].state == 'p');
		assert_true(model[i].ts + age <= now);
		assert_true(entry.score == join_score(model[i].score) && entry.label == 0);
		model[i].state = 'a';
		model_stats.pending--;
		model_stats.assumed++;
	}
	for (size_t i = 0; age > 0 && i < model_count; i++)
		assert_false(model[i].state == 'p' && model[i].ts + age + CLOCK_SECOND <= now);
}

/* Times are told apart by their last digits, so that one of them is the oldest. In turns the table
 * is short of room and of time. */
static uint64_t
run_beside_the_model(int64_t ttl, int64_t age)
{
	struct rng rng;
	rng_seed(&rng, 2026, 1);
	join_free(join);
	join = join_new(MODEL_MAX, ttl);
	join_assume(join, age);
	model_count = 0;
	model_stats = (struct join_stats){0};
	uint64_t assumed = 0;
	for (unsigned step = 1; step <= 200000; step++) {
		wall_us base = 2 * step + rng_below(&rng, 400);
		wall_us ts = base * CLOCK_SECOND + step;
		unsigned id = step / 4 + rng_below(&rng, 60);
		if (rng_below(&rng, 2) == 0)
			try_prediction(id, ts, (float)rng_uniform(&rng));
		else
			try_label(id, ts, (int)rng_below(&rng, 2));
		if (rng_below(&rng, 8) == 0) {
			wall_us now = ((wall_us)2 * step - 400) * CLOCK_SECOND + ttl;
			if (step / 10000 % 2 == 0)
				now += 600 * CLOCK_SECOND;
			uint64_t before = model_stats.assumed;
			try_due(now, age);
			assumed += model_stats.assumed - before;
			join_expire(join, now);
			while (model_count > 0 && model[model_oldest()].ts <= now - ttl)
				model_drop(model_oldest(), &model_stats.expired,
				    &model_stats.expired_labels);
		}
		assert_stats(model_stats);
	}
	/* What is assumed is no longer waiting when its time is over. */
	assert_true(model_stats.joined > 1000 && (model_stats.expired > 1000) == (age == 0));
	assert_true(model_stats.evicted > 1000 && model_stats.expired_labels > 1000);
	assert_true(model_stats.duplicate_labels > 1000);
	return assumed;
}

static void
a_long_random_run_equals_the_naive_model(void **state)
{
	(void)state;
	assert_int_equal(run_beside_the_model(TTL, 0), 0);
}

static void
a_long_random_run_with_assumed_negatives_equals_the_naive_model(void **state)
{
	(void)state;
	assert_true(run_beside_the_model(600 * CLOCK_SECOND, 250 * CLOCK_SECOND) > 1000);
}

/* By its time alone, to the whole second, never early; corrected by its label; never again. */
static void
a_prediction_without_a_label_is_due_at_its_age(void **state)
{
	(void)state;
	struct join_entry entry;
	int known, previous;
	join_free(join);
	join = join_new(4, 100 * CLOCK_SECOND);
	join_assume(join, 10 * CLOCK_SECOND);
	predict("late", 7 * CLOCK_SECOND, 0.5f, &known);
	predict("early", 5 * CLOCK_SECOND + 1, 0.25f, &known);
	predict("labelled", 5 * CLOCK_SECOND, 0.125f, &known);
	assert_true(label("labelled", 6 * CLOCK_SECOND, 1, &entry, &previous));
	assert_false(join_due(join, 15 * CLOCK_SECOND + 1, &entry));
	assert_true(join_due(join, 16 * CLOCK_SECOND, &entry));
	assert_true(entry.ts == 5 * CLOCK_SECOND + 1 && entry.label == 0);
	assert_false(join_due(join, 16 * CLOCK_SECOND, &entry));
	assert_stats((struct join_stats){.pending = 1, .joined = 1, .assumed = 1});
	assert_true(label("early", 20 * CLOCK_SECOND, 1, &entry, &previous));
	assert_true(previous == 0 && entry.assumed && entry.label == 1);
	assert_stats((struct join_stats){.pending = 1, .joined = 2});
	assert_true(label("early", 21 * CLOCK_SECOND, 0, &entry, &previous));
	assert_true(previous == 1 && !entry.assumed);
	assert_true(join_due(join, 17 * CLOCK_SECOND, &entry));
	assert_true(entry.ts == 7 * CLOCK_SECOND);
	assert_false(join_due(join, 1000 * CLOCK_SECOND, &entry));
	join_expire(join, 1000 * CLOCK_SECOND);
	assert_stats((struct join_stats){.joined = 2, .duplicate_labels = 1});
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
	join_free(join);
	join = join_new(COUNT, INT64_C(1) << 40);
	for (int i = 0; i < COUNT; i++) {
		snprintf(id, sizeof(id), "%08x-request", i);
		assert_false(predict(id, i + 1, (float)i / COUNT, &known));
	}
	for (int i = COUNT - 1; i >= 0; i--) {
		snprintf(id, sizeof(id), "%08x-request", i);
		assert_true(label(id, COUNT, i % 2, &entry, &previous));
		assert_true(entry.score == join_score((float)i / COUNT) && entry.ts == i + 1);
	}
	assert_stats((struct join_stats){.joined = COUNT});
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
	    TEST(a_full_table_drops_the_oldest),
	    TEST(a_prediction_may_bear_its_label),
	    TEST(without_an_id_nothing_is_kept),
	    TEST(a_label_without_a_time_is_as_young_as_the_newest_event),
	    TEST(a_long_random_run_equals_the_naive_model),
	    TEST(a_long_random_run_with_assumed_negatives_equals_the_naive_model),
	    TEST(a_prediction_without_a_label_is_due_at_its_age),
	    TEST(a_score_is_kept_as_well_near_one_as_near_zero),
	    TEST(a_large_table_keeps_every_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
