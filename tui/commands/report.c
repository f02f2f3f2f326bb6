/* report.c: `fraudtop report`: every metric over whole files, exact. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/monitor/report.h"
#include "tui/command.h"
#include "tui/commands/columns.h"

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
	columns.labels_apart = args_option(args, "labels") != NULL;
	for (size_t i = 0; i < args_operands(args); i++) {
		if (!dataset_read(&inputs->data, args_operand(args, i), &columns, err))
			return false;
	}
	const char *labels = args_option(args, "labels");
	if (labels != NULL &&
	    !dataset_join_labels(&inputs->data, labels, &columns, NULL, NULL, err))
		return false;
	const char *reference = args_option(args, "reference");
	if (reference != NULL && is_profile(reference)) {
		inputs->profile = profile_read(reference, err);
		if (inputs->profile == NULL)
			return false;
	} else if (reference != NULL) {
		columns.lenient = true;
		if (!dataset_read(&inputs->reference, reference, &columns, err))
			return false;
		input->reference = &inputs->reference;
	}
	input->data = &inputs->data;
	input->profile = inputs->profile;
	return args_share(args, "threshold", &input->threshold, err);
}

static int
run(const struct args *args)
{
	struct inputs inputs = {0};
	struct err err = {0};
	struct config *config = config_new();
	struct report_input input = {.threshold = NAN, .config = config};
	struct buf out = {0};
	int code = 0;
	if (read_inputs(args, &inputs, &input, &err)) {
		report_write(&input, !args_flag(args, "json"), &out);
		if (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0)
			code = ERR_IO;
		if (inputs.data.rejected > 0)
			fprintf(stderr, "fraudtop: %zu lines were refused, the last because: %s\n",
			    inputs.data.rejected, inputs.data.last_reason);
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
    {"json", 0, NULL, "one line of JSON; without it the same object over several lines"},
    COLUMNS_OPTIONS, {0}};

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
	"a feature but those named by an option. What is not known, or not computed by this\n"
	"version (KL, Hellinger, Wasserstein, Anderson-Darling, ECE, estimated quality, bias),\n"
	"is null.",
    .examples = examples,
    .options = options,
    .run = run,
};
