/* cbpe.c: estimates against those worked out by hand, and bands against labels drawn from the very
 * probabilities: that is what they promise to hold. */
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
#include "core/stats/cbpe.h"
#include "core/stats/quality.h"

static struct rng rng;

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void
six_rows_are_as_worked_out_by_hand(void **state)
{
	(void)state;
	double p[] = {0.9, 0.8, 0.6, 0.4, 0.2, 0.1};
	struct cbpe sums = {0};
	for (size_t i = 0; i < 6; i++)
		cbpe_add(&sums, p[i], p[i] >= 0.5);
	assert_true(near(sums.tp, 2.3) && near(sums.fp, 0.7));
	assert_true(near(sums.fn, 0.7) && near(sums.tn, 2.3));
	assert_true(near(cbpe_precision(&sums).value, 2.3 / 3));
	assert_true(near(cbpe_recall(&sums).value, 2.3 / 3));
	assert_true(near(cbpe_fpr(&sums).value, 0.7 / 3));
	assert_true(near(cbpe_f1(&sums), 2.3 / 3) && near(cbpe_accuracy(&sums), 2.3 / 3));
	assert_true(near(cbpe_specificity(&sums), 2.3 / 3));
	struct cbpe_rank rank = cbpe_rank_exact(p, NULL, 6);
	assert_true(near(rank.roc_auc, 7.5 / 9));
	assert_true(fabs(rank.average_precision - 0.7953333333333333) < 1e-12);
	assert_true(near(cbpe_brier(p, 6), (0.09 + 0.16 + 0.24 + 0.24 + 0.16 + 0.09) / 6));
	double half[] = {0.5, 1, 0};
	assert_true(near(cbpe_log_loss(half, 3), log(2) / 3));
}

static void
certain_probabilities_give_the_realised_figures(void **state)
{
	(void)state;
	enum { N = 400 };
	double p[N], scores[N];
	int8_t labels[N];
	for (size_t i = 0; i < N; i++) {
		labels[i] = rng_uniform(&rng) < 0.3;
		p[i] = labels[i];
		scores[i] = floor((rng_uniform(&rng) + 0.3 * labels[i]) * 20) / 26;
	}
	struct cbpe sums = {0};
	for (size_t i = 0; i < N; i++)
		cbpe_add(&sums, p[i], scores[i] >= 0.5);
	struct quality_confusion c = quality_confusion_at(scores, labels, N, 0.5);
	struct cbpe_figure precision = cbpe_precision(&sums);
	assert_true(near(precision.value, quality_precision(&c)));
	assert_true(precision.low == precision.value && precision.high == precision.value);
	assert_true(near(cbpe_recall(&sums).value, quality_recall(&c)));
	assert_true(near(cbpe_f1(&sums), quality_f1(&c)));
	struct quality_rank exact = quality_rank_exact(scores, labels, N);
	struct cbpe_rank rank = cbpe_rank_exact(p, scores, N);
	assert_true(near(rank.roc_auc, exact.roc_auc));
	assert_true(near(rank.average_precision, exact.average_precision));
}

static void
sums_and_bins_give_what_the_rows_give(void **state)
{
	(void)state;
	enum { N = 3000, BINS = 20, PARTS = 5 };
	double p[N], positives[BINS] = {0}, negatives[BINS] = {0};
	struct cbpe whole = {0}, parts[PARTS] = {{0}}, merged = {0};
	for (size_t i = 0; i < N; i++) {
		size_t bin = rng_below(&rng, BINS);
		p[i] = (double)bin / BINS;
		positives[bin] += p[i];
		negatives[bin] += 1 - p[i];
		cbpe_add(&whole, p[i], p[i] >= 0.5);
		cbpe_add(&parts[i % PARTS], p[i], p[i] >= 0.5);
	}
	for (size_t i = 0; i < PARTS; i++)
		cbpe_merge(&merged, &parts[PARTS - 1 - i]);
	assert_int_equal(merged.flagged, whole.flagged);
	assert_int_equal(merged.passed, whole.passed);
	assert_true(near(cbpe_recall(&merged).low, cbpe_recall(&whole).low));
	assert_true(near(cbpe_precision(&merged).high, cbpe_precision(&whole).high));
	struct cbpe_rank rows = cbpe_rank_exact(p, NULL, N);
	struct cbpe_rank bins = cbpe_rank_bins(positives, negatives, BINS);
	assert_true(near(rows.roc_auc, bins.roc_auc));
	assert_true(near(rows.average_precision, bins.average_precision));
}

/* Draws the labels anew `TIMES` times and counts how often each realised figure is in its band. */
static void
assert_bands_hold(const char *name, const double *p, size_t n, double threshold)
{
	enum { TIMES = 2000 };
	struct cbpe sums = {0};
	for (size_t i = 0; i < n; i++)
		cbpe_add(&sums, p[i], p[i] >= threshold);
	const struct cbpe_figure bands[] = {
	    cbpe_precision(&sums), cbpe_recall(&sums), cbpe_fpr(&sums)};
	double held[3] = {0};
	int8_t *labels = mem_alloc(n);
	for (size_t t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < n; i++)
			labels[i] = rng_uniform(&rng) < p[i];
		struct quality_confusion c = quality_confusion_at(p, labels, n, threshold);
		const double realised[] = {
		    quality_precision(&c), quality_recall(&c), quality_fpr(&c)};
		for (size_t i = 0; i < 3; i++)
			held[i] += bands[i].low <= realised[i] && realised[i] <= bands[i].high;
	}
	free(labels);
	print_message("%s: precision %.4f, recall %.4f, fpr %.4f\n", name, held[0] / TIMES,
	    held[1] / TIMES, held[2] / TIMES);
	for (size_t i = 0; i < 3; i++)
		assert_true(held[i] >= 0.93 * TIMES && held[i] <= 0.97 * TIMES);
}

static void
bands_hold_where_the_realised_figures_fall(void **state)
{
	(void)state;
	enum { N = 3000 };
	double *p = mem_alloc(N * sizeof(*p));
	for (size_t i = 0; i < N; i++)
		p[i] = rng_uniform(&rng);
	assert_bands_hold("even", p, N, 0.5);
	for (size_t i = 0; i < N; i++)
		p[i] = pow(rng_uniform(&rng), 6);
	assert_bands_hold("fraud", p, N, 0.5);
	for (size_t i = 0; i < N; i++)
		p[i] = i % 40 == 0 ? 0.3 + 0.6 * rng_uniform(&rng) : 0.01 * rng_uniform(&rng);
	assert_bands_hold("rare", p, N, 0.4);
	free(p);
}

static void
what_is_not_there_is_undefined(void **state)
{
	(void)state;
	struct cbpe none = {0}, passed = {0};
	for (size_t i = 0; i < 5; i++)
		cbpe_add(&passed, 0, 0);
	cbpe_add(&passed, NAN, 1);
	assert_true(isnan(cbpe_precision(&none).value) && isnan(cbpe_recall(&none).low));
	assert_true(isnan(cbpe_f1(&none)) && isnan(cbpe_accuracy(&none)));
	assert_int_equal(passed.flagged, 0);
	assert_true(isnan(cbpe_precision(&passed).value) && isnan(cbpe_precision(&passed).high));
	assert_true(isnan(cbpe_recall(&passed).value) && cbpe_specificity(&passed) == 1);
	struct cbpe_nannyml as = cbpe_as_nannyml(&passed);
	assert_true(as.precision == 0 && as.recall == 0 && as.f1 == 0 && as.accuracy == 1);
	double zeros[] = {0, 0, 0}, ones[] = {1, 1};
	assert_true(isnan(cbpe_rank_exact(zeros, NULL, 3).roc_auc));
	assert_true(isnan(cbpe_rank_exact(zeros, NULL, 3).average_precision));
	assert_true(isnan(cbpe_rank_exact(ones, NULL, 2).roc_auc));
	assert_true(cbpe_rank_exact(ones, NULL, 2).average_precision == 1);
	assert_true(isnan(cbpe_rank_exact(ones, NULL, 0).average_precision));
	assert_true(isnan(cbpe_brier(ones, 0)) && isnan(cbpe_log_loss(ones, 0)));
}

int
main(void)
{
	rng_seed(&rng, 31, 4);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(six_rows_are_as_worked_out_by_hand),
	    cmocka_unit_test(certain_probabilities_give_the_realised_figures),
	    cmocka_unit_test(sums_and_bins_give_what_the_rows_give),
	    cmocka_unit_test(bands_hold_where_the_realised_figures_fall),
	    cmocka_unit_test(what_is_not_there_is_undefined),
	};
	return cmocka_run_group_tests_name("cbpe", tests, NULL, NULL);
}
