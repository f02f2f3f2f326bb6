/* ks.c: the Kolmogorov-Smirnov test, on samples and on bins, and its p-values (METRICS.md 1.4). */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/dist.h"
#include "core/stats/tests.h"

/* Up to this many n * m the p of KS is exact; the work is that many steps. */
#define EXACT_LIMIT 1000000

static const struct test_result undefined = {NAN, NAN, NAN, NAN, NAN};

/* The chance that a random path from (0,0) to (n,m) somewhere has |i m - j n| >= gap: cell by cell,
 * the chance that the path which ends there has been outside. No differences, so small ones stay
 * exact. */
static double
exact_p(size_t n, size_t m, uint64_t gap)
{
	double *outside = mem_alloc((m + 1) * sizeof(*outside));
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			uint64_t a = (uint64_t)i * m, b = (uint64_t)j * n;
			if ((a > b ? a - b : b - a) >= gap)
				outside[j] = 1;
			else if (i + j == 0)
				outside[j] = 0;
			else if (j > 0)
				outside[j] = ((double)i * outside[j] + (double)j * outside[j - 1]) /
					     (double)(i + j);
		}
	}
	double p = outside[m];
	free(outside);
	return p;
}

double
test_ks_exact_p(double d, size_t n, size_t m)
{
	if (n == 0 || m == 0 || isnan(d))
		return NAN;
	if (d > 1)
		return 0;
	/* d came of a division by n m: its gap is the whole number it was, not the next one. */
	double gap = fmax(d, 0) * (double)n * (double)m, whole = rint(gap);
	if (fabs(gap - whole) > 8 * DBL_EPSILON * whole)
		whole = ceil(gap);
	return exact_p(n, m, (uint64_t)whole);
}

static double
effective_root(double n, double m)
{
	return sqrt(n * (m / (n + m)));
}

double
test_ks_limit_p(double d, double n, double m)
{
	return n > 0 && m > 0 ? dist_kolmogorov_sf(effective_root(n, m) * d) : NAN;
}

double
test_ks_stephens_p(double d, double n, double m)
{
	if (!(n > 0 && m > 0))
		return NAN;
	double root = effective_root(n, m);
	return dist_kolmogorov_sf((root + 0.12 + 0.11 / root) * d);
}

double
test_ks_asymp_p(double d, double n, double m)
{
	if (!(n > 0 && m > 0) || isnan(d))
		return NAN;
	double rounded = rint(n * m / (n + m));
	/* One against one: not even one value's worth, which excludes nothing. */
	return rounded < 1 ? 1 : dist_kstwo_sf(d, rounded);
}

/* Whole counts up to 2^53 are exact in a double, and so is |i m - j n| for samples that fit in
 * memory; it is compared often and converted once. */
struct test_result
test_ks(const double *reference, size_t n, const double *current, size_t m)
{
	if (n == 0 || m == 0)
		return undefined;
	int64_t up = (int64_t)m, down = (int64_t)n, here = 0, low = 0, high = 0;
	size_t i = 0, j = 0;
	while (i < n && j < m) {
		/* One step of the lesser side, of both if they are equal, without a branch on
		 * which. */
		double r = reference[i], c = current[j];
		size_t step_i = r <= c, step_j = c <= r;
		i += step_i;
		j += step_j;
		here += (int64_t)step_i * up - (int64_t)step_j * down;
		/* Ties stand together: the gap counts after the last of them. */
		double value = r <= c ? r : c;
		if ((i < n && reference[i] == value) || (j < m && current[j] == value))
			continue;
		low = here < low ? here : low;
		high = here > high ? here : high;
	}
	/* Of ties at the end of one side the other may have some left; after them the gap closes.
	 */
	for (; i < n && reference[i] == current[m - 1]; i++)
		here += up;
	for (; j < m && current[j] == reference[n - 1]; j++)
		here -= down;
	int64_t gap = high > -low ? high : -low;
	gap = llabs(here) > gap ? llabs(here) : gap;
	struct test_result test = undefined;
	test.statistic = test.low = test.high = (double)gap / ((double)n * (double)m);
	if ((double)n * (double)m <= EXACT_LIMIT)
		test.p_value = exact_p(n, m, (uint64_t)gap);
	else
		test.p_value = test_ks_stephens_p(test.statistic, (double)n, (double)m);
	return test;
}

/* --- from bins --- */

/* Fills in a statistic between low and high of n against m samples. */
static struct test_result
bounded_ks(double low, double high, double n, double m)
{
	struct test_result test = undefined;
	test.statistic = test.low = fmin(low, 1);
	test.high = fmin(high, 1);
	if (effective_root(n, m) * (test.high - test.low) / 2 <= 0.1)
		test.p_value = test_ks_stephens_p(test.low, n, m);
	return test;
}

static struct test_result
ks_of_edges(const double *reference, const double *current, size_t bins, double n, double m)
{
	double r = 0, c = 0, low = 0, high = 0, f = 0, g = 0;
	for (size_t i = 0; i < bins; i++) {
		double f_before = f, g_before = g;
		r += reference[i];
		c += current[i];
		f = r / n;
		g = c / m;
		low = fmax(low, fabs(f - g));
		/* Within the bin all of one side may come before all of the other. */
		high = fmax(high, fmax(f - g_before, g - f_before));
	}
	return bounded_ks(low, high, n, m);
}

/* A bin a value, and the last for values that the reference has not: at each value F - G is known
 * but for the unseen ones of either side, which may all come before it or all after. */
static struct test_result
ks_of_values(const double *reference, const double *current, size_t bins, double n, double m)
{
	double unseen_r = reference[bins - 1] / n, unseen_c = current[bins - 1] / m;
	double r = 0, c = 0, low = 0, high = fmax(unseen_r, unseen_c);
	for (size_t i = 0; i + 1 < bins; i++) {
		r += reference[i];
		c += current[i];
		double gap = r / n - c / m;
		low = fmax(low, fmax(gap - unseen_c, -gap - unseen_r));
		high = fmax(high, fmax(gap + unseen_r, unseen_c - gap));
	}
	return bounded_ks(low, high, n, m);
}

struct test_result
test_ks_bins(const struct bins *bins, const double *reference, const double *current)
{
	double n = 0, m = 0;
	for (size_t i = 0; i < bins->count; i++) {
		n += reference[i];
		m += current[i];
	}
	if (!(n > 0 && m > 0))
		return undefined;
	switch (bins->kind) {
	case BINS_EDGES:
		return ks_of_edges(reference, current, bins->count, n, m);
	case BINS_VALUES:
		return ks_of_values(reference, current, bins->count, n, m);
	case BINS_CATEGORIES_KIND:
		break;
	}
	return undefined;
}
