/* quality_auc.c: the interval of AUC against DeLong counted out pair by pair, and how often it
 * holds the truth; the trapezoid, and what is undefined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/quality.h"

#define Z_95 1.959963984540054

static struct rng rng;

struct rows {
	double *scores;
	int8_t *labels;
	size_t n, positives;
};

/* Normal log-odds, one apart by `shift` deviations. `steps` > 0 rounds the scores. */
static void
draw(struct rows *rows, double shift, double steps)
{
	for (size_t i = 0; i < rows->n; i++) {
		rows->labels[i] = i < rows->positives;
		double odds = rng_normal(&rng) + shift * rows->labels[i] - 2;
		rows->scores[i] = 1 / (1 + exp(-odds));
		if (steps > 0)
			rows->scores[i] = floor(rows->scores[i] * steps) / steps;
	}
}

static struct rows
new_rows(size_t positives, size_t negatives)
{
	size_t n = positives + negatives;
	return (struct rows){mem_alloc(n * sizeof(double)), mem_alloc(n), n, positives};
}

static void
free_rows(struct rows *rows)
{
	free(rows->scores);
	free(rows->labels);
}

/* The share of the rows of the other class that row i is rightly ordered against, ties 1/2. */
static double
placement(const struct rows *rows, size_t i)
{
	double right = 0;
	size_t others = 0;
	for (size_t k = 0; k < rows->n; k++) {
		if (rows->labels[k] == rows->labels[i])
			continue;
		double gap = rows->scores[i] - rows->scores[k];
		gap = rows->labels[i] ? gap : -gap;
		right += gap > 0 ? 1 : gap == 0 ? 0.5 : 0;
		others++;
	}
	return right / (double)others;
}

static double
placement_variance(const struct rows *rows, int8_t label, double *mean)
{
	double *values = mem_alloc(rows->n * sizeof(*values)), variance = 0;
	size_t n = 0;
	*mean = 0;
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->labels[i] == label)
			*mean += values[n++] = placement(rows, i);
	}
	*mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		variance += (values[i] - *mean) * (values[i] - *mean);
	free(values);
	return variance / (double)(n - 1) / (double)n;
}

static void
the_interval_is_delongs_counted_out_pair_by_pair(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		/* A class that is far smaller than the other is ranked by another way. */
		size_t small = 30 + rng_below(&rng, 10);
		size_t large = round % 4 < 2 ? 30 + rng_below(&rng, 200) : 900;
		struct rows rows = round % 3 ? new_rows(small, large) : new_rows(large, small);
		draw(&rows, 0.2 + 0.02 * round, round % 2 ? 15 : 0);
		double auc, same;
		double variance = placement_variance(&rows, 1, &auc);
		variance += placement_variance(&rows, 0, &same);
		struct quality_rank rank = quality_rank_exact(rows.scores, rows.labels, rows.n);
		assert_true(fabs(rank.roc_auc - auc) < 1e-12 && fabs(auc - same) < 1e-12);
		double odds = log(auc / (1 - auc)), half = Z_95 * sqrt(variance) / auc / (1 - auc);
		assert_true(fabs(rank.roc_auc_interval.low - 1 / (1 + exp(half - odds))) < 1e-11);
		assert_true(fabs(rank.roc_auc_interval.high - 1 / (1 + exp(-half - odds))) < 1e-11);
		free_rows(&rows);
	}
}

struct coverage {
	double exact, binned, width;
};

/* How often the intervals hold the AUC that normal log-odds so far apart have: Phi(shift / v2). */
static struct coverage
cover(size_t positives, size_t negatives, double auc, double shift, size_t times)
{
	struct coverage coverage = {0, 0, 0};
	struct rows rows = new_rows(positives, negatives);
	for (size_t t = 0; t < times; t++) {
		uint64_t counts[2][QUALITY_BINS] = {{0}};
		draw(&rows, shift, 0);
		for (size_t i = 0; i < rows.n; i++)
			counts[rows.labels[i]][quality_bin(rows.scores[i])]++;
		struct quality_rank exact = quality_rank_exact(rows.scores, rows.labels, rows.n);
		struct quality_rank binned =
		    quality_rank_binned(counts[1], counts[0], QUALITY_BINS);
		coverage.exact +=
		    exact.roc_auc_interval.low <= auc && auc <= exact.roc_auc_interval.high;
		coverage.binned +=
		    binned.roc_auc_interval.low <= auc && auc <= binned.roc_auc_interval.high;
		coverage.width += exact.roc_auc_interval.high - exact.roc_auc_interval.low;
	}
	free_rows(&rows);
	coverage.exact /= (double)times;
	coverage.binned /= (double)times;
	coverage.width /= (double)times;
	print_message("AUC %.3f, %zu of %zu: exact %.4f, binned %.4f, width %.3f\n", auc, positives,
	    rows.n, coverage.exact, coverage.binned, coverage.width);
	return coverage;
}

static double
shift_of(double auc) /* by bisection: Phi(s / v2) = auc */
{
	double low = -10, high = 10;
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;
		*(0.5 * erfc(-middle / 2) < auc ? &low : &high) = middle;
	}
	return low;
}

static void
intervals_hold_the_true_auc_as_often_as_they_say(void **state)
{
	(void)state;
	struct coverage c = cover(60, 400, 0.8, shift_of(0.8), 10000);
	assert_true(c.exact > 0.93 && c.exact < 0.97);
	assert_true(c.binned > 0.93 && c.binned < 0.99); /* wider by what the bins hide */
	c = cover(200, 1000, 0.9, shift_of(0.9), 10000);
	assert_true(c.exact > 0.93 && c.exact < 0.97);
	assert_true(c.binned > 0.93 && c.binned < 0.995);
}

static void
with_few_positives_the_interval_is_wide_and_not_wrong(void **state)
{
	(void)state;
	struct coverage c = cover(20, 500, 0.98, shift_of(0.98), 1000);
	assert_true(c.exact > 0.94 && c.binned > 0.94 && c.width < 0.3);
	c = cover(5, 200, 0.9, shift_of(0.9), 1000);
	assert_true(c.exact > 0.94 && c.binned > 0.94 && c.width < 0.6);
	c = cover(1, 100, 0.9, shift_of(0.9), 1000);
	assert_true(c.exact > 0.9 && c.binned > 0.9);
}

static void
a_perfect_order_is_not_certainty(void **state)
{
	(void)state;
	double scores[] = {0.1, 0.2, 0.3, 0.8, 0.9};
	int8_t labels[] = {0, 0, 0, 1, 1};
	struct quality_rank rank = quality_rank_exact(scores, labels, 5);
	assert_true(rank.roc_auc == 1 && rank.roc_auc_interval.high == 1);
	assert_true(rank.roc_auc_interval.low > 0.2 && rank.roc_auc_interval.low < 0.6);
	for (size_t i = 0; i < 5; i++)
		labels[i] = !labels[i];
	struct quality_rank wrong = quality_rank_exact(scores, labels, 5);
	assert_true(wrong.roc_auc == 0 && wrong.roc_auc_interval.low == 0);
	assert_true(wrong.roc_auc_interval.high > 0.2 && wrong.roc_auc_interval.high < 0.8);
	double tied[] = {0.5, 0.5, 0.5, 0.5, 0.5};
	rank = quality_rank_exact(tied, labels, 5);
	assert_true(rank.roc_auc == 0.5 && rank.roc_auc_interval.low < 0.3);
}

/* The trapezoid of the points (recall, precision), from (0, 1) on; the toy cases of METRICS.md. */
static void
the_trapezoid_is_not_average_precision(void **state)
{
	(void)state;
	double tied[] = {1, 1}, turned[] = {1, 0};
	int8_t labels[] = {0, 1};
	struct quality_rank rank = quality_rank_exact(tied, labels, 2);
	assert_true(rank.pr_auc_trapezoid == 0.75 && rank.average_precision == 0.5);
	rank = quality_rank_exact(turned, labels, 2);
	assert_true(rank.pr_auc_trapezoid == 0.25 && rank.average_precision == 0.5);
	double scores[] = {0.9, 0.8, 0.7, 0.6};
	int8_t mixed[] = {1, 0, 1, 0};
	rank = quality_rank_exact(scores, mixed, 4);
	/* (0,1) (1/2,1) (1/2,1/2) (1,2/3) (1,1/2) */
	assert_true(fabs(rank.pr_auc_trapezoid - (0.5 + 0.5 * (0.5 + 2.0 / 3) / 2)) < 1e-15);
	assert_true(fabs(rank.average_precision - (0.5 + 0.5 * 2 / 3)) < 1e-15);
}

static void
signed_zeros_and_infinities_are_scores_too(void **state)
{
	(void)state;
	double scores[] = {-0.0, 0.0, -INFINITY, INFINITY, NAN};
	int8_t labels[] = {1, 0, 0, 1, 0};
	struct quality_rank rank = quality_rank_exact(scores, labels, 5);
	assert_true(rank.roc_auc == 0.875); /* of 4 pairs one is tied */
	double many[100] = {-0.0};
	int8_t truth[100] = {1};
	many[99] = -INFINITY;
	rank = quality_rank_exact(many, truth, 100);
	assert_true(rank.roc_auc == (98 * 0.5 + 1) / 99);
	many[0] = INFINITY;
	assert_true(quality_rank_exact(many, truth, 100).roc_auc == 1);
}

static void
one_class_has_no_auc_and_no_interval(void **state)
{
	(void)state;
	double scores[] = {0.2, 0.4, 0.6};
	int8_t positives[] = {1, 1, 1}, negatives[] = {0, 0, 0};
	uint64_t some[] = {1, 2}, none[] = {0, 0};
	struct quality_rank ranks[] = {quality_rank_exact(scores, positives, 3),
	    quality_rank_exact(scores, negatives, 3), quality_rank_binned(some, none, 2),
	    quality_rank_binned(none, some, 2), quality_rank_exact(scores, positives, 0)};
	for (size_t i = 0; i < 5; i++) {
		assert_true(isnan(ranks[i].roc_auc) && isnan(ranks[i].roc_auc_interval.low));
		assert_true(isnan(ranks[i].roc_auc_interval.high));
		assert_true(isnan(ranks[i].roc_auc_binning.low));
		assert_int_equal(isnan(ranks[i].average_precision), i % 2 == 1 || i == 4);
		assert_int_equal(isnan(ranks[i].pr_auc_trapezoid), i % 2 == 1 || i == 4);
	}
	assert_true(ranks[0].average_precision == 1 && ranks[0].pr_auc_trapezoid == 1);
}

int
main(void)
{
	rng_seed(&rng, 20261121, 3);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_interval_is_delongs_counted_out_pair_by_pair),
	    cmocka_unit_test(intervals_hold_the_true_auc_as_often_as_they_say),
	    cmocka_unit_test(with_few_positives_the_interval_is_wide_and_not_wrong),
	    cmocka_unit_test(a_perfect_order_is_not_certainty),
	    cmocka_unit_test(the_trapezoid_is_not_average_precision),
	    cmocka_unit_test(signed_zeros_and_infinities_are_scores_too),
	    cmocka_unit_test(one_class_has_no_auc_and_no_interval),
	};
	return cmocka_run_group_tests_name("quality_auc", tests, NULL, NULL);
}
