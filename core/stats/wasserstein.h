/* wasserstein.h: the first Wasserstein distance (METRICS.md 1.5): the area between two distribution
 * functions, in the units of the feature. */
#ifndef FRAUDTOP_STATS_WASSERSTEIN_H
#define FRAUDTOP_STATS_WASSERSTEIN_H

#include <stddef.h>

#include "core/stats/bins.h"

/* Exact, on sorted samples without NaN; NaN for an empty one. */
double wasserstein(const double *reference, size_t n, const double *current, size_t m);
/* The same of weighted samples, sorted by value; weights are not negative, their sums positive. */
double wasserstein_weighted(const double *reference, const double *reference_weights, size_t n,
    const double *current, const double *current_weights, size_t m);
/* Divided by the population deviation of the reference, or by 0.001 if that is smaller. */
double wasserstein_normed(double distance, double reference_deviation);

struct wasserstein_binned {
	double distance; /* with values spread evenly within their bin */
	double low, high; /* what it may be at least and at most, given what the bins hide */
};

/* From fine counts over numeric bins; the outer bins reach to the least and greatest value of each
 * side. Of a bin a value it is exact but for unseen values, which lie between the extremes.
 * Categories, an empty side: undefined. */
struct wasserstein_binned wasserstein_bins(const struct bins *bins, const double *reference,
    double reference_low, double reference_high, const double *current, double current_low,
    double current_high);

#endif
