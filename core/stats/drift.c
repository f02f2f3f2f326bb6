#include "core/stats/drift.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/dist.h"
#include "core/stats/sort.h"

/* Up to this many n * m the p of KS is exact; the work is that many steps. */
#define EXACT_LIMIT 1000000

static const struct drift_test undefined = {NAN, NAN, NAN, NAN, NAN};

static uint64_t
sum_counts(const uint64_t *counts, size_t bins)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < bins; i++)
		sum += counts[i];
	return sum;
}

double
drift_psi(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	uint64_t n = sum_counts(reference, bins), m = sum_counts(current, bins);
	if (n == 0 || m == 0)
		return NAN;
	double half = 0.5 * (double)bins, psi = 0;
	for (size_t i = 0; i < bins; i++) {
		double r = ((double)reference[i] + 0.5) / ((double)n + half);
		double c = ((double)current[i] + 0.5) / ((double)m + half);
		psi += (c - r) * log(c / r);
	}
	return psi;
}

double
drift_psi_null(uint64_t n_reference, uint64_t n_current, size_t bins)
{
	if (n_reference == 0 || n_current == 0 || bins < 2)
		return NAN;
	return (1 / (double)n_reference + 1 / (double)n_current) *
	       dist_chi2_isf(0.01, (double)(bins - 1));
}

double
drift_js_distance(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	uint64_t n = sum_counts(reference, bins), m = sum_counts(current, bins);
	if (n == 0 || m == 0)
		return NAN;
	double sum = 0;
	for (size_t i = 0; i < bins; i++) {
		double r = (double)reference[i] / (double)n, c = (double)current[i] / (double)m;
		double middle = (r + c) / 2;
		if (r > 0)
			sum += r * log2(r / middle);
		if (c > 0)
			sum += c * log2(c / middle);
	}
	return sum > 0 ? sqrt(fmin(sum / 2, 1)) : 0;
}

struct drift_test
drift_chi2_plain(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double n = (double)sum_counts(reference, bins), m = (double)sum_counts(current, bins);
	if (n == 0 || m == 0)
		return undefined;
	double statistic = 0;
	size_t used = 0;
	for (size_t i = 0; i < bins; i++) {
		double r = (double)reference[i], c = (double)current[i];
		if (r + c == 0)
			continue;
		used++;
		double expected_r = (r + c) * (n / (n + m)), expected_c = (r + c) * (m / (n + m));
		statistic += (r - expected_r) * (r - expected_r) / expected_r +
			     (c - expected_c) * (c - expected_c) / expected_c;
	}
	struct drift_test test = undefined;
	test.dof = (double)used - 1;
	test.statistic = used > 1 ? statistic : 0;
	test.p_value = used > 1 ? dist_chi2_sf(statistic, test.dof) : 1;
	return test;
}

struct pair {
	uint64_t r, c;
};

static int
compare_pairs(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	uint64_t x = a->r + a->c, y = b->r + b->c;
	if (x != y)
		return x > y ? 1 : -1;
	return (a->r > b->r) - (a->r < b->r);
}

/* Is more than a fifth of the expected counts below 5? The pairs are in ascending order of their
 * sum. */
static bool
is_sparse(const struct pair *pairs, size_t n_pairs, double share_r)
{
	size_t low = 0;
	for (size_t i = 0; i < n_pairs; i++) {
		double sum = (double)(pairs[i].r + pairs[i].c);
		low += (sum * share_r < 5) + (sum * (1 - share_r) < 5);
	}
	return (double)low > 0.2 * 2 * (double)n_pairs;
}

struct drift_test
drift_chi2(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double n = (double)sum_counts(reference, bins), m = (double)sum_counts(current, bins);
	if (n == 0 || m == 0)
		return undefined;
	struct pair *pairs = mem_grow(NULL, bins, sizeof(*pairs));
	size_t used = 0;
	for (size_t i = 0; i < bins; i++) {
		if (reference[i] + current[i] > 0)
			pairs[used++] = (struct pair){reference[i], current[i]};
	}
	size_t first = 0;
	for (; used - first > 2; first++) {
		qsort(pairs + first, used - first, sizeof(*pairs), compare_pairs);
		if (!is_sparse(pairs + first, used - first, n / (n + m)))
			break;
		pairs[first + 1].r += pairs[first].r;
		pairs[first + 1].c += pairs[first].c;
	}
	size_t left = used - first;
	uint64_t *merged = mem_grow(NULL, 2 * left, sizeof(*merged));
	for (size_t i = 0; i < left; i++) {
		merged[i] = pairs[first + i].r;
		merged[left + i] = pairs[first + i].c;
	}
	struct drift_test test = drift_chi2_plain(merged, merged + left, left);
	free(merged);
	free(pairs);
	return test;
}

double
drift_ks_stephens(double d, uint64_t n, uint64_t m)
{
	if (n == 0 || m == 0)
		return NAN;
	double root = sqrt((double)n * (double)m / ((double)n + (double)m));
	return dist_kolmogorov_sf((root + 0.12 + 0.11 / root) * d);
}

/* Fills in a statistic between low and high of n against m samples. */
static struct drift_test
bounded_ks(double low, double high, uint64_t n, uint64_t m)
{
	struct drift_test test = undefined;
	test.statistic = test.low = low;
	test.high = high;
	double root = sqrt((double)n * (double)m / ((double)n + (double)m));
	if (root * (high - low) / 2 <= 0.1)
		test.p_value = drift_ks_stephens(low, n, m);
	return test;
}

struct drift_test
drift_ks_binned(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	uint64_t n = sum_counts(reference, bins), m = sum_counts(current, bins);
	if (n == 0 || m == 0)
		return undefined;
	uint64_t r = 0, c = 0;
	double low = 0, high = 0, f = 0, g = 0;
	for (size_t i = 0; i < bins; i++) {
		double f_before = f, g_before = g;
		r += reference[i];
		c += current[i];
		f = (double)r / (double)n;
		g = (double)c / (double)m;
		low = fmax(low, fabs(f - g));
		/* Within the bin all of one side may come before all of the other. */
		high = fmax(high, fmax(f - g_before, g - f_before));
	}
	return bounded_ks(low, high, n, m);
}

/* A bin a value, and the last for values that the reference has not: at each value F - G is known
 * but for the unseen ones of either side, which may all come before it or all after. */
static struct drift_test
ks_of_values(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	uint64_t n = sum_counts(reference, bins), m = sum_counts(current, bins);
	if (n == 0 || m == 0)
		return undefined;
	double unseen_r = (double)reference[bins - 1] / (double)n;
	double unseen_c = (double)current[bins - 1] / (double)m;
	uint64_t r = 0, c = 0;
	double low = 0, high = fmax(unseen_r, unseen_c);
	for (size_t i = 0; i + 1 < bins; i++) {
		r += reference[i];
		c += current[i];
		double gap = (double)r / (double)n - (double)c / (double)m;
		low = fmax(low, fmax(gap - unseen_c, -gap - unseen_r));
		high = fmax(high, fmax(gap + unseen_r, unseen_c - gap));
	}
	return bounded_ks(low, high, n, m);
}

struct drift_test
drift_ks_bins(const struct bins *bins, const uint64_t *reference, const uint64_t *current)
{
	switch (bins->kind) {
	case BINS_EDGES:
		return drift_ks_binned(reference, current, bins->count);
	case BINS_VALUES:
		return ks_of_values(reference, current, bins->count);
	case BINS_CATEGORIES_KIND:
		break;
	}
	return undefined;
}

/* The chance that a random path from (0,0) to (n,m) somewhere has |i m - j n| >= gap: cell by cell,
 * the chance that the path which ends there has been outside. No differences, so small ones stay
 * exact. */
static double
exact_ks(size_t n, size_t m, uint64_t gap)
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

struct drift_test
drift_ks(double *reference, size_t n, double *current, size_t m)
{
	if (n == 0 || m == 0)
		return undefined;
	sort_doubles(reference, n);
	sort_doubles(current, m);
	uint64_t gap = 0;
	for (size_t i = 0, j = 0; i < n && j < m;) {
		double value = reference[i] < current[j] ? reference[i] : current[j];
		while (i < n && reference[i] <= value)
			i++;
		while (j < m && current[j] <= value)
			j++;
		uint64_t a = (uint64_t)i * m, b = (uint64_t)j * n;
		uint64_t here = a > b ? a - b : b - a;
		gap = here > gap ? here : gap;
	}
	struct drift_test test = undefined;
	test.statistic = test.low = test.high = (double)gap / ((double)n * (double)m);
	if ((double)n * (double)m <= EXACT_LIMIT)
		test.p_value = exact_ks(n, m, gap);
	else
		test.p_value = drift_ks_stephens(test.statistic, n, m);
	return test;
}

struct drift_test
drift_ztest(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2)
{
	if (n1 == 0 || n2 == 0)
		return undefined;
	double a = (double)k1 / (double)n1, b = (double)k2 / (double)n2;
	double pooled = ((double)k1 + (double)k2) / ((double)n1 + (double)n2);
	double variance = pooled * (1 - pooled) * (1 / (double)n1 + 1 / (double)n2);
	struct drift_test test = undefined;
	test.statistic = variance > 0 ? (a - b) / sqrt(variance) : 0;
	test.p_value = 2 * dist_normal_sf(fabs(test.statistic));
	return test;
}
