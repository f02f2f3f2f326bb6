/* paired.h: two classifiers on the same rows (METRICS.md has no such entry: sources below).
 *
 * McNemar 1947, exact by the binomial law below 25 discordant rows, else chi-square with Edwards'
 * correction (as statsmodels' mcnemar; as many on both sides are no difference, so p is 1), with
 * the score interval of Tango 1998. DeLong, DeLong, Clarke-Pearson 1988 for correlated areas, by
 * the midranks of Sun and Xu 2014. Average precision by the rows' influences (average_precision.h).
 */
#ifndef FRAUDTOP_STATS_PAIRED_H
#define FRAUDTOP_STATS_PAIRED_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/proportion.h"

struct paired_test {
	double statistic, p_value; /* NaN: undefined */
	double difference; /* second minus first */
	struct interval interval; /* of the difference, 95 % */
	uint64_t only_first, only_second; /* McNemar: rows that one alone had right */
};

/* only_first, only_second: rows that the one had right and the other wrong; n: all rows. The
 * difference is of the accuracies. */
struct paired_test paired_mcnemar(uint64_t only_first, uint64_t only_second, uint64_t n);
/* Rows whose label is neither 0 nor 1, or with a score that is NaN, are left out. One class alone:
 * undefined. Orders that are the same: no difference, p 1. */
struct paired_test paired_delong(
    const double *first, const double *second, const int8_t *labels, size_t n);
/* The same of the average precisions. */
struct paired_test paired_average_precision(
    const double *first, const double *second, const int8_t *labels, size_t n);

#endif
