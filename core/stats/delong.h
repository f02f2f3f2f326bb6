/* delong.h: the placements of DeLong, DeLong and Clarke-Pearson (Biometrics 1988) and the variance
 * of areas that follows from them. For core/stats alone.
 *
 * All counts are doubled, so that a tie is a whole number: `above` of a positive is twice the
 * negatives that come before it, `below` of a negative twice the positives that come after it. */
#ifndef FRAUDTOP_STATS_DELONG_H
#define FRAUDTOP_STATS_DELONG_H

#include <stddef.h>
#include <stdint.h>

struct delong_sums {
	double wrong; /* the sum of `above`, which is that of `below` too */
	double above_squares, below_squares;
};

/* The variance of one area, or of the difference of two if the sums are of each row's difference.
 * NaN if a class has fewer than two rows. */
double delong_variance(const struct delong_sums *sums, double positives, double negatives);

/* Each row's `above` or `below`, by its class. Every label is 0 or 1, no score is NaN. A row's rank
 * among all less its rank among its own (Sun and Xu, IEEE Signal Processing Letters 2014) is what
 * is counted here on one walk. */
void delong_place(const double *scores, const int8_t *labels, size_t n, int64_t *twice);

/* The rows' numbers by descending score; of equal ones any. To be freed. */
uint32_t *delong_order(const double *scores, size_t n);

#endif
