/* moments.h: mean, deviation and skewness of numbers at hand, in passes with sums that do not lose
 * what rounding drops, and without overflow. */
#ifndef FRAUDTOP_STATS_MOMENTS_H
#define FRAUDTOP_STATS_MOMENTS_H

#include <stddef.h>

struct moments {
	double mean;
	double deviation; /* of the population: divided by n */
	double skewness; /* of the population; NaN if all are alike */
};

/* Of n numbers without NaN; all NaN for n = 0. */
struct moments moments_of(const double *values, size_t n);

#endif
