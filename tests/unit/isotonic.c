/* isotonic.c: isotonic regression against the max-min formula, and how little thinning loses. */
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
#include "core/stats/calibration.h"

static struct rng rng;

static double
mean_of(const double *y, const double *weights, size_t first, size_t last)
{
	double sum = 0, weight = 0;
	for (size_t i = first; i <= last; i++) {
		sum += weights[i] * y[i];
		weight += weights[i];
	}
	return sum / weight;
}

/* Robertson, Wright and Dykstra: max over a <= i of min over b >= i of the mean from a to b. */
static double
max_min(const double *y, const double *weights, size_t n, size_t i)
{
	double most = -INFINITY;
	for (size_t a = 0; a <= i; a++) {
		double least = INFINITY;
		for (size_t b = i; b < n; b++)
			least = fmin(least, mean_of(y, weights, a, b));
		most = fmax(most, least);
	}
	return most;
}

static void
the_curve_is_the_max_min_formula(void **state)
{
	(void)state;
	enum { MOST = 24 };
	double x[MOST], y[MOST], weights[MOST], turned[3][MOST];
	for (int round = 0; round < 100; round++) {
		size_t n = 1 + rng_below(&rng, MOST);
		for (size_t i = 0; i < n; i++) {
			x[i] = (double)i + rng_uniform(&rng) * 0.5;
			y[i] = round % 2 ? rng_below(&rng, 2) : rng_normal(&rng) + 0.1 * (double)i;
			weights[i] = round % 3 ? 0.1 + rng_uniform(&rng) : 1;
		}
		for (size_t i = 0; i < n; i++) { /* the order given is of no matter */
			turned[0][i] = x[(i + 7) % n];
			turned[1][i] = y[(i + 7) % n];
			turned[2][i] = weights[(i + 7) % n];
		}
		struct calibration_curve curve;
		assert_true(calibration_curve_fit(
		    &curve, turned[0], turned[1], round % 3 ? turned[2] : NULL, n));
		for (size_t i = 0; i < n; i++)
			assert_true(fabs(calibration_curve_apply(&curve, x[i]) -
					 max_min(y, weights, n, i)) < 1e-12);
		calibration_curve_free(&curve);
	}
}

static void
known_answers_between_the_points(void **state)
{
	(void)state;
	double x[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}, y[] = {0, 0, 1, 0, 0, 1, 1, 1};
	struct calibration_map map;
	assert_true(calibration_isotonic(&map, x, y, NULL, 8));
	const double queries[][2] = {{0, 0}, {0.15, 0}, {0.25, 1.0 / 6}, {0.45, 1.0 / 3},
	    {0.55, 2.0 / 3}, {0.75, 1}, {9, 1}};
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		assert_true(fabs(calibration_apply(&map, queries[i][0]) - queries[i][1]) < 1e-12);
	double twice[] = {0.1, 0.1, 0.2, 0.2, 0.3, 0.3}, labels[] = {0, 1, 0, 0, 1, 1};
	assert_true(calibration_isotonic(&map, twice, labels, NULL, 6));
	assert_true(calibration_apply(&map, 0.2) == 0.25);
	assert_true(fabs(calibration_apply(&map, 0.25) - 0.625) < 1e-12);
}

static void
weightless_and_infinite_points_count_for_nothing(void **state)
{
	(void)state;
	double x[] = {0.1, NAN, 0.3, 0.5, INFINITY}, y[] = {0.2, 1, 9, 0.4, 1};
	double weights[] = {1, 1, 0, 2, 1};
	struct calibration_map map;
	assert_true(calibration_isotonic(&map, x, y, weights, 5));
	assert_int_equal(map.knots, 2);
	assert_true(fabs(calibration_apply(&map, 0.3) - 0.3) < 1e-12);
	assert_false(calibration_isotonic(&map, x, y, weights, 0));
	assert_int_equal(map.knots, 0);
	assert_false(calibration_isotonic(&map, x + 1, y, NULL, 1));
}

/* The largest gap between a curve and its map, at the knots: there both are bent. */
static double
loss_of(const struct calibration_curve *curve, const struct calibration_map *map)
{
	double most = 0;
	for (size_t i = 0; i < curve->knots; i++)
		most = fmax(most, fabs(curve->y[i] - calibration_apply(map, curve->x[i])));
	return most / (curve->y[curve->knots - 1] - curve->y[0]);
}

static void
thinning_loses_little(void **state)
{
	(void)state;
	enum { N = 1000000 };
	double *x = mem_alloc(N * sizeof(*x)), *y = mem_alloc(N * sizeof(*y));
	struct calibration_curve curve;
	struct calibration_map map;
	/* Labels: as a reference gives them, smooth and with rare positives. */
	for (int rare = 0; rare < 2; rare++) {
		for (size_t i = 0; i < N; i++) {
			x[i] = rng_uniform(&rng);
			y[i] = rng_uniform(&rng) < (rare ? pow(x[i], 6) : x[i]);
		}
		assert_true(calibration_curve_fit(&curve, x, y, NULL, N));
		calibration_curve_thin(&map, &curve);
		print_message(
		    "%zu knots to %zu: %.5f\n", curve.knots, map.knots, loss_of(&curve, &map));
		assert_true(curve.knots > CALIBRATION_KNOTS);
		assert_true(loss_of(&curve, &map) < 0.004);
		calibration_curve_free(&curve);
	}
	/* Steps of all sizes: the worst that can be. */
	double level = 0;
	for (size_t i = 0; i < N; i++) {
		x[i] = (double)i;
		level += pow(rng_uniform(&rng), 2000);
		y[i] = level;
	}
	assert_true(calibration_curve_fit(&curve, x, y, NULL, N));
	calibration_curve_thin(&map, &curve);
	print_message("%zu knots to %zu: %.5f\n", curve.knots, map.knots, loss_of(&curve, &map));
	assert_true(loss_of(&curve, &map) <= 1.0 / 127);
	for (size_t i = 1; i < map.knots; i++)
		assert_true(map.x[i] > map.x[i - 1] && map.y[i] >= map.y[i - 1]);
	calibration_curve_free(&curve);
	free(x);
	free(y);
}

int
main(void)
{
	rng_seed(&rng, 12, 9);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_curve_is_the_max_min_formula),
	    cmocka_unit_test(known_answers_between_the_points),
	    cmocka_unit_test(weightless_and_infinite_points_count_for_nothing),
	    cmocka_unit_test(thinning_loses_little),
	};
	return cmocka_run_group_tests_name("isotonic", tests, NULL, NULL);
}
