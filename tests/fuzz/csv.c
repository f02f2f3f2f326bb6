/* Fuzzes the reader of CSVs: every byte is read once, every row is whole or has a reason and is the
 * same when the text comes byte by byte, and a dataset made of the file is consistent, on disk as
 * in memory. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ingest/csv.h"
#include "core/ingest/dataset.h"
#include "core/ingest/table.h"
#include "tests/fuzz/check.h"

struct drip {
	const char *text;
	size_t left;
};

static size_t
drip_more(void *context, char *dst, size_t room)
{
	struct drip *drip = context;
	if (drip->left == 0 || room == 0)
		return 0;
	*dst = *drip->text++;
	drip->left--;
	return 1;
}

static void
read_twice(const char *text, size_t size)
{
	struct csv csv, again;
	struct drip drip = {text, size};
	csv_begin(&csv, text, size);
	csv_begin_stream(&again, drip_more, &drip);
	again.step = 1 + size % 5;
	uint64_t line = 0;
	for (const char *at = text; csv_next(&csv); at = csv.at) {
		CHECK(csv.at > at && csv.at <= text + size);
		CHECK(csv.line > line);
		line = csv.line;
		CHECK(csv_next(&again));
		CHECK(csv.reason == again.reason && csv.line == again.line);
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
	CHECK(!csv_next(&again));
	csv_free(&csv);
	csv_free(&again);
}

/* A pipe that has been read to its end. */
static struct input
pipe_of(const char *text, size_t size)
{
	struct input input = {.path = "fuzz", .fd = -1, .pipe = true, .ended = true};
	scratch_init(&input.scratch);
	buf_append(&input.buf, text, size);
	return input;
}

static void
read_table(struct dataset *data, const char *text, size_t size, const struct dataset_options *some)
{
	struct input input = pipe_of(text, size);
	struct err err;
	table_read(data, &input, some, &err);
	input_close(&input);
}

static void
check_column(const struct dataset *data, const struct dataset_column *column)
{
	if (column == NULL)
		return;
	CHECK(column->categorical ? column->numbers == NULL : column->codes == NULL);
	double sum = 0;
	struct dataset_values values;
	CHECK(dataset_load(column, &values));
	for (size_t row = 0; row < data->rows; row++) {
		if (column->categorical)
			CHECK(values.codes[row] == DATASET_MISSING ||
			      values.codes[row] < column->categories_count);
		else
			sum += values.numbers[row];
	}
	(void)sum;
	dataset_unload(&values);
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
	struct dataset data = {0}, tight = {.budget = 1};
	struct err err;
	char *text = malloc(size > 0 ? size : 1);
	memcpy(text, bytes, size);
	read_twice(text, size);
	read_table(&data, text, size, NULL);
	read_table(&tight, text, size, NULL);
	check_dataset(&data);
	check_dataset(&tight);
	CHECK(data.rows == tight.rows && data.features_count == tight.features_count);
	read_table(&data, text, size, &some);
	check_dataset(&data);
	struct input input = pipe_of(text, size);
	table_read_labels(&data, &input, &some, ignore_label, NULL, &err);
	input_close(&input);
	/* A second file with other columns makes numbers into texts. */
	size_t half = size / 2;
	read_table(&data, text + half, size - half, NULL);
	read_table(&tight, text + half, size - half, NULL);
	check_dataset(&data);
	check_dataset(&tight);
	dataset_free(&data);
	dataset_free(&tight);
	free(text);
	return 0;
}
