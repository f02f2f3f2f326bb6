/* profile.c: `fraudtop profile`: a reference profile from a log or CSV. */
#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "core/monitor/profile.h"
#include "tui/command.h"
#include "tui/commands/columns.h"

static void
set_threshold(struct dataset *data, double threshold)
{
	if (isnan(threshold) || data->score == NULL || data->decision == NULL)
		return;
	for (size_t i = 0; i < data->rows; i++) {
		bool logged = data->threshold != NULL && !isnan(data->threshold[i]);
		if (data->decision[i] < 0 && !logged && !isnan(data->score[i]))
			data->decision[i] = data->score[i] >= threshold;
	}
}

static bool
make(const struct args *args, struct dataset *data, struct err *err)
{
	struct dataset_options columns = columns_options(args);
	const char *out = args_option(args, "output"), *labels = args_option(args, "labels");
	const char *model = args_option(args, "model");
	double threshold = NAN;
	columns.labels_apart = labels != NULL;
	if (out == NULL)
		return err_set(err, ERR_USAGE, "say where to write the profile: -o REF");
	if (!args_share(args, "threshold", &threshold, err))
		return false;
	for (size_t i = 0; i < args_operands(args); i++) {
		if (!dataset_read(data, args_operand(args, i), &columns, err))
			return false;
	}
	if (labels != NULL && !dataset_join_labels(data, labels, &columns, NULL, NULL, err))
		return false;
	if (data->rows == 0)
		return err_set(err, ERR_DATA, "no usable record%s%s",
		    data->rejected > 0 ? "; the last was refused: " : "", data->last_reason);
	set_threshold(data, threshold);
	struct profile *profile = profile_from_dataset(data);
	if (model != NULL)
		text_copy(profile->model, sizeof(profile->model), model);
	bool done = !dataset_failed(data, err) && profile_write(profile, out, err);
	if (done)
		fprintf(stderr, "fraudtop: %s: %zu records, %zu features, %zu versions\n", out,
		    data->rows, profile->features_count, profile->scores_count);
	profile_free(profile);
	return done;
}

static int
run(const struct args *args)
{
	struct dataset data = {0};
	struct err err = {0};
	int code = make(args, &data, &err) ? 0 : command_fail(&err);
	if (data.rejected > 0)
		fprintf(stderr, "fraudtop: %zu lines were refused, the last because: %s\n",
		    data.rejected, data.last_reason);
	dataset_free(&data);
	return code;
}

static const struct command_option options[] = {{"output", 'o', "REF", "the profile to write"},
    {"labels", 0, "FILE", "a label feed, joined by request id: gives the quality baseline"},
    {"threshold", 0, "T", "where no decision is logged: a score of T or more flags"},
    {"model", 0, "NAME", "the model's name, where the data does not say"}, COLUMNS_OPTIONS, {0}};

static const char *const examples[] = {
    "fraudtop profile last-month.jsonl --labels labels.jsonl -o fraud.profile.json", NULL};

const struct command command_profile = {
    .name = "profile",
    .operands = "DATA...",
    .operands_min = 1,
    .operands_max = -1,
    .summary = "Make a reference profile from a log or CSV.",
    .description =
	"The profile holds, per feature and per version's score: bins, counts, nulls and\n"
	"moments; and with labels the quality that is the baseline. Take data that the model\n"
	"was not trained on, and long enough to hold nights and weekends.",
    .examples = examples,
    .options = options,
    .run = run,
};
