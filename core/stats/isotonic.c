/* isotonic.c: isotonic regression by pool-adjacent-violators (Ayer et al. 1955), the exact curve
 * and its thinned form (calibration.h). */
#include "core/stats/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

/* Points with the same x, or a run of points with the same fitted y. */
struct block {
	double first, last; /* x */
	double sum, weight; /* of weight times y */
};

static int
compare_blocks(const void *left, const void *right)
{
	const struct block *a = left, *b = right;
	return (a->first > b->first) - (a->first < b->first);
}

static size_t
usable_points(
    struct block *points, const double *x, const double *y, const double *weights, size_t n)
{
	size_t used = 0;
	bool sorted = true;
	for (size_t i = 0; i < n; i++) {
		double weight = weights != NULL ? weights[i] : 1;
		if (!isfinite(x[i]) || !isfinite(y[i]) || !isfinite(weight) || weight <= 0)
			continue;
		sorted = sorted && (used == 0 || points[used - 1].first <= x[i]);
		points[used++] = (struct block){x[i], x[i], weight * y[i], weight};
	}
	if (!sorted)
		qsort(points, used, sizeof(*points), compare_blocks);
	return used;
}

static void
join(struct block *into, const struct block *from)
{
	into->last = from->last;
	into->sum += from->sum;
	into->weight += from->weight;
}

/* In place: first what has the same x, then what would fall. */
static size_t
pool(struct block *blocks, size_t n)
{
	size_t points = 0, count = 0;
	for (size_t i = 0; i < n; i++) {
		if (points > 0 && blocks[points - 1].first == blocks[i].first)
			join(&blocks[points - 1], &blocks[i]);
		else
			blocks[points++] = blocks[i];
	}
	for (size_t i = 0; i < points; i++) {
		blocks[count++] = blocks[i];
		for (; count > 1; count--) {
			struct block *a = &blocks[count - 2], *b = &blocks[count - 1];
			if (a->sum / a->weight < b->sum / b->weight)
				break;
			join(a, b);
		}
	}
	return count;
}

bool
calibration_curve_fit(struct calibration_curve *curve, const double *x, const double *y,
    const double *weights, size_t n)
{
	struct block *blocks = mem_grow(NULL, n, sizeof(*blocks));
	size_t count = pool(blocks, usable_points(blocks, x, y, weights, n));
	*curve = (struct calibration_curve){0};
	if (count > 0) {
		curve->x = mem_grow(NULL, 2 * count, sizeof(*curve->x));
		curve->y = mem_grow(NULL, 2 * count, sizeof(*curve->y));
	}
	for (size_t i = 0; i < count; i++) {
		double level = blocks[i].sum / blocks[i].weight;
		curve->x[curve->knots] = blocks[i].first;
		curve->y[curve->knots++] = level;
		if (blocks[i].last > blocks[i].first) {
			curve->x[curve->knots] = blocks[i].last;
			curve->y[curve->knots++] = level;
		}
	}
	free(blocks);
	return count > 0;
}

void
calibration_curve_free(struct calibration_curve *curve)
{
	free(curve->x);
	free(curve->y);
	*curve = (struct calibration_curve){0};
}

static double
interpolate(const double *x, const double *y, size_t knots, double score)
{
	if (knots == 0 || isnan(score))
		return score;
	if (score <= x[0])
		return y[0];
	if (score >= x[knots - 1])
		return y[knots - 1];
	size_t below = 0, above = knots - 1;
	while (above - below > 1) {
		size_t middle = (below + above) / 2;
		*(x[middle] <= score ? &below : &above) = middle;
	}
	double part = (score - x[below]) / (x[above] - x[below]);
	return y[below] + (y[above] - y[below]) * part;
}

double
calibration_curve_apply(const struct calibration_curve *curve, double score)
{
	return interpolate(curve->x, curve->y, curve->knots, score);
}

double
calibration_apply(const struct calibration_map *map, double score)
{
	return interpolate(map->x, map->y, map->knots, score);
}

/* The furthest knot that a straight line from knot `from` reaches with no knot between them further
 * than `error` from it: the slopes that pass all of them so far are a cone that narrows. */
static size_t
reach(const struct calibration_curve *curve, size_t from, double error)
{
	double least = -INFINITY, most = INFINITY;
	size_t best = from + 1;
	for (size_t i = from + 1; i < curve->knots && least <= most; i++) {
		double run = curve->x[i] - curve->x[from], rise = curve->y[i] - curve->y[from];
		if (rise / run >= least && rise / run <= most)
			best = i;
		least = fmax(least, (rise - error) / run);
		most = fmin(most, (rise + error) / run);
	}
	return best;
}

/* Keeps the knots that lines of at most this error need. False if they are too many. */
static bool
keep(struct calibration_map *map, const struct calibration_curve *curve, double error)
{
	map->knots = 0;
	for (size_t at = 0;; at = reach(curve, at, error)) {
		if (map->knots == CALIBRATION_KNOTS)
			return false;
		map->x[map->knots] = curve->x[at];
		map->y[map->knots++] = curve->y[at];
		if (at + 1 >= curve->knots)
			return true;
	}
}

void
calibration_curve_thin(struct calibration_map *map, const struct calibration_curve *curve)
{
	map->knots = curve->knots;
	if (curve->knots <= CALIBRATION_KNOTS) {
		for (size_t i = 0; i < curve->knots; i++) {
			map->x[i] = curve->x[i];
			map->y[i] = curve->y[i];
		}
		return;
	}
	double few = 0, enough = curve->y[curve->knots - 1] - curve->y[0];
	for (int i = 0; i < 30; i++) {
		double middle = (few + enough) / 2;
		*(keep(map, curve, middle) ? &enough : &few) = middle;
	}
	keep(map, curve, enough);
}

bool
calibration_isotonic(
    struct calibration_map *map, const double *x, const double *y, const double *weights, size_t n)
{
	struct calibration_curve curve;
	bool fitted = calibration_curve_fit(&curve, x, y, weights, n);
	calibration_curve_thin(map, &curve);
	calibration_curve_free(&curve);
	return fitted;
}
