/* sort.h: sorting numbers, for the parts of core/stats that need order. Linear in n: a radix sort;
 * what is sorted already costs one look. */
#ifndef FRAUDTOP_STATS_SORT_H
#define FRAUDTOP_STATS_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Ascending, in place. No NaN. */
void sort_doubles(double *values, size_t n);
/* The same with a label carried along with each score; the order of labels within equal scores is
 * any. */
void sort_labelled(double *scores, int8_t *labels, size_t n);
/* The same with a number carried along, such as the row that the value stood in. */
void sort_numbered(double *values, uint32_t *numbers, size_t n);

/* The type-7 quantile q in [0,1] (R, numpy) of n sorted numbers; NaN for n = 0. */
double sort_quantile(const double *sorted, size_t n, double q);

#endif
