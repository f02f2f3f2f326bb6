/* proportion.c: intervals in closed form. */
#include "core/stats/proportion.h"

#include <math.h>

static const struct interval undefined = {NAN, NAN};

struct interval
proportion_wilson_share(double p, double n, double z)
{
	if (!(n > 0 && p >= 0 && p <= 1 && z >= 0))
		return undefined;
	double z2n = z * z / n;
	double centre = (p + z2n / 2) / (1 + z2n);
	double half = z * sqrt(p * (1 - p) / n + z2n / (4 * n)) / (1 + z2n);
	return (struct interval){p == 0 ? 0 : centre - half, p == 1 ? 1 : centre + half};
}

struct interval
proportion_wilson_z(uint64_t k, uint64_t n, double z)
{
	return proportion_wilson_share((double)k / (double)n, (double)n, z);
}

struct interval
proportion_wilson(uint64_t k, uint64_t n)
{
	return proportion_wilson_z(k, n, PROPORTION_Z95);
}

struct interval
proportion_difference(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2)
{
	struct interval a = proportion_wilson(k1, n1), b = proportion_wilson(k2, n2);
	if (isnan(a.low) || isnan(b.low))
		return undefined;
	double p = (double)k1 / (double)n1, q = (double)k2 / (double)n2;
	return (struct interval){
	    p - q - hypot(p - a.low, b.high - q), p - q + hypot(a.high - p, q - b.low)};
}

struct interval
proportion_ratio(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2)
{
	if (k1 == 0 || k2 == 0 || k1 > n1 || k2 > n2)
		return undefined;
	double a = (double)k1, b = (double)k2, n = (double)n1, m = (double)n2;
	double ratio = a / n / (b / m);
	double spread = exp(PROPORTION_Z95 * sqrt(1 / a - 1 / n + 1 / b - 1 / m));
	return (struct interval){ratio / spread, ratio * spread};
}
