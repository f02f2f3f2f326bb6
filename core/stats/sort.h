/* sort.h: sorting numbers, for the parts of core/stats that need order. */
#ifndef FRAUDTOP_STATS_SORT_H
#define FRAUDTOP_STATS_SORT_H

#include <stddef.h>

/* Ascending, in place. No NaN. */
void sort_doubles(double *values, size_t n);

/* The type-7 quantile q in [0,1] (R, numpy) of n sorted numbers; NaN for n = 0. */
double sort_quantile(const double *sorted, size_t n, double q);

#endif
