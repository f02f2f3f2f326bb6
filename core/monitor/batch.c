/* batch.c: see batch.h; filling one. What has no place in the plan is kept as a copy of its own,
 * the texts in blocks that never move. */
#include "core/monitor/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/batch_rows.h"
#include "core/monitor/models.h"
#include "core/monitor/plan_code.h"
#include "core/reference/season.h"

enum { GROUPS_TRIED = 16 };

struct batch *
batch_new(void)
{
	return mem_alloc(sizeof(struct batch));
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	plan_release(batch->plan);
	arena_free(&batch->arena);
	free(batch->rows);
	free(batch->origins);
	free(batch->values);
	free(batch->codes);
	free(batch->words);
	free(batch->groups);
	free(batch->whole);
	free(batch->labels);
	free(batch->shapes);
	free(batch);
}

void
batch_begin(struct batch *batch, struct monitor *monitor, size_t source, bool keep,
    const char *default_service, const char *default_model)
{
	plan_release(batch->plan);
	batch->plan = plan_take(monitor);
	batch->count = batch->values_count = batch->words_count = batch->groups_count = 0;
	batch->whole_count = batch->labels_count = batch->shapes_count = batch->last_group = 0;
	batch->grouped = monitor->config->cohort_by[0] != '\0';
	batch->by_segment = strcmp(monitor->config->cohort_by, "segment") == 0;
	batch->hour = INT64_MIN;
	arena_clear(&batch->arena);
	batch->monitor = monitor;
	batch->source = source;
	batch->keep = keep && monitor->config->replay_rows > 0;
	batch->service = arena_text(&batch->arena, default_service);
	batch->model = arena_text(&batch->arena, default_model);
}

static struct row *
add_row(struct batch *batch, enum row_kind kind, uint64_t offset, uint64_t line)
{
	size_t count = ++batch->count;
	mem_reserve(&batch->rows, &batch->rows_capacity, count, sizeof(*batch->rows));
	mem_reserve(&batch->origins, &batch->origins_capacity, count, sizeof(*batch->origins));
	batch->origins[count - 1] = (struct row_origin){offset, line};
	struct row *row = &batch->rows[count - 1];
	row->kind = (uint8_t)kind;
	return row;
}

/* --- kept whole ------------------------------------------------------------------------------ */

static const struct feature_value *
copy_values(struct arena *arena, const struct feature_value *values, size_t count)
{
	struct feature_value *copy = arena_take(arena, count * sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = values[i];
		copy[i].name = arena_text(arena, values[i].name);
		copy[i].text = arena_text(arena, values[i].text);
	}
	return copy;
}

static void
keep_whole(struct batch *batch, const struct prediction *prediction)
{
	struct arena *arena = &batch->arena;
	mem_reserve(
	    &batch->whole, &batch->whole_capacity, batch->whole_count + 1, sizeof(*batch->whole));
	struct prediction *copy = &batch->whole[batch->whole_count++];
	*copy = *prediction;
	copy->request_id = arena_text(arena, prediction->request_id);
	copy->service = arena_text(arena, prediction->service);
	copy->model = arena_text(arena, prediction->model);
	copy->version = arena_text(arena, prediction->version);
	copy->segment = arena_text(arena, prediction->segment);
	copy->features = copy_values(arena, prediction->features, prediction->features_count);
	copy->attributions =
	    copy_values(arena, prediction->attributions, prediction->attributions_count);
}

void
batch_label(struct batch *batch, const struct label *label)
{
	struct row *row = add_row(batch, ROW_LABEL, 0, 0);
	row->hash = join_hash(label->request_id);
	row->at = (uint32_t)batch->labels_count++;
	mem_reserve(
	    &batch->labels, &batch->labels_capacity, batch->labels_count, sizeof(*batch->labels));
	batch->labels[row->at] = *label;
	batch->labels[row->at].request_id = arena_text(&batch->arena, label->request_id);
}

/* --- prepared -------------------------------------------------------------------------------- */

static bool
is_of(const struct plan_series *series, const char *service, const char *model, const char *version)
{
	return strcmp(series->version, version) == 0 && strcmp(series->service, service) == 0 &&
	       strcmp(series->model_name, model) == 0;
}

/* The number of its series in the plan, or SIZE_MAX. The last one is tried first. */
static size_t
find_series(struct batch *batch, const struct prediction *prediction)
{
	char rooms[3][SNAPSHOT_NAME];
	size_t count = batch->plan != NULL ? batch->plan->series_count : 0;
	const struct plan_series *list = count > 0 ? batch->plan->series : NULL;
	const char *service = prediction->service[0] != '\0' ? prediction->service : batch->service;
	const char *model = prediction->model[0] != '\0' ? prediction->model : batch->model;
	const char *version = prediction->version;
	if (batch->last_series < count && is_of(&list[batch->last_series], service, model, version))
		return batch->last_series;
	service = models_kept_name(rooms[0], service);
	model = models_kept_name(rooms[1], model);
	version = models_kept_name(rooms[2], version);
	for (size_t i = 0; i < count; i++) {
		if (is_of(&list[i], service, model, version))
			return batch->last_series = i;
	}
	return SIZE_MAX;
}

static void
add_word(struct batch *batch, struct row *row, size_t column, const struct feature_value *value)
{
	char number[32];
	const char *text = monitor_word(value, number);
	mem_reserve(
	    &batch->words, &batch->words_capacity, batch->words_count + 1, sizeof(*batch->words));
	batch->words[batch->words_count++] =
	    (struct row_word){(uint32_t)column, arena_text(&batch->arena, text)};
	row->words_count++;
}

/* False: one of them is for the long way. */
static bool
prepare_features(struct batch *batch, struct row *row, const struct plan_model *model,
    const struct prediction *prediction)
{
	const struct shape *shape = batch_shape(batch, model, prediction);
	if (shape == NULL)
		return false;
	size_t first = batch->values_count, count = first + model->count;
	mem_reserve(&batch->values, &batch->values_capacity, count, sizeof(*batch->values));
	mem_reserve(&batch->codes, &batch->codes_capacity, count, sizeof(*batch->codes));
	double *values = batch->values + first;
	uint16_t *codes = batch->codes + first;
	for (size_t i = 0; i < shape->absent_count; i++)
		codes[shape->absent[i]] = CODE_LACKING;
	for (size_t i = 0; i < shape->count; i++) {
		size_t column = shape->columns[i];
		if (column == SHAPE_NONE)
			continue;
		const struct feature_value *value = &prediction->features[i];
		size_t code = plan_code(&model->columns[column], value);
		if (code == SIZE_MAX)
			return false;
		codes[column] = (uint16_t)code;
		values[column] = value->number;
		if ((code & CODE_UNSEEN) != 0)
			add_word(batch, row, column, value);
	}
	row->at = (uint32_t)first;
	batch->values_count = count;
	return true;
}

static bool
is_same(const struct feature_value *a, const struct feature_value *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == VALUE_TEXT ? strcmp(a->text, b->text) == 0
				     : memcmp(&a->number, &b->number, sizeof(a->number)) == 0;
}

/* A value that came before in the batch (of many different ones, among the first), or a copy. */
static size_t
find_group(struct batch *batch, const struct feature_value *value)
{
	for (size_t i = 0; i <= batch->groups_count && i <= GROUPS_TRIED; i++) {
		size_t at = i == 0 ? batch->last_group : i - 1;
		if (at < batch->groups_count && is_same(&batch->groups[at].value, value))
			return at;
	}
	mem_reserve(&batch->groups, &batch->groups_capacity, batch->groups_count + 1,
	    sizeof(*batch->groups));
	struct row_group *group = &batch->groups[batch->groups_count];
	*group = (struct row_group){.value = *value};
	group->value.text = arena_text(&batch->arena, value->text);
	return batch->groups_count++;
}

/* The value that its cohort goes by, if cohorts are kept. */
static void
prepare_group(struct batch *batch, struct row *row, const struct prediction *prediction)
{
	if (!batch->grouped)
		return;
	struct feature_value value = {.name = "", .number = NAN, .text = ""};
	size_t at = batch->shapes[batch->last_shape].group;
	if (batch->by_segment)
		value = cohorts_segment(prediction);
	else if (at != SIZE_MAX)
		value = prediction->features[at];
	batch->last_group = find_group(batch, &value);
	row->group = (uint32_t)batch->last_group;
}

static void
prepare_score(struct row *row, const struct plan_series *series, double score)
{
	const struct feature_value value = {
	    .name = "", .kind = VALUE_NUMBER, .number = score, .text = ""};
	double kept = join_score(score);
	row->score = score;
	row->score_code = (uint16_t)plan_code(&series->score, &value);
	struct quality_place place = series_quality_place(series->map, kept);
	row->quality_bin = (uint16_t)place.bin;
	row->probability = place.probability;
}

static uint8_t
hour_of(struct batch *batch, wall_us ts)
{
	int64_t hour = clock_stretch(ts, CLOCK_HOUR);
	if (hour != batch->hour) {
		batch->hour = hour;
		batch->hour_of_week = (uint8_t)season_hour(ts);
	}
	return batch->hour_of_week;
}

/* False: it is for the long way. */
static bool
prepare(struct batch *batch, const struct prediction *prediction, uint64_t offset, uint64_t line)
{
	size_t number = find_series(batch, prediction);
	if (number == SIZE_MAX)
		return false;
	const struct plan_series *series = &batch->plan->series[number];
	if (series->model == NULL || (series->attributions && prediction->attributions_count > 0))
		return false;
	struct row *row = add_row(batch, ROW_PREPARED, offset, line);
	row->series = (uint16_t)number;
	row->words = (uint32_t)batch->words_count;
	row->words_count = 0;
	row->hash = join_hash(prediction->request_id);
	row->label = (int8_t)prediction->label;
	row->group = GROUP_NONE;
	row->traffic = monitor_traffic(prediction);
	if (!row->traffic.scored)
		return true;
	if (!prepare_features(batch, row, series->model, prediction)) {
		batch->words_count = row->words;
		batch->count--;
		return false;
	}
	prepare_group(batch, row, prediction);
	prepare_score(row, series, prediction->score);
	row->hour = hour_of(batch, prediction->ts);
	return true;
}

void
batch_prediction(
    struct batch *batch, const struct prediction *prediction, uint64_t offset, uint64_t line)
{
	bool prepared = prepare(batch, prediction, offset, line);
	if (!prepared)
		add_row(batch, ROW_WHOLE, offset, line)->hash = join_hash(prediction->request_id);
	if (!prepared || batch->keep)
		keep_whole(batch, prediction);
}
