/* report_side.c: see report_side.h. */
#include "core/report/report_side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stats/sort.h"

enum { NUMBER_TEXT = 32 };

uint8_t *
report_hours(const struct dataset *data)
{
	uint8_t *hours = NULL;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++) {
		if (data->ts[i] == 0)
			continue;
		if (hours == NULL) {
			hours = mem_grow(NULL, data->rows, 1);
			memset(hours, REPORT_NO_HOUR, data->rows);
		}
		hours[i] = (uint8_t)season_hour(data->ts[i]);
	}
	return hours;
}

static void
count_hour(struct report_side *side, const uint8_t *hours, size_t row)
{
	if (hours == NULL || hours[row] == REPORT_NO_HOUR)
		return;
	side->hours[hours[row]]++;
	side->timed++;
}

void
report_side_take_numbers(
    struct report_side *side, const double *values, const struct rows *rows, const uint8_t *hours)
{
	*side = (struct report_side){0};
	side->numbers = mem_grow(NULL, rows->count, sizeof(*side->numbers));
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = rows_at(rows, i);
		if (isfinite(values[row])) {
			side->numbers[side->n++] = values[row];
			count_hour(side, hours, row);
			continue;
		}
		side->missing++;
		side->nonfinite += !isnan(values[row]);
	}
	sort_doubles(side->numbers, side->n);
}

static int
by_text(const void *left, const void *right)
{
	const struct report_word *a = left, *b = right;
	return strcmp(a->text, b->text);
}

static void
take_words(struct report_side *side, const struct dataset_column *column, const uint32_t *codes,
    const struct rows *rows, const uint8_t *hours)
{
	*side = (struct report_side){.categorical = true};
	side->words = mem_grow(NULL, column->categories_count, sizeof(*side->words));
	for (size_t i = 0; i < column->categories_count; i++)
		side->words[i] = (struct report_word){column->categories[i], 0};
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = rows_at(rows, i);
		if (codes[row] == DATASET_MISSING) {
			side->missing++;
			continue;
		}
		side->n++;
		side->words[codes[row]].count++;
		count_hour(side, hours, row);
	}
	for (size_t i = 0; i < column->categories_count; i++) {
		if (side->words[i].count > 0)
			side->words[side->words_count++] = side->words[i];
	}
	qsort(side->words, side->words_count, sizeof(*side->words), by_text);
}

void
report_side_take(struct report_side *side, const struct dataset_column *column,
    const struct dataset_values *values, const struct rows *rows, const uint8_t *hours)
{
	if (column->categorical)
		take_words(side, column, values->codes, rows, hours);
	else
		report_side_take_numbers(side, values->numbers, rows, hours);
}

double
report_side_numeric_share(const struct report_side *side)
{
	uint64_t numeric = 0;
	double number;
	if (side->n + side->strangers == 0)
		return NAN;
	if (!side->categorical)
		return (double)side->n / (double)(side->n + side->strangers);
	for (size_t i = 0; i < side->words_count; i++) {
		if (text_to_double(side->words[i].text, &number))
			numeric += side->words[i].count;
	}
	return (double)numeric / (double)side->n;
}

void
report_side_to_numbers(struct report_side *side)
{
	if (!side->categorical || !(report_side_numeric_share(side) >= 0.5))
		return;
	side->numbers = mem_grow(NULL, side->n, sizeof(*side->numbers));
	uint64_t n = 0;
	for (size_t i = 0; i < side->words_count; i++) {
		double number;
		if (!text_to_double(side->words[i].text, &number)) {
			side->strangers += side->words[i].count;
			continue;
		}
		for (uint64_t j = 0; j < side->words[i].count; j++)
			side->numbers[n++] = number;
	}
	sort_doubles(side->numbers, n);
	side->n = n;
	side->categorical = false;
	free(side->words);
	side->words = NULL;
	side->words_count = 0;
}

void
report_side_to_words(struct report_side *side)
{
	if (side->categorical)
		return;
	size_t distinct = 0, last = 0;
	for (uint64_t i = 0; i < side->n; i++)
		distinct += i == 0 || side->numbers[i] != side->numbers[i - 1];
	side->words = mem_grow(NULL, distinct, sizeof(*side->words));
	side->texts = mem_grow(NULL, distinct, NUMBER_TEXT);
	for (uint64_t i = 0; i < side->n; i++) {
		if (i > 0 && side->numbers[i] == side->numbers[i - 1]) {
			side->words[last].count++;
			continue;
		}
		last = side->words_count++;
		char *text = side->texts + last * NUMBER_TEXT;
		jsonw_format_double(text, NUMBER_TEXT, side->numbers[i]);
		side->words[last] = (struct report_word){text, 1};
	}
	qsort(side->words, side->words_count, sizeof(*side->words), by_text);
	free(side->numbers);
	side->numbers = NULL;
	side->categorical = true;
}

void
report_side_free(struct report_side *side)
{
	free(side->numbers);
	free(side->words);
	free(side->texts);
	*side = (struct report_side){0};
}
