/* ndcg.h: does the live ranking of feature attributions agree with the baseline's (METRICS.md
 * 1.13). Discounted cumulative gain by position i: sum gain / log2(i + 1), over its ideal. Below
 * 0.90: drift. All gains 0: NaN. */
#ifndef FRAUDTOP_STATS_NDCG_H
#define FRAUDTOP_STATS_NDCG_H

#include <stddef.h>

#define NDCG_LIMIT 0.90

/* Gain |baseline|, order by |live| descending; ties in the live order share their gain. A NaN, an
 * attribution that is not there, counts as 0. */
double ndcg_attribution(const double *baseline, const double *live, size_t n);
/* scikit-learn's ndcg_score of the first k (0: all) positions; ties averaged, or (ties = 0) the
 * later in the order given first, as scikit-learn's turned argsort leaves them. A NaN counts as 0.
 */
double ndcg_score(const double *gain, const double *score, size_t n, size_t k, int ties);

#endif
