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
/* Bins of equal count over the sorted scores, ten or what calibration_count_edges makes of ten;
 * undefined below 4 rows. Equal scores that a border parts share their labels evenly, so that the
 * order of the rows does not matter. */
struct calibration_error calibration_ece_count(
    const double *scores, const int8_t *labels, size_t n);
/* NannyML's borders of `bins` bins of equal count over n sorted rows: bin i is the rows edges[i] to
 * edges[i+1] - 1. Returns how many bins there are: n <= 2 bins asks for n/2 of them (under 2: none,
 * 0); then each is n/bins rows wide (rounded down), as many as fit, and the last takes the rest. So
 * there may be up to half as many again as asked for: `edges` has room for 2 bins + 1. */
size_t calibration_count_edges(size_t n, size_t bins, size_t *edges);
/* Observed over expected positives: sum y / sum p; NaN if nothing is expected. */
double calibration_ratio(const double *scores, const int8_t *labels, size_t n);

/* Isotonic regression, whole: linear between the knots, clipped outside them. */
struct calibration_curve {
	size_t knots;
	double *x, *y; /* x rises, y does not fall */
};

/* By pool-adjacent-violators, equal x pooled; what is not finite, or weighs nothing, is left out.
 * weights NULL: all 1. False, and an empty curve, if there is nothing to fit. */
bool calibration_curve_fit(struct calibration_curve *curve, const double *x, const double *y,
    const double *weights, size_t n);
void calibration_curve_free(struct calibration_curve *curve);
double calibration_curve_apply(const struct calibration_curve *curve, double score);

/* A monotone map of scores: linear between knots, clipped outside them. */
struct calibration_map {
	size_t knots; /* 0: the identity */
	double x[CALIBRATION_KNOTS], y[CALIBRATION_KNOTS];
};

/* The curve itself where it has no more than CALIBRATION_KNOTS knots; else the choice of its knots
 * that errs least: by at most 1/127 of y's range, whatever the curve; the curve of a million
 * labels, some 500 knots, by about 0.0025, a quarter of what its own levels are unsure of. */
void calibration_curve_thin(struct calibration_map *map, const struct calibration_curve *curve);
/* The two in one. False (and the identity) if there is nothing to fit. */
bool calibration_isotonic(
    struct calibration_map *map, const double *x, const double *y, const double *weights, size_t n);
/* The map for CBPE: isotonic, and the identity unless it lowers the equal-count ECE in ten-fold
 * cross-validation (folds by row number), or if one class is missing. */
void calibration_fit(
    struct calibration_map *map, const double *scores, const int8_t *labels, size_t n);
double calibration_apply(const struct calibration_map *map, double score);

#endif
