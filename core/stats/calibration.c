/* calibration.c: expected calibration error, and the choice of a map. */
#include "core/stats/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"

enum { WIDTH_BINS = 10, COUNT_BINS = 10, FOLDS = 10 };

static bool
is_usable(double score, int8_t label)
{
	return (label == 0 || label == 1) && !isnan(score);
}

struct sums {
	double scores, labels, rows;
};

static void
note_bin(struct calibration_error *error, const struct sums *bin, double all)
{
	if (bin->rows == 0)
		return;
	double gap = fabs(bin->labels - bin->scores) / bin->rows;
	error->ece += gap * (bin->rows / all);
	error->worst = fmax(error->worst, gap);
}

struct calibration_error
calibration_ece_width(const double *scores, const int8_t *labels, size_t n, uint64_t counts[10])
{
	struct sums bins[WIDTH_BINS] = {{0}};
	double all = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_usable(scores[i], labels[i]))
			continue;
		size_t bin = 0;
		while (bin < WIDTH_BINS - 1 && scores[i] > (double)(bin + 1) / WIDTH_BINS)
			bin++;
		bins[bin].scores += scores[i];
		bins[bin].labels += labels[i];
		bins[bin].rows++;
		all++;
	}
	for (size_t i = 0; counts != NULL && i < WIDTH_BINS; i++)
		counts[i] = (uint64_t)bins[i].rows;
	if (all == 0)
		return (struct calibration_error){NAN, NAN};
	struct calibration_error error = {0, 0};
	for (size_t i = 0; i < WIDTH_BINS; i++)
		note_bin(&error, &bins[i], all);
	return error;
}

size_t
calibration_count_edges(size_t n, size_t bins, size_t *edges)
{
	if (n <= 2 * bins)
		bins = n / 2 < 2 ? 0 : n / 2;
	if (bins == 0)
		return 0;
	size_t width = n / bins, count = n / width;
	for (size_t i = 0; i < count; i++)
		edges[i] = i * width;
	edges[count] = n;
	return count;
}

/* The usable rows in the order of their scores. */
struct rows {
	double *scores;
	int8_t *labels;
	size_t n, positives;
};

/* A label bears its row's fold: label + 2 fold. */
static struct rows
sorted_rows(const double *scores, const int8_t *labels, size_t n, size_t folds)
{
	struct rows rows = {.scores = mem_grow(NULL, n, sizeof(*rows.scores)),
	    .labels = mem_grow(NULL, n, sizeof(*rows.labels))};
	for (size_t i = 0; i < n; i++) {
		if (!is_usable(scores[i], labels[i]))
			continue;
		rows.scores[rows.n] = scores[i];
		rows.labels[rows.n] = (int8_t)(labels[i] + 2 * (int)(rows.n % folds));
		rows.positives += labels[i] == 1;
		rows.n++;
	}
	sort_labelled(rows.scores, rows.labels, rows.n);
	return rows;
}

static void
free_rows(struct rows *rows)
{
	free(rows->scores);
	free(rows->labels);
}

/* The share of positives among the rows of each row's score. */
static double *
shared_labels(const struct rows *rows)
{
	double *shared = mem_grow(NULL, rows->n, sizeof(*shared));
	for (size_t i = 0; i < rows->n;) {
		size_t first = i;
		double positives = 0;
		for (; i < rows->n && rows->scores[i] == rows->scores[first]; i++)
			positives += rows->labels[i];
		for (size_t k = first; k < i; k++)
			shared[k] = positives / (double)(i - first);
	}
	return shared;
}

struct calibration_error
calibration_ece_count(const double *scores, const int8_t *labels, size_t n)
{
	size_t edges[2 * COUNT_BINS + 1];
	struct rows rows = sorted_rows(scores, labels, n, 1);
	size_t bins = calibration_count_edges(rows.n, COUNT_BINS, edges);
	struct calibration_error error = {NAN, NAN};
	if (bins > 0) {
		double *shared = shared_labels(&rows);
		error = (struct calibration_error){0, 0};
		for (size_t b = 0; b < bins; b++) {
			struct sums bin = {.rows = (double)(edges[b + 1] - edges[b])};
			for (size_t i = edges[b]; i < edges[b + 1]; i++) {
				bin.scores += rows.scores[i];
				bin.labels += shared[i];
			}
			note_bin(&error, &bin, (double)rows.n);
		}
		free(shared);
	}
	free_rows(&rows);
	return error;
}

double
calibration_ratio(const double *scores, const int8_t *labels, size_t n)
{
	double observed = 0, expected = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_usable(scores[i], labels[i]))
			continue;
		observed += labels[i];
		expected += scores[i];
	}
	return expected > 0 ? observed / expected : NAN;
}

/* Fits to the rows that are not of the fold; fold FOLDS: to all. */
static void
fit_without(struct calibration_curve *curve, const struct rows *rows, int fold)
{
	double *x = mem_grow(NULL, rows->n, sizeof(*x)), *y = mem_grow(NULL, rows->n, sizeof(*y));
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->labels[i] / 2 == fold)
			continue;
		x[n] = rows->scores[i];
		y[n++] = rows->labels[i] % 2;
	}
	calibration_curve_fit(curve, x, y, NULL, n);
	free(x);
	free(y);
}

/* Is the equal-count ECE of rows that a map was not fitted to lower with the map than without? */
static bool
does_help(const struct rows *rows)
{
	double *mapped = mem_grow(NULL, rows->n, sizeof(*mapped));
	int8_t *labels = mem_grow(NULL, rows->n, sizeof(*labels));
	for (int fold = 0; fold < FOLDS; fold++) {
		struct calibration_curve curve;
		fit_without(&curve, rows, fold);
		for (size_t i = 0; i < rows->n; i++) {
			if (rows->labels[i] / 2 == fold)
				mapped[i] = calibration_curve_apply(&curve, rows->scores[i]);
		}
		calibration_curve_free(&curve);
	}
	for (size_t i = 0; i < rows->n; i++)
		labels[i] = rows->labels[i] % 2;
	double before = calibration_ece_count(rows->scores, labels, rows->n).ece;
	double after = calibration_ece_count(mapped, labels, rows->n).ece;
	free(mapped);
	free(labels);
	return after < before;
}

void
calibration_fit(struct calibration_map *map, const double *scores, const int8_t *labels, size_t n)
{
	map->knots = 0;
	struct rows rows = sorted_rows(scores, labels, n, FOLDS);
	if (rows.positives > 0 && rows.positives < rows.n && does_help(&rows)) {
		struct calibration_curve curve;
		fit_without(&curve, &rows, FOLDS);
		calibration_curve_thin(map, &curve);
		calibration_curve_free(&curve);
	}
	free_rows(&rows);
}
