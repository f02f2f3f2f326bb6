/* anderson.c: the k-sample Anderson-Darling test of Scholz and Stephens (JASA 1987), with scipy's
 * p-value: a parabola through the logarithms of seven significance levels. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"
#include "core/stats/tests.h"

#define LEVELS 7
#define P_MOST 0.25
#define P_LEAST 0.001

static const double levels[LEVELS] = {P_MOST, 0.1, 0.05, 0.025, 0.01, 0.005, P_LEAST};
/* critical = b0 + b1 / sqrt(k-1) + b2 / (k-1), Scholz and Stephens' table 2 with two more levels.
 */
static const double b0[LEVELS] = {0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085};
static const double b1[LEVELS] = {-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615};
static const double b2[LEVELS] = {-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154};

/* All samples in one, sorted. */
static double *
pool(const double *const *samples, const size_t *sizes, size_t k, size_t total)
{
	double *pooled = mem_grow(NULL, total, sizeof(*pooled));
	size_t at = 0;
	for (size_t i = 0; i < k; i++) {
		memcpy(pooled + at, samples[i], sizes[i] * sizeof(*pooled));
		at += sizes[i];
	}
	sort_doubles(pooled, total);
	return pooled;
}

/* One sample's part: over the distinct values of the pool, tied/N (N M - n B)^2 / (B (N - B)), B
 * and M the ranks of the value in the pool and in the sample; with midrank a tie counts half in
 * both, and N tied / 4 is taken off below. */
static double
sample_part(const double *pooled, size_t total, const double *sample, size_t n, bool midrank)
{
	double sum = 0, all = (double)total;
	for (size_t i = 0, j = 0; i < total;) {
		size_t first_i = i, first_j = j;
		double value = pooled[i];
		while (i < total && pooled[i] == value)
			i++;
		while (j < n && sample[j] == value)
			j++;
		double tied = (double)(i - first_i), b = (double)i, m = (double)j;
		if (midrank) {
			b -= tied / 2;
			m -= (double)(j - first_j) / 2;
		} else if (i == total) {
			break; /* the last value has nothing above it */
		}
		double off = all * m - b * (double)n;
		double below = b * (all - b) - (midrank ? all * tied / 4 : 0);
		sum += tied / all * off * off / below;
	}
	return sum / (double)n;
}

/* The variance of the statistic without drift; `inverses` is the sum of 1/n over the samples. */
static double
variance(double total, double k, double inverses)
{
	double n = total, h = 0, g = 0, tail = 0;
	for (double i = 1; i < n; i++)
		h += 1 / i;
	for (double i = 2; i < n; i++) {
		tail += 1 / (n + 1 - i);
		g += tail / i;
	}
	double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverses;
	double b =
	    (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6;
	double c =
	    (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverses + 4 * h;
	double d = (2 * h + 6) * k * k - 4 * h * k;
	return (((a * n + b) * n + c) * n + d) / ((n - 1) * (n - 2) * (n - 3));
}

/* The least-squares parabola of ln(level) over the critical values, at x. By Gram and Schmidt on
 * 1, x, x^2, which does not cancel as the normal equations do. */
static double
fitted_log_level(const double critical[LEVELS], double x)
{
	double mean = 0, fitted = 0;
	for (size_t i = 0; i < LEVELS; i++) {
		mean += critical[i] / LEVELS;
		fitted += log(levels[i]) / LEVELS;
	}
	double s2 = 0, s3 = 0;
	for (size_t i = 0; i < LEVELS; i++) {
		double u = critical[i] - mean;
		s2 += u * u;
		s3 += u * u * u;
	}
	double slope = 0, bend = 0, bends = 0;
	for (size_t i = 0; i < LEVELS; i++) {
		double u = critical[i] - mean, q = u * u - s3 / s2 * u - s2 / LEVELS;
		slope += log(levels[i]) * u / s2;
		bend += log(levels[i]) * q;
		bends += q * q;
	}
	double u = x - mean;
	return fitted + slope * u + bend / bends * (u * u - s3 / s2 * u - s2 / LEVELS);
}

static double
p_value_of(const double critical[LEVELS], double statistic)
{
	if (statistic < critical[0])
		return P_MOST;
	if (statistic > critical[LEVELS - 1])
		return P_LEAST;
	return exp(fitted_log_level(critical, statistic));
}

struct test_result
test_anderson(
    const double *const *samples, const size_t *sizes, size_t k, int midrank, double critical[7])
{
	struct test_result test = {NAN, NAN, NAN, NAN, NAN};
	double own[LEVELS], inverses = 0, count = (double)k - 1;
	if (critical == NULL)
		critical = own;
	size_t total = 0, least = SIZE_MAX;
	for (size_t i = 0; i < k; i++) {
		total += sizes[i];
		least = sizes[i] < least ? sizes[i] : least;
		inverses += 1 / (double)sizes[i];
	}
	for (size_t i = 0; i < LEVELS; i++)
		critical[i] = k > 1 ? b0[i] + b1[i] / sqrt(count) + b2[i] / count : NAN;
	/* The variance is that of at least four values. */
	if (k < 2 || least == 0 || total < 4)
		return test;
	double *pooled = pool(samples, sizes, k, total), sum = 0;
	if (pooled[0] != pooled[total - 1]) {
		for (size_t i = 0; i < k; i++)
			sum += sample_part(pooled, total, samples[i], sizes[i], midrank);
		if (midrank)
			sum *= ((double)total - 1) / (double)total;
		double deviation = sqrt(variance((double)total, (double)k, inverses));
		test.statistic = (sum - count) / deviation;
		test.p_value = p_value_of(critical, test.statistic);
	}
	free(pooled);
	return test;
}

const char *
test_anderson_mark(double p_value)
{
	if (p_value == P_MOST)
		return ">";
	return p_value == P_LEAST ? "<" : "";
}
