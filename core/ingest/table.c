/* table.c: see table.h. A column is taken for numeric until a row proves otherwise. Its rows before
 * that are then read once more, since a category is the text as it was written (02139, not 2139).
 */
#include "core/ingest/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/columns.h"
#include "core/ingest/decimal.h"
#include "core/ingest/rows.h"

/* What becomes of a column of the file that is a feature. */
struct cell {
	size_t column, feature;
	bool numbers; /* a number was seen in this file */
	bool mixed; /* and then a text: to be read again */
};

struct table {
	struct dataset *data;
	struct csv csv;
	struct columns columns;
	wall_us since;
	struct flags flags;
	struct cell *cells;
	size_t cells_count;
	size_t rows_count; /* of this file that were taken */
	uint64_t read; /* rows of this file, taken or not */
	uint64_t *refused; /* which of them were not, ascending */
	size_t refused_count, refused_capacity;
};

static bool
set_up(
    struct table *table, const struct dataset_options *options, const char *path, struct err *err)
{
	struct columns *columns = &table->columns;
	if (!columns_read(columns, &table->csv, path, err) ||
	    !columns_assign_all(columns, options, path, err))
		return false;
	table->cells = mem_alloc(columns->count * sizeof(*table->cells));
	for (size_t i = 0; i < columns->count; i++) {
		if (columns->list[i].role != ROLE_FEATURE)
			continue;
		size_t feature =
		    rows_feature(table->data, columns->list[i].name, table->cells_count);
		if (feature == ROWS_NO_FEATURE)
			return err_set(
			    err, ERR_DATA, "%s: more than %d features", path, DATASET_MAX_FEATURES);
		table->cells[table->cells_count++] = (struct cell){.column = i, .feature = feature};
		if (columns->list[i].categorical)
			rows_make_categorical(table->data, feature);
	}
	return true;
}

static const struct csv_field *
field_of(const struct table *table, enum role role)
{
	static const struct csv_field none = {"", 0};
	size_t column = table->columns.of_role[role];
	return column == COLUMN_NONE ? &none : &table->csv.fields[column];
}

static bool
reject_field(struct table *table, enum role role, const char *why)
{
	char text[RECORD_MAX_TEXT + 1];
	field_text(field_of(table, role), text);
	rows_reject(table->data, table->csv.line, "%.64s: '%.64s' is not %s",
	    table->columns.list[table->columns.of_role[role]].name, text, why);
	return false;
}

static bool
read_score(struct table *table, double *score)
{
	const struct csv_field *field = field_of(table, ROLE_SCORE);
	if (field_missing(field))
		return true;
	if (!decimal_field(field->text, field->length, score) || !(*score >= 0 && *score <= 1))
		return reject_field(table, ROLE_SCORE, "a score from 0 to 1");
	return true;
}

/* Adds the row that was read, if what is not a feature in it can be read and it is new enough. */
static bool
add_row(struct table *table)
{
	struct row row = ROW_UNKNOWN;
	char id[RECORD_MAX_TEXT + 1], version[RECORD_MAX_TEXT + 1], segment[RECORD_MAX_TEXT + 1];
	if (table->csv.reason != NULL) {
		rows_reject(table->data, table->csv.line, "%s", table->csv.reason);
		return false;
	}
	if (table->csv.count != table->columns.count) {
		rows_reject(table->data, table->csv.line, "%zu fields where the header has %zu",
		    table->csv.count, table->columns.count);
		return false;
	}
	if (!read_score(table, &row.score))
		return false;
	if (!field_flag(field_of(table, ROLE_LABEL), &table->flags, &row.label))
		return reject_field(table, ROLE_LABEL, "0, 1, true or false");
	if (!field_flag(field_of(table, ROLE_DECISION), &table->flags, &row.decision))
		return reject_field(table, ROLE_DECISION, "0, 1, true or false");
	if (!field_time(field_of(table, ROLE_TIME), &row.ts))
		return reject_field(table, ROLE_TIME, "a time like 2026-01-28T14:06:04Z");
	if (table->since != 0 && row.ts < table->since) {
		table->data->before++;
		return false;
	}
	field_text(field_of(table, ROLE_ID), id);
	field_text(field_of(table, ROLE_VERSION), version);
	field_text(field_of(table, ROLE_SEGMENT), segment);
	row.id = rows_id(id);
	row.request = id;
	row.version = version;
	row.segment = segment;
	rows_append(table->data, &row);
	return true;
}

static void
put_text(struct table *table, const struct cell *cell, size_t row)
{
	char text[RECORD_MAX_TEXT + 1];
	size_t length = field_text(&table->csv.fields[cell->column], text);
	if (length > 0)
		rows_put_text(table->data, cell->feature, row, text, length);
	else
		rows_put_missing(table->data, cell->feature, row);
}

static void
put_cell(struct table *table, struct cell *cell)
{
	const struct csv_field *field = &table->csv.fields[cell->column];
	struct dataset_column *feature = &table->data->features[cell->feature];
	size_t row = table->data->rows - 1;
	double number;
	if (cell->mixed || field_missing(field))
		return;
	if (feature->categorical)
		put_text(table, cell, row);
	else if (decimal_field(field->text, field->length, &number)) {
		rows_put_number(table->data, cell->feature, row, number);
		cell->numbers = true;
	} else if (cell->numbers)
		cell->mixed = true;
	else
		put_text(table, cell, row);
}

/* Reads the columns again that turned out to be texts among numbers. */
static void
settle_mixed(struct table *table, struct input *input)
{
	struct dataset *data = table->data;
	size_t first = data->rows - table->rows_count, row = first, refused = 0;
	bool any = false;
	for (size_t i = 0; i < table->cells_count; i++) {
		if (!table->cells[i].mixed)
			continue;
		any = true;
		rows_begin_texts(data, table->cells[i].feature, first);
	}
	if (!any)
		return;
	csv_free(&table->csv);
	csv_begin_stream(&table->csv, input_read, input);
	input_rewind(input);
	csv_next(&table->csv); /* the header */
	for (uint64_t read = 0; row < data->rows && csv_next(&table->csv); read++) {
		if (refused < table->refused_count && table->refused[refused] == read) {
			refused++;
			continue;
		}
		if (table->csv.count != table->columns.count)
			break; /* the file has changed meanwhile */
		for (size_t i = 0; i < table->cells_count; i++)
			if (table->cells[i].mixed)
				put_text(table, &table->cells[i], row);
		row++;
	}
	for (; row < data->rows; row++)
		for (size_t i = 0; i < table->cells_count; i++)
			if (table->cells[i].mixed)
				rows_put_missing(data, table->cells[i].feature, row);
}

static void
read_rows(struct table *table, struct input *input)
{
	for (; !dataset_failed(table->data, NULL) && csv_next(&table->csv); table->read++) {
		if (!add_row(table)) {
			mem_reserve(&table->refused, &table->refused_capacity,
			    table->refused_count + 1, sizeof(*table->refused));
			table->refused[table->refused_count++] = table->read;
			continue;
		}
		table->rows_count++;
		for (size_t i = 0; i < table->cells_count; i++)
			put_cell(table, &table->cells[i]);
	}
	settle_mixed(table, input);
}

bool
table_read(struct dataset *data, struct input *input, const struct dataset_options *options,
    struct err *err)
{
	struct table table = {.data = data, .since = options != NULL ? options->since : 0};
	size_t rejected = data->rejected;
	bool done = true;
	csv_begin_stream(&table.csv, input_read, input);
	if (csv_next(&table.csv)) {
		done = set_up(&table, options, input->path, err);
		if (done)
			read_rows(&table, input);
	}
	if (done && (input_failed(input, err) || dataset_failed(data, err)))
		done = false;
	if (done && table.rows_count == 0 && data->rejected > rejected)
		done = err_set(err, ERR_DATA, "%s: none of the %zu rows can be read; %s",
		    input->path, data->rejected - rejected, data->last_reason);
	csv_free(&table.csv);
	columns_free(&table.columns);
	free(table.cells);
	free(table.refused);
	return done;
}

static void
read_label(
    struct table *table, void (*label)(const char *id, int value, void *context), void *context)
{
	char id[RECORD_MAX_TEXT + 1];
	int value;
	if (table->csv.reason != NULL) {
		rows_reject(table->data, table->csv.line, "%s", table->csv.reason);
	} else if (table->csv.count != table->columns.count) {
		rows_reject(table->data, table->csv.line, "%zu fields where the header has %zu",
		    table->csv.count, table->columns.count);
	} else if (!field_flag(field_of(table, ROLE_LABEL), &table->flags, &value) || value < 0) {
		reject_field(table, ROLE_LABEL, "0, 1, true or false");
	} else if (field_text(field_of(table, ROLE_ID), id) == 0) {
		reject_field(table, ROLE_ID, "an id");
	} else {
		label(id, value, context);
	}
}

bool
table_read_labels(struct dataset *data, struct input *input, const struct dataset_options *options,
    void (*label)(const char *id, int value, void *context), void *context, struct err *err)
{
	struct table table = {.data = data};
	const char *id = options != NULL && options->id != NULL ? options->id : "request_id,id";
	const char *value = options != NULL && options->label != NULL ? options->label : "label";
	const char *path = input->path;
	csv_begin_stream(&table.csv, input_read, input);
	bool done = !csv_next(&table.csv);
	if (!done && columns_read(&table.columns, &table.csv, path, err) &&
	    columns_assign(&table.columns, ROLE_ID, id, path, err) &&
	    columns_assign(&table.columns, ROLE_LABEL, value, path, err)) {
		done = true;
		while (csv_next(&table.csv))
			read_label(&table, label, context);
	}
	if (done && input_failed(input, err))
		done = false;
	csv_free(&table.csv);
	columns_free(&table.columns);
	return done;
}
