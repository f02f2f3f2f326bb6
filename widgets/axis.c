/* axis.c: ticks at round numbers. */
#include "widgets/axis.h"

#include <math.h>
#include <stdbool.h>

static const double slack = 1e-9; /* of a step: what rounding may cost */

/* One or two steps over a whole axis may be finer numbers, or most of it would be empty. */
static double
round_step(double least, bool few)
{
	static const double plain[] = {1, 2, 5, 10, 0},
			    fine[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 0};
	const double *steps = few ? fine : plain;
	double power = pow(10, floor(log10(least)));
	for (; *steps != 0; steps++)
		if (*steps * power >= least * (1 - slack))
			return *steps * power;
	return 10 * power;
}

/* Decimals that show the step exactly: 0.25 needs two. */
static int
decimals_of(double step)
{
	for (int decimals = 0; decimals < 12; decimals++) {
		double scaled = step * pow(10, decimals);
		if (fabs(scaled - round(scaled)) < 1e-6 * scaled)
			return decimals;
	}
	return 12;
}

struct axis
axis_fit(double low, double high, int intervals, int widen)
{
	if (!isfinite(low) || fabs(low) > 1e15)
		low = 0;
	if (!isfinite(high) || fabs(high) > 1e15 || high - low <= 1e-12 * (1 + fabs(low)))
		high = low + 1;
	struct axis axis = {.low = low, .high = high};
	axis.step = round_step((high - low) / (intervals < 1 ? 1 : intervals), intervals < 3);
	axis.first = ceil(low / axis.step - slack) * axis.step;
	if (widen) {
		axis.high = ceil(high / axis.step - slack) * axis.step;
		if (axis.high <= low)
			axis.high = high;
	}
	axis.decimals = decimals_of(axis.step);
	return axis;
}

double
axis_share(const struct axis *axis, double value)
{
	double share = (value - axis->low) / (axis->high - axis->low);
	return !(share > 0) ? 0 : share > 1 ? 1 : share;
}
