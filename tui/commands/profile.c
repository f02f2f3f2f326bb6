/* profile.c: `fraudtop profile`: a reference profile from a log or CSV, or from another tool's. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/text.h"
#include "core/reference/profile.h"
#include "core/reference/profile_import.h"
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
read_files(const struct args *args, const struct dataset_options *columns, struct dataset *data,
    struct err *err)
{
	for (size_t i = 0; i < args_operands(args); i++) {
		if (!dataset_read(data, args_operand(args, i), columns, err))
			return false;
	}
	return true;
}

/* Reads all of it once more but for what is older than --last: only then is the newest known. */
static bool
read_last(
    const struct args *args, struct dataset_options *columns, struct dataset *data, struct err *err)
{
	long long last = 0;
	struct stat status;
	wall_us newest = 0;
	if (args_option(args, "last") == NULL)
		return true;
	if (!args_duration(args, "last", &last, err))
		return false;
	for (size_t i = 0; i < args_operands(args); i++) {
		const char *path = args_operand(args, i);
		if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
			return err_set(err, ERR_USAGE,
			    "--last reads the data twice: %s must be a plain file", path);
	}
	if (!read_files(args, columns, data, err))
		return false;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++)
		newest = data->ts[i] > newest ? data->ts[i] : newest;
	if (newest == 0)
		return err_set(
		    err, ERR_USAGE, "--last: the data has no times (of a CSV: --time COL)");
	dataset_free(data);
	columns->since = newest - last;
	return true;
}

static bool
join_labels(const struct args *args, const struct dataset_options *columns, struct dataset *data,
    struct err *err)
{
	const char *labels = args_option(args, "labels");
	uint64_t joined, unmatched;
	if (labels == NULL)
		return true;
	if (!dataset_join_labels(data, labels, columns, &joined, &unmatched, err))
		return false;
	if (unmatched > 0)
		fprintf(stderr,
		    "fraudtop: %s: %llu labels, %llu of them of no record that was read\n", labels,
		    (unsigned long long)(joined + unmatched), (unsigned long long)unmatched);
	return true;
}

static bool
read_data(const struct args *args, struct dataset *data, struct err *err)
{
	struct dataset_options columns = columns_options(args);
	double threshold = NAN;
	columns.labels_apart = args_option(args, "labels") != NULL;
	if (!args_share(args, "threshold", &threshold, err) ||
	    !read_last(args, &columns, data, err) || !read_files(args, &columns, data, err) ||
	    !join_labels(args, &columns, data, err))
		return false;
	if (data->rows == 0)
		return err_set(err, ERR_DATA, "no usable record%s%s",
		    data->rejected > 0 ? "; the last was refused: " : "", data->last_reason);
	set_threshold(data, threshold);
	return true;
}

static void
print_span(const struct profile *profile)
{
	char first[32], last[32], span[16];
	size_t seasonal = 0;
	if (profile->first_ts == 0) {
		fprintf(stderr, "  span      not known, so nothing is compared by season\n");
		return;
	}
	fprintf(stderr, "  span      %s to %s (%s)\n",
	    clock_format(first, sizeof(first), profile->first_ts),
	    clock_format(last, sizeof(last), profile->last_ts),
	    clock_format_age(span, sizeof(span), profile->last_ts - profile->first_ts));
	fprintf(stderr, "  calendar  ");
	for (size_t i = 0; i < profile->features_count; i++) {
		const struct profile_feature *feature = &profile->features[i];
		if (feature->season == SEASON_NONE)
			continue;
		fprintf(stderr, "%s%s (%s)", seasonal++ > 0 ? ", " : "", feature->name,
		    season_name(feature->season));
	}
	fprintf(stderr, "%s\n", seasonal == 0 ? "no feature follows it" : "");
}

static void
print_scores(const struct profile *profile)
{
	for (size_t i = 0; i < profile->scores_count; i++) {
		const struct profile_score *score = &profile->scores[i];
		fprintf(stderr, "  version   %s: %llu scores, %llu decided, %llu labelled",
		    score->version[0] != '\0' ? score->version : "not said",
		    (unsigned long long)score->score.n, (unsigned long long)score->decided,
		    (unsigned long long)score->labelled);
		if (!isnan(score->roc_auc))
			fprintf(stderr, ", ROC AUC %.4f, average precision %.4f", score->roc_auc,
			    score->average_precision);
		fprintf(stderr, "%s\n",
		    !score->calibrated ? "; no labels, so no quality baseline"
		    : score->calibration.knots > 0
			? "; calibrated"
			: "; calibrated as it is: no map makes it truer");
	}
}

/* Columns without a single value have no bins and are not in the profile. */
static void
print_empty(const struct profile *profile, const struct dataset *data)
{
	size_t empty = 0;
	for (size_t i = 0; i < data->features_count; i++) {
		if (profile_feature_of(profile, data->features[i].name) == NULL)
			fprintf(stderr, "%s%s",
			    empty++ > 0 ? ", " : "  left out  no value at all: ",
			    data->features[i].name);
	}
	if (empty > 0)
		fprintf(stderr, "\n");
}

static void
print_summary(const struct args *args, const struct profile *profile, const struct dataset *data)
{
	fprintf(stderr, "fraudtop: %s: %llu records, %zu features, %zu version%s\n",
	    args_option(args, "output"), (unsigned long long)profile->records,
	    profile->features_count, profile->scores_count, profile->scores_count == 1 ? "" : "s");
	print_span(profile);
	print_scores(profile);
	print_empty(profile, data);
	if (data->before > 0)
		fprintf(stderr, "  left out  %zu records before the last %s\n", data->before,
		    args_option(args, "last"));
}

/* A line of notes each. */
static void
print_notes(struct buf *notes)
{
	for (char *line = notes->data; line != NULL && *line != '\0';) {
		size_t length = strcspn(line, "\n");
		fprintf(stderr, "fraudtop: not taken over: %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static struct profile *
import(const struct args *args, struct err *err)
{
	static const char *const refused[] = {"labels", "last", "threshold", "score", "label",
	    "decision", "id", "time", "segment", "version", "categorical"};
	const char *paths[2];
	struct buf notes = {0};
	if (strcmp(args_option(args, "import"), "sagemaker") != 0) {
		err_set(err, ERR_USAGE,
		    "--import: `%s` is not a tool whose files are known: sagemaker",
		    args_option(args, "import"));
		return NULL;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (args_option(args, refused[i]) == NULL)
			continue;
		err_set(
		    err, ERR_USAGE, "--%s is of logs and CSVs and not with --import", refused[i]);
		return NULL;
	}
	if (args_operands(args) > 2) {
		err_set(err, ERR_USAGE,
		    "--import: statistics.json and constraints.json, no third file");
		return NULL;
	}
	for (size_t i = 0; i < args_operands(args); i++)
		paths[i] = args_operand(args, i);
	struct profile *profile = profile_import_sagemaker(
	    paths, args_operands(args), args_option(args, "ignore"), &notes, err);
	print_notes(&notes);
	buf_free(&notes);
	return profile;
}

static bool
make(const struct args *args, struct dataset *data, struct err *err)
{
	const char *out = args_option(args, "output"), *model = args_option(args, "model");
	struct profile *profile = NULL;
	if (out == NULL)
		return err_set(err, ERR_USAGE, "say where to write the profile: -o REF");
	if (args_option(args, "import") != NULL)
		profile = import(args, err);
	else if (read_data(args, data, err))
		profile = profile_from_dataset(data);
	if (profile == NULL)
		return false;
	if (model != NULL)
		text_copy(profile->model, sizeof(profile->model), model);
	bool done = !dataset_failed(data, err) && profile_write(profile, out, err);
	if (done)
		print_summary(args, profile, data);
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
    {"last", 0, "DURATION", "only the newest part of the data, such as 28d, by its last record"},
    {"import", 0, "TOOL",
	"sagemaker: DATA is a statistics.json of Model Monitor and, if there is one, its "
	"constraints.json"},
    {"threshold", 0, "T", "where no decision is logged: a score of T or more flags"},
    {"model", 0, "NAME", "the model's name, where the data does not say"}, COLUMNS_OPTIONS, {0}};

static const char *const examples[] = {
    "fraudtop profile last-month.jsonl --labels labels.jsonl -o fraud.profile.json",
    "fraudtop profile --import sagemaker statistics.json constraints.json --ignore label -o "
    "fraud.profile.json",
    NULL};

const struct command command_profile = {
    .name = "profile",
    .operands = "DATA...",
    .operands_min = 1,
    .operands_max = -1,
    .summary = "Make a reference profile from a log, a CSV, or a SageMaker baseline.",
    .description =
	"The profile holds, per feature and per version's score: bins (200 of them: quantiles to\n"
	"1/200 of a rank), counts, nulls and moments; where the data bears times, counts by hour\n"
	"of the week and which features follow the calendar; and with labels the quality that is\n"
	"the baseline and the map that makes scores true. Take data that the model was not\n"
	"trained on, and two weeks of it or more, so that it holds nights and weekends twice.\n"
	"\n"
	"What it made is said on stderr. With --import, what the other tool's files hold and a\n"
	"profile cannot (limits, thresholds, sketches) is named there and not taken over.",
    .examples = examples,
    .options = options,
    .run = run,
};
