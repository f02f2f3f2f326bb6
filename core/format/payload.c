/* payload.c: see payload.h. The values of a row lie beside each other. Texts are copied once into
 * an arena that is as large as the whole payload can need before it is begun.
 *
 * A text that fits the stencil of the last one leaves rows, names and kinds as they are: only the
 * numbers and texts in its holes are taken. */
#include "core/format/payload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/payload_parts.h"
#include "core/ingest/columns.h"
#include "core/ingest/decimal.h"

void
payload_clear(struct payload *payload)
{
	payload->count = payload->rows_count = payload->tensors_count = payload->heads_count = 0;
	payload->arena_used = 0;
	payload->model[0] = payload->version[0] = '\0';
	payload->same = false;
	payload->stencil.whole = false;
}

void
payload_free(struct payload *payload)
{
	free(payload->values);
	free(payload->rows);
	free(payload->tensors);
	free(payload->heads);
	free(payload->arena);
	stencil_free(&payload->stencil);
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
	payload->odd |= value != NULL;
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

/* A hole of what stands there. */
static void
note(struct payload *payload, const char *from, const char *to, enum hole_kind kind, uint32_t value)
{
	if (payload->odd)
		return;
	payload->odd = from < payload->text || to > payload->end ||
		       !stencil_add(&payload->stencil, (size_t)(from - payload->text),
			   (size_t)(to - from), kind, value);
}

bool
payload_skip(struct payload *payload, struct jsonscan *scan, unsigned depth)
{
	char c = jsonscan_peek(scan);
	const char *from = scan->at;
	if (!jsonscan_skip(scan, depth))
		return false;
	if (c != '{' && c != '[')
		note(payload, from, scan->at, HOLE_SCALAR, STENCIL_NOTHING);
	return true;
}

void
payload_drop_values(struct payload *payload)
{
	struct payload_row *row = &payload->rows[payload->rows_count - 1];
	payload->count = row->first;
	row->count = 0;
	for (size_t i = payload->stencil.count; i-- > 0 && !payload->odd;)
		if (payload->stencil.holes[i].value != STENCIL_NOTHING &&
		    payload->stencil.holes[i].value >= row->first)
			payload->stencil.holes[i].value = STENCIL_NOTHING;
}

static bool
read_scalar(
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

bool
payload_scalar(
    struct payload *payload, struct jsonscan *scan, struct feature_value *value, unsigned depth)
{
	uint32_t index = (uint32_t)(value - payload->values);
	jsonscan_peek(scan);
	const char *from = scan->at;
	if (!read_scalar(payload, scan, value, depth))
		return false;
	note(payload, from, scan->at, HOLE_SCALAR, index);
	return true;
}

static void
read_field(struct payload *payload, const struct csv_field *field, struct feature_value *value)
{
	if (field_missing(field))
		return;
	if (decimal_field(field->text, field->length, &value->number)) {
		value->kind = VALUE_NUMBER;
		return;
	}
	char *dst = payload->arena + payload->arena_used;
	payload->arena_used += field_text(field, dst) + 1;
	value->kind = VALUE_TEXT;
	value->number = NAN;
	value->text = dst;
}

static bool
add_field(struct payload *payload, const struct csv_field *field)
{
	struct feature_value *value = payload_add(payload, NULL);
	if (value == NULL)
		return false;
	read_field(payload, field, value);
	note(payload, field->text, field->text + field->length, HOLE_FIELD,
	    (uint32_t)(payload->count - 1));
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

/* --- a text that is like the last one --- */

/* Of the texts in a payload of that length. */
static size_t
arena_need(size_t length)
{
	return 4 * length + 2 * RECORD_MAX_TEXT;
}

/* Takes what stands in the hole. */
static bool
refill(struct payload *payload, const struct hole *hole)
{
	struct feature_value *value = &payload->values[hole->value];
	if (hole->is_number) {
		value->kind = VALUE_NUMBER;
		value->number = hole->number;
		value->text = "";
		return true;
	}
	*value = (struct feature_value){.name = value->name, .number = NAN, .text = ""};
	if (hole->kind == HOLE_FIELD) {
		const struct csv_field field = {hole->now, hole->now_length};
		read_field(payload, &field, value);
		return true;
	}
	struct jsonscan scan;
	jsonscan_begin(&scan, hole->now, hole->now_length, payload->err);
	return read_scalar(payload, &scan, value, 0);
}

static bool
read_same(struct payload *payload)
{
	struct stencil *stencil = &payload->stencil;
	const char *text = payload->text, *end = payload->end;
	/* What the closed holes hold must stay where it is. */
	if (payload->arena_capacity < payload->kept_arena + arena_need((size_t)(end - text)) ||
	    stencil_fit(stencil, text, end) != end)
		return false;
	payload->arena_used = payload->kept_arena;
	for (size_t i = 0; i < stencil->open_count; i++) {
		const struct hole *hole = &stencil->holes[stencil->open[i]];
		if (hole->value != STENCIL_NOTHING && !refill(payload, hole))
			return false;
	}
	payload->rows_count = payload->kept_rows;
	payload->rows[0] = payload->first_row;
	return true;
}

static void
keep(struct payload *payload)
{
	payload->kept_rows = payload->rows_count;
	payload->kept_arena = payload->arena_used;
	payload->first_row = payload->rows[0];
	stencil_end(&payload->stencil);
}

static bool
read_anew(struct payload *payload)
{
	const char *text = payload->text;
	size_t length = (size_t)(payload->end - text), blank = 0;
	while (blank < length && (text[blank] == ' ' || text[blank] == '\t' ||
				     text[blank] == '\n' || text[blank] == '\r'))
		blank++;
	bool json = blank < length && (text[blank] == '{' || text[blank] == '[');
	bool read = json ? payload_json(payload, text, length) : read_csv(payload, text, length);
	return read && give_heads(payload);
}

bool
payload_read(struct payload *payload, const char *text, size_t length, struct err *err)
{
	payload->err = err;
	payload->text = text;
	payload->end = text + length;
	if (read_same(payload)) {
		payload->same = true;
		return true;
	}
	struct stencil *stencil = &payload->stencil;
	bool wider = stencil_widen(stencil, text, payload->end);
	payload->odd = wider || !stencil_begin(stencil, text, length);
	payload_clear(payload);
	mem_reserve(&payload->arena, &payload->arena_capacity, 2 * arena_need(length), 1);
	if (!read_anew(payload))
		return false;
	if (payload->rows_count > 0 && (wider || !payload->odd))
		keep(payload);
	return true;
}
