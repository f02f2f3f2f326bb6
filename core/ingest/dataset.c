/* dataset.c: see dataset.h. Here is what a log is read by, the join of labels, and the end of a
 * dataset; table.c reads CSVs and rows.c holds the rows. */
#include "core/ingest/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/ingest/column_store.h"
#include "core/ingest/columns.h"
#include "core/source/stretch.h"
#include "core/ingest/input.h"
#include "core/ingest/intern.h"
#include "core/ingest/record_reader.h"
#include "core/ingest/rows.h"
#include "core/ingest/table.h"

/* Reading JSON lines. */
struct log {
	struct dataset *data;
	struct record_reader *reader;
	struct lines lines;
	uint64_t too_long; /* counted into data->rejected already */
	wall_us since;
	void (*record)(const struct prediction *prediction, size_t row, void *context);
	void *context;
	struct intern ignored, categorical;
	struct label_join *join; /* for a label feed */
};

static void
reject_too_long(struct log *log)
{
	for (; log->too_long < log->lines.too_long; log->too_long++)
		rows_reject(
		    log->data, log->lines.too_long_at, "longer than %d bytes", STRETCH_MAX_RECORD);
}

static void
list_names(struct intern *list, const char *names)
{
	char name[RECORD_MAX_TEXT + 1];
	while (columns_next_name(&names, name))
		intern_add(list, name, strlen(name));
}

static bool
is_empty(const char *line, size_t length)
{
	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	return length == 0;
}

/* Finds the columns of a record's features, ignored ones aside. False: too many. */
static bool
find_features(struct log *log, const struct prediction *prediction, size_t *found)
{
	size_t guess = 0;
	for (size_t i = 0; i < prediction->features_count; i++) {
		const char *name = prediction->features[i].name;
		found[i] = ROWS_NO_FEATURE;
		size_t length = strlen(name);
		if (intern_find(&log->ignored, name, length) != INTERN_NONE)
			continue;
		found[i] = rows_feature(log->data, name, guess);
		if (found[i] == ROWS_NO_FEATURE)
			return false;
		guess = found[i] + 1;
		if (intern_find(&log->categorical, name, length) != INTERN_NONE)
			rows_make_categorical(log->data, found[i]);
	}
	return true;
}

static void
add_attributions(struct log *log, const struct prediction *prediction)
{
	size_t guess = 0;
	for (size_t i = 0; i < prediction->attributions_count; i++) {
		const struct feature_value *value = &prediction->attributions[i];
		size_t found = rows_find_feature(log->data, value->name, guess);
		if (found == ROWS_NO_FEATURE)
			continue;
		guess = found + 1;
		if (value->kind != VALUE_NUMBER)
			continue;
		log->data->features[found].attribution_sum += fabs(value->number);
		log->data->features[found].attribution_count++;
	}
}

static void
add_prediction(struct log *log, const struct prediction *prediction)
{
	if (log->since != 0 && prediction->ts < log->since) {
		log->data->before++;
		return;
	}
	size_t found[RECORD_MAX_FEATURES];
	if (log->record == NULL && !find_features(log, prediction, found)) {
		rows_reject(log->data, log->lines.number, "more than %d different features in all",
		    DATASET_MAX_FEATURES);
		return;
	}
	const struct row row = {.ts = prediction->ts,
	    .score = prediction->score,
	    .threshold = prediction->threshold,
	    .latency_ms = prediction->latency_ms,
	    .decision = prediction->decision,
	    .label = prediction->label,
	    .status = prediction->status,
	    .id = rows_id(prediction->request_id),
	    .version = prediction->version,
	    .segment = prediction->segment,
	    .service = prediction->service,
	    .model = prediction->model,
	    .request = prediction->request_id};
	rows_append(log->data, &row);
	if (log->record != NULL) {
		log->record(prediction, log->data->rows - 1, log->context);
		return;
	}
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		if (found[i] == ROWS_NO_FEATURE)
			continue;
		if (value->kind == VALUE_NUMBER)
			rows_put_number(log->data, found[i], log->data->rows - 1, value->number);
		else if (value->kind == VALUE_TEXT)
			rows_put_text(log->data, found[i], log->data->rows - 1, value->text,
			    strlen(value->text));
	}
	add_attributions(log, prediction);
}

static void
read_prediction_line(const char *line, size_t length, void *context)
{
	struct log *log = context;
	struct prediction prediction;
	struct err err;
	reject_too_long(log);
	if (is_empty(line, length) || dataset_failed(log->data, NULL))
		return;
	if (record_read_prediction(log->reader, line, length, &prediction, &err))
		add_prediction(log, &prediction);
	else
		rows_reject(log->data, log->lines.number, "%s", err.text);
}

static bool
read_log(struct dataset *data, struct input *input, const struct dataset_options *options,
    struct err *err)
{
	struct log log = {.data = data, .reader = record_reader_new()};
	if (options != NULL) {
		log.since = options->since;
		log.record = options->record;
		log.context = options->context;
		list_names(&log.ignored, options->ignore);
		list_names(&log.categorical, options->categorical);
	}
	bool done = input_lines(input, &log.lines, read_prediction_line, &log, err);
	reject_too_long(&log);
	done = done && !dataset_failed(data, err);
	lines_free(&log.lines);
	intern_free(&log.ignored);
	intern_free(&log.categorical);
	record_reader_free(log.reader);
	return done;
}

bool
dataset_read(
    struct dataset *data, const char *path, const struct dataset_options *options, struct err *err)
{
	struct input input;
	if (!input_open(&input, path, err))
		return false;
	bool done = input.json_lines ? read_log(data, &input, options, err)
				     : table_read(data, &input, options, err);
	input_close(&input);
	return done;
}

/* The ids of the rows, each once, with the label that came last. */
struct label_join {
	struct id_label {
		uint64_t id; /* 0: empty */
		int8_t label;
	} * slots;
	size_t mask;
	uint64_t joined, unmatched;
};

static struct id_label *
find_id(const struct label_join *join, uint64_t id)
{
	size_t at = (size_t)id;
	while (join->slots[at & join->mask].id != 0 && join->slots[at & join->mask].id != id)
		at++;
	return &join->slots[at & join->mask];
}

static void
join_begin(struct label_join *join, const struct dataset *data)
{
	size_t size = 16;
	while (size < data->rows * 2)
		size *= 2;
	*join =
	    (struct label_join){.slots = mem_alloc(size * sizeof(*join->slots)), .mask = size - 1};
	for (size_t row = 0; row < data->rows && data->id != NULL; row++)
		if (data->id[row] != 0)
			*find_id(join, data->id[row]) = (struct id_label){data->id[row], -1};
}

static void
take_label(const char *request_id, int value, void *context)
{
	struct label_join *join = context;
	struct id_label *found = find_id(join, rows_id(request_id));
	if (found->id == 0) {
		join->unmatched++;
		return;
	}
	found->label = (int8_t)value;
	join->joined++;
}

static void
join_end(struct label_join *join, struct dataset *data)
{
	for (size_t row = 0; row < data->rows && data->id != NULL; row++) {
		int label = data->id[row] != 0 ? find_id(join, data->id[row])->label : -1;
		if (label >= 0)
			rows_put_label(data, row, label);
	}
	free(join->slots);
}

static void
read_label_line(const char *line, size_t length, void *context)
{
	struct log *log = context;
	struct label label;
	struct err err;
	reject_too_long(log);
	if (is_empty(line, length))
		return;
	if (record_read_label(log->reader, line, length, &label, &err))
		take_label(label.request_id, label.value, log->join);
	else
		rows_reject(log->data, log->lines.number, "%s", err.text);
}

static bool
read_label_lines(
    struct dataset *data, struct input *input, struct label_join *join, struct err *err)
{
	struct log log = {.data = data, .reader = record_reader_new(), .join = join};
	bool done = input_lines(input, &log.lines, read_label_line, &log, err);
	reject_too_long(&log);
	lines_free(&log.lines);
	record_reader_free(log.reader);
	return done;
}

bool
dataset_join_labels(struct dataset *data, const char *path, const struct dataset_options *options,
    uint64_t *joined, uint64_t *unmatched, struct err *err)
{
	struct input input;
	struct label_join join;
	if (!input_open(&input, path, err))
		return false;
	join_begin(&join, data);
	bool done = input.json_lines
			? read_label_lines(data, &input, &join, err)
			: table_read_labels(data, &input, options, take_label, &join, err);
	join_end(&join, data);
	input_close(&input);
	if (joined != NULL)
		*joined = join.joined;
	if (unmatched != NULL)
		*unmatched = join.unmatched;
	return done;
}

struct dataset_column *
dataset_feature(const struct dataset *data, const char *name)
{
	uint32_t found =
	    data->names != NULL ? intern_find(data->names, name, strlen(name)) : INTERN_NONE;
	return found != INTERN_NONE ? &data->features[found] : NULL;
}

bool
dataset_load(const struct dataset_column *column, struct dataset_values *values)
{
	*values = (struct dataset_values){.numbers = column->numbers, .codes = column->codes};
	if (column->store == NULL)
		return true;
	values->own = mem_grow(NULL, column_store_bytes(column->store), 1);
	if (column->categorical)
		values->codes = values->own;
	else
		values->numbers = values->own;
	if (column_store_load(column->store, values->own))
		return true;
	dataset_unload(values);
	return false;
}

void
dataset_unload(struct dataset_values *values)
{
	free(values->own);
	*values = (struct dataset_values){0};
}

bool
dataset_failed(const struct dataset *data, struct err *err)
{
	if (data->scratch == NULL || data->scratch->failure.code == 0)
		return false;
	if (err != NULL)
		*err = data->scratch->failure;
	return true;
}

static void
free_column(struct dataset_column *column)
{
	column_store_free(column->store);
	intern_free(column->texts);
	free(column->texts);
	free(column->name);
	free(column->numbers);
	free(column->codes);
}

void
dataset_free(struct dataset *data)
{
	struct dataset_column *const singles[] = {
	    data->version, data->segment, data->service, data->model, data->request};
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (singles[i] != NULL)
			free_column(singles[i]);
		free(singles[i]);
	}
	for (size_t i = 0; i < data->features_count; i++)
		free_column(&data->features[i]);
	free(data->features);
	if (data->scratch != NULL)
		scratch_close(data->scratch);
	free(data->scratch);
	if (data->names != NULL)
		intern_free(data->names);
	free(data->names);
	free(data->ts);
	free(data->score);
	free(data->threshold);
	free(data->latency_ms);
	free(data->decision);
	free(data->label);
	free(data->status);
	free(data->id);
	*data = (struct dataset){0};
}
