/* tests.h: tests of whether two samples come from one distribution (METRICS.md 1.4 to 1.7).
 *
 * An undefined result is NaN. p-values assume independent rows ("iid"). Samples hold no NaN; where
 * they must be sorted it is said. Counts need not be whole, as in divergence.h. */
#ifndef FRAUDTOP_STATS_TESTS_H
#define FRAUDTOP_STATS_TESTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/bins.h"

struct test_result {
	double statistic, p_value;
	double dof; /* chi-square only */
	double low, high; /* bound of a statistic that comes from bins */
};

/* Chi-square of two count vectors; unused bins (empty on both sides) are left out; one used bin: no
 * drift (0, dof 0, p 1); an empty side: undefined. */
struct test_result test_chi2(const double *reference, const double *current, size_t bins);
/* The default: homogeneity, and where over 20 % of expected counts are below 5 the rarest bins are
 * merged first, down to two bins if need be. */
struct test_result test_chi2_merged(const double *reference, const double *current, size_t bins);
/* The least expected count of the homogeneity table; NaN where that is undefined. */
double test_chi2_least_expected(const double *reference, const double *current, size_t bins);
struct test_result test_chi2_yates(const double *reference, const double *current, size_t bins);
/* Goodness of fit, expected = reference scaled to current; a new category: infinite, p 0. */
struct test_result test_chi2_fit(const double *reference, const double *current, size_t bins);
/* Deequ's: goodness of fit after regrouping the smallest into the second smallest. */
struct test_result test_chi2_deequ(const double *reference, const double *current, size_t bins);

/* Exact two-sample KS on sorted samples. p: the exact lattice when n*m <= 1e6, else Kolmogorov's
 * limit with Stephens' factor. */
struct test_result test_ks(const double *reference, size_t n, const double *current, size_t m);
/* The four p of a statistic d: exact (n*m steps), the Kolmogorov limit, Stephens', and scipy's
 * `asymp`, the one-sample law kstwo.sf(d, round(nm/(n+m))). */
double test_ks_exact_p(double d, size_t n, size_t m);
double test_ks_limit_p(double d, double n, double m);
double test_ks_stephens_p(double d, double n, double m);
double test_ks_asymp_p(double d, double n, double m);
/* From fine counts over numeric bins: the gap at a border (statistic = low) and what the bins may
 * hide (high). p is Stephens' of the low one, NaN where the bins hide too much to say:
 * sqrt(n m / (n + m)) * (high - low) / 2 > 0.1. Categories: undefined. */
struct test_result test_ks_bins(
    const struct bins *bins, const double *reference, const double *current);

/* Anderson-Darling of k sorted samples (Scholz and Stephens 1987; scipy's anderson_ksamp). p is
 * 0.25 below the table of critical values and 0.001 above it: test_anderson_mark says which (`>`,
 * `<` or ""). All values alike, under four, or an empty sample: undefined. critical may be NULL. */
struct test_result test_anderson(
    const double *const *samples, const size_t *sizes, size_t k, int midrank, double critical[7]);
const char *test_anderson_mark(double p_value);

/* Pooled two-sided z-test on proportions k1/n1 (reference) against k2/n2 (current). */
struct test_result test_proportions(double k1, double n1, double k2, double n2);

#endif
