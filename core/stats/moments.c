/* moments.c: in two passes, so that a large mean does not drown a small deviation. */
#include "core/stats/moments.h"

#include <math.h>

struct moments
moments_of(const double *values, size_t n)
{
	double sum = 0, squares = 0, left = 0;
	if (n == 0)
		return (struct moments){NAN, NAN};
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	double mean = sum / (double)n;
	for (size_t i = 0; i < n; i++) {
		double gap = values[i] - mean;
		squares += gap * gap;
		left += gap; /* what rounding left in the mean */
	}
	double variance = (squares - left * left / (double)n) / (double)n;
	return (struct moments){mean + left / (double)n, sqrt(fmax(variance, 0))};
}
