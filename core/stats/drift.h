/* drift.h: distances between two histograms over the same bins, and tests (METRICS.md 1.2 to 1.7).
 *
 * `reference` and `current` are counts a bin. An undefined result is NaN (an empty side, no bins),
 * never 0. Formulas: psi = sum (c-r) ln(c/r) with Jeffreys shares (count+1/2)/(N+B/2);
 * Jensen-Shannon distance to base 2; KS on the bin borders. */
#ifndef FRAUDTOP_STATS_DRIFT_H
#define FRAUDTOP_STATS_DRIFT_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/bins.h"

double drift_psi(const uint64_t *reference, const uint64_t *current, size_t bins);
/* The 99 % no-drift level of PSI: (1/n + 1/m) * chi2isf(0.01, bins-1). */
double drift_psi_null(uint64_t n_reference, uint64_t n_current, size_t bins);
double drift_js_distance(const uint64_t *reference, const uint64_t *current, size_t bins);

struct drift_test {
	double statistic, p_value;
	double dof; /* chi-square only */
	double low, high; /* bound of a binned KS statistic */
};

/* Homogeneity chi-square of the 2 x B table, no Yates; bins empty on both sides are left out. One
 * bin that holds both sides whole: no drift (statistic 0, dof 0, p 1). An empty side: undefined. */
struct drift_test drift_chi2_plain(const uint64_t *reference, const uint64_t *current, size_t bins);
/* The same, but when over 20 % of expected counts are below 5, the rarest bins are merged first,
 * down to two bins if need be. */
struct drift_test drift_chi2(const uint64_t *reference, const uint64_t *current, size_t bins);
/* Kolmogorov-Smirnov from ordered bins: the largest gap at a bin border (low), and how large the
 * true statistic could be given what the bins hide (high). p is Stephens' of the low one, and NaN
 * where the bins hide too much to say: sqrt(n m / (n + m)) * (high - low) / 2 > 0.1. */
struct drift_test drift_ks_binned(const uint64_t *reference, const uint64_t *current, size_t bins);
/* The same from fine counts over numeric bins of either kind. With a bin a value the statistic is
 * exact, but for the unseen bin: its values may lie anywhere, which low and high take in.
 * Categories: undefined. */
struct drift_test drift_ks_bins(
    const struct bins *bins, const uint64_t *reference, const uint64_t *current);
/* Exact two-sample KS on samples, which are sorted in place; NaN must have been removed. p: the
 * exact lattice when n*m <= 1e6, else Kolmogorov's limit with Stephens' factor. */
struct drift_test drift_ks(double *reference, size_t n, double *current, size_t m);
/* Kolmogorov's limit with Stephens' factor: the p of a KS statistic d of n against m samples. */
double drift_ks_stephens(double d, uint64_t n, uint64_t m);
/* Pooled two-sided z-test on proportions k1/n1 against k2/n2. */
struct drift_test drift_ztest(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2);

#endif
