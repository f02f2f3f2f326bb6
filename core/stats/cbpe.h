/* cbpe.h: quality before labels come, from calibrated probabilities alone (CBPE, NannyML;
 * METRICS.md 1.11). It assumes that P(label | score) is as it was in the reference: it cannot see
 * that fraud behaves otherwise.
 *
 * Undefined (nothing flagged, nothing expected) is NaN; probabilities beyond [0,1] are clipped, NaN
 * ones left out. */
#ifndef FRAUDTOP_STATS_CBPE_H
#define FRAUDTOP_STATS_CBPE_H

#include <stddef.h>
#include <stdint.h>

/* Sums over rows: mergeable by adding. `doubt` is the variance sum p (1 - p). */
struct cbpe {
	double tp, fp, fn, tn; /* expected */
	double doubt_flagged, doubt_passed; /* sums of p (1 - p) */
	uint64_t flagged, passed;
};

struct cbpe_figure {
	double value, low, high; /* the band is 95 % of where the realised figure would fall */
};

void cbpe_add(struct cbpe *sums, double probability, int flagged);
void cbpe_merge(struct cbpe *into, const struct cbpe *from);

struct cbpe_figure cbpe_precision(const struct cbpe *sums);
struct cbpe_figure cbpe_recall(const struct cbpe *sums); /* delta method */
struct cbpe_figure cbpe_fpr(const struct cbpe *sums); /* delta method */
double cbpe_f1(const struct cbpe *sums);
double cbpe_accuracy(const struct cbpe *sums);
double cbpe_specificity(const struct cbpe *sums);

/* The same as NannyML has them, 0 where they are undefined: to compare with, not to show. */
struct cbpe_nannyml {
	double precision, recall, f1, accuracy, specificity;
};

struct cbpe_nannyml cbpe_as_nannyml(const struct cbpe *sums);

struct cbpe_rank {
	double roc_auc, average_precision;
};

/* Expected AUC and average precision: rows sorted by score, each p positive and 1-p negative, ties
 * grouped. order gives the score each row is ranked by; NULL: the probabilities themselves. */
struct cbpe_rank cbpe_rank_exact(const double *probabilities, const double *order, size_t n);
/* The same from bins in ascending order: expected positives and negatives a bin. */
struct cbpe_rank cbpe_rank_bins(const double *positives, const double *negatives, size_t bins);
/* Expected Brier score and log loss: sum p (1 - p) / n, and the mean entropy. */
double cbpe_brier(const double *probabilities, size_t n);
double cbpe_log_loss(const double *probabilities, size_t n);

#endif
