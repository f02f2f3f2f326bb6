/* moments.h: mean and population deviation of numbers that are at hand. Both NaN for none. */
#ifndef FRAUDTOP_STATS_MOMENTS_H
#define FRAUDTOP_STATS_MOMENTS_H

#include <stddef.h>

struct moments {
	double mean, deviation;
};

struct moments moments_of(const double *values, size_t n);

#endif
