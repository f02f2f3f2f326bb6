/* paired.c: see paired.h. The variance of a difference is that of each row's difference, so that
 * what both have in common drops out before anything is summed. */
#include "core/stats/paired.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/average_precision.h"
#include "core/stats/delong.h"
#include "core/stats/dist.h"

enum { EXACT_BELOW = 25, HALVINGS = 60 };

static const struct paired_test undefined = {NAN, NAN, NAN, {NAN, NAN}, 0, 0};

/* P(X <= k) of n fair coins, twice; n < EXACT_BELOW. */
static double
coins(uint64_t k, uint64_t n)
{
	double term = 1, sum = 1;
	for (uint64_t i = 1; i <= k; i++) {
		term *= (double)(n - i + 1) / (double)i;
		sum += term;
	}
	return fmin(1, 2 * sum * exp2(-(double)n));
}

/* Tango's score statistic of `more` and `less` of n against a true difference `delta`. */
static double
tango_score(double more, double less, double n, double delta)
{
	double a = 2 * n, b = (2 * n - more + less) * delta - more - less;
	double c = -less * delta * (1 - delta);
	double rarer = (sqrt(fmax(0, b * b - 4 * a * c)) - b) / (2 * a);
	double variance = n * (2 * rarer + delta * (1 - delta));
	double off = more - less - n * delta;
	return variance > 0 ? off / sqrt(variance) : off == 0 ? 0 : copysign(INFINITY, off);
}

/* The difference furthest in the direction of `end` that is not refuted at 95 %. */
static double
tango_limit(double more, double less, double n, double end)
{
	double inside = (more - less) / n, outside = end;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (inside + outside) / 2;
		if (fabs(tango_score(more, less, n, middle)) > PROPORTION_Z95)
			outside = middle;
		else
			inside = middle;
	}
	return inside;
}

struct paired_test
paired_mcnemar(uint64_t only_first, uint64_t only_second, uint64_t n)
{
	struct paired_test test = undefined;
	uint64_t apart = only_first + only_second;
	uint64_t fewer = only_first < only_second ? only_first : only_second;
	double gap = (double)(apart - 2 * fewer);
	test.only_first = only_first;
	test.only_second = only_second;
	if (n == 0 || apart > n)
		return test;
	if (apart < EXACT_BELOW) {
		test.statistic = (double)fewer;
		test.p_value = coins(fewer, apart);
	} else {
		double corrected = fmax(0, gap - 1);
		test.statistic = corrected * corrected / (double)apart;
		test.p_value = dist_chi2_sf(test.statistic, 1);
	}
	double more = (double)only_second, less = (double)only_first;
	test.difference = (more - less) / (double)n;
	test.interval.low = tango_limit(more, less, (double)n, -1);
	test.interval.high = tango_limit(more, less, (double)n, 1);
	return test;
}

/* The rows that can be used, one behind the other. */
struct rows {
	double *first, *second;
	int8_t *labels;
	size_t n, positives;
};

static struct rows
take_rows(const double *first, const double *second, const int8_t *labels, size_t n)
{
	struct rows rows = {
	    .first = mem_grow(NULL, 2 * n + 1, sizeof(double)), .labels = mem_grow(NULL, n + 1, 1)};
	rows.second = rows.first + n;
	for (size_t i = 0; i < n; i++) {
		bool usable =
		    (labels[i] == 0 || labels[i] == 1) && !isnan(first[i]) && !isnan(second[i]);
		if (!usable)
			continue;
		rows.first[rows.n] = first[i];
		rows.second[rows.n] = second[i];
		rows.labels[rows.n++] = labels[i];
		rows.positives += labels[i] == 1;
	}
	return rows;
}

static void
free_rows(struct rows *rows)
{
	free(rows->first);
	free(rows->labels);
}

static struct paired_test
normal_test(double difference, double variance)
{
	struct paired_test test = undefined;
	double deviation = sqrt(fmax(0, variance));
	test.difference = difference;
	if (deviation > 0) {
		test.statistic = difference / deviation;
		test.p_value = fmin(1, 2 * dist_normal_sf(fabs(test.statistic)));
	} else if (variance == 0 && difference == 0) {
		test.statistic = 0;
		test.p_value = 1;
	} else {
		return test;
	}
	test.interval.low = fmax(-1, difference - PROPORTION_Z95 * deviation);
	test.interval.high = fmin(1, difference + PROPORTION_Z95 * deviation);
	return test;
}

struct paired_test
paired_delong(const double *first, const double *second, const int8_t *labels, size_t n)
{
	struct rows rows = take_rows(first, second, labels, n);
	double p = (double)rows.positives, q = (double)(rows.n - rows.positives);
	int64_t *places = mem_grow(NULL, 2 * rows.n + 1, sizeof(*places)),
		*others = places + rows.n;
	struct delong_sums sums = {0};
	delong_place(rows.first, rows.labels, rows.n, places);
	delong_place(rows.second, rows.labels, rows.n, others);
	for (size_t i = 0; i < rows.n; i++) {
		double apart = (double)(others[i] - places[i]);
		if (rows.labels[i] == 1) {
			sums.wrong += apart;
			sums.above_squares += apart * apart;
		} else {
			sums.below_squares += apart * apart;
		}
	}
	struct paired_test test = p > 0 && q > 0 ? normal_test(-sums.wrong / (2 * p * q) + 0.0,
						       delong_variance(&sums, p, q))
						 : undefined;
	free(places);
	free_rows(&rows);
	return test;
}

struct paired_test
paired_average_precision(const double *first, const double *second, const int8_t *labels, size_t n)
{
	struct rows rows = take_rows(first, second, labels, n);
	struct paired_test test = undefined;
	double *influence = mem_grow(NULL, 2 * rows.n + 1, sizeof(*influence));
	double *others = influence + rows.n, squares = 0;
	if (rows.positives > 0 && rows.positives < rows.n) {
		double count = (double)rows.n;
		double value =
		    average_precision_influence(rows.first, rows.labels, rows.n, influence);
		double other =
		    average_precision_influence(rows.second, rows.labels, rows.n, others);
		for (size_t i = 0; i < rows.n; i++)
			squares += (others[i] - influence[i]) * (others[i] - influence[i]);
		test = normal_test(other - value, squares / (count * count));
	}
	free(influence);
	free_rows(&rows);
	return test;
}
