/* dist.h: tails of the distributions that tests need, to full double precision far out.
 * Errors: a NaN or out-of-range argument gives NaN. */
#ifndef FRAUDTOP_STATS_DIST_H
#define FRAUDTOP_STATS_DIST_H

double dist_normal_sf(double z); /* P(Z > z) */
double dist_normal_isf(double p);
double dist_chi2_sf(double x, double dof); /* regularised upper incomplete gamma; dof to 1e9 */
double dist_chi2_isf(double p, double dof);
double dist_kolmogorov_sf(double x); /* limit law of sqrt(n) D */
double dist_kstwo_sf(double d, double n); /* P(D >= d) of n values, two-sided, one sample */
/* ln n! - ((n + 1/2) ln n - n + ln sqrt(2 pi)), for n > 0. */
double dist_stirling_error(double n);

#endif
