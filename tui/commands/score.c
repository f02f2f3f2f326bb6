/* score.c: `fraudtop score`, the rows of a CSV through a model. A row that cannot be read stops it:
 * its absence would shift the number of every row behind it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/dataset.h"
#include "core/model/model.h"
#include "tui/command.h"

enum { BLOCK = 1024 };

/* Where an input's values come from. */
struct input {
	const struct dataset_column *column;
	double *codes; /* of a column of text: what each of its words counts as, NaN missing */
	size_t unknown; /* cells whose word counts as missing */
};

struct scoring {
	struct model *model;
	struct dataset data;
	struct input *inputs; /* one an input of the model */
};

static bool
missing_column(const struct scoring *scoring, const char *name, struct err *err)
{
	const struct dataset *data = &scoring->data;
	const char **names = mem_alloc((data->features_count + 1) * sizeof(*names));
	for (size_t i = 0; i < data->features_count; i++)
		names[i] = data->features[i].name;
	const char *near = text_nearest(name, names);
	err_set(err, ERR_DATA, "the data has no column `%s`, an input of the model%s%s%s", name,
	    near ? "; the nearest is `" : "", near ? near : "", near ? "`" : "");
	free(names);
	return false;
}

/* What a word counts as: its code, or in an input without categories the number that it is. */
static double
word_value(const struct model *model, size_t index, const char *word)
{
	double value;
	if (model_categorical(model, index))
		return model_code(model, index, word, &value) ? value : NAN;
	return text_to_double(word, &value) ? value : NAN;
}

static void
bind_words(const struct scoring *scoring, size_t index, struct input *input)
{
	const struct dataset_column *column = input->column;
	input->codes = mem_alloc(column->categories_count * sizeof(*input->codes));
	for (size_t i = 0; i < column->categories_count; i++)
		input->codes[i] = word_value(scoring->model, index, column->categories[i]);
	for (size_t row = 0; row < scoring->data.rows; row++) {
		uint32_t code = column->codes[row];
		if (code != DATASET_MISSING && isnan(input->codes[code]))
			input->unknown++;
	}
}

/* The code of a number that stands for a category: the word is written as the number prints. */
static double
number_value(const struct model *model, size_t index, double number)
{
	char word[32];
	if (!model_categorical(model, index) || isnan(number))
		return number;
	return word_value(model, index, jsonw_format_double(word, sizeof(word), number));
}

static bool
bind_inputs(struct scoring *scoring, struct err *err)
{
	size_t count = model_features(scoring->model);
	scoring->inputs = mem_alloc(count * sizeof(*scoring->inputs));
	for (size_t i = 0; i < count; i++) {
		struct input *input = &scoring->inputs[i];
		const char *name = model_feature(scoring->model, i);
		input->column = dataset_feature(&scoring->data, name);
		if (input->column == NULL)
			return missing_column(scoring, name, err);
		if (input->column->categorical)
			bind_words(scoring, i, input);
	}
	return true;
}

static void
fill_rows(const struct scoring *scoring, size_t from, size_t rows, double *values)
{
	size_t count = model_features(scoring->model);
	for (size_t i = 0; i < count; i++) {
		struct input *input = &scoring->inputs[i];
		const struct dataset_column *column = input->column;
		for (size_t row = 0; row < rows; row++) {
			double *value = &values[row * count + i];
			if (!column->categorical) {
				double number = column->numbers[from + row];
				*value = number_value(scoring->model, i, number);
				input->unknown += isnan(*value) && !isnan(number);
			} else {
				uint32_t code = column->codes[from + row];
				*value = code == DATASET_MISSING ? NAN : input->codes[code];
			}
		}
	}
}

static void
print_row(struct buf *out, bool json, size_t row, double margin, double score)
{
	char margin_text[32], score_text[32];
	if (json) {
		struct jsonw line = {.out = out};
		jsonw_open_object(&line, NULL);
		jsonw_int(&line, "row", (int64_t)row);
		jsonw_number(&line, "margin", margin);
		jsonw_number(&line, "score", score);
		jsonw_close_object(&line);
		buf_puts(out, "\n");
		return;
	}
	buf_printf(out, "%zu,%s,%s\n", row,
	    jsonw_format_double(margin_text, sizeof(margin_text), margin),
	    jsonw_format_double(score_text, sizeof(score_text), score));
}

static bool
print_scores(const struct scoring *scoring, bool json, struct err *err)
{
	size_t rows = scoring->data.rows, count = model_features(scoring->model);
	double *values = mem_grow(NULL, BLOCK * count, sizeof(*values));
	double margins[BLOCK], scores[BLOCK];
	struct buf out = {0};
	bool written = true;
	if (!json)
		buf_puts(&out, "row,margin,score\n");
	for (size_t from = 0; written && (from < rows || from == 0); from += BLOCK) {
		size_t block = rows - from < BLOCK ? rows - from : BLOCK;
		fill_rows(scoring, from, block, values);
		model_score_rows(scoring->model, values, block, margins, scores);
		for (size_t i = 0; i < block; i++)
			print_row(&out, json, from + i, margins[i], scores[i]);
		written = out.length == 0 || fwrite(out.data, 1, out.length, stdout) == out.length;
		buf_clear(&out);
	}
	written = written && fflush(stdout) == 0;
	int failure = errno;
	buf_free(&out);
	free(values);
	/* A reader that has seen enough (`| head`) is no failure. */
	return written || failure == EPIPE ||
	       err_set(err, ERR_IO, "the scores: %s", strerror(failure));
}

/* What did not pass as it was: said on stderr, since the scores are none the less there. */
static void
print_unknown(const struct scoring *scoring)
{
	for (size_t i = 0; i < model_features(scoring->model); i++) {
		const struct input *input = &scoring->inputs[i];
		if (input->unknown == 0)
			continue;
		fprintf(stderr, "fraudtop: %s: %zu of %zu values %s; they count as missing\n",
		    model_feature(scoring->model, i), input->unknown, scoring->data.rows,
		    model_categorical(scoring->model, i) ? "are no category of the model"
							 : "are not numbers");
	}
}

static bool
read_data(struct scoring *scoring, const char *path, struct err *err)
{
	struct dataset *data = &scoring->data;
	data->budget = SIZE_MAX; /* rows are read across */
	if (!dataset_read(data, path, NULL, err))
		return false;
	if (data->rejected > 0)
		return err_set(err, ERR_DATA, "%s: lines that are not rows: %zu; the last one: %s",
		    path, data->rejected, data->last_reason);
	return true;
}

static int
run(const struct args *args)
{
	struct scoring scoring = {0};
	struct err err = {0};
	const char *model = args_option(args, "model");
	bool done = model != NULL || err_set(&err, ERR_USAGE, "score needs --model FILE");
	if (done) {
		scoring.model = model_load(model, &err);
		done = scoring.model != NULL && read_data(&scoring, args_operand(args, 0), &err) &&
		       bind_inputs(&scoring, &err) &&
		       print_scores(&scoring, args_flag(args, "json"), &err);
	}
	if (done)
		print_unknown(&scoring);
	for (size_t i = 0; scoring.inputs != NULL && i < model_features(scoring.model); i++)
		free(scoring.inputs[i].codes);
	free(scoring.inputs);
	dataset_free(&scoring.data);
	model_free(scoring.model);
	return done ? 0 : command_fail(&err);
}

const struct command command_score = {
    .name = "score",
    .operands = "DATA",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Score the rows of a CSV with a model.",
    .description =
	"Reads the model's inputs from the columns of the same names, passes over the other\n"
	"columns, and prints CSV: row, margin, score. Rows are counted from 0, the first row\n"
	"under the header. The margin is what the model adds up (log-odds for a logistic\n"
	"model), the score its probability; a model without a link has the margin for its score.\n"
	"\n"
	"Models: XGBoost JSON (gbtree, one output, numeric splits) and linear JSON. Words become\n"
	"numbers by the categories in MODEL.metadata.json beside MODEL.json. An empty cell is\n"
	"missing; a word without a number counts as missing and is counted on stderr.",
    .examples =
	(const char *const[]){
	    "fraudtop score --model fraud-v2.json transactions.csv",
	    "fraudtop score --model fraud-v2.json --json transactions.csv | jq .score",
	    NULL,
	},
    .options =
	(const struct command_option[]){
	    {"model", 'm', "FILE", "the model file"},
	    {"json", 0, NULL, "print JSON lines"},
	    {0},
	},
    .run = run,
};
