#include "core/reference/profile_feature.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* Mean and deviation by Welford's update (Knuth, TAOCP 2, 4.2.2). */
static void
set_moments(struct profile_feature *feature, const double *values, size_t n)
{
	double mean = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		double delta = values[i] - mean;
		mean += delta / (double)(i + 1);
		squares += delta * (values[i] - mean);
	}
	feature->mean = mean;
	feature->deviation = sqrt(squares / (double)n);
}

/* Fine edges are cut points that could as well stand elsewhere: those that are no border of a PSI
 * bin get as few digits, from six on, as keep them between their neighbours. */
static void
shorten_edges(struct bins *bins)
{
	for (size_t i = 0; bins->kind == BINS_EDGES && i + 1 < bins->count; i++) {
		if (bins->coarse[i] != bins->coarse[i + 1])
			continue;
		double low = i > 0 ? bins->edges[i - 1] : -INFINITY;
		double high = i + 2 < bins->count ? bins->edges[i + 1] : INFINITY;
		for (int digits = 6; digits < 17; digits++) {
			char text[32];
			snprintf(text, sizeof(text), "%.*g", digits, bins->edges[i]);
			double edge = strtod(text, NULL);
			if (edge > low && edge < high) {
				bins->edges[i] = edge;
				break;
			}
		}
	}
}

void
profile_feature_init(struct profile_feature *feature, const char *name)
{
	*feature = (struct profile_feature){.mean = NAN,
	    .deviation = NAN,
	    .low = NAN,
	    .high = NAN,
	    .season = SEASON_NONE,
	    .attribution = NAN};
	text_copy(feature->name, sizeof(feature->name), name);
}

bool
profile_feature_from_numbers(
    struct profile_feature *feature, const char *name, const double *values, size_t n)
{
	profile_feature_init(feature, name);
	double *present = mem_grow(NULL, n, sizeof(*present));
	for (size_t i = 0; i < n; i++) {
		if (isfinite(values[i]))
			present[feature->n++] = values[i];
	}
	feature->missing = n - feature->n;
	if (feature->n > 0) {
		set_moments(feature, present, feature->n);
		bins_from_numbers(&feature->bins, present, feature->n); /* sorts */
		shorten_edges(&feature->bins);
		feature->low = present[0];
		feature->high = present[feature->n - 1];
		feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
		for (size_t i = 0; i < feature->n; i++)
			feature->counts[bins_find_number(&feature->bins, present[i])]++;
	}
	free(present);
	return feature->n > 0;
}

static bool
from_categories(struct profile_feature *feature, const struct dataset_column *column,
    const uint32_t *codes, size_t rows)
{
	profile_feature_init(feature, column->name);
	uint64_t *counts = mem_alloc(column->categories_count * sizeof(*counts));
	for (size_t i = 0; i < rows; i++) {
		if (codes[i] == DATASET_MISSING) {
			feature->missing++;
			continue;
		}
		counts[codes[i]]++;
		feature->n++;
	}
	if (feature->n > 0) {
		const char **words = mem_grow(NULL, column->categories_count, sizeof(*words));
		for (size_t i = 0; i < column->categories_count; i++)
			words[i] = column->categories[i];
		bins_from_categories(&feature->bins, words, counts, column->categories_count);
		feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
		for (size_t i = 0; i < column->categories_count; i++)
			feature->counts[bins_find_word(&feature->bins, words[i])] += counts[i];
		free(words);
	}
	free(counts);
	return feature->n > 0;
}

bool
profile_feature_from_column(struct profile_feature *feature, const struct dataset_column *column,
    const struct dataset_values *values, size_t rows)
{
	bool present = column->categorical ? from_categories(feature, column, values->codes, rows)
					   : profile_feature_from_numbers(
						 feature, column->name, values->numbers, rows);
	if (column->attribution_count > 0)
		feature->attribution = column->attribution_sum / (double)column->attribution_count;
	return present;
}

void
profile_feature_free(struct profile_feature *feature)
{
	bins_free(&feature->bins);
	free(feature->counts);
	free(feature->hours);
	feature->counts = NULL;
	feature->hours = NULL;
}

double
profile_feature_quantile(const struct profile_feature *feature, double q)
{
	const struct bins *bins = &feature->bins;
	if (bins->kind == BINS_CATEGORIES_KIND || feature->n == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double rank = q * (double)feature->n, below = 0;
	size_t bin = 0;
	while (bin + 1 < bins->count && below + (double)feature->counts[bin] < rank)
		below += (double)feature->counts[bin++];
	if (bins->kind == BINS_VALUES)
		return bin + 1 < bins->count ? bins->edges[bin] : NAN;
	double from = bin > 0 ? bins->edges[bin - 1] : feature->low;
	double to = bin + 1 < bins->count ? bins->edges[bin] : feature->high;
	double count = (double)feature->counts[bin];
	double part = count > 0 ? (rank - below) / count : 0;
	part = part < 1 ? part : 1;
	return from * (1 - part) + to * part;
}
