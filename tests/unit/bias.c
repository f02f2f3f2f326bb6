/* bias.c: the figures between groups, and how often their intervals hold the truth. */
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
#include "core/stats/bias.h"

static struct rng rng;

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static struct bias_group
group(uint64_t tp, uint64_t fp, uint64_t fn, uint64_t tn)
{
	return (struct bias_group){tp + fp + fn + tn, tp + fp, {tp, fp, tn, fn}};
}

static void
two_groups_are_compared_as_in_the_sagemaker_guide(void **state)
{
	(void)state;
	struct bias_group groups[] = {group(65, 10, 5, 20), group(20, 5, 7, 18)};
	struct bias bias = bias_of(groups, 2, 0);
	assert_true(near(bias.demographic_parity_difference.value, 0.25));
	assert_true(near(bias.disparate_impact.value, 2.0 / 3));
	assert_true(near(bias.equal_opportunity_difference.value, 65.0 / 70 - 20.0 / 27));
	assert_true(near(bias.fpr_difference.value, 10.0 / 30 - 5.0 / 23));
	assert_true(bias.equalized_odds_difference == bias.equal_opportunity_difference.value);
	assert_int_equal(bias.demographic_parity_difference.most, 0);
	assert_int_equal(bias.demographic_parity_difference.least, 1);
	assert_false(bias_four_fifths(&bias));
}

static void
small_groups_and_undefined_rates_are_left_out(void **state)
{
	(void)state;
	struct bias_group groups[] = {
	    group(5, 20, 5, 970), group(8, 60, 2, 930), group(0, 0, 0, 12), group(9, 0, 1, 0)};
	struct bias bias = bias_of(groups, 4, BIAS_LEAST);
	assert_true(near(bias.demographic_parity_difference.value, 0.068 - 0.025));
	assert_int_equal(bias.demographic_parity_difference.most, 1);
	bias = bias_of(groups, 3, 0); /* the third has no positives: no recall */
	assert_true(near(bias.demographic_parity_difference.value, 0.068));
	assert_true(bias.disparate_impact.value == 0 && isnan(bias.disparate_impact.low));
	assert_true(near(bias.equal_opportunity_difference.value, 0.3));
	bias = bias_of(groups, 2, 1001);
	assert_true(isnan(bias.demographic_parity_difference.value));
	assert_true(isnan(bias.disparate_impact.value) && isnan(bias.equalized_odds_difference));
	assert_true(isnan(bias.fpr_difference.low));
	bias = bias_of(groups, 0, 0);
	assert_true(isnan(bias.fpr_difference.value));
}

static void
decisions_count_without_labels(void **state)
{
	(void)state;
	struct bias_group groups[] = {
	    {.decided = 200, .flagged = 50}, {.decided = 300, .flagged = 30}};
	struct bias bias = bias_of(groups, 2, 100);
	assert_true(near(bias.demographic_parity_difference.value, 0.15));
	assert_true(near(bias.disparate_impact.value, 0.4));
	assert_true(isnan(bias.equal_opportunity_difference.value));
	assert_true(isnan(bias.equalized_odds_difference));
}

static void
groups_that_fare_alike_differ_by_nothing(void **state)
{
	(void)state;
	struct bias_group groups[] = {
	    group(10, 10, 10, 70), group(10, 10, 10, 70), group(10, 10, 10, 70)};
	struct bias bias = bias_of(groups, 3, 0);
	assert_true(bias.demographic_parity_difference.value == 0);
	assert_true(bias.disparate_impact.value == 1 && bias_four_fifths(&bias));
	assert_true(bias.fpr_difference.most != bias.fpr_difference.least);
	struct bias_group calm[] = {group(0, 0, 1, 200), group(0, 0, 1, 300)};
	assert_true(isnan(bias_of(calm, 2, 0).disparate_impact.value));
}

static void
an_alarm_needs_the_whole_interval_beyond(void **state)
{
	(void)state;
	struct bias_group few[] = {group(0, 12, 0, 88), group(0, 30, 0, 70)};
	struct bias_group many[] = {group(0, 1200, 0, 8800), group(0, 3000, 0, 7000)};
	struct bias unsure = bias_of(few, 2, 0), sure = bias_of(many, 2, 0);
	assert_true(unsure.demographic_parity_difference.value > 0.1);
	assert_false(bias_above(&unsure.demographic_parity_difference, 0.1));
	assert_true(bias_above(&sure.demographic_parity_difference, 0.1));
	assert_true(bias_below(&sure.disparate_impact, BIAS_FOUR_FIFTHS));
	struct bias none = bias_of(few, 0, 0);
	assert_false(bias_above(&none.fpr_difference, 0) || bias_below(&none.disparate_impact, 1));
}

/* Rows of which a fifth are positive, flagged as often as the two rates say. */
static struct bias_group
draw(uint64_t n, double recall, double fpr)
{
	struct bias_group drawn = {.decided = n};
	struct quality_confusion *c = &drawn.counts;
	for (; n > 0; n--) {
		bool positive = rng_uniform(&rng) < 0.2;
		bool flagged = rng_uniform(&rng) < (positive ? recall : fpr);
		uint64_t *const cells[2][2] = {{&c->tn, &c->fp}, {&c->fn, &c->tp}};
		++*cells[positive][flagged];
		drawn.flagged += flagged;
	}
	return drawn;
}

static void
intervals_hold_the_true_figures(void **state)
{
	(void)state;
	enum { TIMES = 2000 };
	double held[4] = {0};
	for (int t = 0; t < TIMES; t++) {
		struct bias_group groups[2];
		groups[0] = draw(400, 0.8, 0.12);
		groups[1] = draw(300, 0.55, 0.04);
		struct bias bias = bias_of(groups, 2, BIAS_LEAST);
		const double shares[] = {0.2 * 0.8 + 0.8 * 0.12, 0.2 * 0.55 + 0.8 * 0.04};
		const struct {
			const struct bias_figure *figure;
			double truth;
		} figures[] = {
		    {&bias.demographic_parity_difference, shares[0] - shares[1]},
		    {&bias.disparate_impact, shares[1] / shares[0]},
		    {&bias.equal_opportunity_difference, 0.25},
		    {&bias.fpr_difference, 0.08},
		};
		for (size_t i = 0; i < 4; i++)
			held[i] += figures[i].figure->low <= figures[i].truth &&
				   figures[i].truth <= figures[i].figure->high;
	}
	print_message("parity %.4f, impact %.4f, opportunity %.4f, fpr %.4f\n", held[0] / TIMES,
	    held[1] / TIMES, held[2] / TIMES, held[3] / TIMES);
	for (size_t i = 0; i < 4; i++)
		assert_true(held[i] >= 0.93 * TIMES && held[i] <= 0.975 * TIMES);
}

int
main(void)
{
	rng_seed(&rng, 77, 4);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_groups_are_compared_as_in_the_sagemaker_guide),
	    cmocka_unit_test(small_groups_and_undefined_rates_are_left_out),
	    cmocka_unit_test(decisions_count_without_labels),
	    cmocka_unit_test(groups_that_fare_alike_differ_by_nothing),
	    cmocka_unit_test(an_alarm_needs_the_whole_interval_beyond),
	    cmocka_unit_test(intervals_hold_the_true_figures),
	};
	return cmocka_run_group_tests_name("bias", tests, NULL, NULL);
}
