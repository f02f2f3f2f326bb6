/* Fuzzes the reader of CSVs: every byte is read once, every row is whole or has a reason, a row
 * read again is the same, and a dataset made of the file is consistent. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ingest/csv.h"
#include "core/ingest/dataset.h"
#include "core/ingest/table.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_twice(const char *text, size_t size)
{
	struct csv csv, again;
	csv_begin(&csv, text, size);
	csv_begin(&again, text, size);
	uint64_t line = 0;
	for (const char *at = text; csv_next(&csv); at = csv.at) {
		CHECK(csv.row >= at && csv.at > csv.row && csv.at <= text + size);
		CHECK(csv.line > line);
		line = csv.line;
		csv_seek(&again, csv.row);
		CHECK(csv_next(&again));
		CHECK(csv.reason == again.reason);
		if (csv.reason != NULL)
			continue;
		CHECK(csv.count > 0 && csv.count == again.count);
		for (size_t i = 0; i < csv.count; i++) {
			CHECK(csv.fields[i].length == again.fields[i].length);
			CHECK(csv.fields[i].length == 0 ||
			      memcmp(csv.fields[i].text, again.fields[i].text,
				  csv.fields[i].length) == 0);
		}
	}
	CHECK(csv.at == text + size);
	csv_free(&csv);
	csv_free(&again);
}

static void
check_column(const struct dataset *data, const struct dataset_column *column)
{
	if (column == NULL)
		return;
	CHECK(column->categorical ? column->numbers == NULL : column->codes == NULL);
	double sum = 0;
	for (size_t row = 0; row < data->rows; row++) {
		if (column->categorical)
			CHECK(column->codes[row] == DATASET_MISSING ||
			      column->codes[row] < column->categories_count);
		else
			sum += column->numbers[row];
	}
	(void)sum;
}

static void
check_dataset(const struct dataset *data)
{
	for (size_t i = 0; i < data->features_count; i++) {
		check_column(data, &data->features[i]);
		CHECK(dataset_feature(data, data->features[i].name) == &data->features[i]);
	}
	check_column(data, data->version);
	check_column(data, data->segment);
	for (size_t row = 0; row < data->rows; row++) {
		CHECK(data->label == NULL || (data->label[row] >= -1 && data->label[row] <= 1));
		CHECK(data->score == NULL || isnan(data->score[row]) ||
		      (data->score[row] >= 0 && data->score[row] <= 1));
	}
}

static void
ignore_label(const char *id, int value, void *context)
{
	(void)context;
	CHECK(*id != '\0' && (value == 0 || value == 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct dataset_options some = {.score = "s",
	    .label = "l,y",
	    .id = "i",
	    .time = "t",
	    .version = "v",
	    .segment = "g",
	    .categorical = "c"};
	struct dataset data = {0};
	struct err err;
	char *text = malloc(size > 0 ? size : 1);
	memcpy(text, bytes, size);
	read_twice(text, size);
	table_read(&data, text, size, "fuzz", NULL, &err);
	check_dataset(&data);
	table_read(&data, text, size, "fuzz", &some, &err);
	check_dataset(&data);
	table_read_labels(&data, text, size, "fuzz", &some, ignore_label, NULL, &err);
	/* A second file with other columns makes numbers into texts. */
	size_t half = size / 2;
	table_read(&data, text + half, size - half, "fuzz", NULL, &err);
	check_dataset(&data);
	dataset_free(&data);
	free(text);
	return 0;
}
