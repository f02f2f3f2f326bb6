#include "core/stats/dist.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#define PI 3.14159265358979323846
#define SQRT_2PI 2.50662827463100050242
#define MOST_DOF 1e9 /* the series takes some sqrt(dof) terms */

double
dist_normal_sf(double z)
{
	return 0.5 * erfc(z / 1.41421356237309504880);
}

/* Newton's method on ln sf, which is concave: after one step it comes down on the root from above.
 */
double
dist_normal_isf(double p)
{
	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? INFINITY : -INFINITY;
	if (p > 0.5)
		return -dist_normal_isf(1 - p);
	double goal = log(p), z = 0;
	if (p < 0.1) {
		double tail = sqrt(-2 * goal);
		z = tail - log(tail * SQRT_2PI) / tail;
	}
	for (int i = 0; i < 50; i++) {
		double sf = dist_normal_sf(z), density = exp(-0.5 * z * z) / SQRT_2PI;
		double step = (log(sf) - goal) * sf / density;
		z += step;
		if (fabs(step) <= 4 * DBL_EPSILON * (1 + fabs(z)))
			break;
	}
	return z;
}

double
dist_stirling_error(double n)
{
	if (n < 20) {
		int sign;
		return lgamma_r(n + 1, &sign) - ((n + 0.5) * log(n) - n + log(SQRT_2PI));
	}
	double square = n * n;
	return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / n;
}

/* x^a e^-x / Gamma(a+1); for a large a without the plain logarithms, which would cancel. */
static double
gamma_term(double a, double x)
{
	if (a < 20) {
		int sign;
		return exp(a * log(x) - x - lgamma_r(a + 1, &sign));
	}
	double u = (x - a) / a;
	return exp(a * (log1p(u) - u) - dist_stirling_error(a)) / (SQRT_2PI * sqrt(a));
}

/* P(a, x) by its power series, good for x < a + 1. */
static double
gamma_lower(double a, double x)
{
	double term = 1, sum = 1;
	for (double n = a + 1; term > sum * (DBL_EPSILON / 4); n++) {
		term *= x / n;
		sum += term;
	}
	return sum * gamma_term(a, x);
}

/* Q(a, x) by its continued fraction (Lentz), good for x >= a + 1. */
static double
gamma_upper(double a, double x)
{
	double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, h = d;
	for (double i = 1; i < 1e7; i++) {
		double an = -i * (i - a);
		b += 2;
		d = an * d + b;
		d = fabs(d) < DBL_MIN ? 1 / DBL_MIN : 1 / d;
		c = b + an / c;
		if (fabs(c) < DBL_MIN)
			c = DBL_MIN;
		h *= d * c;
		if (fabs(d * c - 1) <= DBL_EPSILON)
			break;
	}
	return h * gamma_term(a, x) * a;
}

double
dist_chi2_sf(double x, double dof)
{
	if (!(x >= 0) || !(dof > 0 && dof <= MOST_DOF))
		return NAN;
	if (x == 0 || isinf(x))
		return x == 0 ? 1 : 0;
	double a = dof / 2, half = x / 2;
	return half < a + 1 ? 1 - gamma_lower(a, half) : gamma_upper(a, half);
}

/* P(X <= x), which is not 1 - sf where it is small. */
static double
chi2_cdf(double x, double dof)
{
	double a = dof / 2, half = x / 2;
	return half < a + 1 ? gamma_lower(a, half) : 1 - gamma_upper(a, half);
}

/* Newton's method on the logarithm of the smaller tail, kept inside a bracket that only shrinks. */
double
dist_chi2_isf(double p, double dof)
{
	if (!(p >= 0 && p <= 1) || !(dof > 0 && dof <= MOST_DOF))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? INFINITY : 0;
	double low = 0, high = dof + 1, a = dof / 2;
	while (dist_chi2_sf(high, dof) > p) {
		low = high;
		high *= 2;
	}
	bool below = p > 0.5;
	double goal = below ? 1 - p : p, x = (low + high) / 2;
	for (int i = 0; i < 1100; i++) {
		double tail = below ? chi2_cdf(x, dof) : dist_chi2_sf(x, dof);
		if ((tail > goal) != below)
			low = x;
		else
			high = x;
		double density = gamma_term(a, x / 2) * a / x;
		double step = log(tail / goal) * tail / density;
		double next = below ? x - step : x + step;
		if (!(next > low && next < high))
			next = (low + high) / 2;
		double moved = fabs(next - x);
		x = next;
		if (moved <= 4 * DBL_EPSILON * x)
			break;
	}
	return x;
}

double
dist_kolmogorov_sf(double x)
{
	if (isnan(x))
		return NAN;
	if (x < 0.04) /* nearer to 1 than a double can say */
		return 1;
	double sum = 0;
	if (x <
	    1.0) { /* the other side of the theta function converges fast where this one does not */
		for (int k = 1; k < 16; k += 2)
			sum += exp(-(double)(k * k) * PI * PI / (8 * x * x));
		return 1 - SQRT_2PI / x * sum;
	}
	for (int k = 1; k < 16; k++) {
		double term = exp(-2.0 * k * k * x * x);
		sum += k % 2 == 1 ? term : -term;
	}
	return 2 * sum;
}
