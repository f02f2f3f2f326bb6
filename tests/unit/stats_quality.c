/* stats_quality.c: the bounds of binned AUC and average precision hold the exact ones, whatever the
 * data. The known answers are in vectors.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/quality.h"

static struct rng rng;

/* --- quality --- */

static void
check_bounds(const double *scores, const int8_t *labels, size_t n)
{
	uint64_t positives[QUALITY_BINS] = {0}, negatives[QUALITY_BINS] = {0};
	for (size_t i = 0; i < n; i++) {
		size_t bin = quality_bin(scores[i]);
		assert_true(bin < QUALITY_BINS);
		(labels[i] ? positives : negatives)[bin]++;
	}
	struct quality_rank exact = quality_rank_exact(scores, labels, n);
	struct quality_rank binned = quality_rank_binned(positives, negatives, QUALITY_BINS);
	assert_int_equal(isnan(exact.roc_auc), isnan(binned.roc_auc));
	assert_int_equal(isnan(exact.average_precision), isnan(binned.average_precision));
	if (!isnan(exact.roc_auc)) {
		assert_true(binned.roc_auc_binning.low <= exact.roc_auc + 1e-12);
		assert_true(binned.roc_auc_binning.high >= exact.roc_auc - 1e-12);
		assert_true(binned.roc_auc >= binned.roc_auc_binning.low);
		assert_true(binned.roc_auc <= binned.roc_auc_binning.high);
	}
	if (isnan(exact.average_precision))
		return;
	assert_true(binned.average_precision_binning.low <= exact.average_precision + 1e-12);
	assert_true(binned.average_precision_binning.high >= exact.average_precision - 1e-12);
	assert_true(binned.average_precision >= binned.average_precision_binning.low - 1e-12);
	assert_true(binned.average_precision <= binned.average_precision_binning.high + 1e-12);
}

static void
binned_auc_and_average_precision_bound_the_exact_ones(void **state)
{
	(void)state;
	enum { MOST = 4000 };
	double *scores = mem_alloc(MOST * sizeof(*scores));
	int8_t *labels = mem_alloc(MOST);
	for (int round = 0; round < 300; round++) {
		size_t n = 1 + rng_below(&rng, round % 2 ? MOST : 30);
		double rate = rng_uniform(&rng);
		rate = round % 7 == 0 ? 0 : round % 11 == 0 ? 1 : rate * rate * rate;
		for (size_t i = 0; i < n; i++) {
			labels[i] = rng_uniform(&rng) < rate;
			double odds = rng_normal(&rng) * 3 - 4 + 3 * labels[i];
			scores[i] = 1 / (1 + exp(-odds));
			if (round % 3 == 1) /* ties */
				scores[i] = floor(scores[i] * 20) / 20;
			if (round % 5 == 4) /* all equal */
				scores[i] = 0.25;
			if (round % 13 == 3) /* all within one bin, not tied */
				scores[i] = 0.25 + 1e-6 * scores[i];
		}
		check_bounds(scores, labels, n);
	}
	free(scores);
	free(labels);
}

/* With many positives a bin the harmonic series takes its closed form; counted out here. */
static void
the_lowest_average_precision_of_large_bins_is_exact(void **state)
{
	(void)state;
	uint64_t positives[3] = {5000, 100, 20000}, negatives[3] = {90000, 7, 300};
	double sum = 0;
	uint64_t tp = 0, fp = 0;
	for (size_t i = 3; i-- > 0;) {
		fp += negatives[i];
		for (uint64_t k = 0; k < positives[i]; k++) {
			tp++;
			sum += (double)tp / (double)(tp + fp);
		}
	}
	struct quality_rank rank = quality_rank_binned(positives, negatives, 3);
	assert_true(fabs(rank.average_precision_binning.low - sum / (double)tp) < 1e-12);
}

static void
quality_bins_are_in_the_order_of_the_scores(void **state)
{
	(void)state;
	size_t last = 0;
	for (double odds = -40; odds < 40; odds += 0.003) {
		size_t bin = quality_bin(1 / (1 + exp(-odds)));
		assert_true(bin >= last && bin <= last + 1);
		last = bin;
	}
	assert_int_equal(last, QUALITY_BINS - 1);
	assert_int_equal(quality_bin(0), 0);
	assert_int_equal(quality_bin(1), QUALITY_BINS - 1);
	assert_int_equal(quality_bin(-3), 0);
	assert_int_equal(quality_bin(NAN), 0);
	assert_int_equal(quality_bin(5e-324), 0);
}

static size_t
bin_by_the_logarithm(double score)
{
	double place = (log(score / (1 - score)) + 12) * ((QUALITY_BINS - 2) / 24.0);
	return place < 0 ? 0 : place >= QUALITY_BINS - 2 ? QUALITY_BINS - 1 : 1 + (size_t)place;
}

/* However it is found: right at the borders, and anywhere. */
static void
the_bin_is_that_of_the_logarithm(void **state)
{
	(void)state;
	for (size_t i = 1; i < QUALITY_BINS; i++) {
		double score = quality_bin_floor(i) * (1 - 40 * DBL_EPSILON);
		for (int step = 0; step < 80; step++, score = nextafter(score, 1))
			assert_int_equal(quality_bin(score), bin_by_the_logarithm(score));
	}
	for (int i = 0; i < 1000000; i++) {
		double score = 1 / (1 + exp(30 - 60 * rng_uniform(&rng)));
		if (score < 1)
			assert_int_equal(quality_bin(score), bin_by_the_logarithm(score));
	}
}

static void
what_cannot_be_known_is_not_a_number(void **state)
{
	(void)state;
	struct quality_confusion none = {0};
	assert_true(isnan(quality_precision(&none)) && isnan(quality_recall(&none)));
	assert_true(isnan(quality_f1(&none)) && isnan(quality_fpr(&none)));
	double scores[3] = {0.1, NAN, 0.9};
	int8_t labels[3] = {-1, 1, -1}; /* nothing that counts */
	assert_true(isnan(quality_rank_exact(scores, labels, 3).roc_auc));
	assert_true(isnan(quality_rank_exact(scores, labels, 3).average_precision));
	assert_true(isnan(quality_brier(scores, labels, 3)));
	assert_true(isnan(quality_log_loss(scores, labels, 3)));
}

int
main(void)
{
	rng_seed(&rng, 20260128, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(binned_auc_and_average_precision_bound_the_exact_ones),
	    cmocka_unit_test(the_lowest_average_precision_of_large_bins_is_exact),
	    cmocka_unit_test(quality_bins_are_in_the_order_of_the_scores),
	    cmocka_unit_test(the_bin_is_that_of_the_logarithm),
	    cmocka_unit_test(what_cannot_be_known_is_not_a_number),
	};
	return cmocka_run_group_tests_name("stats_quality", tests, NULL, NULL);
}
