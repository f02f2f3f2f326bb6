/* ndcg.c: gains by rank, against the guide's example and every order of ties counted out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "core/base/rng.h"
#include "core/stats/ndcg.h"

static struct rng rng;

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void
the_guides_example_is_below_the_limit(void **state)
{
	(void)state;
	double baseline[] = {0.7, 0.5, 0.05}, live[] = {0.1, 0.2, 0.7};
	double turned[] = {-0.1, 0.2, -0.7}; /* the sign of an attribution is of no matter */
	assert_true(near(ndcg_attribution(baseline, live, 3), 0.6876396241226223));
	assert_true(near(ndcg_attribution(baseline, turned, 3), 0.6876396241226223));
	assert_true(ndcg_attribution(baseline, live, 3) < NDCG_LIMIT);
	assert_true(ndcg_attribution(baseline, baseline, 3) == 1);
}

static double
gain_of(const double *gain, const size_t *order, size_t n, size_t k)
{
	double sum = 0;
	for (size_t i = 0; i < n && i < k; i++)
		sum += gain[order[i]] / log2((double)i + 2);
	return sum;
}

struct orders {
	const double *gain, *score;
	size_t n, k, order[6], agreeing;
	double sum, most;
};

/* Counts out all orders of the rows from place `at` on: of those that do not contradict the scores
 * the sum, of all the most. */
static void
count_orders(struct orders *all, size_t at)
{
	if (at == all->n) {
		double value = gain_of(all->gain, all->order, all->n, all->k);
		bool agrees = true;
		for (size_t i = 1; i < all->n; i++)
			agrees =
			    agrees && all->score[all->order[i - 1]] >= all->score[all->order[i]];
		all->most = fmax(all->most, value);
		all->sum += agrees ? value : 0;
		all->agreeing += agrees;
	}
	for (size_t i = at; i < all->n; i++) {
		size_t kept = all->order[at];
		all->order[at] = all->order[i];
		all->order[i] = kept;
		count_orders(all, at + 1);
		all->order[i] = all->order[at];
		all->order[at] = kept;
	}
}

static void
ties_are_the_mean_over_all_their_orders(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		size_t n = 2 + rng_below(&rng, 5), k = rng_below(&rng, 7);
		double gain[6], score[6];
		for (size_t i = 0; i < n; i++) {
			gain[i] = 0.1 + rng_uniform(&rng);
			score[i] = rng_below(&rng, 3);
		}
		struct orders all = {gain, score, n, k > 0 ? k : n, {0, 1, 2, 3, 4, 5}, 0, 0, 0};
		count_orders(&all, 0);
		double mean = all.sum / (double)all.agreeing;
		assert_true(fabs(ndcg_score(gain, score, n, k, 1) - mean / all.most) < 1e-12);
	}
}

static void
without_ties_the_later_row_comes_first(void **state)
{
	(void)state;
	double gain[] = {0, 1, 2, 3, 4}, score[] = {0, 0, 0, 0, 0};
	assert_true(ndcg_score(gain, score, 5, 0, 0) == 1);
	assert_true(near(ndcg_score(gain, score, 5, 0, 1), 0.8052086790151615));
}

static void
no_gain_is_undefined_and_nothing_counts_as_zero(void **state)
{
	(void)state;
	double zeros[] = {0, 0}, some[] = {1, 2}, holes[] = {1, NAN}, filled[] = {1, 0};
	assert_true(isnan(ndcg_attribution(zeros, some, 2)));
	assert_true(isnan(ndcg_attribution(some, some, 0)));
	assert_true(ndcg_attribution(some, holes, 2) == ndcg_attribution(some, filled, 2));
	assert_true(ndcg_attribution(some, some, 1) == 1);
}

int
main(void)
{
	rng_seed(&rng, 3, 4);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_guides_example_is_below_the_limit),
	    cmocka_unit_test(ties_are_the_mean_over_all_their_orders),
	    cmocka_unit_test(without_ties_the_later_row_comes_first),
	    cmocka_unit_test(no_gain_is_undefined_and_nothing_counts_as_zero),
	};
	return cmocka_run_group_tests_name("ndcg", tests, NULL, NULL);
}
