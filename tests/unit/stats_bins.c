/* stats_bins.c: what must hold of bins, and of the KS bounds that come from them, for any data.
 * Seeded.
 */
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
#include "core/stats/bins_index.h"
#include "core/stats/divergence.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"

static struct rng rng;

/* --- bins --- */

/* Kinds of data: smooth, heavy tail, ties, mostly zero, huge. */
static double
draw(int kind)
{
	double u = rng_uniform(&rng);
	switch (kind) {
	case 0:
		return rng_normal(&rng);
	case 1:
		return rng_lognormal(&rng, 50, 2);
	case 2:
		return floor(u * 60);
	case 3:
		return u < 0.7 ? 0 : u * 100;
	default:
		return (u - 0.5) * 2 * DBL_MAX;
	}
}

static void
check_edges(const struct bins *bins)
{
	for (size_t i = 0; i + 1 < bins->count; i++) {
		assert_true(isfinite(bins->edges[i]));
		assert_true(i == 0 || bins->edges[i - 1] < bins->edges[i]);
	}
}

static void
check_coarse(const struct bins *bins, const double *sorted, size_t n)
{
	double deciles[9];
	for (size_t k = 1; k < 10; k++)
		deciles[k - 1] = sort_quantile(sorted, n, (double)k / 10);
	for (size_t k = 0; k < 9; k++) {
		size_t at = 0;
		while (at + 1 < bins->count && bins->edges[at] != deciles[k])
			at++;
		assert_true(at + 1 < bins->count); /* the decile is one of the fine edges */
	}
	for (int i = 0; i < 2000; i++) {
		double value = i < 1000 ? sorted[rng_below(&rng, (uint32_t)n)] : draw(i % 5);
		size_t slow = 0, coarse = 0;
		for (size_t k = 0; k + 1 < bins->count; k++)
			slow += bins->edges[k] <= value;
		for (size_t k = 0; k < 9; k++)
			coarse += deciles[k] <= value && (k == 0 || deciles[k] != deciles[k - 1]);
		assert_int_equal(bins_find_number(bins, value), slow);
		assert_int_equal(bins->coarse[slow], coarse);
	}
}

static void
fine_bins_hold_the_deciles_and_add_up_to_them(void **state)
{
	(void)state;
	enum { MOST = 3000 };
	double *values = mem_alloc(MOST * sizeof(*values));
	for (int round = 0; round < 60; round++) {
		size_t n = 30 + rng_below(&rng, MOST - 30);
		for (size_t i = 0; i < n; i++)
			values[i] = draw(round % 5);
		struct bins bins;
		bins_from_numbers(&bins, values, n);
		if (bins.kind == BINS_VALUES) { /* few draws of a kind with ties */
			bins_free(&bins);
			continue;
		}
		assert_true(bins.count <= BINS_MAX);
		check_edges(&bins);
		check_coarse(&bins, values, n);
		uint64_t fine[BINS_MAX] = {0}, coarse[BINS_MAX], sum = 0;
		for (size_t i = 0; i < n; i++)
			fine[bins_find_number(&bins, values[i])]++;
		bins_to_coarse(&bins, fine, coarse);
		for (size_t i = 0; i < bins.coarse_count; i++)
			sum += coarse[i];
		assert_int_equal(sum, n);
		bins_free(&bins);
	}
	free(values);
}

static void
up_to_twenty_distinct_values_get_a_bin_each(void **state)
{
	(void)state;
	for (size_t distinct = 1; distinct <= 21; distinct++) {
		double values[210];
		for (size_t i = 0; i < 210; i++)
			values[i] = (double)(i % distinct) - 3;
		struct bins bins;
		bins_from_numbers(&bins, values, 210);
		if (distinct == 21) {
			assert_int_equal(bins.kind, BINS_EDGES);
			bins_free(&bins);
			break;
		}
		assert_int_equal(bins.kind, BINS_VALUES);
		assert_int_equal(bins.count, distinct + 1);
		assert_int_equal(bins.coarse_count, distinct + 1);
		for (size_t i = 0; i < distinct; i++)
			assert_int_equal(bins_find_number(&bins, (double)i - 3), i);
		assert_int_equal(bins_find_number(&bins, 0.5), distinct);
		assert_int_equal(bins_find_number(&bins, -1e300), distinct);
		assert_int_equal(bins_find_number(&bins, NAN), distinct);
		assert_int_equal(bins_find_word(&bins, "0"), distinct);
		bins_free(&bins);
	}
}

/* METRICS.md 1.2: with quantile edges alone this change would have a PSI of 0.013. */
static void
a_constant_that_moves_is_a_drift(void **state)
{
	(void)state;
	double values[50];
	for (size_t i = 0; i < 50; i++)
		values[i] = 3;
	struct bins bins;
	bins_from_numbers(&bins, values, 50);
	double reference[2] = {50, 0}, same[2] = {20, 0}, moved[2] = {0, 20};
	assert_int_equal(bins_find_number(&bins, 3), 0);
	assert_int_equal(bins_find_number(&bins, 4), 1);
	assert_int_equal(bins_in_use_real(&bins, reference, same), 1);
	assert_true(divergence_psi(reference, same, 1, ZERO_JEFFREYS) == 0);
	assert_int_equal(bins_in_use_real(&bins, reference, moved), 2);
	assert_true(divergence_psi(reference, moved, 2, ZERO_JEFFREYS) > 8);
	bins_free(&bins);
}

static void
find_alike(const struct bins *bins, const struct bins_index *index, double value)
{
	assert_int_equal(bins_index_find(index, value), bins_find_number(bins, value));
}

static void
an_index_finds_the_same_bin(void **state)
{
	(void)state;
	struct bins_index *index = mem_alloc(sizeof(*index));
	double *values = mem_alloc(3000 * sizeof(*values));
	for (int turn = 0; turn < 200; turn++) {
		size_t n = 1 + rng_below(&rng, 3000);
		bool few = turn % 4 == 3;
		for (size_t i = 0; i < n; i++)
			values[i] = few ? floor(draw(turn % 3)) : draw(turn % 5);
		struct bins bins;
		bins_from_numbers(&bins, values, few && n > 12 ? 12 : n);
		bins_index_make(index, &bins);
		for (size_t i = 0; i + 1 < bins.count; i++) {
			find_alike(&bins, index, bins.edges[i]);
			find_alike(&bins, index, nextafter(bins.edges[i], INFINITY));
			find_alike(&bins, index, nextafter(bins.edges[i], -INFINITY));
		}
		static const double ends[] = {0, -0.0, 1, -1, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324};
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			find_alike(&bins, index, ends[i]);
		for (size_t i = 0; i < 2000; i++)
			find_alike(&bins, index, draw((int)(i % 5)));
		bins_free(&bins);
	}
	free(values);
	free(index);
}

static void
categories_are_the_most_common_then_other_then_unseen(void **state)
{
	(void)state;
	char text[100][8];
	const char *words[100];
	uint64_t counts[100];
	for (size_t i = 0; i < 100; i++) {
		snprintf(text[i], sizeof(text[i]), "w%zu", i);
		words[i] = text[i];
		counts[i] = i; /* w0 was never seen */
	}
	struct bins bins;
	bins_from_categories(&bins, words, counts, 100);
	assert_true(bins.has_other);
	assert_int_equal(bins.count, BINS_CATEGORIES + 2);
	assert_string_equal(bins.categories[0], "w99");
	assert_int_equal(bins_find_word(&bins, "w99"), 0);
	assert_int_equal(bins_find_word(&bins, "w36"), 63);
	assert_int_equal(bins_find_word(&bins, "w35"), 64);
	assert_int_equal(bins_find_word(&bins, "new"), 64);
	bins_free(&bins);

	bins_from_categories(&bins, words, counts, 4);
	assert_false(bins.has_other);
	assert_int_equal(bins.count, 4);
	assert_int_equal(bins_find_word(&bins, "w3"), 0);
	assert_int_equal(bins_find_word(&bins, "w0"), 3);
	assert_int_equal(bins_find_word(&bins, ""), 3);
	assert_int_equal(bins_find_number(&bins, 1), 3);
	bins_free(&bins);

	bins_from_categories(&bins, words, counts, 0);
	assert_int_equal(bins.count, 1);
	assert_int_equal(bins_find_word(&bins, "any"), 0);
	bins_free(&bins);
}

static void
check_label(const struct bins *bins, size_t coarse, const char *expected)
{
	char label[24];
	bins_label(bins, coarse, label, sizeof(label));
	assert_string_equal(label, expected);
}

static void
labels_say_what_a_bin_holds(void **state)
{
	(void)state;
	struct bins bins;
	bins_from_edges(&bins, (double[]){1.5, 3.25, 3.2501, 1e9}, 4);
	bins_set_coarse(&bins, bins.edges, 4);
	check_label(&bins, 0, "< 1.5");
	check_label(&bins, 1, "1.5 .. 3.25");
	check_label(&bins, 2, "3.25 .. 3.2501");
	check_label(&bins, 3, "3.25 .. 1e+09");
	check_label(&bins, 4, ">= 1e+09");
	bins_set_coarse(&bins, (double[]){3.25}, 1);
	check_label(&bins, 0, "< 3.25");
	check_label(&bins, 1, ">= 3.25");
	check_label(&bins, 2, "nothing");
	bins_set_coarse(&bins, NULL, 0);
	check_label(&bins, 0, "all");
	bins_free(&bins);
	bins_from_values(&bins, (double[]){0, 1}, 2);
	check_label(&bins, 1, "1");
	check_label(&bins, 2, "unseen");
	bins_free(&bins);
	bins_from_categories(&bins, (const char *[]){"retail"}, (uint64_t[]){5}, 1);
	check_label(&bins, 0, "retail");
	check_label(&bins, 1, "unseen");
	bins_free(&bins);
}

static double
exact_ks(double *a, size_t n, double *b, size_t m)
{
	sort_doubles(a, n);
	sort_doubles(b, m);
	return test_ks(a, n, b, m).statistic;
}

static void
a_binned_ks_bounds_the_exact_one(void **state)
{
	(void)state;
	enum { N = 900, M = 700 };
	for (int round = 0; round < 40; round++) {
		double a[N], b[M];
		for (size_t i = 0; i < N; i++)
			a[i] = draw(round % 4);
		for (size_t i = 0; i < M; i++)
			b[i] = draw(round % 4) * (1 + 0.01 * round) + (round % 3) * 0.1;
		struct bins bins;
		bins_from_numbers(&bins, a, N);
		assert_int_equal(bins.kind, BINS_EDGES);
		double fine[2][BINS_MAX] = {{0}};
		for (size_t i = 0; i < N; i++)
			fine[0][bins_find_number(&bins, a[i])]++;
		for (size_t i = 0; i < M; i++)
			fine[1][bins_find_number(&bins, b[i])]++;
		struct test_result binned = test_ks_bins(&bins, fine[0], fine[1]);
		double exact = exact_ks(a, N, b, M);
		assert_true(binned.low <= exact + 1e-12);
		assert_true(binned.high >= exact - 1e-12);
		bins_free(&bins);
	}
}

/* The unseen values put anywhere, the exact statistic stays within the bounds; without any, it is
 * exact. */
static void
a_ks_of_values_is_exact_but_for_the_unseen(void **state)
{
	(void)state;
	enum { N = 300, M = 200 };
	for (int round = 0; round < 200; round++) {
		double a[N], b[M];
		for (size_t i = 0; i < N; i++)
			a[i] = 2 * rng_below(&rng, 5);
		for (size_t i = 0; i < M; i++)
			b[i] = 2 * rng_below(&rng, 4 + (uint32_t)round % 3);
		if (round % 2) /* odd values are unseen, and lie between the others */
			for (size_t i = 0; i < M; i += 5)
				b[i] = 2.0 * rng_below(&rng, 7) - 1;
		struct bins bins;
		bins_from_numbers(&bins, a, N);
		double fine[2][8] = {{0}};
		for (size_t i = 0; i < N; i++)
			fine[0][bins_find_number(&bins, a[i])]++;
		for (size_t i = 0; i < M; i++)
			fine[1][bins_find_number(&bins, b[i])]++;
		struct test_result test = test_ks_bins(&bins, fine[0], fine[1]);
		double exact = exact_ks(a, N, b, M);
		assert_true(test.low <= exact + 1e-12 && test.high >= exact - 1e-12);
		if (fine[1][bins.count - 1] == 0)
			assert_true(test.high - test.low < 1e-12 && !isnan(test.p_value));
		bins_free(&bins);
	}
}

static void
edges_of_equal_width_are_merged_where_there_is_no_width(void **state)
{
	(void)state;
	double edges[9];
	assert_int_equal(bins_width_edges(edges, -1, 3, 8), 7);
	for (size_t i = 0; i < 7; i++)
		assert_true(edges[i] == -0.5 + 0.5 * (double)i);
	assert_int_equal(bins_width_edges(edges, 3, 3, 10), 1);
	assert_true(edges[0] == 3);
}

static void
shares_of_fine_bins_add_up_as_counts_do(void **state)
{
	(void)state;
	double values[500], fine[BINS_MAX], coarse[BINS_MAX];
	uint64_t counts[BINS_MAX] = {0}, sums[BINS_MAX];
	for (size_t i = 0; i < 500; i++)
		values[i] = draw(0);
	struct bins bins;
	bins_from_numbers(&bins, values, 500);
	for (size_t i = 0; i < 500; i++)
		counts[bins_find_number(&bins, draw(0))]++;
	for (size_t i = 0; i < bins.count; i++)
		fine[i] = 0.25 * (double)counts[i];
	bins_to_coarse(&bins, counts, sums);
	bins_to_coarse_real(&bins, fine, coarse);
	for (size_t i = 0; i < bins.coarse_count; i++)
		assert_true(coarse[i] == 0.25 * (double)sums[i]);
	bins_free(&bins);
}

int
main(void)
{
	rng_seed(&rng, 20260128, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fine_bins_hold_the_deciles_and_add_up_to_them),
	    cmocka_unit_test(up_to_twenty_distinct_values_get_a_bin_each),
	    cmocka_unit_test(a_constant_that_moves_is_a_drift),
	    cmocka_unit_test(an_index_finds_the_same_bin),
	    cmocka_unit_test(edges_of_equal_width_are_merged_where_there_is_no_width),
	    cmocka_unit_test(shares_of_fine_bins_add_up_as_counts_do),
	    cmocka_unit_test(categories_are_the_most_common_then_other_then_unseen),
	    cmocka_unit_test(labels_say_what_a_bin_holds),
	    cmocka_unit_test(a_binned_ks_bounds_the_exact_one),
	    cmocka_unit_test(a_ks_of_values_is_exact_but_for_the_unseen),
	};
	return cmocka_run_group_tests_name("stats_bins", tests, NULL, NULL);
}
