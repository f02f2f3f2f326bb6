#include "core/stats/moments.h"

#include <math.h>

#include "core/stats/sum.h"

struct moments
moments_of(const double *values, size_t n)
{
	if (n == 0)
		return (struct moments){NAN, NAN, NAN};
	double count = (double)n;
	struct sum sum = {0, 0}, squares = {0, 0}, cubes = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&sum, values[i]);
	double mean = sum_of(&sum) / count;
	for (size_t i = 0; i < n; i++) {
		double off = values[i] - mean;
		sum_add(&squares, off * off);
		sum_add(&cubes, off * off * off);
	}
	double variance = sum_of(&squares) / count;
	return (struct moments){
	    mean, sqrt(variance), sum_of(&cubes) / count / (variance * sqrt(variance))};
}
