#include "core/stats/moments.h"

#include <math.h>

#include "core/stats/sum.h"

/* Of the values times scale, a power of two. */
static struct moments
scaled_moments(const double *values, size_t n, double scale)
{
	double count = (double)n;
	struct sum sum = {0, 0}, squares = {0, 0}, cubes = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, values[i] * scale);
	double mean = sum_of(&sum) / count;
	for (size_t i = 0; i < n; i++) {
		double off = values[i] * scale - mean;
		sum_add(&squares, off * off);
	}
	double deviation = sqrt(sum_of(&squares) / count);
	for (size_t i = 0; i < n; i++) {
		double off = (values[i] * scale - mean) / deviation;
		sum_add(&cubes, off * off * off);
	}
	return (struct moments){mean / scale, deviation / scale, sum_of(&cubes) / count};
}

struct moments
moments_of(const double *values, size_t n)
{
	if (n == 0)
		return (struct moments){NAN, NAN, NAN};
	struct moments of = scaled_moments(values, n, 1);
	/* The square of a number beyond 1e154 overflows. */
	if (!isfinite(of.deviation))
		of = scaled_moments(values, n, 0x1p-540);
	return of;
}
