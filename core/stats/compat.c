/* compat.c: the bins and limits of other tools. Equal-width bins are numpy's: its rules for how
 * many, its edges to the last bit, the last bin closed on the right. */
#include "core/stats/compat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/divergence.h"
#include "core/stats/moments.h"
#include "core/stats/sort.h"

/* Evidently gives up to this many distinct reference values a bin each. */
#define FEW_VALUES 20

static const char *const names[] = {"none", "evidently", "nannyml", "sagemaker"};

bool
compat_parse(const char *name, enum compat_tool *tool)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*tool = (enum compat_tool)i;
			return true;
		}
	}
	return false;
}

const char *
compat_name(enum compat_tool tool)
{
	return names[tool];
}

/* How many of n sorted values are less than x or, with `equal`, no greater. */
static size_t
count_below(const double *sorted, size_t n, double x, bool equal)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sorted[middle] < x || (equal && sorted[middle] == x))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Counts values bin by bin; returns how many are in any. */
static double
fill_counts(double *counts, const struct compat_bins *bins, const double *sorted, size_t n)
{
	size_t before = count_below(sorted, n, bins->edges[0], false), start = before;
	for (size_t i = 0; i < bins->count; i++) {
		bool closed = bins->of_values || i + 1 == bins->count;
		size_t after =
		    count_below(sorted, n, bins->edges[bins->of_values ? i : i + 1], closed);
		if (bins->of_values)
			before = count_below(sorted, n, bins->edges[i], false);
		counts[i] = (double)(after - before);
		before = after;
	}
	return (double)(before - start);
}

static void
make_room(struct compat_bins *bins, size_t count)
{
	*bins = (struct compat_bins){.count = count};
	bins->edges = mem_alloc((count + 1) * sizeof(*bins->edges));
	bins->reference = mem_alloc((count + 1) * sizeof(*bins->reference));
	bins->current = mem_alloc((count + 1) * sizeof(*bins->current));
}

/* Edges as numpy.linspace makes them, for widths that a rule gave; a range of one value is half a
 * unit wide to either side. */
static void
make_equal(struct compat_bins *bins, double low, double high, double width)
{
	double wanted = ceil((high - low) / width);
	make_room(bins, wanted >= 1 && wanted < 1e6 ? (size_t)wanted : 1);
	if (low == high) {
		low -= 0.5;
		high += 0.5;
	}
	double step = (high - low) / (double)bins->count;
	for (size_t i = 0; i < bins->count; i++)
		bins->edges[i] = (double)i * step + low;
	bins->edges[bins->count] = high;
}

/* Distinct values of one sorted sample, up to a limit. */
static size_t
count_distinct(const double *sorted, size_t n, size_t limit)
{
	size_t distinct = n > 0;
	for (size_t i = 1; i < n && distinct < limit; i++)
		distinct += sorted[i] != sorted[i - 1];
	return distinct;
}

/* The distinct values of both samples, ascending. */
static void
make_values(struct compat_bins *bins, const double *a, size_t n, const double *b, size_t m)
{
	double *values = mem_grow(NULL, n + m, sizeof(*values));
	size_t count = 0;
	for (size_t i = 0, j = 0; i < n || j < m;) {
		bool from_a = j == m || (i < n && a[i] <= b[j]);
		double value = from_a ? a[i++] : b[j++];
		if (count == 0 || value != values[count - 1])
			values[count++] = value;
	}
	make_room(bins, count);
	bins->of_values = true;
	memcpy(bins->edges, values, count * sizeof(*values));
	bins->edges[count] = values[count - 1];
	free(values);
}

void
compat_bins_evidently(
    struct compat_bins *bins, const double *reference, size_t n, const double *current, size_t m)
{
	*bins = (struct compat_bins){0};
	if (n == 0 || m == 0)
		return;
	if (count_distinct(reference, n, FEW_VALUES + 1) <= FEW_VALUES) {
		make_values(bins, reference, n, current, m);
	} else {
		double low = fmin(reference[0], current[0]);
		double high = fmax(reference[n - 1], current[m - 1]);
		make_equal(bins, low, high, (high - low) / (log2((double)(n + m)) + 1));
	}
	fill_counts(bins->reference, bins, reference, n);
	fill_counts(bins->current, bins, current, m);
}

/* Doane's width; 0 for up to two values, or all alike. */
static double
doane_width(const double *sorted, size_t n)
{
	struct moments of = moments_of(sorted, n);
	if (n < 3 || !(of.deviation > 0))
		return 0;
	double count = (double)n;
	double skew_deviation = sqrt(6 * (count - 2) / ((count + 1) * (count + 3)));
	return (sorted[n - 1] - sorted[0]) /
	       (1 + log2(count) + log2(1 + fabs(of.skewness) / skew_deviation));
}

void
compat_bins_nannyml(
    struct compat_bins *bins, const double *reference, size_t n, const double *current, size_t m)
{
	*bins = (struct compat_bins){0};
	if (n == 0 || m == 0)
		return;
	make_equal(bins, reference[0], reference[n - 1], doane_width(reference, n));
	fill_counts(bins->reference, bins, reference, n);
	bins->current_outside = (double)m - fill_counts(bins->current, bins, current, m);
}

void
compat_bins_free(struct compat_bins *bins)
{
	free(bins->edges);
	free(bins->reference);
	free(bins->current);
	*bins = (struct compat_bins){0};
}

typedef double (*distance_fn)(const double *reference, const double *current, size_t bins);

static double
with_outside(const struct compat_bins *bins, distance_fn distance)
{
	if (bins->count == 0)
		return NAN;
	/* There is room for one more, and nothing of the reference is in it. */
	bins->current[bins->count] = bins->current_outside;
	return distance(bins->reference, bins->current, bins->count + 1);
}

double
compat_bins_js_distance(const struct compat_bins *bins)
{
	return with_outside(bins, divergence_js_distance);
}

double
compat_bins_hellinger(const struct compat_bins *bins)
{
	return with_outside(bins, divergence_hellinger);
}

static double
offset_of(const double *sorted, size_t n, enum compat_offset offset)
{
	switch (offset) {
	case COMPAT_OFFSET_MEAN:
		return moments_of(sorted, n).mean;
	case COMPAT_OFFSET_MEDIAN:
		return sort_quantile(sorted, n, 0.5);
	case COMPAT_OFFSET_MIN:
		return sorted[0];
	case COMPAT_OFFSET_MAX:
		break;
	}
	return sorted[n - 1];
}

void
compat_sd_threshold(const double *values, size_t n, enum compat_offset offset, double k_lower,
    double k_upper, double *low, double *high)
{
	double *sorted = mem_grow(NULL, n, sizeof(*sorted));
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isnan(values[i]))
			sorted[used++] = values[i];
	}
	*low = *high = NAN;
	if (used > 0) {
		sort_doubles(sorted, used);
		double from = offset_of(sorted, used, offset);
		double deviation = moments_of(sorted, used).deviation;
		*low = from - k_lower * deviation;
		*high = from + k_upper * deviation;
	}
	free(sorted);
}
