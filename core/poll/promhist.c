/* promhist.c: histogram_quantile of promql/quantile.go, step by step, so that the same buckets give
 * the same bits as a Prometheus dashboard shows. */
#include "core/poll/promhist.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Counts that differ by less than this share are equal: they are sums of rates in Prometheus. */
static const double small_delta = 1e-12;

static int
compare_upper(const void *a, const void *b)
{
	double left = ((const struct promhist_bucket *)a)->upper;
	double right = ((const struct promhist_bucket *)b)->upper;
	return (left > right) - (left < right);
}

/* Adds up buckets of the same bound; the buckets are sorted. Returns how many remain. */
static size_t
coalesce(struct promhist_bucket *buckets, size_t count)
{
	size_t last = 0;
	for (size_t i = 1; i < count; i++) {
		if (buckets[i].upper == buckets[last].upper)
			buckets[last].count += buckets[i].count;
		else
			buckets[++last] = buckets[i];
	}
	return last + 1;
}

/* util/almost.Equal */
static bool
almost_equal(double a, double b)
{
	double sum = fabs(a) + fabs(b), difference = fabs(a - b);
	if (a == b)
		return true;
	if (a == 0 || b == 0 || sum < DBL_MIN)
		return difference < small_delta * DBL_MIN;
	return difference / fmin(sum, DBL_MAX) < small_delta;
}

static void
make_monotonic(struct promhist_bucket *buckets, size_t count)
{
	double previous = buckets[0].count;
	for (size_t i = 1; i < count; i++) {
		double current = buckets[i].count;
		if (current < previous || almost_equal(previous, current))
			buckets[i].count = previous;
		else
			previous = current;
	}
}

static double
answer(double value, double *low, double *high, double low_bound, double high_bound)
{
	if (low != NULL)
		*low = low_bound;
	if (high != NULL)
		*high = high_bound;
	return value;
}

/* The buckets are sorted, of different bounds, monotonic, at least two, and not empty. */
static double
interpolate(
    const struct promhist_bucket *buckets, size_t count, double q, double *low, double *high)
{
	double rank = q * buckets[count - 1].count;
	size_t b = 0;
	while (b < count - 1 && !(buckets[b].count >= rank))
		b++;
	if (b == count - 1)
		return answer(buckets[b - 1].upper, low, high, buckets[b - 1].upper, INFINITY);
	double end = buckets[b].upper;
	if (b == 0 && end <= 0)
		return answer(end, low, high, -INFINITY, end);
	double start = 0, inside = buckets[b].count;
	if (b > 0) {
		start = buckets[b - 1].upper;
		inside -= buckets[b - 1].count;
		rank -= buckets[b - 1].count;
	}
	return answer(start + (end - start) * (rank / inside), low, high, start, end);
}

double
promhist_quantile(
    struct promhist_bucket *buckets, size_t count, double q, double *low, double *high)
{
	answer(NAN, low, high, NAN, NAN);
	if (count == 0 || isnan(q))
		return NAN;
	if (q < 0)
		return -INFINITY;
	if (q > 1)
		return INFINITY;
	for (size_t i = 0; i < count; i++) {
		if (isnan(buckets[i].upper) || isnan(buckets[i].count))
			return NAN;
	}
	qsort(buckets, count, sizeof(*buckets), compare_upper);
	if (!isinf(buckets[count - 1].upper) || buckets[count - 1].upper < 0)
		return NAN;
	count = coalesce(buckets, count);
	if (count < 2)
		return NAN;
	make_monotonic(buckets, count);
	if (!(buckets[count - 1].count > 0))
		return NAN;
	return interpolate(buckets, count, q, low, high);
}

double
promhist_native(double lower, double upper, double fraction)
{
	if (!(lower <= upper) || !(fraction >= 0 && fraction <= 1))
		return NAN;
	if (lower <= 0 && upper >= 0)
		return lower + (upper - lower) * fraction;
	double log_lower = log2(fabs(lower)), log_upper = log2(fabs(upper));
	if (lower > 0)
		return exp2(log_lower + (log_upper - log_lower) * fraction);
	return -exp2(log_upper + (log_lower - log_upper) * (1 - fraction));
}

double
promhist_increase(double before, double now)
{
	return now < before ? now : now - before;
}
