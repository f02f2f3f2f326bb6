/* drift.c: whole counts handed to the functions that take any. */
#include "core/stats/drift.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/divergence.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"

/* Both sides as doubles, the current after the reference; to be freed. */
static double *
real_counts(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double *counts = mem_grow(NULL, 2 * bins, sizeof(*counts));
	for (size_t i = 0; i < bins; i++) {
		counts[i] = (double)reference[i];
		counts[bins + i] = (double)current[i];
	}
	return counts;
}

static struct drift_test
drift_result(struct test_result test)
{
	return (struct drift_test){test.statistic, test.p_value, test.dof, test.low, test.high};
}

double
drift_psi(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double *counts = real_counts(reference, current, bins);
	double psi = divergence_psi(counts, counts + bins, bins, ZERO_JEFFREYS);
	free(counts);
	return psi;
}

double
drift_psi_null(uint64_t n_reference, uint64_t n_current, size_t bins)
{
	return divergence_psi_null((double)n_reference, (double)n_current, bins);
}

double
drift_js_distance(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double *counts = real_counts(reference, current, bins);
	double distance = divergence_js_distance(counts, counts + bins, bins);
	free(counts);
	return distance;
}

struct drift_test
drift_chi2_plain(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double *counts = real_counts(reference, current, bins);
	struct test_result test = test_chi2(counts, counts + bins, bins);
	free(counts);
	return drift_result(test);
}

struct drift_test
drift_chi2(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	double *counts = real_counts(reference, current, bins);
	struct test_result test = test_chi2_merged(counts, counts + bins, bins);
	free(counts);
	return drift_result(test);
}

struct drift_test
drift_ks_binned(const uint64_t *reference, const uint64_t *current, size_t bins)
{
	return drift_ks_bins(&(struct bins){.kind = BINS_EDGES, .count = bins}, reference, current);
}

struct drift_test
drift_ks_bins(const struct bins *bins, const uint64_t *reference, const uint64_t *current)
{
	double *counts = real_counts(reference, current, bins->count);
	struct test_result test = test_ks_bins(bins, counts, counts + bins->count);
	free(counts);
	return drift_result(test);
}

double
drift_ks_stephens(double d, uint64_t n, uint64_t m)
{
	return test_ks_stephens_p(d, (double)n, (double)m);
}

struct drift_test
drift_ks(double *reference, size_t n, double *current, size_t m)
{
	sort_doubles(reference, n);
	sort_doubles(current, m);
	return drift_result(test_ks(reference, n, current, m));
}

struct drift_test
drift_ztest(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2)
{
	return drift_result(test_proportions((double)k1, (double)n1, (double)k2, (double)n2));
}
