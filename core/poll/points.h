/* points.h: what OpenMetrics 1.0 asks of the values of samples, one by one and together: a
 * histogram's buckets, count and sum; a summary's quantiles and count.
 *
 * A point is what a sample is, whatever its value: that does not change from scrape to scrape. */
#ifndef FRAUDTOP_POLL_POINTS_H
#define FRAUDTOP_POLL_POINTS_H

#include <stdbool.h>

enum type {
	TYPE_UNKNOWN,
	TYPE_GAUGE,
	TYPE_COUNTER,
	TYPE_HISTOGRAM,
	TYPE_GAUGEHISTOGRAM,
	TYPE_SUMMARY,
	TYPE_INFO,
	TYPE_STATESET,
	TYPES
};

/* What the suffix of a sample's name says it is. */
enum part {
	PART_VALUE,
	PART_TOTAL,
	PART_CREATED,
	PART_COUNT,
	PART_SUM,
	PART_BUCKET,
	PART_GCOUNT,
	PART_GSUM,
	PART_INFO,
	PARTS
};

enum bound { BOUND_NONE, BOUND_BELOW_ZERO, BOUND_FINITE, BOUND_INFINITE };

struct point {
	unsigned char type, part, bound; /* the bound of a bucket, else none */
	bool begins; /* the first of its group */
};

/* What those of one group have been so far, of the types whose points hang together. */
struct points {
	enum type type;
	unsigned parts; /* a bit each */
	enum bound bound; /* of the last bucket */
	double value;
	double below; /* observations in buckets below zero */
	double count;
	bool negative_bucket, negative; /* a bound; a sum or a quantile */
};

/* Whether any value will do. */
bool point_is_free(const struct point *point);
bool point_takes_exemplar(const struct point *point);

/* Each answers NULL, or why the exposition is none. points_close is for a group that has ended, and
 * leaves the points empty. */
const char *points_take(struct points *points, const struct point *point, double value);
const char *points_close(struct points *points);

#endif
