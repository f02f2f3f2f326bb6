/* replay.c: `fraudtop replay`: what another model would have said of the predictions of a log.
 *
 * A log's records are scored as they are read, so that its features are not kept; a CSV's rows when
 * its columns are there. Labels may come from a feed, so the comparison is made at the end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/artifact.h"
#include "tui/command.h"
#include "tui/commands/columns.h"
#include "tui/commands/replay.h"

enum { CHANGES = 10, CHANGES_MOST = 100000 };

static void
set_score(struct replay_run *run, size_t row, enum replay_reason reason, double score)
{
	mem_reserve(&run->scores, &run->scores_capacity, row + 1, sizeof(*run->scores));
	mem_reserve(&run->reasons, &run->reasons_capacity, row + 1, sizeof(*run->reasons));
	run->scores[row] = score;
	run->reasons[row] = (uint8_t)reason;
	run->done = row + 1;
}

static void
keep_values(struct replay_run *run, size_t row, const double *values)
{
	size_t count = model_features(run->model);
	if (!run->keep)
		return;
	mem_reserve(&run->values, &run->values_capacity, (row + 1) * count, sizeof(*run->values));
	memcpy(run->values + row * count, values, count * sizeof(*values));
}

/* Is a dataset's record callback. */
static void
score_record(const struct prediction *prediction, size_t row, void *context)
{
	struct replay_run *run = context;
	double score;
	bool passed_over =
	    run->request != NULL && strcmp(run->request, prediction->request_id) != 0;
	if (isnan(prediction->score) || passed_over) {
		set_score(run, row, REPLAY_FAILED, NAN);
		return;
	}
	size_t lacking = inputs_record(run->inputs, prediction, run->row);
	size_t allowed = run->allow_missing ? model_features(run->model) - 1 : 0;
	if (lacking > allowed) {
		set_score(run, row, REPLAY_NO_INPUT, NAN);
		return;
	}
	model_score(run->model, run->row, &score);
	set_score(run, row, REPLAY_SCORED, score);
	keep_values(run, row, run->row);
}

static bool
with_way_out(struct err *err)
{
	if (err->code == ERR_DATA)
		text_append(err->text, sizeof(err->text), "; --allow-missing takes it as missing");
	return false;
}

/* Scores the rows of the data from `from` on, which come from a CSV. */
static bool
score_rows(struct replay_run *run, size_t from, struct err *err)
{
	const struct dataset *data = &run->data;
	size_t count = model_features(run->model), most = inputs_block(run->inputs);
	double scores[INPUTS_BLOCK];
	if (!inputs_bind(run->inputs, data, err))
		return with_way_out(err);
	double *values = mem_grow(NULL, most * count + 1, sizeof(*values));
	for (; from < data->rows; from += most) {
		size_t rows = data->rows - from < most ? data->rows - from : most;
		inputs_fill(run->inputs, from, rows, values);
		model_score_rows(run->model, values, rows, NULL, scores);
		for (size_t i = 0; i < rows; i++) {
			bool failed = data->score == NULL || isnan(data->score[from + i]);
			set_score(run, from + i, failed ? REPLAY_FAILED : REPLAY_SCORED, scores[i]);
			keep_values(run, from + i, values + i * count);
		}
	}
	free(values);
	return true;
}

static bool
read_file(struct replay_run *run, const char *path, const struct dataset_options *columns,
    struct err *err)
{
	size_t before = run->data.rows;
	if (!dataset_read(&run->data, path, columns, err))
		return false;
	/* A log's rows were scored as they came, a CSV's were not. */
	if (run->done < run->data.rows && columns->score == NULL)
		return err_set(err, ERR_USAGE,
		    "%s is a CSV: name the column of the logged scores with --score", path);
	return run->done == run->data.rows || score_rows(run, before, err);
}

/* The last row that bears the id. */
static bool
find_request(struct replay_run *run, struct err *err)
{
	const struct dataset_column *request = run->data.request;
	uint32_t code = 0, count = request != NULL ? (uint32_t)request->categories_count : 0;
	while (code < count && strcmp(request->categories[code], run->request) != 0)
		code++;
	if (code == count)
		return err_set(
		    err, ERR_DATA, "no request `%s` among %zu", run->request, run->data.rows);
	for (size_t row = run->data.rows; row-- > 0;) {
		if (request->codes[row] == code) {
			run->found = row;
			break;
		}
	}
	return true;
}

static bool
read_files(const struct args *args, struct replay_run *run, struct err *err)
{
	struct dataset_options columns = columns_options(args);
	const char *labels = args_option(args, "labels");
	struct dataset *data = &run->data;
	columns.labels_apart = labels != NULL;
	columns.record = score_record;
	columns.context = run;
	data->keep_ids = true;
	for (size_t i = 0; i < args_operands(args); i++) {
		if (!read_file(run, args_operand(args, i), &columns, err))
			return false;
	}
	if (data->rows == 0)
		return err_set(err, ERR_DATA, "%s: no usable record%s%s", args_operand(args, 0),
		    data->rejected > 0 ? "; the last was refused: " : "", data->last_reason);
	if (run->request == NULL && !inputs_named(run->inputs, err))
		return with_way_out(err);
	if (run->request != NULL && !find_request(run, err))
		return false;
	run->labels = labels != NULL;
	return labels == NULL ||
	       dataset_join_labels(data, labels, &columns, &run->joined, &run->unmatched, err);
}

/* The last part of a path without its ending. */
static void
name_of_file(char *name, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
	text_scrub(name, size, base, length);
}

/* What the sides are called: by their versions where these tell them apart. */
static void
name_sides(struct replay_run *run)
{
	const struct dataset_column *version = run->data.version;
	const char *own = model_version(run->model);
	if (*own != '\0')
		text_copy(run->other_name, sizeof(run->other_name), own);
	else
		name_of_file(run->other_name, sizeof(run->other_name), run->path);
	text_copy(run->logged_name, sizeof(run->logged_name), "the log");
	if (version != NULL && version->categories_count == 1 &&
	    strcmp(version->categories[0], run->other_name) != 0)
		text_copy(run->logged_name, sizeof(run->logged_name), version->categories[0]);
}

const char *
replay_threshold_from(const struct replay_run *run, double *threshold)
{
	*threshold = run->threshold;
	if (!isnan(*threshold))
		return "--threshold";
	*threshold = model_threshold(run->model);
	if (!isnan(*threshold))
		return "metadata";
	if (run->least_threshold == run->most_threshold)
		*threshold = run->least_threshold;
	return run->least_threshold <= run->most_threshold ? "rows" : NULL;
}

struct replay_row
replay_row_of(const struct replay_run *run, size_t at)
{
	const struct dataset *data = &run->data;
	uint32_t id = data->request != NULL ? data->request->codes[at] : DATASET_MISSING;
	double threshold = data->threshold != NULL ? data->threshold[at] : NAN;
	struct replay_row row = {.ts = data->ts != NULL ? data->ts[at] : 0,
	    .id = id != DATASET_MISSING ? data->request->categories[id] : "",
	    .logged = data->score != NULL ? data->score[at] : NAN,
	    .other = run->scores[at],
	    .label = data->label != NULL ? data->label[at] : -1,
	    .reason = (enum replay_reason)run->reasons[at]};
	row.logged_flag = replay_flag_logged(data->decision != NULL ? data->decision[at] : -1,
	    row.logged, threshold, run->threshold);
	row.other_flag =
	    replay_flag_other(row.other, run->threshold, model_threshold(run->model), threshold);
	return row;
}

static void
count_taken(struct replay_run *run, const struct replay_row *row, size_t at)
{
	const struct dataset *data = &run->data;
	double threshold = data->threshold != NULL ? data->threshold[at] : NAN;
	run->taken[row->logged_flag < 0				       ? TAKEN_UNKNOWN
		   : data->decision != NULL && data->decision[at] >= 0 ? TAKEN_LOGGED
		   : !isnan(threshold)				       ? TAKEN_ROW
								       : TAKEN_OPTION]++;
	run->least_threshold = fmin(run->least_threshold, threshold);
	run->most_threshold = fmax(run->most_threshold, threshold);
}

static void
compare(struct replay_run *run, size_t changes)
{
	struct replay *replay = replay_new(changes);
	replay_name(replay, run->logged_name, run->other_name);
	for (size_t i = 0; i < run->data.rows; i++) {
		struct replay_row row = replay_row_of(run, i);
		if (row.reason == REPLAY_SCORED)
			count_taken(run, &row, i);
		replay_add(replay, &row);
	}
	replay_result(replay, &run->result);
	replay_free(replay);
}

static bool
begin(const struct args *args, struct replay_run *run, long *changes, struct err *err)
{
	run->path = args_option(args, "model");
	if (run->path == NULL)
		return err_set(err, ERR_USAGE, "replay needs --model FILE: the model to try");
	if (!args_share(args, "threshold", &run->threshold, err) ||
	    !args_int(args, "top", 0, CHANGES_MOST, changes, err))
		return false;
	text_scrub(run->file, sizeof(run->file), run->path, strlen(run->path));
	run->model = artifact_load_file(run->path, err);
	if (run->model == NULL)
		return false;
	run->inputs = inputs_new(run->model);
	run->row = mem_grow(NULL, model_features(run->model) + 1, sizeof(*run->row));
	run->allow_missing = args_flag(args, "allow-missing");
	if (run->allow_missing)
		inputs_allow_absent(run->inputs);
	run->request = args_option(args, "request");
	run->keep = run->request != NULL || args_flag(args, "explain");
	if (run->keep)
		run->explainer = explainer_new(run->model, &run->unexplained);
	if (run->keep && run->explainer == NULL && run->request == NULL)
		return err_set(err, run->unexplained.code, "%s", run->unexplained.text);
	return true;
}

static void
finish(struct replay_run *run)
{
	replay_result_free(&run->result);
	explainer_free(run->explainer);
	inputs_free(run->inputs);
	dataset_free(&run->data);
	model_free(run->model);
	free(run->scores);
	free(run->reasons);
	free(run->row);
	free(run->values);
}

static int
run(const struct args *args)
{
	struct replay_run replay = {
	    .threshold = NAN, .least_threshold = INFINITY, .most_threshold = -INFINITY};
	struct err err = {0};
	struct buf out = {0};
	long changes = CHANGES;
	int code = 0;
	if (begin(args, &replay, &changes, &err) && read_files(args, &replay, &err)) {
		bool json = args_flag(args, "json");
		name_sides(&replay);
		if (replay.request != NULL) {
			(json ? replay_print_request_json : replay_print_request)(&replay, &out);
		} else {
			compare(&replay, (size_t)changes);
			(json ? replay_print_json : replay_print)(&replay, &out);
		}
		if (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0)
			code = ERR_IO;
		if (replay.data.rejected > 0)
			fprintf(stderr, "fraudtop: %zu lines were refused, the last because: %s\n",
			    replay.data.rejected, replay.data.last_reason);
	} else {
		code = command_fail(&err);
	}
	buf_free(&out);
	finish(&replay);
	return code;
}

static const struct command_option options[] = {{"model", 'm', "FILE", "the other model"},
    {"labels", 0, "FILE", "a label feed (JSON lines, or a CSV), joined by request id"},
    {"threshold", 0, "T", "the other model flags a score of T or more"},
    {"allow-missing", 0, NULL, "take inputs that a record does not name as missing"},
    {"top", 0, "N", "how many of the largest changes to show (10)"},
    {"explain", 0, NULL, "say why the other model gives those their scores"},
    {"request", 'r', "ID", "this request alone: what both say of it, and why"},
    {"json", 0, NULL, "one line of JSON"}, COLUMNS_OPTIONS, {0}};

static const char *const examples[] = {
    "fraudtop replay --model fraud-v2.json predictions.jsonl --labels labels.jsonl",
    "fraudtop replay -m fraud-v2.json today.csv --score p --label y --threshold 0.5 --json",
    "fraudtop replay -m fraud-v2.json predictions.jsonl --request 8b1f", NULL};

const struct command command_replay = {
    .name = "replay",
    .operands = "LOG...",
    .operands_min = 1,
    .operands_max = -1,
    .summary = "What another model would have said of the predictions of a log.",
    .description =
	"LOG is a prediction log (JSON lines) or a CSV with a header. The logged features are\n"
	"scored with the other model, and both are compared: how often they agree, how far the\n"
	"scores have moved (PSI), and over labelled rows precision, recall, AUC and average\n"
	"precision of both with 95 % intervals, and which is better: by DeLong's test of the\n"
	"AUC and McNemar's of the decisions.\n"
	"\n"
	"The other model decides by --threshold, else by the threshold in its metadata, else by\n"
	"the one logged with the row. A logged decision stands as it is; without one the logged\n"
	"threshold decides, else --threshold.\n"
	"\n"
	"A record that does not name all of the model's inputs is not scored, unless with\n"
	"--allow-missing. Words that are no category of the model, or no number, count as\n"
	"missing and are counted.\n"
	"\n"
	"--request shows one prediction by its id. With the file of the model that served it,\n"
	"that is why a card was blocked.",
    .examples = examples,
    .options = options,
    .run = run,
};
