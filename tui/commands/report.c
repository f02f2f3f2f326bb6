/* report.c: `fraudtop report`: every metric over whole files, exact. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/report/report.h"
#include "core/stats/compat.h"
#include "tui/command.h"
#include "tui/commands/columns.h"
#include "tui/commands/targets.h"

/* A reference is a profile if it says so in its first bytes, else data. */
static bool
is_profile(const char *path)
{
	char head[64] = {0};
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	size_t got = fread(head, 1, sizeof(head) - 1, file);
	fclose(file);
	return got > 0 && strstr(head, "\"fraudtop.profile/") != NULL;
}

struct inputs {
	struct dataset data, reference;
	struct profile *profile;
};

static bool
read_inputs(
    const struct args *args, struct inputs *inputs, struct report_input *input, struct err *err)
{
	struct dataset_options columns = columns_options(args);
	const char *labels = args_option(args, "labels");
	const char *reference = args_option(args, "reference");
	bool profiled = reference != NULL && is_profile(reference);
	columns.labels_apart = labels != NULL || (reference != NULL && !profiled);
	for (size_t i = 0; i < args_operands(args); i++) {
		if (!dataset_read(&inputs->data, args_operand(args, i), &columns, err))
			return false;
	}
	if (labels != NULL &&
	    !dataset_join_labels(&inputs->data, labels, &columns, NULL, NULL, err))
		return false;
	if (profiled) {
		inputs->profile = profile_read(reference, err);
		if (inputs->profile == NULL)
			return false;
	} else if (reference != NULL) {
		columns.lenient = true;
		if (!dataset_read(&inputs->reference, reference, &columns, err))
			return false;
		if (inputs->reference.rows == 0 && inputs->reference.rejected > 0)
			return err_set(err, ERR_DATA,
			    "%s: no usable record; the last was refused: %s", reference,
			    inputs->reference.last_reason);
		if (columns.label != NULL && labels == NULL && inputs->data.label == NULL &&
		    inputs->reference.label == NULL)
			return err_set(err, ERR_USAGE, "neither the data nor %s has a column %s",
			    reference, columns.label);
		input->reference = &inputs->reference;
	}
	input->data = &inputs->data;
	input->profile = inputs->profile;
	return args_share(args, "threshold", &input->threshold, err);
}

/* The configuration, with what the options say instead. */
static struct config *
read_config(const struct args *args, struct err *err)
{
	const char *compat = args_option(args, "compat");
	enum compat_tool tool;
	struct config *config = targets_config(args, err);
	if (config == NULL || compat == NULL)
		return config;
	if (compat_parse(compat, &tool)) {
		text_copy(config->compat, sizeof(config->compat), compat);
		return config;
	}
	err_set(err, ERR_USAGE, "--compat: `%s` is none of evidently, nannyml, sagemaker", compat);
	config_free(config);
	return NULL;
}

static void
say_refused(const struct dataset *data, const char *whose)
{
	if (data->rejected > 0)
		fprintf(stderr, "fraudtop: %zu lines%s were refused, the last because: %s\n",
		    data->rejected, whose, data->last_reason);
}

static int
run(const struct args *args)
{
	struct inputs inputs = {0};
	struct err err = {0};
	struct config *config = read_config(args, &err);
	struct report_input input = {.threshold = NAN, .config = config};
	struct buf out = {0};
	int code = 0;
	if (config != NULL && read_inputs(args, &inputs, &input, &err) &&
	    report_write(&input, !args_flag(args, "json"), &out, &err)) {
		if (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0)
			code = ERR_IO;
		say_refused(&inputs.data, "");
		say_refused(&inputs.reference, " of the reference");
	} else {
		code = command_fail(&err);
	}
	buf_free(&out);
	dataset_free(&inputs.data);
	dataset_free(&inputs.reference);
	profile_free(inputs.profile);
	config_free(config);
	return code;
}

static const struct command_option options[] = {
    {"reference", 0, "REF", "what to compare with: a profile, a log or a CSV"},
    {"labels", 0, "FILE", "a label feed (JSON lines, or a CSV), joined by request id"},
    {"threshold", 0, "T", "where no decision is logged: a score of T or more flags"},
    {"compat", 0, "TOOL",
	"adds what another tool's own test says: evidently, nannyml or sagemaker"},
    {"json", 0, NULL, "one line of JSON; without it the same object over several lines"},
    {"config", 'c', "FILE", "the configuration: limits, seasons, cohorts"}, COLUMNS_OPTIONS, {0}};

static const char *const examples[] = {
    "fraudtop report predictions.jsonl --labels labels.jsonl --json",
    "fraudtop report today.csv --reference month.csv --score p --label y --threshold 0.5", NULL};

const struct command command_report = {
    .name = "report",
    .operands = "DATA...",
    .operands_min = 1,
    .operands_max = -1,
    .summary = "Every metric over whole files, exact, then exit.",
    .description =
	"DATA is a prediction log (JSON lines) or a CSV with a header. In a CSV every column is\n"
	"a feature but those named by an option. What cannot be known is null.\n"
	"\n"
	"A feature drifts if its PSI is over the limit and the difference is significant:\n"
	"chi-square and KS, adjusted over the features (Benjamini and Hochberg). One that\n"
	"follows the calendar is judged against the same hours of the reference. The estimated\n"
	"quality needs no labels: it takes the scores, calibrated by the reference's labels, for\n"
	"true probabilities.\n"
	"\n"
	"Features beyond 512 MiB lie in a temporary file in $TMPDIR.",
    .examples = examples,
    .options = options,
    .run = run,
};
