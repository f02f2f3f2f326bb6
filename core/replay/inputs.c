/* inputs.c: see inputs.h. A column's words are looked up once, when it is bound; a record's
 * features are looked for where they stood in the record before. */
#include "core/replay/inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* More than twice MODEL_FEATURES_MAX: a block has a row. */
enum { BLOCK_VALUES = 1 << 20 };

/* Where an input's values come from, and what became of them. */
struct input {
	const struct dataset_column *column; /* NULL: the data has none */
	struct dataset_values values;
	double *codes; /* of a column of words: what each counts as, NaN missing */
	uint64_t stamp; /* the last record that named it */
	uint64_t absent, empty, unknown;
};

struct inputs {
	const struct model *model;
	size_t count;
	struct input *list; /* one an input of the model */
	bool allow_absent;
	uint64_t records;
	int places[RECORD_MAX_FEATURES]; /* by place in the record before: which input, or -1 */
	char *
	    *names; /* NULL-terminated: of the first record that lacked an input; NULL: none did */
};

struct inputs *
inputs_new(const struct model *model)
{
	struct inputs *inputs = mem_alloc(sizeof(*inputs));
	inputs->model = model;
	inputs->count = model_features(model);
	inputs->list = mem_alloc((inputs->count + 1) * sizeof(*inputs->list));
	for (size_t i = 0; i < RECORD_MAX_FEATURES; i++)
		inputs->places[i] = -1;
	return inputs;
}

static void
unbind(struct input *input)
{
	dataset_unload(&input->values);
	free(input->codes);
	input->values = (struct dataset_values){0};
	input->codes = NULL;
	input->column = NULL;
}

void
inputs_free(struct inputs *inputs)
{
	if (inputs == NULL)
		return;
	for (size_t i = 0; i < inputs->count; i++)
		unbind(&inputs->list[i]);
	for (size_t i = 0; inputs->names != NULL && inputs->names[i] != NULL; i++)
		free(inputs->names[i]);
	free(inputs->names);
	free(inputs->list);
	free(inputs);
}

double
inputs_word(const struct model *model, size_t index, const char *word)
{
	double value;
	if (model_categorical(model, index))
		return model_code(model, index, word, &value) ? value : NAN;
	return text_to_double(word, &value) ? value : NAN;
}

double
inputs_number(const struct model *model, size_t index, double number)
{
	char word[32];
	if (!model_categorical(model, index) || isnan(number))
		return number;
	double code = inputs_word(model, index, jsonw_format_double(word, sizeof(word), number));
	if (isnan(code) && (number == 0 || number == 1))
		code = inputs_word(model, index, number == 1 ? "true" : "false");
	return code;
}

/* Names the nearest of `names` that is not an input itself. */
static bool
refuse(const struct model *model, const char *what, const char *input, const char **names,
    struct err *err)
{
	size_t used = 0;
	for (size_t i = 0; names[i] != NULL; i++) {
		if (model_find(model, names[i]) < 0)
			names[used++] = names[i];
	}
	names[used] = NULL;
	const char *near = text_nearest(input, names);
	return err_set(err, ERR_DATA, "%s `%s`, an input of the model%s%s%s", what, input,
	    near ? "; the nearest is `" : "", near ? near : "", near ? "`" : "");
}

static bool
refuse_column(
    const struct model *model, const struct dataset *data, const char *input, struct err *err)
{
	const char **names = mem_alloc((data->features_count + 1) * sizeof(*names));
	for (size_t i = 0; i < data->features_count; i++)
		names[i] = data->features[i].name;
	refuse(model, "the data has no column", input, names, err);
	free(names);
	return false;
}

static void
bind_words(const struct inputs *inputs, size_t index)
{
	struct input *input = &inputs->list[index];
	size_t count = input->column->categories_count;
	input->codes = mem_alloc((count + 1) * sizeof(*input->codes));
	for (size_t i = 0; i < count; i++)
		input->codes[i] = inputs_word(inputs->model, index, input->column->categories[i]);
}

bool
inputs_bind(struct inputs *inputs, const struct dataset *data, struct err *err)
{
	for (size_t i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];
		const char *name = model_feature(inputs->model, i);
		unbind(input);
		input->column = dataset_feature(data, name);
		if (input->column == NULL && inputs->allow_absent)
			continue;
		if (input->column == NULL)
			return refuse_column(inputs->model, data, name, err);
		if (!dataset_load(input->column, &input->values)) {
			input->column = NULL;
			dataset_failed(data, err);
			return false;
		}
		if (input->column->categorical)
			bind_words(inputs, i);
	}
	return true;
}

/* Each of these fills one input of the rows, `step` apart. */
static void
fill_absent(struct input *input, size_t rows, size_t step, double *values)
{
	for (size_t row = 0; row < rows; row++)
		values[row * step] = NAN;
	input->absent += rows;
}

static void
fill_words(struct input *input, size_t from, size_t rows, size_t step, double *values)
{
	for (size_t row = 0; row < rows; row++) {
		uint32_t code = input->values.codes[from + row];
		bool empty = code == DATASET_MISSING;
		double value = empty ? NAN : input->codes[code];
		input->empty += empty;
		input->unknown += !empty && isnan(value);
		values[row * step] = value;
	}
}

static void
fill_numbers(const struct inputs *inputs, size_t index, size_t from, size_t rows, double *values)
{
	struct input *input = &inputs->list[index];
	bool categorical = model_categorical(inputs->model, index);
	for (size_t row = 0; row < rows; row++) {
		double number = input->values.numbers[from + row], value = number;
		if (categorical)
			value = inputs_number(inputs->model, index, number);
		input->empty += isnan(number);
		input->unknown += !isnan(number) && isnan(value);
		values[row * inputs->count] = value;
	}
}

size_t
inputs_block(const struct inputs *inputs)
{
	size_t most = BLOCK_VALUES / (inputs->count + 1);
	return most < INPUTS_BLOCK ? most : INPUTS_BLOCK;
}

void
inputs_fill(struct inputs *inputs, size_t from, size_t rows, double *values)
{
	size_t count = inputs->count;
	for (size_t i = 0; i < count; i++) {
		struct input *input = &inputs->list[i];
		if (input->column == NULL)
			fill_absent(input, rows, count, values + i);
		else if (input->column->categorical)
			fill_words(input, from, rows, count, values + i);
		else
			fill_numbers(inputs, i, from, rows, values + i);
	}
}

/* Which input the feature at `place` of a record is, or -1. */
static int
find_input(struct inputs *inputs, size_t place, const char *name)
{
	int guess = place < RECORD_MAX_FEATURES ? inputs->places[place] : -1;
	if (guess >= 0 && strcmp(model_feature(inputs->model, (size_t)guess), name) == 0)
		return guess;
	int found = model_find(inputs->model, name);
	if (place < RECORD_MAX_FEATURES)
		inputs->places[place] = found;
	return found;
}

static void
keep_names(struct inputs *inputs, const struct prediction *prediction)
{
	inputs->names = mem_alloc((prediction->features_count + 1) * sizeof(*inputs->names));
	for (size_t i = 0; i < prediction->features_count; i++)
		inputs->names[i] = mem_string(prediction->features[i].name);
}

size_t
inputs_record(struct inputs *inputs, const struct prediction *prediction, double *row)
{
	const struct model *model = inputs->model;
	size_t lacking = 0;
	inputs->records++;
	for (size_t i = 0; i < inputs->count; i++)
		row[i] = NAN;
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *feature = &prediction->features[i];
		int found = find_input(inputs, i, feature->name);
		if (found < 0)
			continue;
		struct input *input = &inputs->list[found];
		size_t index = (size_t)found;
		input->stamp = inputs->records;
		if (feature->kind == VALUE_MISSING)
			input->empty++;
		else if (feature->kind == VALUE_NUMBER)
			row[index] = inputs_number(model, index, feature->number);
		else
			row[index] = inputs_word(model, index, feature->text);
		input->unknown += feature->kind != VALUE_MISSING && isnan(row[index]);
	}
	for (size_t i = 0; i < inputs->count; i++) {
		bool absent = inputs->list[i].stamp != inputs->records;
		inputs->list[i].absent += absent;
		lacking += absent;
	}
	if (lacking > 0 && inputs->names == NULL)
		keep_names(inputs, prediction);
	return lacking;
}

static bool
refuse_name(const struct inputs *inputs, const char *input, struct err *err)
{
	size_t count = 0;
	while (inputs->names[count] != NULL)
		count++;
	const char **names = mem_alloc((count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = inputs->names[i];
	refuse(inputs->model, "no record of the log names", input, names, err);
	free(names);
	return false;
}

bool
inputs_named(const struct inputs *inputs, struct err *err)
{
	if (inputs->records == 0 || inputs->allow_absent)
		return true;
	for (size_t i = 0; i < inputs->count; i++) {
		if (inputs->list[i].stamp == 0)
			return refuse_name(inputs, model_feature(inputs->model, i), err);
	}
	return true;
}

void
inputs_allow_absent(struct inputs *inputs)
{
	inputs->allow_absent = true;
}

uint64_t
inputs_absent(const struct inputs *inputs, size_t index)
{
	return inputs->list[index].absent;
}

uint64_t
inputs_empty(const struct inputs *inputs, size_t index)
{
	return inputs->list[index].empty;
}

uint64_t
inputs_unknown(const struct inputs *inputs, size_t index)
{
	return inputs->list[index].unknown;
}
