/* stats_ks.c: the Kolmogorov-Smirnov statistic against its definition, its four p-values against
 * each other, and the tails under them. The known answers are in vectors.c; KS from bins is in
 * stats_bins.c. */
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
#include "core/stats/dist.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"

static struct rng rng;

static void
an_empty_side_is_undefined(void **state)
{
	(void)state;
	double one[1] = {1};
	assert_true(isnan(test_ks(NULL, 0, NULL, 0).statistic));
	assert_true(isnan(test_ks(one, 1, NULL, 0).p_value));
	assert_true(isnan(test_ks_exact_p(0.5, 0, 3)));
	assert_true(isnan(test_ks_limit_p(0.5, 0, 3)));
	assert_true(isnan(test_ks_stephens_p(0.5, 3, 0)));
	assert_true(isnan(test_ks_asymp_p(0.5, 3, 0)));
	assert_true(isnan(test_ks_exact_p(NAN, 3, 3)));
	assert_true(isnan(test_ks_asymp_p(NAN, 3, 3)));
}

/* C(6,3) = 20 orders of 3 against 3: D = 1 in 2 of them, D >= 2/3 in 12. */
static void
small_p_values_count_the_orders(void **state)
{
	(void)state;
	double a[3] = {1, 2, 3}, b[3] = {4, 5, 6}, c[3] = {1, 2, 5}, d[3] = {3, 4, 6};
	assert_true(fabs(test_ks(a, 3, b, 3).p_value - 0.1) < 1e-15);
	assert_true(fabs(test_ks(c, 3, d, 3).p_value - 0.6) < 1e-15);
	assert_true(fabs(test_ks_exact_p(1, 3, 3) - 0.1) < 1e-15);
	/* Between two gaps that can be, the next. */
	assert_true(fabs(test_ks_exact_p(0.5, 3, 3) - 0.6) < 1e-15);
	assert_true(test_ks_exact_p(0, 3, 3) == 1);
	assert_true(test_ks_exact_p(1.01, 3, 3) == 0);
}

static double
share_up_to(const double *values, size_t n, double limit)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += values[i] <= limit;
	return (double)count / (double)n;
}

static double
plain_ks(const double *a, size_t n, const double *b, size_t m)
{
	double most = 0;
	for (size_t i = 0; i < n + m; i++) {
		double at = i < n ? a[i] : b[i - n];
		most = fmax(most, fabs(share_up_to(a, n, at) - share_up_to(b, m, at)));
	}
	return most;
}

static void
the_statistic_is_the_largest_gap_with_any_ties(void **state)
{
	(void)state;
	double a[40], b[40];
	for (int round = 0; round < 4000; round++) {
		size_t n = 1 + rng_below(&rng, 40), m = 1 + rng_below(&rng, 40);
		uint32_t values = 1 + rng_below(&rng, round % 2 ? 4 : 60);
		for (size_t i = 0; i < n; i++)
			a[i] = rng_below(&rng, values);
		for (size_t i = 0; i < m; i++)
			b[i] = rng_below(&rng, values) + round % 3;
		sort_doubles(a, n);
		sort_doubles(b, m);
		struct test_result test = test_ks(a, n, b, m);
		assert_true(fabs(test.statistic - plain_ks(a, n, b, m)) < 1e-12);
		assert_true(test.statistic == test_ks(b, m, a, n).statistic);
		assert_true(test.low == test.statistic && test.high == test.statistic);
		assert_true(fabs(test.p_value - test_ks_exact_p(test.statistic, n, m)) < 1e-12);
		assert_true(test.p_value >= 0 && test.p_value <= 1 + 1e-12);
	}
}

/* METRICS.md 1.4: at 1e5 against 1e5 all within 0.3 %. */
static void
the_p_values_meet_at_many_rows(void **state)
{
	(void)state;
	for (double d = 0.001; d < 0.009; d += 0.0005) {
		double limit = test_ks_limit_p(d, 1e5, 1e5);
		assert_true(fabs(test_ks_stephens_p(d, 1e5, 1e5) - limit) < 0.01 * limit);
		assert_true(fabs(test_ks_asymp_p(d, 1e5, 1e5) - limit) < 0.01 * limit);
	}
	double exact = test_ks_exact_p(0.06, 1000, 1000), limit = test_ks_limit_p(0.06, 1000, 1000);
	assert_true(fabs(exact / limit - 1) < 0.05);
}

/* P(D_1 >= d) = 2 (1 - d), P(D_n >= 1/2n) = 1, and no step where one method hands over to the
 * next. */
static void
the_one_sample_law_falls_from_one_to_nothing(void **state)
{
	(void)state;
	for (double d = 0.5; d < 1; d += 0.01)
		assert_true(fabs(dist_kstwo_sf(d, 1) - 2 * (1 - d)) < 1e-14);
	static const double sizes[] = {1, 2, 3, 10, 140, 141, 1000, 99999, 100001, 1e6};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		double n = sizes[i], last = 1;
		assert_true(dist_kstwo_sf(0.5 / n, n) == 1);
		for (double z = 0.05; z < 6; z += 0.01) {
			double p = dist_kstwo_sf(z / sqrt(n), n);
			assert_true(p >= 0 && p <= last * (1 + 1e-5) + 1e-12);
			assert_true(n < 1000 || fabs(p - dist_kolmogorov_sf(z)) < 0.05);
			last = p;
		}
		assert_true(dist_kstwo_sf(1, n) == 0);
	}
	assert_true(isnan(dist_kstwo_sf(0.5, 0)));
	assert_true(isnan(dist_kstwo_sf(0.5, 2.5)));
	assert_true(isnan(dist_kstwo_sf(NAN, 3)));
}

static void
distributions_refuse_what_is_out_of_range_and_invert_themselves(void **state)
{
	(void)state;
	assert_true(isnan(dist_chi2_sf(-1, 2)));
	assert_true(isnan(dist_chi2_sf(1, 0)));
	assert_true(isnan(dist_chi2_sf(NAN, 1)));
	assert_true(isnan(dist_chi2_sf(1, 1e300)) && isnan(dist_chi2_isf(0.1, INFINITY)));
	assert_true(fabs(dist_chi2_isf(0.5, 1e9) / 1e9 - 1) < 1e-9);
	assert_true(isnan(dist_chi2_isf(1.5, 2)));
	assert_true(isnan(dist_normal_isf(-0.1)));
	assert_true(isnan(dist_normal_isf(NAN)));
	assert_true(isnan(dist_kolmogorov_sf(NAN)));
	assert_true(dist_chi2_sf(INFINITY, 3) == 0);
	assert_true(isinf(dist_chi2_isf(0, 3)));
	assert_true(dist_kolmogorov_sf(1e-320) == 1);
	for (double dof = 1; dof < 1e5; dof = floor(dof * 1.7) + 1) {
		for (double p = 1e-200; p < 0.999; p = p < 1e-9 ? p * 1e10 : p * 1.5) {
			double x = dist_chi2_isf(p, dof);
			assert_true(fabs(dist_chi2_sf(x, dof) / p - 1) < 1e-9);
		}
	}
	/* Close to 1 it is the other tail that tells: of one and of two degrees it is known. */
	for (double left = 0.4; left > 1e-15; left /= 3) {
		double p = 1 - left, one = dist_chi2_isf(p, 1);
		assert_true(fabs(erf(sqrt(one / 2)) / (1 - p) - 1) < 1e-12);
		assert_true(fabs(dist_chi2_isf(p, 2) / (-2 * log(p)) - 1) < 1e-12);
	}
	for (double p = 1e-300; p < 0.999; p = p < 1e-9 ? p * 1e10 : p * 1.3)
		assert_true(fabs(dist_normal_sf(dist_normal_isf(p)) / p - 1) < 1e-12);
}

int
main(void)
{
	rng_seed(&rng, 20260302, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_side_is_undefined),
	    cmocka_unit_test(small_p_values_count_the_orders),
	    cmocka_unit_test(the_statistic_is_the_largest_gap_with_any_ties),
	    cmocka_unit_test(the_p_values_meet_at_many_rows),
	    cmocka_unit_test(the_one_sample_law_falls_from_one_to_nothing),
	    cmocka_unit_test(distributions_refuse_what_is_out_of_range_and_invert_themselves),
	};
	return cmocka_run_group_tests_name("stats_ks", tests, NULL, NULL);
}
