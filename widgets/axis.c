/* axis.c: ticks at 1, 2 or 5 times a power of ten. */
#include "widgets/axis.h"

#include <math.h>

static const double slack = 1e-9; /* of a step: what rounding may cost */

static double
round_step(double least)
{
	double power = pow(10, floor(log10(least)));
	static const double steps[] = {1, 2, 5, 10};
	for (int i = 0; i < 3; i++)
		if (steps[i] * power >= least * (1 - slack))
			return steps[i] * power;
	return 10 * power;
}

struct axis
axis_fit(double low, double high, int intervals, int widen)
{
	if (!isfinite(low) || fabs(low) > 1e15)
		low = 0;
	if (!isfinite(high) || fabs(high) > 1e15 || high - low <= 1e-12 * (1 + fabs(low)))
		high = low + 1;
	struct axis axis = {.low = low, .high = high};
	axis.step = round_step((high - low) / (intervals < 1 ? 1 : intervals));
	axis.first = ceil(low / axis.step - slack) * axis.step;
	if (widen) {
		axis.high = ceil(high / axis.step - slack) * axis.step;
		if (axis.high <= low)
			axis.high = high;
	}
	double decimals = ceil(-log10(axis.step) - slack);
	axis.decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : (int)decimals;
	return axis;
}

double
axis_share(const struct axis *axis, double value)
{
	double share = (value - axis->low) / (axis->high - axis->low);
	return !(share > 0) ? 0 : share > 1 ? 1 : share;
}
