/* divergence.h: distances between two histograms over the same bins (METRICS.md 1.2, 1.3).
 *
 * `reference` and `current` are counts a bin, not shares; they need not be whole (a reference of
 * the same hours of the week is a weighted sum). Undefined is NaN (an empty side, no bins), never
 * 0. The zero rule says what an empty bin counts as: Jeffreys' share is (count + 1/2) / (N + B/2).
 */
#ifndef FRAUDTOP_STATS_DIVERGENCE_H
#define FRAUDTOP_STATS_DIVERGENCE_H

#include <stddef.h>

enum zero_rule {
	ZERO_JEFFREYS,
	ZERO_FLOOR, /* a share of 0 is 1e-4 */
	ZERO_EVIDENTLY, /* 1e-4, or a millionth of the least share if that is 1e-4 or less */
	ZERO_NONE /* an empty bin makes it infinite */
};

/* sum (c-r) ln(c/r). */
double divergence_psi(
    const double *reference, const double *current, size_t bins, enum zero_rule rule);
/* KL(reference || current) = sum r ln(r/c), nats; may be infinite. */
double divergence_kl(
    const double *reference, const double *current, size_t bins, enum zero_rule rule);
/* Jensen-Shannon divergence in nats: [0, ln 2]. */
double divergence_js(const double *reference, const double *current, size_t bins);
/* Its square root to base 2: [0, 1]. To base e it is sqrt(ln 2) times this. */
double divergence_js_distance(const double *reference, const double *current, size_t bins);
double divergence_hellinger(const double *reference, const double *current, size_t bins);
double divergence_linf(const double *reference, const double *current, size_t bins);
double divergence_tvd(const double *reference, const double *current, size_t bins);
/* Deequ's correction of L-infinity for n and m samples: max(0, d - c sqrt((n+m)/(n m))); c is 1.8,
 * or sqrt(-ln(alpha/2)/2). */
double divergence_linf_robust(double linf, double n, double m, double c);
/* The 99 % no-drift level of PSI: (1/n + 1/m) * chi2isf(0.01, bins-1). */
double divergence_psi_null(double n_reference, double n_current, size_t bins);

#endif
