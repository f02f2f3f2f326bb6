/* wasserstein.c: see the header. */
#include "core/stats/wasserstein.h"

#include <math.h>
#include <stdbool.h>

#include "core/stats/sum.h"

/* Terms summed at a time: rounding then grows with the square root of n at most, at no cost. */
#define BLOCK 1024
#define LEAST_DEVIATION 0.001

/* What is left of one side when the other is used up: gap is what it was, `step` a value's weight.
 */
static double
tail_area(
    const double *values, size_t from, size_t n, double last, double gap, double step, double scale)
{
	double sum = 0;
	for (size_t i = from; i < n; i++) {
		sum += fabs(gap) * (values[i] * scale - last);
		last = values[i] * scale;
		gap += step;
	}
	return sum;
}

/* The area times n m, the values times scale. */
static double
scaled_area(const double *a, size_t n, const double *b, size_t m, double scale)
{
	double up = (double)m, down = (double)n, gap = 0, total = 0;
	double last = (a[0] < b[0] ? a[0] : b[0]) * scale;
	size_t i = 0, j = 0;
	while (i < n && j < m) {
		double sum = 0;
		for (size_t left = BLOCK; left > 0 && i < n && j < m; left--) {
			double r = a[i], c = b[j], value = (r <= c ? r : c) * scale;
			size_t step_i = r <= c, step_j = c <= r;
			sum += fabs(gap) * (value - last);
			last = value;
			i += step_i;
			j += step_j;
			gap += (double)step_i * up - (double)step_j * down;
		}
		total += sum;
	}
	total += tail_area(a, i, n, last, gap, up, scale);
	return total + tail_area(b, j, m, last, gap, -down, scale);
}

double
wasserstein(const double *reference, size_t n, const double *current, size_t m)
{
	if (n == 0 || m == 0)
		return NAN;
	double weight = (double)n * (double)m;
	double area = scaled_area(reference, n, current, m, 1) / weight;
	/* Between values of 1e308 and -1e308 the step overflows where the mean step does not. */
	if (!isfinite(area))
		area = scaled_area(reference, n, current, m, 0.25 / weight) * 4;
	return area;
}

static double
sum_weights(const double *weights, size_t n)
{
	struct sum sum = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, weights[i]);
	return sum_of(&sum);
}

double
wasserstein_weighted(const double *reference, const double *reference_weights, size_t n,
    const double *current, const double *current_weights, size_t m)
{
	double total_r = sum_weights(reference_weights, n);
	double total_c = sum_weights(current_weights, m);
	if (!(total_r > 0 && total_c > 0))
		return NAN;
	struct sum r = {0, 0}, c = {0, 0}, area = {0, 0};
	double last = 0;
	for (size_t i = 0, j = 0; i < n || j < m;) {
		bool from_r = j == m || (i < n && reference[i] <= current[j]);
		double value = from_r ? reference[i] : current[j];
		double gap = sum_of(&r) / total_r - sum_of(&c) / total_c;
		if (i + j > 0 && gap != 0)
			sum_add(&area, fabs(gap) * (value - last));
		last = value;
		if (from_r)
			sum_add(&r, reference_weights[i++]);
		else
			sum_add(&c, current_weights[j++]);
	}
	return sum_of(&area);
}

double
wasserstein_normed(double distance, double reference_deviation)
{
	if (isnan(reference_deviation))
		return NAN;
	return distance / fmax(reference_deviation, LEAST_DEVIATION);
}
