/* profile.c: makes profiles from whole data; profile_json.c reads and writes files. */
#include "core/monitor/profile.h"

#include <math.h>
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

bool
profile_feature_from_numbers(
    struct profile_feature *feature, const char *name, const double *values, size_t n)
{
	*feature = (struct profile_feature){.mean = NAN, .deviation = NAN, .low = NAN, .high = NAN};
	text_copy(feature->name, sizeof(feature->name), name);
	double *present = mem_grow(NULL, n, sizeof(*present));
	for (size_t i = 0; i < n; i++) {
		if (isfinite(values[i]))
			present[feature->n++] = values[i];
	}
	feature->missing = n - feature->n;
	if (feature->n > 0) {
		set_moments(feature, present, feature->n);
		bins_from_numbers(&feature->bins, present, feature->n); /* sorts */
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
	*feature = (struct profile_feature){.mean = NAN, .deviation = NAN, .low = NAN, .high = NAN};
	text_copy(feature->name, sizeof(feature->name), column->name);
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
profile_feature_from_column(
    struct profile_feature *feature, const struct dataset_column *column, size_t rows)
{
	struct dataset_values values;
	if (!dataset_load(column, &values))
		return false;
	bool present = column->categorical ? from_categories(feature, column, values.codes, rows)
					   : profile_feature_from_numbers(
						 feature, column->name, values.numbers, rows);
	dataset_unload(&values);
	return present;
}

void
profile_feature_free(struct profile_feature *feature)
{
	bins_free(&feature->bins);
	free(feature->counts);
	feature->counts = NULL;
}

/* The decision of a row: as logged, else by its threshold. -1 if neither is known. */
static int
decision_of(const struct dataset *data, size_t row)
{
	if (data->decision != NULL && data->decision[row] >= 0)
		return data->decision[row];
	if (data->threshold != NULL && !isnan(data->threshold[row]))
		return data->score[row] >= data->threshold[row];
	return -1;
}

static void
add_score(struct profile *profile, const struct dataset *data, const char *version, uint32_t code)
{
	struct profile_score *score = &profile->scores[profile->scores_count];
	*score = (struct profile_score){0};
	text_copy(score->version, sizeof(score->version), version);
	double *values = mem_grow(NULL, data->rows, sizeof(*values));
	size_t n = 0;
	for (size_t i = 0; i < data->rows; i++) {
		if ((data->version != NULL && data->version->codes[i] != code) ||
		    isnan(data->score[i]))
			continue;
		values[n++] = data->score[i];
		int decision = decision_of(data, i);
		if (decision < 0)
			continue;
		score->decided++;
		score->flagged += (uint64_t)decision;
		if (data->label == NULL || data->label[i] < 0)
			continue;
		score->labelled++;
		uint64_t *cells[] = {&score->tn, &score->fn, &score->fp, &score->tp};
		++*cells[2 * decision + data->label[i]];
	}
	if (profile_feature_from_numbers(&score->score, "score", values, n))
		profile->scores_count++;
	free(values);
}

struct profile *
profile_from_dataset(const struct dataset *data)
{
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->records = data->rows;
	if (data->model != NULL && data->model->categories_count > 0)
		text_copy(profile->model, sizeof(profile->model), data->model->categories[0]);
	profile->features = mem_alloc(data->features_count * sizeof(*profile->features));
	for (size_t i = 0; i < data->features_count; i++) {
		struct profile_feature *feature = &profile->features[profile->features_count];
		if (profile_feature_from_column(feature, &data->features[i], data->rows))
			profile->features_count++;
	}
	if (data->score == NULL)
		return profile;
	size_t versions = data->version != NULL ? data->version->categories_count : 1;
	profile->scores = mem_alloc(versions * sizeof(*profile->scores));
	for (size_t i = 0; i < versions; i++)
		add_score(profile, data, data->version != NULL ? data->version->categories[i] : "",
		    (uint32_t)i);
	return profile;
}

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	for (size_t i = 0; i < profile->features_count; i++)
		profile_feature_free(&profile->features[i]);
	for (size_t i = 0; i < profile->scores_count; i++)
		profile_feature_free(&profile->scores[i].score);
	free(profile->features);
	free(profile->scores);
	free(profile);
}

struct profile_feature *
profile_feature_of(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->features_count; i++) {
		if (strcmp(profile->features[i].name, name) == 0)
			return &profile->features[i];
	}
	return NULL;
}

const struct profile_score *
profile_score_of(const struct profile *profile, const char *version)
{
	const struct profile_score *any = NULL;
	for (size_t i = 0; i < profile->scores_count; i++) {
		if (strcmp(profile->scores[i].version, version) == 0)
			return &profile->scores[i];
		if (profile->scores[i].version[0] == '\0')
			any = &profile->scores[i];
	}
	return any;
}
