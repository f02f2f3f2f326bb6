/* quality_cut.c: what bins say of any threshold and of the score histograms holds what the rows
 * say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/rng.h"
#include "core/stats/quality_cut.h"

enum { MOST = 2000 };

static struct rng rng;
static double scores[MOST];
static int8_t labels[MOST];
static struct quality_scores bins;

static void
draw(size_t n, int round)
{
	memset(&bins, 0, sizeof(bins));
	for (size_t i = 0; i < n; i++) {
		labels[i] = rng_uniform(&rng) < (round % 5 == 4 ? 0 : 0.2);
		double odds = rng_normal(&rng) * 4 - 3 + 2 * labels[i];
		scores[i] = 1 / (1 + exp(-odds));
		if (round % 3 == 1)
			scores[i] = floor(scores[i] * 10) / 10;
		if (round % 7 == 3)
			scores[i] = rng_uniform(&rng) < 0.5 ? 0 : 1;
		(labels[i] ? bins.positives : bins.negatives)[quality_bin(scores[i])]++;
	}
}

static void
assert_holds(const struct quality_bound *bound, double exact)
{
	assert_true(bound->low <= bound->value + 1e-9 && bound->value <= bound->high + 1e-9);
	if (!isnan(exact) && !isnan(bound->value))
		assert_true(bound->low - 1e-12 <= exact && exact <= bound->high + 1e-12);
}

static void
assert_cut_holds(size_t n, double threshold)
{
	struct quality_cut cut = quality_at_threshold(&bins, threshold);
	struct quality_confusion c = quality_confusion_at(scores, labels, n, threshold);
	assert_holds(&cut.tp, (double)c.tp);
	assert_holds(&cut.fp, (double)c.fp);
	assert_holds(&cut.fn, (double)c.fn);
	assert_holds(&cut.tn, (double)c.tn);
	assert_true(fabs(cut.tp.value + cut.fn.value - (double)(c.tp + c.fn)) < 1e-9);
	assert_true(fabs(cut.fp.value + cut.tn.value - (double)(c.fp + c.tn)) < 1e-9);
	const struct {
		struct quality_bound bound;
		double exact;
	} figures[] = {
	    {quality_cut_precision(&cut), quality_precision(&c)},
	    {quality_cut_recall(&cut), quality_recall(&c)},
	    {quality_cut_fpr(&cut), quality_fpr(&c)},
	    {quality_cut_f1(&cut), quality_f1(&c)},
	    {quality_cut_flag_rate(&cut), quality_flag_rate(&c)},
	};
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (!isnan(figures[i].bound.value))
			assert_holds(&figures[i].bound, figures[i].exact);
	}
}

static void
any_threshold_is_bounded_by_the_bin_it_cuts(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		size_t n = 1 + rng_below(&rng, round % 2 ? MOST : 20);
		draw(n, round);
		const double ends[] = {-1, 0, 5e-324, 1e-9, 0.1, 0.5, 1 - 1e-9, 1, 2};
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			assert_cut_holds(n, ends[i]);
		for (int i = 0; i < 50; i++) {
			assert_cut_holds(n, rng_uniform(&rng));
			assert_cut_holds(n, scores[rng_below(&rng, (uint32_t)n)]);
			assert_cut_holds(n, quality_bin_floor(rng_below(&rng, QUALITY_BINS + 1)));
		}
	}
}

static void
beyond_the_scores_all_is_known(void **state)
{
	(void)state;
	draw(500, 0);
	struct quality_cut all = quality_at_threshold(&bins, 0);
	struct quality_cut none = quality_at_threshold(&bins, 1.5);
	assert_true(all.fn.high == 0 && all.tn.high == 0 && all.tp.low == all.tp.high);
	assert_true(none.tp.high == 0 && none.fp.high == 0 && none.tn.low == none.tn.high);
	assert_true(isnan(quality_cut_precision(&none).value));
	assert_true(quality_cut_recall(&none).high == 0);
	assert_true(isnan(quality_at_threshold(&bins, NAN).tp.value));
}

/* A bin is 4.8 % wide in odds, and a threshold hides no more than one of them. */
static void
the_bound_is_narrow_where_scores_are_many(void **state)
{
	(void)state;
	draw(MOST, 0);
	for (double threshold = 0.05; threshold < 1; threshold += 0.05) {
		struct quality_cut cut = quality_at_threshold(&bins, threshold);
		struct quality_bound rate = quality_cut_flag_rate(&cut);
		assert_true(rate.high - rate.low < 0.02);
	}
}

static void
a_figure_falls_as_the_threshold_rises(void **state)
{
	(void)state;
	draw(MOST, 0);
	double last = 2;
	for (double threshold = 0; threshold < 1.01; threshold += 0.0007) {
		struct quality_cut cut = quality_at_threshold(&bins, threshold);
		double recall = quality_cut_recall(&cut).value;
		assert_true(recall <= last + 1e-12);
		last = recall;
	}
	assert_true(last == 0);
}

static void
bars_from_bins_hold_the_bars_of_the_rows(void **state)
{
	(void)state;
	for (int round = 0; round < 30; round++) {
		size_t n = 1 + rng_below(&rng, MOST);
		draw(n, round);
		struct quality_bars exact = quality_bars_of(scores, labels, n);
		struct quality_bars_bound binned = quality_bars_binned(&bins);
		uint64_t rows = 0;
		double value = 0;
		for (size_t i = 0; i < QUALITY_BARS; i++) {
			assert_holds(&binned.positives[i], (double)exact.positives[i]);
			assert_holds(&binned.negatives[i], (double)exact.negatives[i]);
			rows += exact.positives[i] + exact.negatives[i];
			value += binned.positives[i].value + binned.negatives[i].value;
		}
		assert_int_equal(rows, n);
		assert_true(fabs(value - (double)n) < 1e-6);
	}
}

static void
an_interval_is_wilsons_beyond_what_the_bin_hides(void **state)
{
	(void)state;
	struct interval exact = quality_cut_interval((struct quality_bound){0.9, 0.9, 0.9}, 100);
	struct interval wilson = proportion_wilson(90, 100);
	assert_true(exact.low == wilson.low && exact.high == wilson.high);
	struct interval hidden = quality_cut_interval((struct quality_bound){0.9, 0.8, 0.95}, 100);
	assert_true(hidden.low == proportion_wilson(80, 100).low);
	assert_true(hidden.high == proportion_wilson(95, 100).high);
	assert_true(isnan(quality_cut_interval((struct quality_bound){NAN, NAN, NAN}, 10).low));
	assert_true(isnan(quality_cut_interval((struct quality_bound){0.5, 0, 1}, 0).low));
}

static void
a_bar_begins_at_its_edge(void **state)
{
	(void)state;
	double edges[] = {0, 0.1, 0.3, 0.7, 0.9, 1, 0.29999999999999993, 1.5, -1, NAN, 0.5};
	int8_t truth[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1};
	struct quality_bars bars = quality_bars_of(edges, truth, 11);
	const uint64_t expected[QUALITY_BARS] = {2, 1, 1, 1, 0, 0, 0, 1, 0, 3};
	assert_memory_equal(bars.positives, expected, sizeof(expected));
}

int
main(void)
{
	rng_seed(&rng, 11, 7);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_threshold_is_bounded_by_the_bin_it_cuts),
	    cmocka_unit_test(beyond_the_scores_all_is_known),
	    cmocka_unit_test(the_bound_is_narrow_where_scores_are_many),
	    cmocka_unit_test(a_figure_falls_as_the_threshold_rises),
	    cmocka_unit_test(bars_from_bins_hold_the_bars_of_the_rows),
	    cmocka_unit_test(an_interval_is_wilsons_beyond_what_the_bin_hides),
	    cmocka_unit_test(a_bar_begins_at_its_edge),
	};
	return cmocka_run_group_tests_name("quality_cut", tests, NULL, NULL);
}
