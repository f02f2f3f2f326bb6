/* stats_tests.c: chi-square in its forms, the z-test, Anderson-Darling: edges and properties. The
 * known answers are in vectors.c. */
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
#include "core/stats/sort.h"
#include "core/stats/tests.h"

static struct rng rng;

static bool
is_undefined(struct test_result test)
{
	return isnan(test.statistic) && isnan(test.p_value);
}

static void
an_empty_side_is_undefined(void **state)
{
	(void)state;
	double none[3] = {0}, some[3] = {1, 2, 3};
	struct test_result (*const tests[])(const double *, const double *, size_t) = {
	    test_chi2, test_chi2_merged, test_chi2_yates, test_chi2_fit, test_chi2_deequ};
	for (size_t i = 0; i < 5; i++) {
		assert_true(is_undefined(tests[i](none, some, 3)));
		assert_true(is_undefined(tests[i](some, none, 3)));
		assert_true(is_undefined(tests[i](NULL, NULL, 0)));
	}
	assert_true(is_undefined(test_proportions(0, 0, 1, 2)));
	assert_true(is_undefined(test_proportions(1, 2, 0, 0)));
}

static void
rare_bins_are_merged_before_chi_square(void **state)
{
	(void)state;
	double r[] = {1000, 900, 3, 2, 1}, c[] = {500, 450, 1, 2, 0};
	double merged_r[] = {1000, 900, 6}, merged_c[] = {500, 450, 3};
	struct test_result test = test_chi2_merged(r, c, 5);
	struct test_result plain = test_chi2(merged_r, merged_c, 3);
	assert_true(test.dof == 2);
	assert_true(fabs(test.statistic - plain.statistic) < 1e-12);
	assert_true(test_chi2(r, c, 5).dof == 4);
	double two_r[] = {1, 0}, two_c[] = {0, 1};
	assert_true(test_chi2_merged(two_r, two_c, 2).dof == 1);
}

static void
one_category_is_no_drift(void **state)
{
	(void)state;
	double r[] = {0, 7, 0}, c[] = {0, 9, 0};
	assert_true(test_chi2(r, c, 3).p_value == 1);
	assert_true(test_chi2_merged(r, c, 3).dof == 0);
	assert_true(test_chi2_yates(r, c, 3).statistic == 0);
	assert_true(test_chi2_fit(r, c, 3).p_value == 1);
	assert_true(is_undefined(test_chi2_deequ(r, c, 3)));
}

/* Where nothing is rare the merged form is the plain one; sides can be swapped; unused bins do not
 * count; and against a reference of a billion, homogeneity is goodness of fit. */
static void
the_forms_of_chi_square_agree_where_they_must(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		double r[9] = {0}, c[9] = {0}, many[9] = {0};
		for (size_t i = 0; i < 9; i++) {
			r[i] = i == 4 ? 0 : 60 + rng_below(&rng, 200);
			c[i] = i == 4 ? 0 : 60 + rng_below(&rng, 200);
			many[i] = r[i] * 1e9;
		}
		struct test_result plain = test_chi2(r, c, 9);
		assert_true(plain.dof == 7);
		assert_true(fabs(test_chi2_merged(r, c, 9).statistic - plain.statistic) <
			    1e-9 * plain.statistic);
		assert_true(fabs(test_chi2(c, r, 9).statistic - plain.statistic) <
			    1e-12 * (1 + plain.statistic));
		struct test_result fit = test_chi2_fit(r, c, 9);
		assert_true(
		    fabs(test_chi2(many, c, 9).statistic - fit.statistic) < 1e-6 * fit.statistic);
		assert_true(fabs(test_chi2_deequ(r, c, 9).statistic - fit.statistic) <
			    1e-9 * fit.statistic);
		assert_true(test_chi2_yates(r, c, 9).statistic == plain.statistic);
		assert_true(test_chi2_yates(r, c, 2).statistic <= test_chi2(r, c, 2).statistic);
	}
}

static void
a_new_category_is_infinite_to_goodness_of_fit_alone(void **state)
{
	(void)state;
	double r[] = {50, 50, 0}, c[] = {40, 40, 20};
	assert_true(isinf(test_chi2_fit(r, c, 3).statistic) && test_chi2_fit(r, c, 3).p_value == 0);
	assert_true(isfinite(test_chi2(r, c, 3).statistic));
	/* Deequ does not look at it. */
	assert_true(test_chi2_deequ(r, c, 3).statistic == 0);
	assert_true(test_chi2_deequ(r, c, 3).p_value == 1);
}

/* On a 2 x 2 table the square of z is chi-square. */
static void
z_squared_is_chi_square(void **state)
{
	(void)state;
	for (int round = 0; round < 500; round++) {
		double n = 1 + rng_below(&rng, 1000), m = 1 + rng_below(&rng, 1000);
		double j = rng_below(&rng, (uint32_t)n + 1), k = rng_below(&rng, (uint32_t)m + 1);
		struct test_result z = test_proportions(j, n, k, m);
		struct test_result chi2 = test_chi2((double[]){j, n - j}, (double[]){k, m - k}, 2);
		assert_true(
		    fabs(z.statistic * z.statistic - chi2.statistic) < 1e-9 * (1 + chi2.statistic));
		assert_true(fabs(z.p_value - chi2.p_value) < 1e-9);
	}
	assert_true(test_proportions(0, 10, 0, 20).p_value == 1);
	assert_true(test_proportions(10, 10, 20, 20).p_value == 1);
	/* What is missing of nearly all differs as what is there of nearly none. */
	double few = test_proportions(3, 1e9, 9, 1e9).statistic;
	assert_true(fabs(test_proportions(1e9 - 3, 1e9, 1e9 - 9, 1e9).statistic + few) < 1e-14);
}

static struct test_result
anderson(double *a, size_t n, double *b, size_t m, int midrank)
{
	sort_doubles(a, n);
	sort_doubles(b, m);
	return test_anderson(
	    (const double *const[]){a, b}, (const size_t[]){n, m}, 2, midrank, NULL);
}

static void
anderson_darling_is_undefined_without_a_difference_to_find(void **state)
{
	(void)state;
	double same[] = {4, 4, 4}, more[] = {4, 4}, one[] = {1}, two[] = {2, 3};
	assert_true(is_undefined(anderson(same, 3, more, 2, 1)));
	assert_true(is_undefined(anderson(same, 3, more, 0, 1)));
	assert_true(is_undefined(anderson(one, 1, two, 2, 0)));
	assert_true(is_undefined(
	    test_anderson((const double *const[]){two}, (const size_t[]){2}, 1, 1, NULL)));
}

/* Ranks alone count: any rising change of scale leaves the statistic as it is. */
static void
anderson_darling_depends_on_ranks_alone(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		double a[60], b[45], ea[60], eb[45];
		for (size_t i = 0; i < 60; i++)
			ea[i] = exp(a[i] = floor(4 * rng_normal(&rng)) / 4);
		for (size_t i = 0; i < 45; i++)
			eb[i] = exp(b[i] = floor(4 * rng_normal(&rng) + round % 3) / 4);
		double plain = anderson(a, 60, b, 45, round % 2).statistic;
		assert_true(anderson(ea, 60, eb, 45, round % 2).statistic == plain);
		double swapped = anderson(b, 45, a, 60, round % 2).statistic;
		assert_true(fabs(swapped - plain) < 1e-9);
	}
}

static void
anderson_darling_says_when_it_is_off_its_table(void **state)
{
	(void)state;
	double a[200], near[200], far[200];
	for (size_t i = 0; i < 200; i++) {
		a[i] = (double)i;
		near[i] = (double)i + 0.5;
		far[i] = (double)i + 150;
	}
	assert_string_equal(test_anderson_mark(anderson(a, 200, near, 200, 1).p_value), ">");
	assert_string_equal(test_anderson_mark(anderson(a, 200, far, 200, 1).p_value), "<");
	assert_string_equal(test_anderson_mark(0.07), "");
}

/* Its level holds: about 5 % of pairs without a difference fall under the 5 % value. */
static void
anderson_darling_holds_its_level(void **state)
{
	(void)state;
	enum { ROUNDS = 2000 };
	int fell = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double a[80], b[60];
		for (size_t i = 0; i < 80; i++)
			a[i] = rng_normal(&rng);
		for (size_t i = 0; i < 60; i++)
			b[i] = rng_normal(&rng);
		fell += anderson(a, 80, b, 60, 1).p_value < 0.05;
	}
	assert_in_range(fell, ROUNDS * 35 / 1000, ROUNDS * 67 / 1000);
}

int
main(void)
{
	rng_seed(&rng, 20260302, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_side_is_undefined),
	    cmocka_unit_test(rare_bins_are_merged_before_chi_square),
	    cmocka_unit_test(one_category_is_no_drift),
	    cmocka_unit_test(the_forms_of_chi_square_agree_where_they_must),
	    cmocka_unit_test(a_new_category_is_infinite_to_goodness_of_fit_alone),
	    cmocka_unit_test(z_squared_is_chi_square),
	    cmocka_unit_test(anderson_darling_is_undefined_without_a_difference_to_find),
	    cmocka_unit_test(anderson_darling_depends_on_ranks_alone),
	    cmocka_unit_test(anderson_darling_says_when_it_is_off_its_table),
	    cmocka_unit_test(anderson_darling_holds_its_level),
	};
	return cmocka_run_group_tests_name("stats_tests", tests, NULL, NULL);
}
