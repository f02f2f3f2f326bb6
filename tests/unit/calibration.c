/* calibration.c: calibration errors by hand, and a map that is only taken where it helps. */
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

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void
equal_width_bins_are_closed_above(void **state)
{
	(void)state;
	double scores[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
	int8_t labels[] = {0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0};
	uint64_t counts[10];
	const uint64_t expected[10] = {2, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct calibration_error error = calibration_ece_width(scores, labels, 11, counts);
	assert_memory_equal(counts, expected, sizeof(counts));
	assert_true(near(error.ece, 5.3 / 11) && error.worst == 1);
	assert_true(near(calibration_ece_count(scores, labels, 11).ece, 2.5 / 11));
}

static void
rows_without_a_label_or_score_are_left_out(void **state)
{
	(void)state;
	double scores[] = {0.9, 0.8, NAN, 0.4, 0.2, 0.3}, kept[] = {0.9, 0.4, 0.2, 0.3};
	int8_t labels[] = {1, -1, 0, 1, 0, 0}, left[] = {1, 1, 0, 0};
	assert_true(calibration_ece_width(scores, labels, 6, NULL).ece ==
		    calibration_ece_width(kept, left, 4, NULL).ece);
	assert_true(calibration_ece_count(scores, labels, 6).ece ==
		    calibration_ece_count(kept, left, 4).ece);
	assert_true(near(calibration_ratio(scores, labels, 6), 2 / 1.8));
}

static void
with_too_little_there_is_no_error_to_tell(void **state)
{
	(void)state;
	double scores[] = {0.2, 0.4, 0.6}, zeros[] = {0, 0};
	int8_t labels[] = {0, 1, 1};
	assert_true(isnan(calibration_ece_width(scores, labels, 0, NULL).ece));
	assert_true(isnan(calibration_ece_width(scores, labels, 0, NULL).worst));
	assert_true(isnan(calibration_ece_count(scores, labels, 3).ece));
	assert_true(isnan(calibration_ratio(zeros, labels, 2)));
	assert_true(isnan(calibration_ratio(scores, labels, 0)));
}

static void
edges_of_equal_count_are_nannymls(void **state)
{
	(void)state;
	size_t edges[21];
	assert_int_equal(calibration_count_edges(20, 4, edges), 4);
	for (size_t i = 0; i <= 4; i++)
		assert_int_equal(edges[i], 5 * i);
	assert_int_equal(calibration_count_edges(11, 10, edges), 5);
	assert_int_equal(edges[4], 8);
	assert_int_equal(edges[5], 11);
	assert_int_equal(calibration_count_edges(25, 10, edges), 12); /* two rows wide */
	assert_int_equal(edges[11], 22);
	assert_int_equal(edges[12], 25);
	assert_int_equal(calibration_count_edges(3, 10, edges), 0);
	assert_int_equal(calibration_count_edges(0, 10, edges), 0);
	for (size_t n = 4; n < 3000; n++) {
		size_t bins = calibration_count_edges(n, 10, edges);
		assert_true(bins >= 2 && bins <= 15 && edges[0] == 0 && edges[bins] == n);
		for (size_t i = 0; i < bins; i++)
			assert_true(edges[i] < edges[i + 1]);
	}
}

static void
the_order_of_equal_scores_does_not_matter(void **state)
{
	(void)state;
	enum { N = 500 };
	double scores[N];
	int8_t labels[N];
	for (size_t i = 0; i < N; i++) {
		scores[i] = rng_below(&rng, 7) / 7.0;
		labels[i] = rng_uniform(&rng) < scores[i];
	}
	double before = calibration_ece_count(scores, labels, N).ece;
	for (size_t i = N - 1; i > 0; i--) {
		size_t k = rng_below(&rng, (uint32_t)i + 1);
		double score = scores[i];
		int8_t label = labels[i];
		scores[i] = scores[k];
		labels[i] = labels[k];
		scores[k] = score;
		labels[k] = label;
	}
	assert_true(near(calibration_ece_count(scores, labels, N).ece, before));
}

/* Scores that are the square root of the true probability, and true ones. */
static void
draw(double *scores, int8_t *labels, size_t n, bool distorted)
{
	for (size_t i = 0; i < n; i++) {
		double p = rng_uniform(&rng);
		labels[i] = rng_uniform(&rng) < p;
		scores[i] = distorted ? sqrt(p) : p;
	}
}

static void
a_map_undoes_a_distortion(void **state)
{
	(void)state;
	enum { N = 20000 };
	double *scores = mem_alloc(N * sizeof(*scores));
	int8_t *labels = mem_alloc(N);
	struct calibration_map map;
	draw(scores, labels, N, true);
	calibration_fit(&map, scores, labels, N);
	assert_true(map.knots > 1 && map.knots <= CALIBRATION_KNOTS);
	double last = 0;
	for (double score = 0; score <= 1; score += 0.01) {
		double mapped = calibration_apply(&map, score);
		assert_true(mapped >= last);
		assert_true(fabs(mapped - score * score) < 0.08);
		last = mapped;
	}
	double before = calibration_ece_width(scores, labels, N, NULL).ece;
	for (size_t i = 0; i < N; i++)
		scores[i] = calibration_apply(&map, scores[i]);
	double after = calibration_ece_width(scores, labels, N, NULL).ece;
	assert_true(before > 0.1 && after < 0.01);
	free(scores);
	free(labels);
}

static void
a_map_that_does_not_help_is_not_taken(void **state)
{
	(void)state;
	enum { N = 60, TIMES = 200 };
	double scores[N];
	int8_t labels[N];
	struct calibration_map map;
	size_t taken = 0;
	for (int i = 0; i < TIMES; i++) {
		draw(scores, labels, N, false);
		calibration_fit(&map, scores, labels, N);
		taken += map.knots > 0;
		if (map.knots == 0)
			assert_true(calibration_apply(&map, 0.3) == 0.3);
	}
	print_message("of %d calibrated samples %zu were mapped\n", TIMES, taken);
	assert_true(taken < TIMES / 2);
}

static void
one_class_or_no_rows_give_the_identity(void **state)
{
	(void)state;
	double scores[100];
	int8_t labels[100] = {0};
	struct calibration_map map;
	for (size_t i = 0; i < 100; i++)
		scores[i] = (double)i / 100;
	calibration_fit(&map, scores, labels, 100);
	assert_int_equal(map.knots, 0);
	memset(labels, 1, sizeof(labels));
	calibration_fit(&map, scores, labels, 100);
	assert_int_equal(map.knots, 0);
	calibration_fit(&map, scores, labels, 0);
	assert_int_equal(map.knots, 0);
	assert_true(calibration_apply(&map, 0.25) == 0.25);
	assert_true(isnan(calibration_apply(&map, NAN)));
}

int
main(void)
{
	rng_seed(&rng, 7, 9);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal_width_bins_are_closed_above),
	    cmocka_unit_test(rows_without_a_label_or_score_are_left_out),
	    cmocka_unit_test(with_too_little_there_is_no_error_to_tell),
	    cmocka_unit_test(edges_of_equal_count_are_nannymls),
	    cmocka_unit_test(the_order_of_equal_scores_does_not_matter),
	    cmocka_unit_test(a_map_undoes_a_distortion),
	    cmocka_unit_test(a_map_that_does_not_help_is_not_taken),
	    cmocka_unit_test(one_class_or_no_rows_give_the_identity),
	};
	return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
