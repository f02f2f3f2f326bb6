/* chi2.c: chi-square tests of two vectors of counts (METRICS.md 1.6). */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/dist.h"
#include "core/stats/tests.h"

/* A category with its counts on both sides. */
struct pair {
	double r, c;
};

struct table {
	struct pair *pairs;
	size_t used;
	double n, m; /* sums of the two sides */
};

static const struct test_result undefined = {NAN, NAN, NAN, NAN, NAN};

/* Reads what is used of two count vectors; false if a side is empty. table->pairs is to be freed in
 * either case. */
static bool
read_table(struct table *table, const double *reference, const double *current, size_t bins)
{
	*table = (struct table){.pairs = mem_grow(NULL, bins, sizeof(*table->pairs))};
	for (size_t i = 0; i < bins; i++) {
		table->n += reference[i];
		table->m += current[i];
		if (reference[i] + current[i] > 0)
			table->pairs[table->used++] = (struct pair){reference[i], current[i]};
	}
	return table->n > 0 && table->m > 0;
}

static struct test_result
chi2_result(double statistic, size_t used)
{
	struct test_result test = undefined;
	test.dof = (double)used - 1;
	test.statistic = used > 1 ? statistic : 0;
	test.p_value = used > 1 ? dist_chi2_sf(test.statistic, test.dof) : 1;
	return test;
}

/* Homogeneity of the 2 x K table; `yates` is taken off each difference, but no more than is there.
 */
static struct test_result
homogeneity(const struct pair *pairs, size_t used, double n, double m, double yates)
{
	double statistic = 0;
	for (size_t i = 0; i < used; i++) {
		double sum = pairs[i].r + pairs[i].c;
		double expected_r = sum * (n / (n + m)), expected_c = sum * (m / (n + m));
		/* The two differences of a column are each other's opposite. */
		double off = fabs(pairs[i].r - expected_r);
		off -= fmin(off, yates);
		statistic += off * off / expected_r + off * off / expected_c;
	}
	return chi2_result(statistic, used);
}

static struct test_result
test_table(const double *reference, const double *current, size_t bins, bool yates)
{
	struct table table;
	struct test_result test = undefined;
	if (read_table(&table, reference, current, bins))
		test = homogeneity(
		    table.pairs, table.used, table.n, table.m, yates && table.used == 2 ? 0.5 : 0);
	free(table.pairs);
	return test;
}

struct test_result
test_chi2(const double *reference, const double *current, size_t bins)
{
	return test_table(reference, current, bins, false);
}

struct test_result
test_chi2_yates(const double *reference, const double *current, size_t bins)
{
	return test_table(reference, current, bins, true);
}

double
test_chi2_least_expected(const double *reference, const double *current, size_t bins)
{
	struct table table;
	double least = NAN;
	if (read_table(&table, reference, current, bins)) {
		double share = fmin(table.n, table.m) / (table.n + table.m);
		for (size_t i = 0; i < table.used; i++)
			least = fmin(least, (table.pairs[i].r + table.pairs[i].c) * share);
	}
	free(table.pairs);
	return least;
}

static int
compare_pairs(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	double x = a->r + a->c, y = b->r + b->c;
	if (x != y)
		return x > y ? 1 : -1;
	return (a->r > b->r) - (a->r < b->r);
}

/* Is more than a fifth of the expected counts below 5? */
static bool
is_sparse(const struct pair *pairs, size_t used, double share_r)
{
	size_t low = 0;
	for (size_t i = 0; i < used; i++) {
		double sum = pairs[i].r + pairs[i].c;
		low += (sum * share_r < 5) + (sum * (1 - share_r) < 5);
	}
	return (double)low > 0.2 * 2 * (double)used;
}

/* Moves the first pair to its place among the others, which are sorted. */
static void
sink_first(struct pair *pairs, size_t used)
{
	struct pair first = pairs[0];
	size_t at = 1;
	for (; at < used && compare_pairs(&first, &pairs[at]) > 0; at++)
		pairs[at - 1] = pairs[at];
	pairs[at - 1] = first;
}

struct test_result
test_chi2_merged(const double *reference, const double *current, size_t bins)
{
	struct table table;
	struct test_result test = undefined;
	if (read_table(&table, reference, current, bins)) {
		struct pair *pairs = table.pairs;
		size_t used = table.used;
		qsort(pairs, used, sizeof(*pairs), compare_pairs);
		while (used > 2 && is_sparse(pairs, used, table.n / (table.n + table.m))) {
			pairs[1].r += pairs[0].r;
			pairs[1].c += pairs[0].c;
			pairs++;
			used--;
			sink_first(pairs, used);
		}
		test = homogeneity(pairs, used, table.n, table.m, 0);
	}
	free(table.pairs);
	return test;
}

struct test_result
test_chi2_fit(const double *reference, const double *current, size_t bins)
{
	struct table table;
	struct test_result test = undefined;
	if (read_table(&table, reference, current, bins)) {
		double statistic = 0;
		for (size_t i = 0; i < table.used; i++) {
			double expected = table.pairs[i].r * (table.m / table.n);
			double off = table.pairs[i].c - expected;
			statistic += off * off / expected;
		}
		test = chi2_result(statistic, table.used);
	}
	free(table.pairs);
	return test;
}

static size_t
least_expected(const struct pair *pairs, size_t used)
{
	size_t least = 0;
	for (size_t i = 1; i < used; i++)
		least = pairs[i].r < pairs[least].r ? i : least;
	return least;
}

/* With two categories none may be expected below 10; with more, a fifth may be below 5. */
static bool
needs_regrouping(const struct pair *pairs, size_t used)
{
	if (used < 2)
		return false;
	double limit = used == 2 ? 10 : 5;
	size_t allowed = used == 2 ? 0 : used / 5, low = 0;
	for (size_t i = 0; i < used; i++)
		low += pairs[i].r < limit;
	return low > allowed;
}

/* Deequ's looks at the categories of the reference alone: what only the current side has is left
 * out, of its total too. */
struct test_result
test_chi2_deequ(const double *reference, const double *current, size_t bins)
{
	struct pair *pairs = mem_grow(NULL, bins, sizeof(*pairs));
	size_t used = 0;
	double n = 0, m = 0;
	for (size_t i = 0; i < bins; i++) {
		if (!(reference[i] > 0))
			continue;
		pairs[used++] = (struct pair){reference[i], current[i]};
		n += reference[i];
		m += current[i];
	}
	for (size_t i = 0; i < used; i++)
		pairs[i].r *= m / n;
	while (needs_regrouping(pairs, used)) {
		size_t least = least_expected(pairs, used);
		struct pair moved = pairs[least];
		for (size_t i = least; i + 1 < used; i++)
			pairs[i] = pairs[i + 1];
		used--;
		least = least_expected(pairs, used);
		pairs[least].r += moved.r;
		pairs[least].c += moved.c;
	}
	struct test_result test = undefined;
	if (used > 1 && m > 0) {
		double statistic = 0;
		for (size_t i = 0; i < used; i++) {
			double off = pairs[i].c - pairs[i].r;
			statistic += off * off / pairs[i].r;
		}
		test = chi2_result(statistic, used);
	}
	free(pairs);
	return test;
}
