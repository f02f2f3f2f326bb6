/* profile_data.c: a profile of whole data. The hours of its rows are found once and counted by for
 * every column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/reference/profile.h"
#include "core/reference/profile_parts.h"
#include "core/stats/quality.h"

enum { NO_HOUR = 255 }; /* the row's time is not known */

/* Times are kept by the millisecond, as they are written. */
static wall_us
whole_millisecond(wall_us ts)
{
	return ts - (ts % 1000 + 1000) % 1000;
}

/* The hour of the week of every row, or NULL if none is known; counts them. */
static uint8_t *
find_hours(struct profile *profile, const struct dataset *data)
{
	uint8_t *hours = NULL;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++) {
		if (data->ts[i] == 0)
			continue;
		if (hours == NULL) {
			hours = mem_alloc(data->rows);
			memset(hours, NO_HOUR, data->rows);
			profile->first_ts = profile->last_ts = data->ts[i];
		}
		hours[i] = (uint8_t)season_hour(data->ts[i]);
		profile->hours_records[hours[i]]++;
		if (data->ts[i] < profile->first_ts)
			profile->first_ts = data->ts[i];
		if (data->ts[i] > profile->last_ts)
			profile->last_ts = data->ts[i];
	}
	profile->first_ts = whole_millisecond(profile->first_ts);
	profile->last_ts = whole_millisecond(profile->last_ts);
	profile_see_hours(profile);
	return hours;
}

void
profile_see_hours(struct profile *profile)
{
	const int64_t week = SEASON_HOURS * CLOCK_HOUR;
	int64_t weeks = (profile->last_ts - profile->first_ts) / week;
	for (size_t i = 0; i < SEASON_HOURS; i++)
		profile->hours_seen[i] = (double)weeks;
	for (wall_us at = profile->first_ts + weeks * week; at < profile->last_ts;) {
		wall_us next = at - (at % CLOCK_HOUR + CLOCK_HOUR) % CLOCK_HOUR + CLOCK_HOUR;
		if (next > profile->last_ts)
			next = profile->last_ts;
		profile->hours_seen[season_hour(at)] += (double)(next - at) / (double)CLOCK_HOUR;
		at = next;
	}
}

static void
count_hour(struct profile_feature *feature, uint8_t hour, size_t fine)
{
	const struct bins *bins = &feature->bins;
	if (hour != NO_HOUR)
		feature->hours[hour * bins->coarse_count + bins->coarse[fine]]++;
}

static void
set_season(struct profile_feature *feature, const struct profile *profile)
{
	feature->season = season_recognise(
	    feature->hours, feature->bins.coarse_count, profile->last_ts - profile->first_ts);
}

static void
count_number_hours(struct profile_feature *feature, const struct profile *profile,
    const double *values, const uint8_t *hours, size_t n)
{
	if (hours == NULL)
		return;
	feature->hours =
	    mem_alloc(SEASON_HOURS * feature->bins.coarse_count * sizeof(*feature->hours));
	for (size_t i = 0; i < n; i++) {
		if (isfinite(values[i]))
			count_hour(feature, hours[i], bins_find_number(&feature->bins, values[i]));
	}
	set_season(feature, profile);
}

static void
count_word_hours(struct profile_feature *feature, const struct profile *profile,
    const struct dataset_column *column, const uint32_t *codes, const uint8_t *hours, size_t n)
{
	if (hours == NULL)
		return;
	uint16_t *bins = mem_alloc(column->categories_count * sizeof(*bins));
	for (size_t i = 0; i < column->categories_count; i++)
		bins[i] = (uint16_t)bins_find_word(&feature->bins, column->categories[i]);
	feature->hours =
	    mem_alloc(SEASON_HOURS * feature->bins.coarse_count * sizeof(*feature->hours));
	for (size_t i = 0; i < n; i++) {
		if (codes[i] != DATASET_MISSING)
			count_hour(feature, hours[i], bins[codes[i]]);
	}
	free(bins);
	set_season(feature, profile);
}

static void
add_feature(struct profile *profile, const struct dataset *data,
    const struct dataset_column *column, const uint8_t *hours)
{
	struct profile_feature *feature = &profile->features[profile->features_count];
	struct dataset_values values;
	if (!dataset_load(column, &values)) /* the dataset has failed, which its owner asks about */
		return;
	if (profile_feature_from_column(feature, column, &values, data->rows)) {
		profile->features_count++;
		if (column->categorical)
			count_word_hours(feature, profile, column, values.codes, hours, data->rows);
		else
			count_number_hours(feature, profile, values.numbers, hours, data->rows);
	}
	dataset_unload(&values);
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
count_decision(struct profile_score *score, const struct dataset *data, size_t row, uint8_t hour)
{
	int decision = decision_of(data, row);
	if (decision < 0)
		return;
	score->decided++;
	score->flagged += (uint64_t)decision;
	if (hour != NO_HOUR) {
		score->hours_decided[hour]++;
		score->hours_flagged[hour] += (uint32_t)decision;
	}
	if (data->label == NULL || data->label[row] < 0)
		return;
	score->labelled++;
	uint64_t *cells[] = {&score->tn, &score->fn, &score->fp, &score->tp};
	++*cells[2 * decision + data->label[row]];
}

/* What the labelled scores say: the baseline of ranking, and the map that makes them true. */
static void
rate_scores(struct profile_score *score, const double *values, const int8_t *labels, size_t n)
{
	struct quality_rank rank = quality_rank_exact(values, labels, n);
	score->roc_auc = rank.roc_auc;
	score->average_precision = rank.average_precision;
	for (size_t i = 0; i < n && !score->calibrated; i++)
		score->calibrated = labels[i] >= 0;
	if (score->calibrated)
		calibration_fit(&score->calibration, values, labels, n);
}

static void
add_score(struct profile *profile, const struct dataset *data, const char *version, uint32_t code,
    const uint8_t *hours)
{
	struct profile_score *score = &profile->scores[profile->scores_count];
	*score = (struct profile_score){0};
	text_copy(score->version, sizeof(score->version), version);
	double *values = mem_grow(NULL, data->rows, sizeof(*values));
	int8_t *labels = mem_alloc(data->rows);
	uint8_t *rows = hours != NULL ? mem_alloc(data->rows) : NULL;
	size_t n = 0;
	for (size_t i = 0; i < data->rows; i++) {
		if ((data->version != NULL && data->version->codes[i] != code) ||
		    isnan(data->score[i]))
			continue;
		values[n] = data->score[i];
		labels[n] = data->label != NULL ? data->label[i] : -1;
		if (hours != NULL)
			rows[n] = hours[i];
		n++;
		count_decision(score, data, i, hours != NULL ? hours[i] : NO_HOUR);
	}
	if (profile_feature_from_numbers(&score->score, "score", values, n)) {
		count_number_hours(&score->score, profile, values, rows, n);
		rate_scores(score, values, labels, n);
		profile->scores_count++;
	}
	free(values);
	free(labels);
	free(rows);
}

struct profile *
profile_from_dataset(const struct dataset *data)
{
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->records = data->rows;
	if (data->model != NULL && data->model->categories_count > 0)
		text_copy(profile->model, sizeof(profile->model), data->model->categories[0]);
	uint8_t *hours = find_hours(profile, data);
	profile->features = mem_alloc(data->features_count * sizeof(*profile->features));
	for (size_t i = 0; i < data->features_count; i++)
		add_feature(profile, data, &data->features[i], hours);
	size_t versions = data->version != NULL ? data->version->categories_count : 1;
	if (data->score != NULL)
		profile->scores = mem_alloc(versions * sizeof(*profile->scores));
	for (size_t i = 0; i < versions && data->score != NULL; i++)
		add_score(profile, data, data->version != NULL ? data->version->categories[i] : "",
		    (uint32_t)i, hours);
	free(hours);
	return profile;
}
