/* points.c: the rules on values. Nothing here knows a name or a label. */
#include "core/poll/points.h"

#include <math.h>
#include <stddef.h>

#define BIT(part) (1u << (part))

enum {
	COUNTS = BIT(PART_BUCKET) | BIT(PART_COUNT) | BIT(PART_GCOUNT),
	SUMS = BIT(PART_SUM) | BIT(PART_GSUM),
	/* Those that only grow: no NaN, and none below zero (of sums the whole group decides). */
	GROWING = COUNTS | SUMS | BIT(PART_TOTAL),
};

static bool
hangs_together(enum type type)
{
	return type == TYPE_HISTOGRAM || type == TYPE_GAUGEHISTOGRAM || type == TYPE_SUMMARY;
}

bool
point_is_free(const struct point *point)
{
	return point->part == PART_CREATED ||
	       (point->part == PART_VALUE && point->type != TYPE_STATESET &&
		   point->type != TYPE_SUMMARY);
}

bool
point_takes_exemplar(const struct point *point)
{
	return point->part == PART_BUCKET || point->part == PART_TOTAL;
}

static const char *
check_value(const struct point *point, double value)
{
	unsigned bit = BIT(point->part);
	if ((GROWING & bit) != 0 && isnan(value))
		return "what counts is not a number";
	if (((GROWING & ~SUMS) & bit) != 0 && value < 0)
		return "what counts is below zero";
	if ((COUNTS & bit) != 0 && (value != floor(value) || isinf(value)))
		return "a bucket or a count is no whole number";
	if (point->type == TYPE_STATESET && value != 0 && value != 1)
		return "a state is neither 0 nor 1";
	if (point->part == PART_INFO && value != 1)
		return "an info is not 1";
	return NULL;
}

static const char *
take_bucket(struct points *points, enum bound bound, double value)
{
	if (value < points->value)
		return "a bucket holds less than the one before it";
	if (bound == BOUND_BELOW_ZERO) {
		points->negative_bucket = true;
		points->below = value;
	}
	points->bound = bound;
	points->value = value;
	return NULL;
}

const char *
points_take(struct points *points, const struct point *point, double value)
{
	const char *reason = check_value(point, value);
	if (reason != NULL || !hangs_together(point->type))
		return reason;
	if (point->part == PART_BUCKET)
		reason = take_bucket(points, point->bound, value);
	else if (point->part == PART_COUNT || point->part == PART_GCOUNT)
		points->count = value;
	else
		points->negative |= value < 0;
	points->type = point->type;
	points->parts |= BIT(point->part);
	return reason;
}

/* Sums and quantiles below zero are against the letter, but client_golang writes them where the
 * observations are, and Prometheus reads them: they pass if some observation can have been. */
static const char *
check_histogram(const struct points *points)
{
	bool count = (points->parts & (BIT(PART_COUNT) | BIT(PART_GCOUNT))) != 0;
	bool sum = (points->parts & BIT(PART_SUM)) != 0;
	bool gsum = (points->parts & BIT(PART_GSUM)) != 0;
	if (points->bound != BOUND_INFINITE)
		return "the histogram before it has no +Inf bucket";
	if (count && points->count != points->value)
		return "the count of the histogram before it is not that of its +Inf bucket";
	if ((sum || gsum) != count)
		return "the histogram before it has one of sum and count without the other";
	if (points->negative_bucket && sum && !(points->below > 0))
		return "the histogram before it has a sum and buckets below zero";
	if (points->negative && !points->negative_bucket)
		return "the sum of the histogram before it is below zero, but no bucket is";
	return NULL;
}

const char *
points_close(struct points *points)
{
	struct points closed = *points;
	if (closed.parts == 0)
		return NULL;
	*points = (struct points){0};
	if (closed.type != TYPE_SUMMARY)
		return check_histogram(&closed);
	if (closed.negative && !(closed.count > 0))
		return "the summary before it is below zero, but counts nothing";
	return NULL;
}
