/* payload.c: see payload.h. The values of a row lie beside each other. Texts are copied once into
 * an arena that is as large as the whole payload can need before it is begun. */
#include "core/format/payload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/columns.h"
#include "core/ingest/decimal.h"

void
payload_clear(struct payload *payload)
{
	payload->count = payload->rows_count = payload->tensors_count = payload->heads_count = 0;
	payload->arena_used = 0;
	payload->model[0] = payload->version[0] = '\0';
}

void
payload_free(struct payload *payload)
{
	free(payload->values);
	free(payload->rows);
	free(payload->tensors);
	free(payload->heads);
	free(payload->arena);
	csv_free(&payload->csv);
}

void
payload_names_free(struct payload_names *names)
{
	intern_free(&names->intern);
	free(names->last);
}

const char *
payload_name(struct payload *payload, const char *name, size_t length)
{
	struct intern *intern = &payload->names->intern;
	uint32_t id = intern->count < PAYLOAD_NAMES ? intern_add(intern, name, length)
						    : intern_find(intern, name, length);
	payload->names->found = id;
	if (id != INTERN_NONE)
		return intern->list[id];
	err_set(payload->err, ERR_DATA, "more than %d different names of features", PAYLOAD_NAMES);
	return NULL;
}

void
payload_begin_row(struct payload *payload)
{
	mem_reserve(&payload->rows, &payload->rows_capacity, payload->rows_count + 1,
	    sizeof(*payload->rows));
	payload->rows[payload->rows_count++] = (struct payload_row){.first = payload->count};
}

/* The value of the row that has the name already, or NULL. */
static struct feature_value *
find_double(struct payload *payload, const struct payload_row *row, const char *name)
{
	struct payload_names *names = payload->names;
	uint32_t id = names->found;
	if (id >= names->intern.count || names->intern.list[id] != name)
		id = intern_find(&names->intern, name, strlen(name));
	size_t before = names->last_capacity;
	mem_reserve(&names->last, &names->last_capacity, names->intern.count, sizeof(*names->last));
	if (names->last_capacity > before)
		memset(names->last + before, 0,
		    (names->last_capacity - before) * sizeof(*names->last));
	size_t last = names->last[id];
	if (last >= row->first && last < payload->count && payload->values[last].name == name)
		return &payload->values[last];
	names->last[id] = payload->count;
	return NULL;
}

struct feature_value *
payload_add(struct payload *payload, const char *name)
{
	struct payload_row *row = &payload->rows[payload->rows_count - 1];
	struct feature_value *value = name != NULL ? find_double(payload, row, name) : NULL;
	if (value == NULL) {
		if (row->count == RECORD_MAX_FEATURES) {
			err_set(payload->err, ERR_DATA, "more than %d values in a row",
			    RECORD_MAX_FEATURES);
			return NULL;
		}
		mem_reserve(&payload->values, &payload->capacity, payload->count + 1,
		    sizeof(*payload->values));
		value = &payload->values[payload->count++];
		row->count++;
	}
	*value = (struct feature_value){.name = name, .number = NAN, .text = ""};
	return value;
}

bool
payload_scalar(
    struct payload *payload, struct jsonscan *scan, struct feature_value *value, unsigned depth)
{
	char c = jsonscan_peek(scan);
	value->kind = VALUE_NUMBER;
	if (c == '-' || (c >= '0' && c <= '9'))
		return jsonscan_number(scan, &value->number);
	if (c == '"') {
		size_t length;
		char *dst = payload->arena + payload->arena_used;
		if (!jsonscan_string(scan, dst, &length))
			return false;
		payload->arena_used += length + 1;
		value->kind = VALUE_TEXT;
		value->text = dst;
		return true;
	}
	if (c == 't' || c == 'f')
		value->number = c == 't';
	else
		value->kind = VALUE_MISSING;
	return jsonscan_skip(scan, depth);
}

static bool
add_field(struct payload *payload, const struct csv_field *field)
{
	struct feature_value *value = payload_add(payload, NULL);
	if (value == NULL)
		return false;
	if (field_missing(field))
		return true;
	if (decimal_field(field->text, field->length, &value->number)) {
		value->kind = VALUE_NUMBER;
		return true;
	}
	char *dst = payload->arena + payload->arena_used;
	payload->arena_used += field_text(field, dst) + 1;
	value->kind = VALUE_TEXT;
	value->number = NAN;
	value->text = dst;
	return true;
}

static bool
read_csv(struct payload *payload, const char *text, size_t length)
{
	struct csv *csv = &payload->csv;
	csv_again(csv, text, length);
	while (csv_next(csv)) {
		if (csv->reason != NULL)
			return err_set(payload->err, ERR_DATA, "line %llu: %s",
			    (unsigned long long)csv->line, csv->reason);
		payload_begin_row(payload);
		for (size_t i = 0; i < csv->count; i++)
			if (!add_field(payload, &csv->fields[i]))
				return false;
	}
	return true;
}

void
payload_join_rows(struct payload *payload, size_t from)
{
	size_t rows = payload->rows_count - from;
	if (rows < 2 || rows > RECORD_MAX_FEATURES)
		return;
	for (size_t i = from; i < payload->rows_count; i++)
		if (payload->rows[i].count != 1 ||
		    payload->values[payload->rows[i].first].name != NULL)
			return;
	payload->rows[from].count = rows;
	payload->rows_count = from + 1;
}

const struct feature_value *
payload_row(const struct payload *payload, size_t row)
{
	const struct payload_row *place = &payload->rows[row];
	return place->count > 0 ? payload->values + place->first : NULL;
}

bool
payload_is_head(const struct payload *payload, size_t row)
{
	const struct feature_value *values = payload_row(payload, row);
	for (size_t i = 0; i < payload->rows[row].count; i++)
		if (values[i].name != NULL || values[i].kind != VALUE_TEXT)
			return false;
	return payload->rows[row].count > 0;
}

/* The names beside the values are those of all rows. */
static bool
give_heads(struct payload *payload)
{
	for (size_t i = 0; i < payload->rows_count && payload->heads_count > 0; i++) {
		struct payload_row *row = &payload->rows[i];
		if (row->count != payload->heads_count)
			return err_set(payload->err, ERR_DATA, "%zu names for %zu values",
			    payload->heads_count, row->count);
		for (size_t j = 0; j < row->count; j++)
			payload->values[row->first + j].name = payload->heads[j];
	}
	return true;
}

bool
payload_read(struct payload *payload, const char *text, size_t length, struct err *err)
{
	payload_clear(payload);
	payload->err = err;
	mem_reserve(&payload->arena, &payload->arena_capacity, 4 * length + 2 * RECORD_MAX_TEXT, 1);
	size_t blank = 0;
	while (blank < length && (text[blank] == ' ' || text[blank] == '\t' ||
				     text[blank] == '\n' || text[blank] == '\r'))
		blank++;
	bool json = blank < length && (text[blank] == '{' || text[blank] == '[');
	bool read = json ? payload_json(payload, text, length) : read_csv(payload, text, length);
	return read && give_heads(payload);
}
