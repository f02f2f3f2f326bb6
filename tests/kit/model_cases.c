#include "tests/kit/model_cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/kit/model_files.h"

struct table {
	struct buf text;
	char *names[256];
	size_t columns, rows, capacity;
	double *cells;
};

static void
table_line(struct table *table, char *line)
{
	mem_reserve(&table->cells, &table->capacity, (table->rows + 1) * table->columns,
	    sizeof(*table->cells));
	for (size_t i = 0; i < table->columns; i++) {
		char *cell = strsep(&line, ",");
		assert_non_null(cell);
		double value = *cell != '\0' ? strtod(cell, NULL) : (double)NAN;
		table->cells[table->rows * table->columns + i] = value;
	}
	assert_null(line);
	table->rows++;
}

static void
table_read(struct table *table, const char *path)
{
	struct err err = {0};
	model_files_need(path);
	assert_true(buf_read_file(&table->text, path, 1 << 26, &err));
	char *rest = table->text.data;
	char *header = strsep(&rest, "\n");
	while (header != NULL && table->columns < 256)
		table->names[table->columns++] = strsep(&header, ",");
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		if (*line != '\0')
			table_line(table, line);
	}
}

static size_t
table_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->columns; i++) {
		if (strcmp(table->names[i], name) == 0)
			return i;
	}
	fail_msg("no column %s", name);
	return 0;
}

static void
table_free(struct table *table)
{
	buf_free(&table->text);
	free(table->cells);
}

void
model_cases_within(const char *model_path, const char *cases_path, const char *margin_name,
    const char *score_name, size_t least_rows, double within)
{
	struct table table = {0};
	table_read(&table, cases_path);
	struct model *model = model_files_load(model_path);
	size_t features = model_features(model);
	size_t margin_at = table_column(&table, margin_name);
	size_t score_at = table_column(&table, score_name);
	double *values = mem_alloc(table.rows * features * sizeof(*values));
	double *margins = mem_alloc(table.rows * sizeof(*margins));
	double worst_margin = 0, worst_score = 0;
	for (size_t f = 0; f < features; f++) {
		size_t column = table_column(&table, model_feature(model, f));
		for (size_t r = 0; r < table.rows; r++)
			values[r * features + f] = table.cells[r * table.columns + column];
	}
	model_score_rows(model, values, table.rows, margins, NULL);
	for (size_t r = 0; r < table.rows; r++) {
		const double *cells = table.cells + r * table.columns;
		double score, margin = model_score(model, values + r * features, &score);
		double wanted = within > 0 ? cells[margin_at] : (double)(float)cells[margin_at];
		worst_margin = fmax(worst_margin, fabs(margin - wanted));
		worst_score = fmax(worst_score, fabs(score - cells[score_at]));
		if (!(fabs(margin - wanted) <= within) || margins[r] != margin ||
		    !(fabs(score - cells[score_at]) <= 1e-6 * fmax(1, fabs(cells[score_at]))))
			fail_msg("%s, row %zu: margin %.9g (among others %.9g), score %.9g, not "
				 "%.9g and %.9g",
			    cases_path, r, margin, margins[r], score, wanted, cells[score_at]);
	}
	print_message("%s: %zu rows, margin within %.2g, score within %.2g\n", model_path,
	    table.rows, worst_margin, worst_score);
	assert_true(table.rows >= least_rows);
	free(values);
	free(margins);
	model_free(model);
	table_free(&table);
}

void
model_cases_compare(const char *model_path, const char *cases_path, const char *margin_name,
    const char *score_name, size_t least_rows)
{
	model_cases_within(model_path, cases_path, margin_name, score_name, least_rows, 1e-6);
}
