/* quality.h: precision, recall and their kin; ROC AUC and average precision, exact and from bins
 * (METRICS.md 1.10). 0/0 and one-class data are undefined: NaN.
 *
 * In the functions of scores and labels a row whose label is neither 0 nor 1, or whose score is
 * NaN, is left out.
 *
 * Binned: scores fall into QUALITY_BINS bins even in log-odds (where fraud scores differ), plus one
 * at each end; per bin the positives and negatives are counted. AUC takes ties within a bin as 1/2,
 * its bound is half of sum(p_i n_i)/(PN); average precision takes a bin as one step, and is bounded
 * by the best order of each bin (its positives as one step, then its negatives) and the worst (its
 * negatives, then its positives one by one). */
#ifndef FRAUDTOP_STATS_QUALITY_H
#define FRAUDTOP_STATS_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUALITY_BINS 512

struct quality_confusion {
	uint64_t tp, fp, tn, fn;
};

double quality_precision(const struct quality_confusion *counts);
double quality_recall(const struct quality_confusion *counts);
double quality_f1(const struct quality_confusion *counts);
double quality_fpr(const struct quality_confusion *counts);

/* Wilson 95 % interval of k successes in n trials; NaN for n = 0. */
void quality_wilson(uint64_t k, uint64_t n, double *low, double *high);

struct quality_rank {
	double roc_auc, roc_auc_low, roc_auc_high;
	double average_precision, average_precision_low, average_precision_high;
};

/* Exact, ties as one step; low and high equal the value. Neither array is changed. O(n log n). */
struct quality_rank quality_rank_exact(const double *scores, const int8_t *labels, size_t n);

struct quality_scores { /* mergeable: add the counts */
	uint32_t positives[QUALITY_BINS], negatives[QUALITY_BINS];
};

size_t quality_bin(double score); /* score in [0,1] */
struct quality_rank quality_rank_binned(
    const uint64_t *positives, const uint64_t *negatives, size_t bins);

double quality_brier(const double *scores, const int8_t *labels, size_t n);
/* Natural log, clipped to [2.22e-16, 1 - 2.22e-16]. */
double quality_log_loss(const double *scores, const int8_t *labels, size_t n);

#endif
