/* wasserstein_bins.c: the area between two distribution functions of which only fine counts are
 * known. The line is cut at every border and at the four extremes; on a piece each function is
 * known, or lies between two levels. The bounds are sums over pieces of how far two such functions
 * are apart at most and at least: nothing that the bins allow lies outside. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"
#include "core/stats/wasserstein.h"

struct side {
	const double *counts;
	double n, low, high; /* how many, between which values */
	double unseen; /* share of the last bin, where a bin is a value */
	double below, within; /* at the piece: shares of the bins before it and of its own */
};

/* A distribution function on one piece: its level at most and at least, and at both ends if values
 * are spread evenly. */
struct course {
	double least, most, from, to;
};

/* The least and greatest value a bin of edges may hold. */
static double
bin_low(const struct bins *bins, size_t bin)
{
	return bin > 0 ? bins->edges[bin - 1] : -INFINITY;
}

static double
bin_high(const struct bins *bins, size_t bin)
{
	return bin + 1 < bins->count ? bins->edges[bin] : INFINITY;
}

static double
clamp(double value, double low, double high)
{
	return fmin(fmax(value, low), high);
}

/* False if the side is empty or its extremes are unknown. Extremes that its counts contradict are
 * moved to the nearest they allow. */
static bool
open_side(struct side *side, const struct bins *bins, const double *counts, double low, double high)
{
	*side = (struct side){.counts = counts, .low = low, .high = high};
	size_t first = bins->count, last = 0;
	for (size_t i = 0; i < bins->count; i++) {
		side->n += counts[i];
		if (!(counts[i] > 0))
			continue;
		first = first < i ? first : i;
		last = i;
	}
	if (!(side->n > 0) || !isfinite(low) || !isfinite(high))
		return false;
	if (bins->kind == BINS_EDGES) {
		side->low = clamp(low, bin_low(bins, first), bin_high(bins, first));
		side->high = clamp(high, bin_low(bins, last), bin_high(bins, last));
	} else {
		side->unseen = counts[bins->count - 1] / side->n;
	}
	side->high = fmax(side->high, side->low);
	return true;
}

/* A course that rises by `share` from `below` somewhere between low and high. */
static struct course
rise(double below, double share, double low, double high, double from, double to)
{
	if (to <= low || share == 0)
		return (struct course){below, below, below, below};
	double top = below + share;
	if (from >= high)
		return (struct course){top, top, top, top};
	double slope = share / (high - low);
	return (struct course){
	    below, top, below + (from - low) * slope, below + (to - low) * slope};
}

static struct course
course_of(const struct side *side, const struct bins *bins, size_t bin, double from, double to)
{
	if (bins->kind == BINS_VALUES)
		return rise(side->below, side->unseen, side->low, side->high, from, to);
	return rise(side->below, side->within, fmax(bin_low(bins, bin), side->low),
	    fmin(bin_high(bins, bin), side->high), from, to);
}

/* The mean of |f| where f goes straight from a to b. */
static double
mean_gap(double a, double b)
{
	double sum = fabs(a) + fabs(b);
	if (sum == 0)
		return 0;
	return a * b >= 0 ? sum / 2 : (a * a + b * b) / (2 * sum);
}

static void
add_piece(struct wasserstein_binned *areas, struct course f, struct course g, double width)
{
	areas->distance += width * mean_gap(f.from - g.from, f.to - g.to);
	areas->low += width * fmax(0, fmax(f.least - g.most, g.least - f.most));
	areas->high += width * fmax(f.most - g.least, g.most - f.least);
}

/* Takes a side on to the next bin; of a bin a value that is past the value. */
static void
pass_bin(struct side *side, size_t bin)
{
	side->below += side->counts[bin] / side->n;
	side->within = side->counts[bin + 1] / side->n;
}

static struct wasserstein_binned
areas_between(const struct bins *bins, struct side *f, struct side *g)
{
	size_t borders = bins->count - 1, count = borders + 4, bin = 0;
	double *cuts = mem_grow(NULL, count, sizeof(*cuts));
	for (size_t i = 0; i < borders; i++)
		cuts[i] = bins->edges[i];
	cuts[borders] = f->low;
	cuts[borders + 1] = f->high;
	cuts[borders + 2] = g->low;
	cuts[borders + 3] = g->high;
	sort_doubles(cuts, count);
	f->within = f->counts[0] / f->n;
	g->within = g->counts[0] / g->n;
	struct wasserstein_binned areas = {0, 0, 0};
	for (size_t i = 0; i + 1 < count; i++) {
		double from = cuts[i], to = cuts[i + 1];
		for (; bin < borders && bins->edges[bin] <= from; bin++) {
			pass_bin(f, bin);
			pass_bin(g, bin);
		}
		if (to > from)
			add_piece(&areas, course_of(f, bins, bin, from, to),
			    course_of(g, bins, bin, from, to), to - from);
	}
	free(cuts);
	return areas;
}

struct wasserstein_binned
wasserstein_bins(const struct bins *bins, const double *reference, double reference_low,
    double reference_high, const double *current, double current_low, double current_high)
{
	struct side f, g;
	if (bins->kind == BINS_CATEGORIES_KIND ||
	    !open_side(&f, bins, reference, reference_low, reference_high) ||
	    !open_side(&g, bins, current, current_low, current_high))
		return (struct wasserstein_binned){NAN, NAN, NAN};
	struct wasserstein_binned areas = areas_between(bins, &f, &g);
	/* Rounding must not put the distance out of its own bounds. */
	areas.low = fmin(areas.low, areas.distance);
	areas.high = fmax(areas.high, areas.distance);
	return areas;
}
