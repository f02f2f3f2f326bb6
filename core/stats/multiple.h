/* multiple.h: p-values of many tests at once (METRICS.md 1.8). */
#ifndef FRAUDTOP_STATS_MULTIPLE_H
#define FRAUDTOP_STATS_MULTIPLE_H

#include <stddef.h>

/* Benjamini-Hochberg (1995) adjusted p, in the order given; a NaN stays NaN and is not counted
 * among the tests. adjusted may be p itself. */
void multiple_bh(const double *p, double *adjusted, size_t n);
/* Bonferroni: min(1, p times the number of tests). */
void multiple_bonferroni(const double *p, double *adjusted, size_t n);

#endif
