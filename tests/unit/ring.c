/* ring.c: the state of columns in time buckets: bounded, the same however it is split and merged,
 * and its words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/monitor/ring.h"
#include "core/monitor/unseen.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

static void
a_bucket_and_feature_takes_at_most_4_kib(void **state)
{
	(void)state;
	assert_true(cell_size(BINS_MAX + 1) * sizeof(uint64_t) <= 4096);
	assert_true(cell_size(BINS_CATEGORIES + 2) * sizeof(uint64_t) <= 4096);
	assert_true(sizeof(struct unseen) <= 4096);
	/* Of the bins the cells take room as they have them, and no more than asked for. */
	struct ring ring;
	ring_init(&ring, CLOCK_HOUR, 3);
	for (int i = 0; i < 100000; i++)
		ring_at(&ring, START + i * CLOCK_SECOND, 10 * cell_size(BINS_MAX));
	assert_int_equal(ring.buckets_count, 60 + 2 * 5 + RING_SLACK);
	for (size_t i = 0; i < ring.buckets_count; i++)
		assert_int_equal(ring.buckets[i]->size, 10 * cell_size(BINS_MAX));
	ring_free(&ring);
}

static void
the_ring_holds_the_window_and_what_the_verdict_looks_back_on(void **state)
{
	(void)state;
	for (size_t of = 1; of <= VERDICT_WINDOWS; of++) {
		struct ring ring;
		ring_init(&ring, CLOCK_HOUR, of);
		int64_t minutes = RING_WINDOW + RING_STEP * ((int64_t)of - 1) + RING_SLACK;
		for (int64_t i = 0; i < 3 * minutes; i++)
			ring_at(&ring, START + i * CLOCK_MINUTE, 1)->n++;
		int64_t newest = ring_index(&ring, START + (3 * minutes - 1) * CLOCK_MINUTE);
		for (int64_t i = 0; i < minutes; i++) {
			const struct ring_bucket *bucket = ring_find(&ring, newest - i);
			assert_non_null(bucket);
			assert_int_equal(bucket->n, 1);
		}
		assert_null(ring_find(&ring, newest - minutes));
		assert_null(ring_at(&ring, START, 1)); /* it has moved past it */
		assert_null(ring_find(&ring, newest + 1));
		ring_free(&ring);
	}
}

static void
times_before_1970_have_buckets_of_their_own(void **state)
{
	(void)state;
	struct ring ring;
	ring_init(&ring, CLOCK_HOUR, 3);
	ring_at(&ring, -1, 1)->n++;
	ring_at(&ring, 0, 1)->n += 2;
	assert_int_equal(ring_find(&ring, -1)->n, 1);
	assert_int_equal(ring_find(&ring, 0)->n, 2);
	assert_ptr_equal(ring_at(&ring, -CLOCK_MINUTE, 1), ring_find(&ring, -1));
	ring_free(&ring);
}

static void
a_bucket_comes_round_empty(void **state)
{
	(void)state;
	struct ring ring;
	ring_init(&ring, CLOCK_HOUR, 3);
	size_t size = cell_size(4);
	struct ring_bucket *bucket = ring_at(&ring, START, size);
	struct cell *cell = ring_cell(bucket, 0);
	bucket->n = bucket->hours[5] = 7;
	cell->counts[3] = cell->missing = 9;
	cell_add_number(cell, -4, true);
	bucket =
	    ring_at(&ring, START + (wall_us)ring.buckets_count * CLOCK_MINUTE, size + cell_size(2));
	assert_int_equal(bucket->n + bucket->hours[5], 0);
	cell = ring_cell(bucket, 0);
	assert_int_equal(cell->counts[3] + cell->missing + cell->present + cell->out_of_range, 0);
	assert_true(cell->sum == 0 && cell->carry == 0);
	assert_null(ring_cell(bucket, bucket->size)); /* a column that is not there yet */
	ring_free(&ring);
}

enum { VALUES = 200000, BINS = 40, PARTS = 97 };

static void
count(struct cell *cell, double value)
{
	cell->counts[(size_t)fmin(BINS - 1, fabs(value) / 5)]++;
	cell_add_number(cell, value, value > 50);
}

/* Heavy tails and of one sign: where plain sums go wrong by 1e-11. */
static void
splits_merged_in_any_order_are_the_same(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 42, 54);
	double *values = mem_grow(NULL, VALUES, sizeof(*values));
	long double exact = 0;
	for (int i = 0; i < VALUES; i++) {
		values[i] = 0.1 + rng_lognormal(&rng, 3, 1.5);
		exact += values[i];
	}
	struct cell_sum first = {0};
	for (int round = 0; round < 20; round++) {
		struct cell *cells[PARTS];
		for (int i = 0; i < PARTS; i++)
			cells[i] = mem_alloc(cell_size(BINS) * sizeof(uint64_t));
		for (int i = VALUES - 1; i > 0; i--) { /* another order */
			int other = (int)(rng_uniform(&rng) * (i + 1));
			double swapped = values[i];
			values[i] = values[other];
			values[other] = swapped;
		}
		for (int i = 0; i < VALUES; i++) /* another split */
			count(cells[(int)(rng_uniform(&rng) * PARTS)], values[i]);
		struct cell_sum sum = {0};
		for (int i = 0; i < PARTS; i++)
			cell_sum_add(&sum, cells[(i * 31 + round) % PARTS], BINS);
		cell_sum_add(&sum, NULL, BINS);
		double total = sum.sum + sum.carry;
		assert_true(fabs(total / (double)exact - 1) < 1e-14);
		if (round == 0)
			first = sum;
		assert_memory_equal(first.counts, sum.counts, sizeof(sum.counts));
		assert_int_equal(sum.present, VALUES);
		assert_int_equal(sum.out_of_range, first.out_of_range);
		assert_true(sum.low == first.low && sum.high == first.high);
		assert_true(fabs(total / (first.sum + first.carry) - 1) < 1e-12);
		for (int i = 0; i < PARTS; i++)
			free(cells[i]);
	}
	free(values);
}

static void
the_words_that_are_common_are_kept(void **state)
{
	(void)state;
	struct rng rng;
	struct unseen unseen = {0};
	rng_seed(&rng, 1, 2);
	for (int i = 0; i < 10000; i++) { /* two common ones among thousands that come once */
		char word[32];
		double u = rng_uniform(&rng);
		snprintf(word, sizeof(word), "%s", u < 0.3 ? "crypto" : "gift");
		if (u >= 0.5)
			snprintf(word, sizeof(word), "once-%d", i);
		unseen_add(&unseen, word, START + i, START);
	}
	unseen_add(&unseen, "", START, START);
	const struct unseen *list[] = {NULL, &unseen};
	char words[3][UNSEEN_WORD];
	assert_int_equal(unseen_top(list, 2, START, words, 3), 3);
	assert_string_equal(words[0], "crypto");
	assert_string_equal(words[1], "gift");
}

static void
words_are_forgotten_after_a_window_and_long_ones_are_cut(void **state)
{
	(void)state;
	struct unseen a = {0}, b = {0};
	const struct unseen *list[] = {&a, &b};
	char words[3][UNSEEN_WORD];
	for (int i = 0; i < 5; i++)
		unseen_add(&a, "old", START, START - CLOCK_HOUR);
	unseen_add(&a, "new", START + 2 * CLOCK_HOUR, START + CLOCK_HOUR);
	unseen_add(&b, "new", START + 2 * CLOCK_HOUR, START + CLOCK_HOUR);
	assert_int_equal(unseen_top(list, 2, START + CLOCK_HOUR, words, 3), 1);
	assert_string_equal(words[0], "new");
	for (int i = 0; i < 3; i++)
		unseen_add(&a, "a word that is longer than anyone will want to read", START, START);
	assert_int_equal(unseen_top(list, 2, START, words, 3), 2); /* what is forgotten stays so */
	assert_string_equal(words[0], "a word that is longer than anyo");
	assert_string_equal(words[1], "new");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bucket_and_feature_takes_at_most_4_kib),
	    cmocka_unit_test(the_ring_holds_the_window_and_what_the_verdict_looks_back_on),
	    cmocka_unit_test(times_before_1970_have_buckets_of_their_own),
	    cmocka_unit_test(a_bucket_comes_round_empty),
	    cmocka_unit_test(splits_merged_in_any_order_are_the_same),
	    cmocka_unit_test(the_words_that_are_common_are_kept),
	    cmocka_unit_test(words_are_forgotten_after_a_window_and_long_ones_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
