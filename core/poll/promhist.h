/* promhist.h: Prometheus' histograms: quantiles as Prometheus' histogram_quantile computes them
 * (promql/quantile.go: linear within a bucket, monotone repair with 1e-12, +Inf bucket answers the
 * second highest bound). */
#ifndef FRAUDTOP_POLL_PROMHIST_H
#define FRAUDTOP_POLL_PROMHIST_H

#include <stddef.h>

struct promhist_bucket {
	double upper; /* `le` */
	double count; /* cumulative */
};

/* Buckets in any order, changed in place. NaN with fewer than two or without +Inf. If low and high
 * are not NULL they get the bounds of the bucket that the quantile fell in. */
double promhist_quantile(
    struct promhist_bucket *buckets, size_t count, double q, double *low, double *high);

/* The value at a share of a native histogram's bucket: linear in one that holds zero, else
 * exponential, as native histograms are laid out. NaN if the bucket or the share is none. */
double promhist_native(double lower, double upper, double fraction);

/* What a counter grew by: `now - before`, or `now` after a reset (now < before). */
double promhist_increase(double before, double now);

#endif
