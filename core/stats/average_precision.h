/* average_precision.h: how sure an average precision is (its value: quality.h).
 *
 * By the influence of each row on it (the infinitesimal jackknife): average precision is a smooth
 * functional of the joint law of score and label, so that its variance is the mean square of the
 * rows' influences over n. The interval is taken on the logit (Boyd, Eng, Page: "Area under the
 * precision-recall curve", ECML 2013), which keeps it in [0,1]. With fewer than 200 positives the
 * influences spread too little; there each limit is the wider of that and of Boyd's binomial one,
 * by Wilson: average precision as a share of the positives. */
#ifndef FRAUDTOP_STATS_AVERAGE_PRECISION_H
#define FRAUDTOP_STATS_AVERAGE_PRECISION_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/proportion.h"

/* Returns the average precision and fills in each row's influence. Every label is 0 or 1, no score
 * is NaN. NaN, and influences of 0, without a positive. */
double average_precision_influence(
    const double *scores, const int8_t *labels, size_t n, double *influence);

/* 95 %. Rows whose label is neither 0 nor 1, or whose score is NaN, are left out. One class alone:
 * undefined. */
struct interval average_precision_interval(const double *scores, const int8_t *labels, size_t n);

#endif
