/* paired.c: two classifiers on the same rows: known answers of statsmodels and of independent
 * computations, what must hold of any rows, and how often the intervals hold the truth. */
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
#include "core/stats/average_precision.h"
#include "core/stats/paired.h"
#include "core/stats/quality.h"

static struct rng rng;

static void
assert_near(double got, double wanted, double relative)
{
	if (!(fabs(got - wanted) <= relative * fabs(wanted)))
		print_error("%.17g is not within %g of %.17g\n", got, relative, wanted);
	assert_true(fabs(got - wanted) <= relative * fabs(wanted));
}

/* statsmodels 0.15: mcnemar(table, exact=apart < 25, correction=True). */
static void
mcnemar_is_that_of_statsmodels(void **state)
{
	(void)state;
	static const struct {
		uint64_t first, second;
		double statistic, p_value;
	} known[] = {{0, 0, 0, 1}, {3, 9, 3, 0.14599609375}, {12, 12, 12, 1}, {0, 7, 0, 0.015625},
	    {10, 14, 10, 0.5412561893463135}, {10, 15, 0.64, 0.4237107971667936},
	    {20, 5, 7.84, 0.005110260660855866},
	    {121, 59, 20.67222222222222, 5.450094825427117e-06}, {30, 31, 0, 1},
	    {4000, 4812, 74.63924194280527, 5.6508727297507205e-18}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct paired_test test = paired_mcnemar(known[i].first, known[i].second, 10000);
		assert_near(test.statistic, known[i].statistic, 1e-12);
		assert_near(test.p_value, known[i].p_value, 1e-10);
		assert_true(test.only_first == known[i].first);
		assert_true(test.only_second == known[i].second);
	}
}

/* The limits where the score statistic is 1.96, its nuisance found by numerical maximum likelihood
 * (scipy's brentq) and not by Tango's root. */
static void
the_interval_of_accuracies_is_tangos(void **state)
{
	(void)state;
	static const struct {
		uint64_t first, second, n;
		struct interval interval;
	} known[] = {{3, 9, 50, {-0.017798415926076564, 0.26272550274714296}},
	    {1, 7, 40, {0.014359435232187787, 0.3011268716946127}},
	    {121, 59, 1000, {-0.08848217364500767, -0.0361260199571114}},
	    {5, 5, 20, {-0.30584838941080383, 0.30584838941080383}}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct paired_test test =
		    paired_mcnemar(known[i].first, known[i].second, known[i].n);
		assert_near(test.interval.low, known[i].interval.low, 1e-9);
		assert_near(test.interval.high, known[i].interval.high, 1e-9);
	}
	struct paired_test swapped = paired_mcnemar(59, 121, 1000);
	assert_near(swapped.difference, 0.062, 1e-12);
	assert_near(swapped.interval.high, 0.08848217364500767, 1e-9);
}

static void
mcnemar_of_nothing_or_of_too_much_is_undefined(void **state)
{
	(void)state;
	struct paired_test none = paired_mcnemar(0, 0, 0), more = paired_mcnemar(3, 4, 6);
	assert_true(isnan(none.p_value) && isnan(none.difference) && isnan(none.interval.low));
	assert_true(isnan(more.p_value));
	struct paired_test all = paired_mcnemar(0, 6, 6), alike = paired_mcnemar(0, 0, 10);
	double square = PROPORTION_Z95 * PROPORTION_Z95;
	assert_true(all.difference == 1 && all.interval.high == 1);
	assert_near(all.interval.low, (6 - square) / (6 + square), 1e-12);
	assert_true(
	    alike.difference == 0 && alike.interval.low < -0.2 && alike.interval.high > 0.2);
}

static const int8_t few_labels[] = {1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0};
static const double few_first[] = {
    .9, .2, .4, .7, .35, .35, .6, .5, .1, .8, .3, .65, .45, .15, .7, .7, .05, .25, .55, .4};
static const double few_second[] = {
    .95, .1, .3, .8, .7, .2, .75, .6, .1, .8, .25, .4, .5, .15, .85, .5, .05, .3, .45, .4};
enum { FEW = 20, MANY = 1000 };

struct rows {
	double first[MANY], second[MANY];
	int8_t labels[MANY];
};

/* Rows that another language can make again, with ties. */
static struct rows
many_rows(void)
{
	struct rows rows;
	for (int i = 0; i < MANY; i++) {
		double y = i % 7 == 0, shared = (double)(i * 37 % 101) / 101;
		rows.labels[i] = (int8_t)y;
		rows.first[i] = shared + 0.4 * y * ((double)(i * 13 % 17) / 17);
		rows.second[i] = (double)(i * 53 % 89) / 89 * 0.5 + 0.5 * shared +
				 0.6 * y * ((double)(i * 29 % 23) / 23);
	}
	return rows;
}

/* By the midranks of Sun and Xu's paper in numpy, covariances and all. */
static void
delong_is_that_of_sun_and_xu(void **state)
{
	(void)state;
	struct paired_test test = paired_delong(few_first, few_second, few_labels, FEW);
	assert_near(test.difference, 0.10416666666666674, 1e-12);
	assert_near(test.statistic, 1.3843324407887767, 1e-12);
	assert_near(test.p_value, 0.16625668504532776, 1e-11);
	assert_near(test.interval.low, -0.04331446506201406, 1e-11);
	assert_near(test.interval.high, 0.25164779839534757, 1e-12);
	struct rows rows = many_rows();
	test = paired_delong(rows.first, rows.second, rows.labels, MANY);
	assert_near(test.difference, 0.13057012998669948, 1e-11);
	assert_near(test.statistic, 5.701676775270546, 1e-11);
	assert_near(test.p_value, 1.1863461952739413e-08, 1e-9);
	assert_near(test.interval.low, 0.0856863594193121, 1e-11);
	assert_near(test.interval.high, 0.17545390055408686, 1e-11);
}

/* By the numerical derivative of a weighted average precision in each row's weight. */
static void
average_precision_moves_as_its_derivative_says(void **state)
{
	(void)state;
	double influence[MANY], squares = 0, sum = 0;
	assert_near(average_precision_influence(few_first, few_labels, FEW, influence),
	    0.7919642857142857, 1e-14);
	for (int i = 0; i < FEW; i++)
		squares += influence[i] * influence[i];
	assert_near(sqrt(squares) / FEW, 0.12487005255217354, 1e-7);
	struct rows rows = many_rows();
	squares = 0;
	assert_near(average_precision_influence(rows.first, rows.labels, MANY, influence),
	    0.3765313303395842, 1e-13);
	for (int i = 0; i < MANY; i++) {
		squares += influence[i] * influence[i];
		sum += influence[i];
	}
	assert_near(sqrt(squares) / MANY, 0.036897005396970876, 1e-7);
	assert_true(fabs(sum) < 1e-9);
	struct paired_test test = paired_average_precision(few_first, few_second, few_labels, FEW);
	assert_near(test.statistic, 1.5087579928930757, 1e-7);
	test = paired_average_precision(rows.first, rows.second, rows.labels, MANY);
	assert_near(test.difference, 0.17039242379940828, 1e-12);
	assert_near(test.statistic, 4.135593612639089, 1e-7);
	assert_near(test.p_value, 3.5403825059226634e-05, 1e-6);
}

/* Rows of normal log-odds: the first so far apart, the second by `more` more and partly of noise of
 * its own. `steps` > 0 makes ties. */
static void
draw(double *first, double *second, int8_t *labels, size_t n, double share, double shift,
    double more, double steps)
{
	for (size_t i = 0; i < n; i++) {
		labels[i] = rng_uniform(&rng) < share;
		double common = rng_normal(&rng);
		first[i] = 0.8 * common + 0.6 * rng_normal(&rng) + shift * labels[i];
		second[i] = 0.8 * common + 0.6 * rng_normal(&rng) + (shift + more) * labels[i];
		if (steps > 0) {
			first[i] = floor(first[i] * steps) / steps;
			second[i] = floor(second[i] * steps) / steps;
		}
	}
}

/* Against scores that are all alike the other side has neither area nor variance to add. */
static void
each_side_has_the_variance_of_quality_rank(void **state)
{
	(void)state;
	double first[400], second[400];
	int8_t labels[400];
	for (int round = 0; round < 60; round++) {
		size_t n = 250 + rng_below(&rng, 150);
		draw(first, second, labels, n, 0.2 + 0.005 * round, 0.9, 0, round % 2 ? 4 : 0);
		for (size_t i = 0; i < n; i++)
			second[i] = 0.25;
		struct quality_rank rank = quality_rank_exact(first, labels, n);
		struct paired_test test = paired_delong(second, first, labels, n);
		struct interval of = rank.roc_auc_interval;
		double slope = rank.roc_auc * (1 - rank.roc_auc);
		double half = (log(of.high / (1 - of.high)) - log(of.low / (1 - of.low))) / 2;
		assert_near(test.difference, rank.roc_auc - 0.5, 1e-10);
		assert_near(test.interval.high - test.difference, half * slope, 1e-9);
	}
}

static void
turning_the_sides_turns_the_sign_and_nothing_else(void **state)
{
	(void)state;
	static double first[3000], second[3000];
	static int8_t labels[3000];
	draw(first, second, labels, 3000, 0.1, 1, 0.3, 8);
	struct paired_test (*const tests[])(const double *, const double *, const int8_t *,
	    size_t) = {paired_delong, paired_average_precision};
	for (size_t i = 0; i < 2; i++) {
		struct paired_test a = tests[i](first, second, labels, 3000);
		struct paired_test b = tests[i](second, first, labels, 3000);
		assert_true(a.difference == -b.difference && a.statistic == -b.statistic);
		assert_true(a.p_value == b.p_value && a.interval.low == -b.interval.high);
		struct paired_test same = tests[i](first, first, labels, 3000);
		assert_true(same.difference == 0 && same.p_value == 1 && same.interval.high == 0);
	}
}

static void
rows_that_cannot_be_used_are_left_out(void **state)
{
	(void)state;
	double first[FEW + 4], second[FEW + 4];
	int8_t labels[FEW + 4] = {0, -1, 1, 5};
	memcpy(first + 4, few_first, sizeof(few_first));
	memcpy(second + 4, few_second, sizeof(few_second));
	memcpy(labels + 4, few_labels, sizeof(few_labels));
	first[0] = first[1] = first[3] = second[1] = second[2] = second[3] = 0.5;
	second[0] = first[2] = NAN;
	struct paired_test with = paired_delong(first, second, labels, FEW + 4);
	struct paired_test without = paired_delong(few_first, few_second, few_labels, FEW);
	assert_true(with.statistic == without.statistic && with.difference == without.difference);
	with = paired_average_precision(first, second, labels, FEW + 4);
	without = paired_average_precision(few_first, few_second, few_labels, FEW);
	assert_true(with.statistic == without.statistic && with.difference == without.difference);
}

static void
one_class_alone_is_undefined(void **state)
{
	(void)state;
	static const int8_t ones[FEW] = {1, 1, 1}, one[] = {1, 1, 1}, none[FEW] = {0};
	struct paired_test tests[] = {paired_delong(few_first, few_second, one, 3),
	    paired_delong(few_first, few_second, none, FEW),
	    paired_delong(few_first, few_second, ones, 0),
	    paired_average_precision(few_first, few_second, one, 3),
	    paired_average_precision(few_first, few_second, none, FEW)};
	for (size_t i = 0; i < 5; i++)
		assert_true(isnan(tests[i].p_value) && isnan(tests[i].interval.high));
	assert_true(isnan(average_precision_interval(few_first, none, FEW).low));
	assert_true(isnan(average_precision_interval(few_first, one, 3).low));
	/* A single positive: a difference without a variance. */
	int8_t single[FEW] = {[6] = 1};
	struct paired_test test = paired_delong(few_first, few_second, single, FEW);
	assert_true(!isnan(test.difference) && isnan(test.p_value));
}

/* How often the two tests at 5 % tell two scores apart. */
static void
rejections(double more, size_t times, double *area, double *precision)
{
	enum { ROWS = 1500 };
	static double first[ROWS], second[ROWS];
	static int8_t labels[ROWS];
	*area = *precision = 0;
	for (size_t t = 0; t < times; t++) {
		draw(first, second, labels, ROWS, 0.1, 1.5, more, 0);
		*area += paired_delong(first, second, labels, ROWS).p_value < 0.05;
		*precision += paired_average_precision(first, second, labels, ROWS).p_value < 0.05;
	}
	*area /= (double)times;
	*precision /= (double)times;
	print_message("%.1f apart: DeLong tells in %.3f, average precision in %.3f\n", more, *area,
	    *precision);
}

static void
equal_models_are_told_apart_in_one_case_of_twenty(void **state)
{
	(void)state;
	double area, precision;
	rejections(0, 1500, &area, &precision);
	assert_true(area > 0.03 && area < 0.07);
	assert_true(precision > 0.03 && precision < 0.075);
	rejections(0.5, 200, &area, &precision);
	assert_true(area > 0.9 && precision > 0.8);
}

/* The truth from so many rows that its own error is small beside the intervals. */
static double
cover(size_t n, double share, double shift, size_t times)
{
	enum { TRUTH = 1000000 };
	double *scores = mem_grow(NULL, 2 * TRUTH, sizeof(*scores)), held = 0, width = 0;
	int8_t *labels = mem_alloc(TRUTH);
	draw(scores, scores + TRUTH, labels, TRUTH, share, shift, 0, 0);
	double truth = quality_rank_exact(scores, labels, TRUTH).average_precision;
	for (size_t t = 0; t < times; t++) {
		draw(scores, scores + TRUTH, labels, n, share, shift, 0, 0);
		struct interval interval = average_precision_interval(scores, labels, n);
		held += interval.low <= truth && truth <= interval.high;
		width += interval.high - interval.low;
	}
	held /= (double)times;
	print_message("average precision %.3f, %.0f of %zu: held %.4f, width %.3f\n", truth,
	    share * (double)n, n, held, width / (double)times);
	free(scores);
	free(labels);
	return held;
}

static void
intervals_hold_the_true_average_precision_as_often_as_they_say(void **state)
{
	(void)state;
	double many = cover(5000, 0.1, 2, 1000), few = cover(3000, 0.01, 2.5, 1000);
	double high = cover(2000, 0.2, 3.5, 1000);
	assert_true(many > 0.93 && many < 0.97);
	assert_true(few > 0.92 && few < 0.99); /* few positives: rather too wide */
	assert_true(high > 0.92 && high < 0.97);
}

static void
a_perfect_order_is_not_a_certain_average_precision(void **state)
{
	(void)state;
	static const double scores[] = {0.9, 0.8, 0.7, 0.2, 0.1};
	static const int8_t labels[] = {1, 1, 1, 0, 0};
	struct interval interval = average_precision_interval(scores, labels, 5);
	assert_true(interval.high == 1 && interval.low > 0.3 && interval.low < 0.6);
}

int
main(void)
{
	rng_seed(&rng, 20261121, 4);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mcnemar_is_that_of_statsmodels),
	    cmocka_unit_test(the_interval_of_accuracies_is_tangos),
	    cmocka_unit_test(mcnemar_of_nothing_or_of_too_much_is_undefined),
	    cmocka_unit_test(delong_is_that_of_sun_and_xu),
	    cmocka_unit_test(average_precision_moves_as_its_derivative_says),
	    cmocka_unit_test(each_side_has_the_variance_of_quality_rank),
	    cmocka_unit_test(turning_the_sides_turns_the_sign_and_nothing_else),
	    cmocka_unit_test(rows_that_cannot_be_used_are_left_out),
	    cmocka_unit_test(one_class_alone_is_undefined),
	    cmocka_unit_test(equal_models_are_told_apart_in_one_case_of_twenty),
	    cmocka_unit_test(intervals_hold_the_true_average_precision_as_often_as_they_say),
	    cmocka_unit_test(a_perfect_order_is_not_a_certain_average_precision),
	};
	return cmocka_run_group_tests_name("paired", tests, NULL, NULL);
}
