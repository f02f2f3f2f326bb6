/* stats_wasserstein.c: the first Wasserstein distance against its definition, and its bounds from
 * bins against the exact one. The known answers are in vectors.c. */
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

#include "core/base/rng.h"
#include "core/stats/moments.h"
#include "core/stats/sort.h"
#include "core/stats/wasserstein.h"

static struct rng rng;

static double
draw(int kind)
{
	switch (kind % 4) {
	case 0:
		return rng_normal(&rng);
	case 1:
		return rng_lognormal(&rng, 50, 1.5);
	case 2:
		return rng_below(&rng, 12);
	default:
		return rng_uniform(&rng) < 0.7 ? 0 : rng_uniform(&rng) * 100;
	}
}

static void
draw_sorted(double *values, size_t n, int kind, double factor, double shift)
{
	for (size_t i = 0; i < n; i++)
		values[i] = draw(kind) * factor + shift;
	sort_doubles(values, n);
}

static void
an_empty_side_is_undefined(void **state)
{
	(void)state;
	double one[1] = {1}, weight[1] = {1}, zero[1] = {0};
	assert_true(isnan(wasserstein(NULL, 0, one, 1)));
	assert_true(isnan(wasserstein(one, 1, NULL, 0)));
	assert_true(isnan(wasserstein_weighted(one, weight, 1, NULL, NULL, 0)));
	assert_true(isnan(wasserstein_weighted(one, zero, 1, one, weight, 1)));
	assert_true(isnan(wasserstein_normed(1, NAN)));
	assert_true(wasserstein_normed(1, 0) == 1000);
	assert_true(wasserstein_normed(1, 4) == 0.25);
}

/* Of two samples of one size it is the mean distance of the values by rank. */
static void
of_equal_sizes_it_is_the_mean_step_by_rank(void **state)
{
	(void)state;
	double a[300], b[300];
	for (int round = 0; round < 200; round++) {
		size_t n = 1 + rng_below(&rng, 300);
		draw_sorted(a, n, round, 1, 0);
		draw_sorted(b, n, round, 1.2, 0.1 * (round % 5));
		double sum = 0;
		for (size_t i = 0; i < n; i++)
			sum += fabs(a[i] - b[i]);
		double distance = wasserstein(a, n, b, n);
		assert_true(fabs(distance - sum / (double)n) <= 1e-12 * (1 + distance));
	}
}

static void
it_moves_with_the_values(void **state)
{
	(void)state;
	double a[200], b[150], c[200];
	for (int round = 0; round < 100; round++) {
		draw_sorted(a, 200, round, 1, 0);
		draw_sorted(b, 150, round, 1.1, 0);
		double distance = wasserstein(a, 200, b, 150);
		assert_true(fabs(wasserstein(b, 150, a, 200) - distance) <= 1e-12 * (1 + distance));
		assert_true(wasserstein(a, 200, a, 200) == 0);
		for (size_t i = 0; i < 200; i++)
			c[i] = a[i] + 7;
		assert_true(fabs(wasserstein(a, 200, c, 200) - 7) < 1e-12);
		for (size_t i = 0; i < 200; i++)
			c[i] = a[i] * 8;
		for (size_t i = 0; i < 150; i++)
			b[i] *= 8;
		assert_true(
		    fabs(wasserstein(c, 200, b, 150) - 8 * distance) <= 1e-12 * (1 + distance));
	}
}

static void
values_at_the_ends_of_the_numbers_do_not_overflow(void **state)
{
	(void)state;
	double ends[2] = {-DBL_MAX, DBL_MAX}, half[2] = {-DBL_MAX / 2, DBL_MAX / 2};
	assert_true(wasserstein(ends, 2, ends, 2) == 0);
	assert_true(fabs(wasserstein(ends, 2, half, 2) / (DBL_MAX / 2) - 1) < 1e-12);
}

/* Whole weights are as many copies. */
static void
weights_count_as_copies(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		double a[30], b[30], wa[30], wb[30], many[2][300];
		size_t n = 1 + rng_below(&rng, 30), m = 1 + rng_below(&rng, 30), counts[2] = {0, 0};
		draw_sorted(a, n, round, 1, 0);
		draw_sorted(b, m, round, 1.3, 0);
		for (size_t i = 0; i < n; i++) {
			wa[i] = rng_below(&rng, 9) + (i == 0);
			for (double k = 0; k < wa[i]; k++)
				many[0][counts[0]++] = a[i];
		}
		for (size_t i = 0; i < m; i++) {
			wb[i] = rng_below(&rng, 9) + (i == 0);
			for (double k = 0; k < wb[i]; k++)
				many[1][counts[1]++] = b[i];
		}
		double weighted = wasserstein_weighted(a, wa, n, b, wb, m);
		double exact = wasserstein(many[0], counts[0], many[1], counts[1]);
		assert_true(fabs(weighted - exact) <= 1e-12 * (1 + exact));
	}
}

static void
count_fine(const struct bins *bins, double *fine, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fine[bins_find_number(bins, values[i])]++;
}

static void
the_bounds_from_bins_hold_the_exact_distance(void **state)
{
	(void)state;
	enum { MOST = 2000 };
	static double a[MOST], b[MOST];
	for (int round = 0; round < 400; round++) {
		size_t n = 1 + rng_below(&rng, MOST), m = 1 + rng_below(&rng, MOST);
		draw_sorted(a, n, round, 1, 0);
		draw_sorted(b, m, round, 1 + 0.1 * (round % 3), 0.5 * (round % 2));
		struct bins bins;
		bins_from_numbers(&bins, a, n);
		double fine[2][BINS_MAX] = {{0}};
		count_fine(&bins, fine[0], a, n);
		count_fine(&bins, fine[1], b, m);
		struct wasserstein_binned binned =
		    wasserstein_bins(&bins, fine[0], a[0], a[n - 1], fine[1], b[0], b[m - 1]);
		double exact = wasserstein(a, n, b, m), slack = 1e-10 * (1 + exact);
		assert_true(binned.low - slack <= exact && exact <= binned.high + slack);
		assert_true(binned.low <= binned.distance && binned.distance <= binned.high);
		if (bins.kind == BINS_VALUES && fine[1][bins.count - 1] == 0)
			assert_true(binned.high - binned.low <= slack);
		bins_free(&bins);
	}
}

/* Spread evenly is what smooth data is: the figure is then good to a few per cent of a deviation.
 */
static void
from_bins_of_smooth_data_the_distance_is_near_the_exact_one(void **state)
{
	(void)state;
	enum { N = 20000 };
	static double a[N], b[N];
	draw_sorted(a, N, 0, 1, 0);
	draw_sorted(b, N, 0, 1, 0.3);
	struct bins bins;
	bins_from_numbers(&bins, a, N);
	double fine[2][BINS_MAX] = {{0}};
	count_fine(&bins, fine[0], a, N);
	count_fine(&bins, fine[1], b, N);
	struct wasserstein_binned binned =
	    wasserstein_bins(&bins, fine[0], a[0], a[N - 1], fine[1], b[0], b[N - 1]);
	assert_true(fabs(binned.distance - wasserstein(a, N, b, N)) < 0.02);
	bins_free(&bins);
}

static void
bins_without_numbers_or_extremes_give_no_distance(void **state)
{
	(void)state;
	struct bins bins;
	double counts[3] = {1, 2, 3}, none[3] = {0};
	bins_from_edges(&bins, (const double[]){0, 1}, 2);
	assert_true(isnan(wasserstein_bins(&bins, counts, -1, 2, none, 0, 0).distance));
	assert_true(isnan(wasserstein_bins(&bins, counts, NAN, 2, counts, -1, 2).high));
	assert_true(wasserstein_bins(&bins, counts, -1, 2, counts, -1, 2).distance == 0);
	bins.kind = BINS_CATEGORIES_KIND;
	assert_true(isnan(wasserstein_bins(&bins, counts, -1, 2, counts, -1, 2).low));
	bins.kind = BINS_EDGES;
	bins_free(&bins);
}

static void
moments_are_of_the_population(void **state)
{
	(void)state;
	struct moments of = moments_of((const double[]){1e9 + 1, 1e9 + 1, 1e9 + 4}, 3);
	assert_true(of.mean == 1e9 + 2);
	assert_true(fabs(of.deviation - sqrt(2)) < 1e-12);
	assert_true(fabs(of.skewness - 6 / 3 / (2 * sqrt(2))) < 1e-12);
	assert_true(isnan(moments_of(NULL, 0).mean));
	assert_true(moments_of((const double[]){5}, 1).deviation == 0);
}

int
main(void)
{
	rng_seed(&rng, 20260302, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_side_is_undefined),
	    cmocka_unit_test(of_equal_sizes_it_is_the_mean_step_by_rank),
	    cmocka_unit_test(it_moves_with_the_values),
	    cmocka_unit_test(values_at_the_ends_of_the_numbers_do_not_overflow),
	    cmocka_unit_test(weights_count_as_copies),
	    cmocka_unit_test(the_bounds_from_bins_hold_the_exact_distance),
	    cmocka_unit_test(from_bins_of_smooth_data_the_distance_is_near_the_exact_one),
	    cmocka_unit_test(bins_without_numbers_or_extremes_give_no_distance),
	    cmocka_unit_test(moments_are_of_the_population),
	};
	return cmocka_run_group_tests_name("stats_wasserstein", tests, NULL, NULL);
}
