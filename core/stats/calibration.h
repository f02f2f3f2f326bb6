/* calibration.h: how true probabilities are, and a map that makes them truer (METRICS.md 1.10,
 * 1.11). Rows whose label is neither 0 nor 1, or whose score is NaN, are left out. */
#ifndef FRAUDTOP_STATS_CALIBRATION_H
#define FRAUDTOP_STATS_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALIBRATION_KNOTS 256

struct calibration_error {
	double ece; /* sum n_b/N |mean label - mean score|; NaN undefined */
	double worst; /* the largest gap of a bin */
};

/* Ten bins of equal width, (i/10, (i+1)/10], 0 in the first. counts may be NULL. */
struct calibration_error calibration_ece_width(
    const double *scores, const int8_t *labels, size_t n, uint64_t counts[10]);
/* Bins of equal count (NannyML): 10, or n/2 if n <= 20; undefined below 2 bins... see METRICS. */
struct calibration_error calibration_ece_count(
    const double *scores, const int8_t *labels, size_t n);
/* The edges of `bins` bins of equal count over n sorted rows: edges[i] to edges[i+1]. */
size_t calibration_count_edges(size_t n, size_t bins, size_t *edges);
/* Observed over expected positives: sum y / sum p; NaN if nothing is expected. */
double calibration_ratio(const double *scores, const int8_t *labels, size_t n);

/* A monotone map of scores: linear between knots, clipped outside them. */
struct calibration_map {
	size_t knots; /* 0: the identity */
	double x[CALIBRATION_KNOTS], y[CALIBRATION_KNOTS];
};

/* Isotonic regression by pool-adjacent-violators, ties in x pooled, thinned to CALIBRATION_KNOTS
 * knots where it has more (the largest error of thinning is at most 1/1024 of y's range). weights
 * NULL: all 1. False if there is nothing to fit. */
bool calibration_isotonic(
    struct calibration_map *map, const double *x, const double *y, const double *weights, size_t n);
/* The map for CBPE: isotonic, and the identity unless it lowers the equal-count ECE in ten-fold
 * cross-validation (folds by row number), or if one class is missing. */
void calibration_fit(
    struct calibration_map *map, const double *scores, const int8_t *labels, size_t n);
double calibration_apply(const struct calibration_map *map, double score);

#endif
