/* score.c: `fraudtop score`, the rows of a CSV through a model, and on demand what each input gave.
 * A row that cannot be read stops it: its absence would shift the number of every row behind it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/ingest/dataset.h"
#include "core/model/explain.h"
#include "core/model/model.h"
#include "core/model/reason.h"
#include "core/replay/inputs.h"
#include "tui/command.h"

enum { REASONS = 3, REASONS_MAX = 100 };

struct scoring {
	struct model *model;
	struct dataset data;
	struct inputs *inputs;
	struct explainer *explainer; /* NULL: nobody asked why */
	bool json, explain; /* explain: every input's contribution */
	long reasons; /* how many of the largest contributions in words */
};

/* A row and what came of it. */
struct scored {
	size_t row;
	double margin, score;
	const double *values;
	const double *contributions; /* and the base value; NULL: nobody asked */
};

/* A name in the header, quoted where it must be (RFC 4180). */
static void
print_name(struct buf *out, const char *name)
{
	if (name[strcspn(name, ",\"\r\n")] == '\0') {
		buf_puts(out, name);
		return;
	}
	buf_puts(out, "\"");
	for (; *name != '\0'; name++)
		buf_printf(out, *name == '"' ? "\"%c" : "%c", *name);
	buf_puts(out, "\"");
}

static void
print_header(const struct scoring *scoring, struct buf *out)
{
	buf_puts(out, "row,margin,score");
	if (scoring->explain) {
		buf_puts(out, ",base");
		for (size_t f = 0; f < model_features(scoring->model); f++) {
			buf_puts(out, ",");
			print_name(out, model_feature(scoring->model, f));
		}
	}
	buf_puts(out, "\n");
}

static void
print_number(struct buf *out, double number)
{
	char text[32];
	buf_printf(out, ",%s", jsonw_format_double(text, sizeof(text), number));
}

static void
print_csv(const struct scoring *scoring, const struct scored *scored, struct buf *out)
{
	size_t count = model_features(scoring->model);
	buf_printf(out, "%zu", scored->row);
	print_number(out, scored->margin);
	print_number(out, scored->score);
	if (scoring->explain) {
		print_number(out, scored->contributions[count]);
		for (size_t f = 0; f < count; f++)
			print_number(out, scored->contributions[f]);
	}
	buf_puts(out, "\n");
}

static size_t
find_reasons(
    const struct scoring *scoring, const struct scored *scored, struct reason reasons[REASONS_MAX])
{
	return reasons_of(scoring->model, scored->values, scored->contributions, reasons,
	    (size_t)scoring->reasons);
}

static void
print_json(const struct scoring *scoring, const struct scored *scored, struct buf *out)
{
	struct jsonw line = {.out = out};
	size_t count = model_features(scoring->model);
	jsonw_open_object(&line, NULL);
	jsonw_int(&line, "row", (int64_t)scored->row);
	jsonw_number(&line, "margin", scored->margin);
	jsonw_number(&line, "score", scored->score);
	if (scoring->explain) {
		jsonw_number(&line, "base", scored->contributions[count]);
		jsonw_open_object(&line, "contributions");
		for (size_t f = 0; f < count; f++)
			jsonw_number(
			    &line, model_feature(scoring->model, f), scored->contributions[f]);
		jsonw_close_object(&line);
	}
	if (scored->contributions != NULL) {
		struct reason reasons[REASONS_MAX];
		size_t found = find_reasons(scoring, scored, reasons);
		jsonw_open_array(&line, "reasons");
		for (size_t i = 0; i < found; i++)
			jsonw_string(&line, NULL, reasons[i].text);
		jsonw_close_array(&line);
	}
	jsonw_close_object(&line);
	buf_puts(out, "\n");
}

/* For people. What is listed sums to the margin. */
static void
print_words(const struct scoring *scoring, const struct scored *scored, struct buf *out)
{
	size_t count = model_features(scoring->model);
	double threshold = model_threshold(scoring->model), rest = 0;
	struct reason reasons[REASONS_MAX];
	char number[REASON_NUMBER];
	size_t found = find_reasons(scoring, scored, reasons);
	buf_printf(out, "row %zu: score %.4g", scored->row, scored->score);
	if (!isnan(threshold))
		buf_printf(out, ", %s the threshold %.4g",
		    scored->score >= threshold ? "at or above" : "below", threshold);
	buf_printf(out, "; margin %+.4g\n", scored->margin);
	for (size_t i = 0; i < found; i++)
		buf_printf(out, "    %s\n", reasons[i].text);
	for (size_t f = 0; f < count; f++) {
		size_t i = 0;
		while (i < found && reasons[i].feature != f)
			i++;
		rest += i == found ? scored->contributions[f] : 0;
	}
	if (found < count)
		buf_printf(
		    out, "    the other %zu: %s\n", count - found, reason_number(number, rest));
	buf_printf(out, "    the base, its average: %s\n",
	    reason_number(number, scored->contributions[count]));
}

static void
print_row(const struct scoring *scoring, const struct scored *scored, struct buf *out)
{
	if (scoring->json)
		print_json(scoring, scored, out);
	else if (scored->contributions != NULL && !scoring->explain)
		print_words(scoring, scored, out);
	else
		print_csv(scoring, scored, out);
}

/* A block's rows, scored and explained. `contributions` is room for them; NULL: nobody asked. */
static void
print_block(const struct scoring *scoring, size_t from, size_t rows, double *values,
    double *contributions, struct buf *out)
{
	size_t count = model_features(scoring->model);
	double margins[INPUTS_BLOCK], scores[INPUTS_BLOCK];
	inputs_fill(scoring->inputs, from, rows, values);
	model_score_rows(scoring->model, values, rows, margins, scores);
	if (contributions != NULL)
		explainer_rows(scoring->explainer, values, rows, contributions);
	for (size_t i = 0; i < rows; i++) {
		const struct scored scored = {
		    .row = from + i,
		    .margin = margins[i],
		    .score = scores[i],
		    .values = values + i * count,
		    .contributions = contributions != NULL ? contributions + i * (count + 1) : NULL,
		};
		print_row(scoring, &scored, out);
	}
}

static bool
print_scores(const struct scoring *scoring, struct err *err)
{
	size_t rows = scoring->data.rows, count = model_features(scoring->model);
	size_t most = inputs_block(scoring->inputs);
	double *values = mem_grow(NULL, most * count, sizeof(*values)), *contributions = NULL;
	struct buf out = {0};
	bool written = true;
	if (scoring->explainer != NULL)
		contributions = mem_grow(NULL, most * (count + 1), sizeof(*contributions));
	if (!scoring->json && (scoring->explainer == NULL || scoring->explain))
		print_header(scoring, &out);
	for (size_t from = 0; written && (from < rows || from == 0); from += most) {
		size_t block = rows - from < most ? rows - from : most;
		print_block(scoring, from, block, values, contributions, &out);
		written = out.length == 0 || fwrite(out.data, 1, out.length, stdout) == out.length;
		buf_clear(&out);
	}
	written = written && fflush(stdout) == 0;
	int failure = errno;
	buf_free(&out);
	free(values);
	free(contributions);
	/* A reader that has seen enough (`| head`) is no failure. */
	return written || failure == EPIPE ||
	       err_set(err, ERR_IO, "the scores: %s", strerror(failure));
}

/* What did not pass as it was: said on stderr, since the scores are none the less there. */
static void
print_unknown(const struct scoring *scoring)
{
	for (size_t i = 0; i < model_features(scoring->model); i++) {
		uint64_t unknown = inputs_unknown(scoring->inputs, i);
		if (unknown == 0)
			continue;
		fprintf(stderr,
		    "fraudtop: %s: %" PRIu64 " of %zu values %s; they count as missing\n",
		    model_feature(scoring->model, i), unknown, scoring->data.rows,
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

static bool
read_options(struct scoring *scoring, const struct args *args, struct err *err)
{
	bool counted = args_option(args, "reasons") != NULL;
	scoring->json = args_flag(args, "json");
	scoring->explain = args_flag(args, "explain");
	scoring->reasons = REASONS;
	if (args_option(args, "model") == NULL)
		return err_set(err, ERR_USAGE, "score needs --model FILE");
	if (!args_int(args, "reasons", 1, REASONS_MAX, &scoring->reasons, err))
		return false;
	if (counted && scoring->explain && !scoring->json)
		return err_set(err, ERR_USAGE,
		    "--explain prints CSV and --reasons sentences: give one of them, or --json");
	return true;
}

static bool
load_model(struct scoring *scoring, const struct args *args, struct err *err)
{
	scoring->model = model_load(args_option(args, "model"), err);
	if (scoring->model == NULL)
		return false;
	scoring->inputs = inputs_new(scoring->model);
	if (!scoring->explain && args_option(args, "reasons") == NULL)
		return true;
	scoring->explainer = explainer_new(scoring->model, err);
	return scoring->explainer != NULL || err_prefix(err, "%s", args_option(args, "model"));
}

static int
run(const struct args *args)
{
	struct scoring scoring = {0};
	struct err err = {0};
	bool done = read_options(&scoring, args, &err) && load_model(&scoring, args, &err) &&
		    read_data(&scoring, args_operand(args, 0), &err) &&
		    inputs_bind(scoring.inputs, &scoring.data, &err) &&
		    print_scores(&scoring, &err);
	if (done)
		print_unknown(&scoring);
	inputs_free(scoring.inputs);
	dataset_free(&scoring.data);
	explainer_free(scoring.explainer);
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
	"Models: XGBoost JSON and UBJSON, LightGBM text, scikit-learn's linear models as "
	"docs/models.md\n"
	"exports them, and linear JSON. Words become numbers by the categories of the model or of\n"
	"MODEL.metadata.json beside it. An empty cell is missing; a word without a number counts "
	"as\n"
	"missing and is counted on stderr.\n"
	"\n"
	"--explain adds the columns base and one an input: what it gave to the margin. These are\n"
	"exact SHAP values, path-dependent: held against the training data as the model's file\n"
	"counts it, as XGBoost's pred_contribs and LightGBM's pred_contrib do. With the base, the\n"
	"margin that the model gives on average, they sum to the row's margin. The interventional\n"
	"variant, which needs a sample of data to hold rows against, is not there. --reasons "
	"prints\n"
	"the largest of them in sentences, a row's under its score, in which values are held "
	"against\n"
	"what MODEL.metadata.json says of the inputs. --json has both.",
    .examples =
	(const char *const[]){
	    "fraudtop score --model fraud-v2.json transactions.csv",
	    "fraudtop score --model fraud-v2.json --json transactions.csv | jq .score",
	    "fraudtop score --model fraud-v2.json --reasons 3 blocked.csv",
	    NULL,
	},
    .options =
	(const struct command_option[]){
	    {"model", 'm', "FILE", "the model file"},
	    {"explain", 'e', NULL, "add what each input gave to the margin"},
	    {"reasons", 'r', "N", "print the N inputs that gave most, in sentences"},
	    {"json", 0, NULL, "print JSON lines"},
	    {0},
	},
    .run = run,
};
