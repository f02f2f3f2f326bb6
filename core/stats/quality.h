/* quality.h: precision, recall and their kin; ROC AUC and average precision, exact and from bins;
 * Brier score and log loss (METRICS.md 1.10). 0/0 and one-class data are undefined: NaN.
 *
 * In the functions of scores and labels a row whose label is neither 0 nor 1, or whose score is
 * NaN, is left out. A row is flagged if score >= threshold. What follows from bins at any threshold
 * is in quality_cut.h. */
#ifndef FRAUDTOP_STATS_QUALITY_H
#define FRAUDTOP_STATS_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/stats/proportion.h"

#define QUALITY_BINS 512

struct quality_confusion {
	uint64_t tp, fp, tn, fn;
};

double quality_precision(const struct quality_confusion *counts);
double quality_recall(const struct quality_confusion *counts);
double quality_specificity(const struct quality_confusion *counts);
double quality_fpr(const struct quality_confusion *counts);
double quality_fnr(const struct quality_confusion *counts);
double quality_accuracy(const struct quality_confusion *counts);
double quality_flag_rate(const struct quality_confusion *counts);
double quality_f1(const struct quality_confusion *counts);
double quality_f(const struct quality_confusion *counts, double beta); /* recall weighs beta^2 */

struct quality_confusion quality_confusion_at(
    const double *scores, const int8_t *labels, size_t n, double threshold);
/* One class against all others, from matrix[truth * classes + predicted]. */
struct quality_confusion quality_confusion_of(
    const uint64_t *matrix, size_t classes, size_t chosen);

/* Two kinds of interval, never to be mixed: `_binning` is what the bins may hide of these very rows
 * (a bound; exact rows: the value itself), `_interval` is 95 % for the model, of the chance that
 * drew the rows; it has the binning in it. */
struct quality_rank {
	double roc_auc; /* Mann-Whitney, a tie counts 1/2 */
	struct interval roc_auc_binning;
	struct interval roc_auc_interval; /* DeLong, and Hanley-McNeil where few are misplaced */
	double average_precision; /* the sum of steps (R - R') P, ties one step */
	struct interval average_precision_binning;
	double pr_auc_trapezoid; /* the optimistic one of drawn lines: not average precision */
};

/* Neither array is changed. O(n). */
struct quality_rank quality_rank_exact(const double *scores, const int8_t *labels, size_t n);

/* Labelled rows by score, in bins even in log-odds (where fraud scores differ) from -12 to 12, plus
 * one at each end. Mergeable: add the counts. */
struct quality_scores {
	uint32_t positives[QUALITY_BINS], negatives[QUALITY_BINS];
};

size_t quality_bin(double score); /* score in [0,1] */
double quality_bin_floor(size_t bin); /* about the least score of it; the ends: 0, and at 512: 1 */
struct quality_rank quality_rank_binned(
    const uint64_t *positives, const uint64_t *negatives, size_t bins);

/* Sums of squared errors and of surprise (natural log, scores clipped to [2.22e-16, 1 - 2.22e-16]).
 * Mergeable: add. */
struct quality_loss {
	double squares, logs;
	uint64_t rows, clipped; /* clipped: how many scores were changed for the log */
};

void quality_loss_add(struct quality_loss *loss, double score, int8_t label);
void quality_loss_merge(struct quality_loss *into, const struct quality_loss *from);
double quality_loss_brier(const struct quality_loss *loss);
double quality_loss_log(const struct quality_loss *loss);
struct quality_loss quality_loss_of(const double *scores, const int8_t *labels, size_t n);
double quality_brier(const double *scores, const int8_t *labels, size_t n);
double quality_log_loss(const double *scores, const int8_t *labels, size_t n);

#endif
