/* stats_compat.c: which test another tool chooses, on which bins, and when it calls that a drift.
 * The known answers of its figures are in vectors.c. */
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
#include "core/stats/compat.h"
#include "core/stats/divergence.h"
#include "core/stats/moments.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"
#include "core/stats/wasserstein.h"

static struct rng rng;

enum { MOST = 3000 };
static double a[MOST], b[MOST];

static void
draw_sorted(double *values, size_t n, double shift)
{
	for (size_t i = 0; i < n; i++)
		values[i] = rng_normal(&rng) + shift;
	sort_doubles(values, n);
}

static void
draw_few(double *values, size_t n, uint32_t distinct)
{
	for (size_t i = 0; i < n; i++)
		values[i] = (double)(i % distinct);
	sort_doubles(values, n);
}

static void
tools_go_by_their_names(void **state)
{
	(void)state;
	enum compat_tool tool;
	for (int i = COMPAT_NONE; i <= COMPAT_SAGEMAKER; i++) {
		assert_true(compat_parse(compat_name((enum compat_tool)i), &tool));
		assert_int_equal(tool, i);
	}
	assert_false(compat_parse("Evidently", &tool));
	assert_false(compat_parse("", &tool));
}

static struct compat_verdict
evidently(size_t n, size_t m)
{
	return compat_numeric(COMPAT_EVIDENTLY, a, n, b, m);
}

static void
evidently_chooses_by_reference_rows_and_distinct_values(void **state)
{
	(void)state;
	static const struct {
		size_t n;
		uint32_t distinct;
		const char *test;
	} cases[] = {{1000, 2, "z"}, {1000, 3, "chisquare"}, {1000, 5, "chisquare"},
	    {1000, 6, "ks"}, {1001, 2, "jensenshannon"}, {1001, 5, "jensenshannon"},
	    {1001, 6, "wasserstein"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		draw_few(a, cases[i].n, cases[i].distinct);
		draw_few(b, MOST, cases[i].distinct);
		struct compat_verdict verdict = evidently(cases[i].n, MOST);
		assert_string_equal(verdict.test, cases[i].test);
		assert_true(verdict.value_is_p == (cases[i].n == 1000));
		assert_true(verdict.threshold == (cases[i].n == 1000 ? 0.05 : 0.1));
		assert_int_equal(verdict.drifted, 0);
	}
}

static void
evidently_measures_what_its_tests_are(void **state)
{
	(void)state;
	draw_sorted(a, 900, 0);
	draw_sorted(b, 700, 0.4);
	double d = test_ks(a, 900, b, 700).statistic;
	assert_true(evidently(900, 700).value == test_ks_exact_p(d, 900, 700));
	assert_int_equal(evidently(900, 700).drifted, 1);
	draw_sorted(a, MOST, 0);
	double distance = wasserstein(a, MOST, b, 700) / moments_of(a, MOST).deviation;
	assert_true(fabs(evidently(MOST, 700).value - distance) < 1e-12);
	assert_int_equal(evidently(MOST, 700).drifted, 1);
	assert_int_equal(evidently(0, 700).drifted, -1);
	assert_true(isnan(evidently(MOST, 0).value));
}

static void
evidently_takes_counts_of_categories(void **state)
{
	(void)state;
	double small[3] = {300, 300, 300}, same[3] = {100, 100, 100}, other[3] = {100, 150, 50};
	double two[3] = {450, 0, 450}, many[3] = {3000, 3000, 3000}, none[3] = {0};
	struct compat_verdict v = compat_categorical(COMPAT_EVIDENTLY, small, other, 3);
	assert_string_equal(v.test, "chisquare");
	assert_int_equal(v.drifted, 1);
	assert_int_equal(compat_categorical(COMPAT_EVIDENTLY, small, same, 3).drifted, 0);
	v = compat_categorical(COMPAT_EVIDENTLY, two, two, 3);
	assert_string_equal(v.test, "z");
	assert_true(v.value == 1 && v.drifted == 0);
	v = compat_categorical(COMPAT_EVIDENTLY, many, other, 3);
	assert_string_equal(v.test, "jensenshannon");
	assert_true(fabs(v.value - sqrt(divergence_js(many, other, 3))) < 1e-15);
	assert_int_equal(compat_categorical(COMPAT_EVIDENTLY, many, none, 3).drifted, -1);
	assert_int_equal(compat_categorical(COMPAT_EVIDENTLY, NULL, NULL, 0).drifted, -1);
}

static void
nannyml_has_a_distance_and_no_limit_of_its_own_here(void **state)
{
	(void)state;
	draw_sorted(a, MOST, 0);
	draw_sorted(b, 500, 2);
	struct compat_verdict v = compat_numeric(COMPAT_NANNYML, a, MOST, b, 500);
	assert_string_equal(v.test, "jensen_shannon");
	assert_true(v.value > 0.5 && v.value < 1 && isnan(v.threshold) && v.drifted == -1);
	/* Nothing of the current side within the reference. */
	draw_sorted(b, 500, 100);
	assert_true(fabs(compat_numeric(COMPAT_NANNYML, a, MOST, b, 500).value - 1) < 1e-12);
}

static void
sagemaker_takes_chance_off_the_largest_gap(void **state)
{
	(void)state;
	draw_sorted(a, MOST, 0);
	draw_sorted(b, MOST, 1);
	struct compat_verdict v = compat_numeric(COMPAT_SAGEMAKER, a, MOST, b, MOST);
	double d = test_ks(a, MOST, b, MOST).statistic;
	assert_true(fabs(v.value - (d - 1.8 * sqrt(2.0 / MOST))) < 1e-12);
	assert_int_equal(v.drifted, 1);
	assert_int_equal(compat_numeric(COMPAT_SAGEMAKER, a, MOST, a, MOST).drifted, 0);
	double r[2] = {10, 90}, c[2] = {100, 0};
	v = compat_categorical(COMPAT_SAGEMAKER, r, c, 2);
	assert_true(fabs(v.value - (0.9 - 1.8 * sqrt(0.02))) < 1e-12);
}

static double
sum(const double *counts, size_t n)
{
	double total = 0;
	for (size_t i = 0; i < n; i++)
		total += counts[i];
	return total;
}

static void
every_value_is_in_a_bin_or_outside(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t n = 1 + rng_below(&rng, 400), m = 1 + rng_below(&rng, 400);
		struct compat_bins bins;
		draw_sorted(a, n, 0);
		draw_sorted(b, m, 0.1 * (round % 20));
		compat_bins_evidently(&bins, a, n, b, m);
		assert_true(bins.of_values == (n <= 20));
		assert_true(sum(bins.reference, bins.count) == (double)n);
		assert_true(sum(bins.current, bins.count) == (double)m);
		compat_bins_free(&bins);
		compat_bins_nannyml(&bins, a, n, b, m);
		assert_true(sum(bins.reference, bins.count) == (double)n);
		assert_true(sum(bins.current, bins.count) + bins.current_outside == (double)m);
		assert_true(bins.edges[0] <= a[0] && bins.edges[bins.count] >= a[n - 1]);
		compat_bins_free(&bins);
	}
}

static void
a_constant_reference_has_one_bin(void **state)
{
	(void)state;
	double same[5] = {3, 3, 3, 3, 3}, moved[2] = {3.4, 4};
	struct compat_bins bins;
	compat_bins_nannyml(&bins, same, 5, moved, 2);
	assert_int_equal(bins.count, 1);
	assert_true(bins.edges[0] == 2.5 && bins.edges[1] == 3.5);
	assert_true(bins.reference[0] == 5 && bins.current[0] == 1 && bins.current_outside == 1);
	assert_true(compat_bins_hellinger(&bins) > 0);
	compat_bins_free(&bins);
	compat_bins_nannyml(&bins, same, 5, NULL, 0);
	assert_true(bins.count == 0 && isnan(compat_bins_js_distance(&bins)));
	compat_bins_free(&bins);
}

static void
a_limit_is_so_many_deviations_from_its_offset(void **state)
{
	(void)state;
	double values[] = {4, NAN, 1, 1, 2}, low, high;
	static const double offsets[] = {2, 1.5, 1, 4};
	for (int i = COMPAT_OFFSET_MEAN; i <= COMPAT_OFFSET_MAX; i++) {
		compat_sd_threshold(values, 5, (enum compat_offset)i, 2, NAN, &low, &high);
		assert_true(fabs(low - (offsets[i] - 2 * sqrt(1.5))) < 1e-12 && isnan(high));
		compat_sd_threshold(values, 5, (enum compat_offset)i, NAN, 3, &low, &high);
		assert_true(fabs(high - (offsets[i] + 3 * sqrt(1.5))) < 1e-12 && isnan(low));
	}
	compat_sd_threshold(NULL, 0, COMPAT_OFFSET_MIN, 1, 1, &low, &high);
	assert_true(isnan(low) && isnan(high));
	compat_sd_threshold((double[]){1e200, -1e200}, 2, COMPAT_OFFSET_MEAN, 1, 2, &low, &high);
	assert_true(fabs(low / -1e200 - 1) < 1e-15 && fabs(high / 2e200 - 1) < 1e-15);
}

static void
bins_do_not_depend_on_the_unit(void **state)
{
	(void)state;
	double values[300], huge[300];
	for (size_t i = 0; i < 300; i++) {
		values[i] = exp(3 * rng_uniform(&rng));
		huge[i] = values[i] * 0x1p700;
	}
	sort_doubles(values, 300);
	sort_doubles(huge, 300);
	struct compat_bins bins, of_huge;
	compat_bins_nannyml(&bins, values, 200, values + 100, 200);
	compat_bins_nannyml(&of_huge, huge, 200, huge + 100, 200);
	assert_int_equal(bins.count, of_huge.count);
	for (size_t i = 0; i < bins.count; i++)
		assert_true(bins.reference[i] == of_huge.reference[i]);
	assert_true(compat_bins_hellinger(&bins) == compat_bins_hellinger(&of_huge));
	compat_bins_free(&bins);
	compat_bins_free(&of_huge);
}

int
main(void)
{
	rng_seed(&rng, 20260302, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tools_go_by_their_names),
	    cmocka_unit_test(evidently_chooses_by_reference_rows_and_distinct_values),
	    cmocka_unit_test(evidently_measures_what_its_tests_are),
	    cmocka_unit_test(evidently_takes_counts_of_categories),
	    cmocka_unit_test(nannyml_has_a_distance_and_no_limit_of_its_own_here),
	    cmocka_unit_test(sagemaker_takes_chance_off_the_largest_gap),
	    cmocka_unit_test(every_value_is_in_a_bin_or_outside),
	    cmocka_unit_test(a_constant_reference_has_one_bin),
	    cmocka_unit_test(a_limit_is_so_many_deviations_from_its_offset),
	    cmocka_unit_test(bins_do_not_depend_on_the_unit),
	};
	return cmocka_run_group_tests_name("stats_compat", tests, NULL, NULL);
}
