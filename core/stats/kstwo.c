/* kstwo.c: the law of the one-sample two-sided Kolmogorov-Smirnov statistic of n values, by the
 * division of labour of Simard and L'Ecuyer (2011), which is scipy's too: exact by Durbin's matrix
 * (Marsaglia, Tsang and Wang 2003) where that is small, twice the one-sided law far out, and Pelz
 * and Good's expansion (1976) for what is left: many values (more than 140), the middle of the law.
 * There it is off by up to 2e-5 of itself at 140 values, 1e-7 at 1000, 1e-10 at 10 000. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/dist.h"

#define PI 3.14159265358979323846
#define SQRT_2PI 2.50662827463100050242
#define EXACT_MOST 140
#define TERMS_MOST 20000

/* --- one side, far out --- */

/* P(D+ >= d) = d sum_j C(n,j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j) over j <= n(1-d), each term
 * through its logarithm without what cancels. All are positive; of very many, evenly spaced ones
 * stand for all: they are smooth and vanish at both ends. */
static double
one_sided(double n, double d)
{
	double t = n * d, stride = fmax(1, floor(n / TERMS_MOST)), errors = dist_stirling_error(n);
	double sum = stride > 1 ? 0 : exp(n * log1p(-d));
	for (double j = stride; n - j > t; j += stride) {
		double left = n - j;
		double power = errors - dist_stirling_error(j) - dist_stirling_error(left) +
			       j * log1p(t / j) + left * log1p(-t / left);
		sum += stride * t / (t + j) * exp(power) * sqrt(n / (2 * PI * j * left));
	}
	return sum;
}

/* --- Durbin's matrix --- */

static void
multiply(double *product, const double *a, const double *b, size_t m)
{
	memset(product, 0, m * m * sizeof(*product));
	for (size_t i = 0; i < m; i++) {
		for (size_t k = 0; k < m; k++) {
			double factor = a[i * m + k];
			for (size_t j = 0; factor != 0 && j < m; j++)
				product[i * m + j] += factor * b[k * m + j];
		}
	}
}

/* A matrix times 2^exponent, so that its middle stays in range. */
struct scaled {
	double *cells;
	int exponent;
};

static void
set_product(struct scaled *to, double *spare, const struct scaled *by, size_t m)
{
	multiply(spare, to->cells, by->cells, m);
	int exponent;
	frexp(spare[(m / 2) * m + m / 2], &exponent);
	double factor = ldexp(1, -exponent);
	for (size_t i = 0; i < m * m; i++)
		to->cells[i] = spare[i] * factor;
	to->exponent += by->exponent + exponent;
}

/* The matrix of Marsaglia, Tsang and Wang for n d = k - h. */
static void
fill_durbin(double *cells, size_t m, double h)
{
	for (size_t i = 0; i < m; i++) {
		double factorial = 1;
		for (size_t j = i + 2; j-- > 0;) {
			/* j counts down from the diagonal above: (i - j + 1)! */
			if (i + 1 > j)
				factorial *= (double)(i + 1 - j);
			if (j >= m)
				continue;
			double cell = 1;
			if (j == 0)
				cell -= pow(h, (double)(i + 1));
			if (i == m - 1)
				cell -= pow(h, (double)(m - j));
			if (j == 0 && i == m - 1 && h > 0.5)
				cell += pow(2 * h - 1, (double)m);
			cells[i * m + j] = cell / factorial;
		}
	}
}

/* P(D < d) = n!/n^n times the middle of the n-th power. */
static double
durbin(uint64_t n, double d)
{
	double t = (double)n * d, k = ceil(t);
	size_t m = 2 * (size_t)k - 1, size = m * m * sizeof(double);
	struct scaled base = {mem_alloc(size), 0}, power = {mem_alloc(size), 0};
	double *spare = mem_alloc(size);
	fill_durbin(base.cells, m, k - t);
	for (size_t i = 0; i < m; i++)
		power.cells[i * m + i] = 1;
	for (uint64_t left = n; left > 0; left /= 2) {
		if (left % 2 == 1)
			set_product(&power, spare, &base, m);
		if (left > 1) {
			struct scaled same = base;
			set_product(&base, spare, &same, m);
		}
	}
	double p = power.cells[(m / 2) * m + m / 2];
	for (uint64_t i = 1; i <= n; i++) {
		p *= (double)i / (double)n;
		if (p < 0x1p-128) {
			p *= 0x1p128;
			power.exponent -= 128;
		}
	}
	p = ldexp(p, power.exponent);
	free(base.cells);
	free(power.cells);
	free(spare);
	return p;
}

/* --- Pelz and Good --- */

/* The sums over half-integers (m odd) of the four terms of the expansion. */
static void
odd_sums(double sums[4], double z)
{
	double z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4, pi2 = PI * PI;
	for (double m = 1; m < 32 * z / PI + 2; m += 2) {
		double weight = exp(-m * m * pi2 / (8 * z2)), u = m * m * pi2;
		sums[0] += weight;
		sums[1] += weight * (u / 4 - z2);
		sums[2] += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * u / 4 +
					(1 - 2 * z2) * u * u / 16);
		sums[3] += weight *
			   (-30 * z6 - 90 * z8 + (135 * z4 - 96 * z6) * u / 4 +
			       (212 * z4 - 60 * z2) * u * u / 16 + (5 - 30 * z2) * u * u * u / 64);
	}
	sums[0] *= SQRT_2PI / z;
	sums[1] *= SQRT_2PI / (6 * z4);
	sums[2] *= SQRT_2PI / (72 * z6 * z);
	sums[3] *= SQRT_2PI / (6480 * z8 * z2);
}

/* P(D < d). */
static double
pelz_good(double n, double d)
{
	double z = sqrt(n) * d, z2 = z * z, sums[4] = {0};
	if (PI * PI / (8 * z2) > 708)
		return 0;
	odd_sums(sums, z);
	for (double k = 1; k < 16 * z / PI + 1; k++) {
		double u = k * k * PI * PI, weight = exp(-u / (2 * z2)) * u * SQRT_2PI;
		sums[2] -= weight / (36 * z2 * z);
		sums[3] += weight * (3 * z2 - u) / (216 * z2 * z2 * z2);
	}
	double root = sqrt(n);
	return sums[0] + (sums[1] + (sums[2] + sums[3] / root) / root) / root;
}

/* --- which of them --- */

static double
middle_cdf(double n, double d)
{
	double t = n * d;
	if (t <= 1) /* n!/n^n (2t - 1)^n */
		return exp(dist_stirling_error(n) + n * (log(2 * t - 1) - 1)) * SQRT_2PI * sqrt(n);
	bool small = n <= EXACT_MOST || (n <= 1e5 && t * sqrt(d) <= 1.4);
	return small ? durbin((uint64_t)n, d) : pelz_good(n, d);
}

double
dist_kstwo_sf(double d, double n)
{
	if (isnan(d) || !(n >= 1) || isinf(n) || floor(n) != n)
		return NAN;
	double t = n * d;
	if (d >= 1 || t <= 0.5)
		return d >= 1 ? 0 : 1;
	double tail;
	if (t > 1 && t >= n - 1)
		tail = 2 * pow(1 - d, n);
	else if (t > 1 && (d >= 0.5 || t * d >= (n <= EXACT_MOST ? 4 : 2.2)))
		tail = 2 * one_sided(n, d);
	else
		tail = 1 - middle_cdf(n, d);
	return fmin(fmax(tail, 0), 1);
}
