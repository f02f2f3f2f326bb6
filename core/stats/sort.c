#include "core/stats/sort.h"

#include <math.h>
#include <stdlib.h>

static int
compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

void
sort_doubles(double *values, size_t n)
{
	if (n > 1)
		qsort(values, n, sizeof(*values), compare_doubles);
}

double
sort_quantile(const double *sorted, size_t n, double q)
{
	if (n == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double rank = (double)(n - 1) * q;
	size_t below = (size_t)rank;
	if (below >= n - 1)
		return sorted[n - 1];
	double t = rank - (double)below, a = sorted[below], b = sorted[below + 1];
	if (t == 0 || a == b)
		return a;
	/* The difference of two huge numbers overflows where their weighted sum does not. */
	if (!isfinite(b - a))
		return isinf(a) ? a : a * (1 - t) + b * t;
	return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}
