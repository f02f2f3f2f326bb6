/* rows.c: see rows.h. All columns in memory have room for data->capacity rows; a column that is not
 * NULL has every row set. What no record has stays NULL. Once the features are over the budget, all
 * of them go to disk, and so do those that come later. */
#include "core/ingest/rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/column_store.h"
#include "core/ingest/intern.h"

enum { STORE_ROOM_LEAST = 256, STORE_ROOM_MOST = 65536 };

static size_t
width_of(const struct dataset_column *column)
{
	return column->categorical ? sizeof(*column->codes) : sizeof(*column->numbers);
}

static void
grow_column(struct dataset_column *column, size_t capacity)
{
	if (column == NULL)
		return;
	if (column->categorical)
		column->codes = mem_grow(column->codes, capacity, sizeof(*column->codes));
	else
		column->numbers = mem_grow(column->numbers, capacity, sizeof(*column->numbers));
}

/* How many values a column holds in memory while it is on disk: a quarter of the budget in all. */
static size_t
store_room(const struct dataset *data)
{
	size_t budget = data->budget > 0 ? data->budget : DATASET_BUDGET;
	size_t room = budget / 4 / (data->features_count + 1) / sizeof(double);
	if (room < STORE_ROOM_LEAST)
		return STORE_ROOM_LEAST;
	return room < STORE_ROOM_MOST ? room : STORE_ROOM_MOST;
}

static void
set_number(struct dataset_column *column, size_t row, double number)
{
	if (column->store == NULL)
		column->numbers[row] = number;
	else
		*(double *)column_store_cell(column->store, row) = number;
}

static void
set_code(struct dataset_column *column, size_t row, uint32_t code)
{
	if (column->store == NULL)
		column->codes[row] = code;
	else
		*(uint32_t *)column_store_cell(column->store, row) = code;
}

static void
set_missing(struct dataset_column *column, size_t row)
{
	if (column->categorical)
		set_code(column, row, DATASET_MISSING);
	else
		set_number(column, row, NAN);
}

/* Gives a column of a dataset on disk its store; the rows are still to be set. */
static void
open_store(const struct dataset *data, struct dataset_column *column)
{
	column_store_free(column->store);
	column->store = column_store_new(data->scratch, width_of(column), store_room(data));
}

static void
move_to_disk(struct dataset *data)
{
	data->scratch = mem_alloc(sizeof(*data->scratch));
	scratch_init(data->scratch);
	for (size_t i = 0; i < data->features_count; i++) {
		struct dataset_column *column = &data->features[i];
		double *numbers = column->numbers;
		uint32_t *codes = column->codes;
		column->numbers = NULL;
		column->codes = NULL;
		open_store(data, column);
		for (size_t row = 0; row < data->rows; row++) {
			if (column->categorical)
				set_code(column, row, codes[row]);
			else
				set_number(column, row, numbers[row]);
		}
		free(numbers);
		free(codes);
	}
}

#define GROW(array, capacity)                                                                      \
	do {                                                                                       \
		if ((array) != NULL)                                                               \
			(array) = mem_grow((array), (capacity), sizeof(*(array)));                 \
	} while (0)

static void
grow_features(struct dataset *data)
{
	size_t width = 0;
	for (size_t i = 0; i < data->features_count; i++)
		width += width_of(&data->features[i]);
	if (width * data->capacity > (data->budget > 0 ? data->budget : DATASET_BUDGET)) {
		move_to_disk(data);
		return;
	}
	for (size_t i = 0; i < data->features_count; i++)
		grow_column(&data->features[i], data->capacity);
}

static void
grow_rows(struct dataset *data)
{
	size_t capacity = data->capacity < 1024 ? 1024 : data->capacity * 2;
	data->capacity = capacity;
	GROW(data->ts, capacity);
	GROW(data->score, capacity);
	GROW(data->threshold, capacity);
	GROW(data->latency_ms, capacity);
	GROW(data->decision, capacity);
	GROW(data->label, capacity);
	GROW(data->status, capacity);
	GROW(data->id, capacity);
	grow_column(data->version, capacity);
	grow_column(data->segment, capacity);
	grow_column(data->service, capacity);
	grow_column(data->model, capacity);
	grow_column(data->request, capacity);
	if (data->scratch == NULL)
		grow_features(data);
}

/* A column that stays in memory, all missing. */
static struct dataset_column
new_column(const struct dataset *data, const char *name, bool categorical)
{
	struct dataset_column column = {.name = mem_string(name),
	    .categorical = categorical,
	    .texts = mem_alloc(sizeof(struct intern))};
	grow_column(&column, data->capacity);
	for (size_t i = 0; i < data->rows; i++)
		set_missing(&column, i);
	return column;
}

static struct dataset_column
new_feature(const struct dataset *data, const char *name)
{
	if (data->scratch == NULL)
		return new_column(data, name, false);
	struct dataset_column column = {
	    .name = mem_string(name), .texts = mem_alloc(sizeof(struct intern))};
	open_store(data, &column);
	for (size_t i = 0; i < data->rows; i++)
		set_missing(&column, i);
	return column;
}

static uint32_t
add_text(struct dataset_column *column, const char *text, size_t length)
{
	uint32_t code = intern_add(column->texts, text, length);
	column->categories = column->texts->list;
	column->categories_count = column->texts->count;
	return code;
}

static void
add_number(const struct dataset *data, double **column, double value)
{
	if (*column == NULL && isnan(value))
		return;
	if (*column == NULL) {
		*column = mem_grow(NULL, data->capacity, sizeof(**column));
		for (size_t i = 0; i < data->rows; i++)
			(*column)[i] = NAN;
	}
	(*column)[data->rows] = value;
}

static void
add_flag(const struct dataset *data, int8_t **column, int value)
{
	if (*column == NULL && value < 0)
		return;
	if (*column == NULL) {
		*column = mem_grow(NULL, data->capacity, sizeof(**column));
		memset(*column, -1, data->rows);
	}
	(*column)[data->rows] = (int8_t)value;
}

static void
add_name(
    const struct dataset *data, struct dataset_column **column, const char *name, const char *value)
{
	if (*column == NULL && *value == '\0')
		return;
	if (*column == NULL) {
		*column = mem_alloc(sizeof(**column));
		**column = new_column(data, name, true);
	}
	(*column)->codes[data->rows] =
	    *value == '\0' ? DATASET_MISSING : add_text(*column, value, strlen(value));
}

void
rows_append(struct dataset *data, const struct row *row)
{
	if (data->rows == data->capacity)
		grow_rows(data);
	if (data->ts == NULL && row->ts != 0)
		data->ts = mem_alloc(data->capacity * sizeof(*data->ts));
	if (data->ts != NULL)
		data->ts[data->rows] = row->ts;
	if (data->status == NULL && row->status != 0)
		data->status = mem_alloc(data->capacity * sizeof(*data->status));
	if (data->status != NULL)
		data->status[data->rows] = (int16_t)row->status;
	if (data->id == NULL && row->id != 0)
		data->id = mem_alloc(data->capacity * sizeof(*data->id));
	if (data->id != NULL)
		data->id[data->rows] = row->id;
	add_number(data, &data->score, row->score);
	add_number(data, &data->threshold, row->threshold);
	add_number(data, &data->latency_ms, row->latency_ms);
	add_flag(data, &data->decision, row->decision);
	add_flag(data, &data->label, row->label);
	add_name(data, &data->version, "version", row->version);
	add_name(data, &data->segment, "segment", row->segment);
	add_name(data, &data->service, "service", row->service);
	add_name(data, &data->model, "model", row->model);
	if (data->keep_ids)
		add_name(data, &data->request, "request", row->request);
	for (size_t i = 0; i < data->features_count; i++)
		set_missing(&data->features[i], data->rows);
	data->rows++;
}

size_t
rows_find_feature(const struct dataset *data, const char *name, size_t guess)
{
	if (guess < data->features_count && strcmp(data->features[guess].name, name) == 0)
		return guess;
	if (data->names == NULL)
		return ROWS_NO_FEATURE;
	uint32_t found = intern_find(data->names, name, strlen(name));
	return found != INTERN_NONE ? found : ROWS_NO_FEATURE;
}

size_t
rows_feature(struct dataset *data, const char *name, size_t guess)
{
	size_t found = rows_find_feature(data, name, guess);
	if (found != ROWS_NO_FEATURE)
		return found;
	if (data->features_count == DATASET_MAX_FEATURES)
		return ROWS_NO_FEATURE;
	if (data->names == NULL)
		data->names = mem_alloc(sizeof(*data->names));
	mem_reserve(&data->features, &data->features_capacity, data->features_count + 1,
	    sizeof(*data->features));
	data->features[data->features_count] = new_feature(data, name);
	data->features_count++;
	return intern_add(data->names, name, strlen(name));
}

/* The category of a number: the shortest text that reads back as the same. */
static uint32_t
add_number_text(struct dataset_column *column, double number)
{
	char text[40];
	jsonw_format_double(text, sizeof(text), number);
	return add_text(column, text, strlen(text));
}

void
rows_begin_texts(struct dataset *data, size_t feature, size_t first)
{
	struct dataset_column *column = &data->features[feature];
	double *numbers = column->numbers;
	bool lost = false; /* the dataset has failed; its rows keep their places */
	if (column->store != NULL) {
		numbers = mem_grow(NULL, column_store_bytes(column->store), 1);
		lost = !column_store_load(column->store, numbers);
	}
	column->numbers = NULL;
	column->categorical = true;
	if (column->store != NULL)
		open_store(data, column);
	else
		grow_column(column, data->capacity);
	for (size_t i = 0; i < first; i++)
		set_code(column, i,
		    lost || isnan(numbers[i]) ? DATASET_MISSING
					      : add_number_text(column, numbers[i]));
	free(numbers);
}

void
rows_make_categorical(struct dataset *data, size_t feature)
{
	if (!data->features[feature].categorical)
		rows_begin_texts(data, feature, data->rows);
}

void
rows_put_number(struct dataset *data, size_t feature, size_t row, double number)
{
	struct dataset_column *column = &data->features[feature];
	if (column->categorical)
		set_code(column, row, add_number_text(column, number));
	else
		set_number(column, row, number);
}

void
rows_put_text(struct dataset *data, size_t feature, size_t row, const char *text, size_t length)
{
	rows_make_categorical(data, feature);
	struct dataset_column *column = &data->features[feature];
	set_code(column, row, add_text(column, text, length));
}

void
rows_put_missing(struct dataset *data, size_t feature, size_t row)
{
	set_missing(&data->features[feature], row);
}

void
rows_put_label(struct dataset *data, size_t row, int label)
{
	if (data->label == NULL) {
		data->label = mem_grow(NULL, data->capacity, sizeof(*data->label));
		memset(data->label, -1, data->rows);
	}
	data->label[row] = (int8_t)label;
}

void
rows_reject(struct dataset *data, uint64_t line, const char *format, ...)
{
	char reason[sizeof(data->last_reason)], whole[sizeof(reason) + 32];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	int length =
	    snprintf(whole, sizeof(whole), "line %llu: %s", (unsigned long long)line, reason);
	text_scrub(data->last_reason, sizeof(data->last_reason), whole, (size_t)length);
	data->rejected++;
}

uint64_t
rows_id(const char *clean)
{
	return *clean == '\0' ? 0 : hash_bytes(clean, strlen(clean), 0);
}
