/* decode_table.c: rows of a CSV by the names of its header. What no field takes is a feature. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/columns.h"
#include "core/ingest/decimal.h"
#include "core/format/decode_parts.h"
#include "core/source/frame.h"

enum { COLUMN_FEATURE = RECORD_FIELDS, COLUMN_IGNORED };

/* The next name of alternatives separated by ` | `, a path of one key or bare. */
static bool
next_name(const char **text, char name[RECORD_MAX_TEXT + 1])
{
	const char *at = *text + strspn(*text, " ");
	if (*at == '\0')
		return false;
	const char *bar = strstr(at, " | ");
	size_t length = bar != NULL ? (size_t)(bar - at) : strlen(at);
	*text = bar != NULL ? bar + 3 : at + length;
	if (*at == '$') {
		struct jsonpath path;
		const char *path_at = at;
		if (jsonpath_read(&path_at, &path, NULL) && path.count == 1 &&
		    path.steps[0].key != NULL) {
			at = path.steps[0].key;
			length = path.steps[0].length;
		}
	}
	text_scrub(name, RECORD_MAX_TEXT + 1, at, length);
	return true;
}

static size_t
find_column(const struct columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->count; i++)
		if (strcmp(columns->list[i].name, name) == 0)
			return i;
	return COLUMN_NONE;
}

/* Gives the field the first of its names that is a column. Other times and ids are no features. */
static void
assign(struct table *table, unsigned field, const char *names)
{
	char name[RECORD_MAX_TEXT + 1];
	table->of_field[field] = COLUMN_NONE;
	while (names != NULL && next_name(&names, name)) {
		size_t column = find_column(&table->columns, name);
		if (column == COLUMN_NONE || table->roles[column] != COLUMN_FEATURE)
			continue;
		bool first = table->of_field[field] == COLUMN_NONE;
		if (first)
			table->of_field[field] = column;
		if (first || field == RECORD_TS || field == RECORD_REQUEST_ID)
			table->roles[column] = first ? field : COLUMN_IGNORED;
	}
}

/* Features of their own: only these are, under their names. */
static void
assign_named(struct table *table, const struct mapping *mapping)
{
	if (mapping->named[0] == NULL)
		return;
	for (size_t i = 0; i < table->columns.count; i++)
		if (table->roles[i] == COLUMN_FEATURE)
			table->roles[i] = COLUMN_IGNORED;
	for (size_t i = 0; mapping->named[i] != NULL; i += 2) {
		const char *names = mapping->named[i + 1];
		char name[RECORD_MAX_TEXT + 1];
		while (next_name(&names, name)) {
			size_t column = find_column(&table->columns, name);
			if (column == COLUMN_NONE)
				continue;
			table->roles[column] = COLUMN_FEATURE;
			text_copy(table->columns.list[column].name, RECORD_MAX_TEXT + 1,
			    mapping->named[i]);
			break;
		}
	}
}

static bool
read_header(struct table *table, const struct mapping *mapping, bool labels, struct err *err)
{
	columns_free(&table->columns);
	free(table->roles);
	table->roles = NULL;
	csv_again(&table->csv, table->header.data, table->header.length);
	table->csv.delimiter = frame_delimiter(mapping->style.frame);
	if (!csv_next(&table->csv))
		return err_set(err, ERR_DATA, "no header");
	if (!columns_read(&table->columns, &table->csv, "the header", err))
		return false;
	table->roles = mem_alloc(table->columns.count * sizeof(*table->roles));
	for (size_t i = 0; i < table->columns.count; i++)
		table->roles[i] = COLUMN_FEATURE;
	for (unsigned field = 0; field < RECORD_FEATURES; field++)
		assign(table, field,
		    labels && field == RECORD_LABEL ? mapping->label_feed : mapping->fields[field]);
	assign_named(table, mapping);
	size_t features = 0;
	for (size_t i = 0; i < table->columns.count; i++)
		features += table->roles[i] == COLUMN_FEATURE;
	if (features > RECORD_MAX_FEATURES)
		return err_set(
		    err, ERR_DATA, "more than %d columns of features", RECORD_MAX_FEATURES);
	return true;
}

void
decode_table_begin(struct decoder *decoder)
{
	struct table *table = decoder->table;
	const struct stretch *stretch = &decoder->stretch;
	const char *header = stretch->header != NULL ? stretch->header : "";
	size_t length = stretch->header != NULL ? stretch->header_length : 0;
	if (table->shape == 0 || table->header.length != length ||
	    memcmp(table->header.data, header, length) != 0) {
		buf_clear(&table->header);
		buf_puts(&table->header, "");
		buf_append(&table->header, header, length);
		table->shape++;
		table->broken.code = 0;
		read_header(table, decoder->mapping, decoder->labels, &table->broken);
	}
	csv_again(&table->csv, stretch->text, stretch->length);
	table->csv.next_line = stretch->line;
}

void
decode_table_free(struct table *table)
{
	if (table == NULL)
		return;
	columns_free(&table->columns);
	csv_free(&table->csv);
	buf_free(&table->header);
	free(table->roles);
	free(table->arena);
	free(table);
}

#define NUMBER_LENGTH 64 /* of one with a decimal comma */

/* A number as this table writes it. */
static bool
read_number(const struct decoder *decoder, const struct csv_field *field, double *number)
{
	char text[NUMBER_LENGTH];
	if (!decoder->mapping->style.decimal_comma)
		return decimal_field(field->text, field->length, number);
	if (field->length > NUMBER_LENGTH || memchr(field->text, '.', field->length) != NULL)
		return false;
	for (size_t i = 0; i < field->length; i++)
		text[i] = field->text[i] == ',' ? '.' : field->text[i];
	return decimal_field(text, field->length, number);
}

static bool
refuse_column(const struct table *table, size_t column, const char *why, struct err *err)
{
	return err_set(err, ERR_DATA, "column %.64s: %s", table->columns.list[column].name, why);
}

/* The field of the row, or NULL. */
static const struct csv_field *
field_at(const struct table *table, enum record_field field)
{
	size_t column = table->of_field[field];
	return column != COLUMN_NONE ? &table->csv.fields[column] : NULL;
}

static const char *
take_text(struct table *table, const struct csv_field *field)
{
	if (field == NULL)
		return "";
	char *dst = table->arena + table->used;
	table->used += field_text(field, dst) + 1;
	return dst;
}

static bool
take_number(const struct decoder *decoder, enum record_field which, double least, double most,
    double *number, struct err *err)
{
	const struct table *table = decoder->table;
	const struct csv_field *field = field_at(table, which);
	size_t column = table->of_field[which];
	*number = NAN;
	if (field == NULL || field_missing(field))
		return true;
	if (!read_number(decoder, field, number))
		return refuse_column(table, column, "not a number", err);
	return (*number >= least && *number <= most) ||
	       refuse_column(table, column, "out of range", err);
}

static bool
take_flag(struct decoder *decoder, enum record_field which, int *flag, struct err *err)
{
	const struct table *table = decoder->table;
	const struct csv_field *field = field_at(table, which);
	char text[RECORD_MAX_TEXT + 1];
	*flag = -1;
	if (field == NULL || field_flag(field, &decoder->flags, flag))
		return true;
	field_text(field, text);
	return err_set(err, ERR_DATA, "column %.64s " FLAG_REFUSAL,
	    table->columns.list[table->of_field[which]].name, text);
}

static bool
take_time(const struct table *table, wall_us *ts, struct err *err)
{
	const struct csv_field *field = field_at(table, RECORD_TS);
	*ts = 0;
	return field == NULL || field_time(field, ts) ||
	       refuse_column(table, table->of_field[RECORD_TS],
		   "not a time like 2026-01-28T14:06:04.123Z", err);
}

static void
take_features(const struct decoder *decoder, struct prediction *prediction)
{
	struct table *table = decoder->table;
	size_t count = 0;
	for (size_t i = 0; i < table->columns.count; i++) {
		if (table->roles[i] != COLUMN_FEATURE)
			continue;
		const struct csv_field *field = &table->csv.fields[i];
		struct feature_value *value = &table->features[count++];
		*value = (struct feature_value){
		    .name = table->columns.list[i].name, .number = NAN, .text = ""};
		if (field_missing(field))
			continue;
		if (read_number(decoder, field, &value->number)) {
			value->kind = VALUE_NUMBER;
			continue;
		}
		value->kind = VALUE_TEXT;
		value->number = NAN;
		value->text = take_text(table, field);
	}
	prediction->features = table->features;
	prediction->features_count = count;
	prediction->shape = table->shape;
}

static bool
read_row(struct decoder *decoder, struct prediction *prediction, struct err *err)
{
	struct table *table = decoder->table;
	double status;
	*prediction = (struct prediction){.label = -1};
	if (!take_time(table, &prediction->ts, err) ||
	    !take_number(decoder, RECORD_SCORE, 0, 1, &prediction->score, err) ||
	    !take_number(decoder, RECORD_THRESHOLD, -1e300, 1e300, &prediction->threshold, err) ||
	    !take_number(decoder, RECORD_LATENCY, 0, 1e300, &prediction->latency_ms, err) ||
	    !take_number(decoder, RECORD_STATUS, 0, 999, &status, err) ||
	    !take_flag(decoder, RECORD_DECISION, &prediction->decision, err) ||
	    !take_flag(decoder, RECORD_LABEL, &prediction->label, err))
		return false;
	prediction->status = isnan(status) ? 0 : (int)status;
	if (prediction->ts == 0)
		return err_set(err, ERR_DATA, "no time%s",
		    table->of_field[RECORD_TS] == COLUMN_NONE
			? ": no column is named ts, timestamp or like that"
			: "");
	if (isnan(prediction->score) && prediction->status < 400)
		return err_set(err, ERR_DATA, "no score%s",
		    table->of_field[RECORD_SCORE] == COLUMN_NONE
			? ": no column is named score, fraud_probability or like that"
			: "");
	prediction->request_id = take_text(table, field_at(table, RECORD_REQUEST_ID));
	prediction->service = take_text(table, field_at(table, RECORD_SERVICE));
	prediction->model = take_text(table, field_at(table, RECORD_MODEL));
	prediction->version = take_text(table, field_at(table, RECORD_VERSION));
	prediction->segment = take_text(table, field_at(table, RECORD_SEGMENT));
	take_features(decoder, prediction);
	return true;
}

static bool
read_label(struct decoder *decoder, struct label *label, struct err *err)
{
	struct table *table = decoder->table;
	if (!take_time(table, &label->ts, err) ||
	    !take_flag(decoder, RECORD_LABEL, &label->value, err))
		return false;
	label->request_id = take_text(table, field_at(table, RECORD_REQUEST_ID));
	if (label->request_id[0] == '\0')
		return err_set(err, ERR_DATA, "no request id");
	return label->value >= 0 || err_set(err, ERR_DATA, "no label");
}

enum decoded
decode_table(struct decoder *decoder, struct decoded_record *record)
{
	struct table *table = decoder->table;
	struct csv *csv = &table->csv;
	if (!csv_next(csv))
		return DECODED_END;
	decoder->line = csv->line;
	size_t length = (size_t)(csv->at - csv->row);
	while (length > 0 && (csv->row[length - 1] == '\n' || csv->row[length - 1] == '\r'))
		length--;
	decode_take(decoder, record, csv->row, length, csv->at);
	mem_reserve(&table->arena, &table->arena_capacity, 4 * length + 8 * RECORD_MAX_TEXT, 1);
	table->used = 0;
	if (csv->reason != NULL)
		err_set(&record->err, ERR_DATA, "%s", csv->reason);
	else if (table->broken.code != 0)
		record->err = table->broken;
	else if (csv->count != table->columns.count)
		err_set(&record->err, ERR_DATA, "%zu fields, the header has %zu", csv->count,
		    table->columns.count);
	else if (decoder->labels ? read_label(decoder, &record->label, &record->err)
				 : read_row(decoder, &record->prediction, &record->err))
		return decoder->labels ? DECODED_LABEL : DECODED_PREDICTION;
	return DECODED_REFUSED;
}
