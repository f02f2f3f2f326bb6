/* replay_request.c: `fraudtop replay --request ID`: what the log said of one request, what the
 * other model says, and why. Its JSON is `fraudtop.replay.request/1` (docs/replay.md). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/commands/replay.h"
#include "tui/replay_write.h"

enum { LACKING_SHOWN = 400, NAME_SHOWN = 24 };

bool
replay_why(const struct replay_run *run, size_t row, size_t limit, struct replay_why *why)
{
	size_t count = model_features(run->model);
	if (run->explainer == NULL || run->reasons[row] != REPLAY_SCORED)
		return false;
	replay_explain(why, run->model, run->explainer, run->values + row * count, limit);
	return true;
}

void
replay_write_why(struct jsonw *json, const struct replay_run *run, const struct replay_why *why)
{
	jsonw_open_object(json, "why");
	jsonw_number(json, "margin", why->margin);
	jsonw_number(json, "base", why->base);
	jsonw_open_array(json, "reasons");
	for (size_t i = 0; i < why->count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "input", model_feature(run->model, why->reasons[i].feature));
		jsonw_number(json, "contribution", why->reasons[i].contribution);
		jsonw_string(json, "text", why->reasons[i].text);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_number(json, "rest", why->rest);
	jsonw_close_object(json);
}

/* Why the other model has no score of it; NULL: it has one. */
static const char *
unscored(const struct replay_run *run, const struct replay_row *row, char text[LACKING_SHOWN])
{
	if (row->reason == REPLAY_FAILED)
		return "the request failed: the log has no score of it";
	if (row->reason == REPLAY_SCORED)
		return row->other >= 0 && row->other <= 1 ? NULL : "the model gives no probability";
	text_copy(text, LACKING_SHOWN, "its record does not name ");
	size_t begin = strlen(text);
	for (size_t i = 0; i < model_features(run->model); i++) {
		if (inputs_absent(run->inputs, i) > 0)
			text_append(text, LACKING_SHOWN, "%s%s", text[begin] != '\0' ? ", " : "",
			    model_feature(run->model, i));
	}
	return text;
}

static double
row_threshold(const struct replay_run *run)
{
	return run->data.threshold != NULL ? run->data.threshold[run->found] : NAN;
}

/* By what the other model decides here. */
static const char *
other_threshold(const struct replay_run *run, double *threshold)
{
	const char *from = replay_threshold_from(run, threshold);
	if (from != NULL)
		return from;
	*threshold = row_threshold(run);
	return isnan(*threshold) ? NULL : "row";
}

static const char *
version_of(const struct replay_run *run)
{
	const struct dataset_column *version = run->data.version;
	uint32_t code = version != NULL ? version->codes[run->found] : DATASET_MISSING;
	return code != DATASET_MISSING ? version->categories[code] : NULL;
}

void
replay_print_request_json(const struct replay_run *run, struct buf *out)
{
	struct replay_row row = replay_row_of(run, run->found);
	struct jsonw json = {.out = out};
	struct replay_why why;
	char lacking[LACKING_SHOWN];
	double threshold;
	const char *from = other_threshold(run, &threshold);
	const char *problem = unscored(run, &row, lacking);
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.replay.request/1");
	jsonw_string(&json, "model", run->file);
	jsonw_string(&json, "request_id", row.id);
	jsonw_int(&json, "row", (int64_t)run->found);
	jsonw_time(&json, "ts", row.ts);
	replay_write_flag(&json, "label", row.label);
	jsonw_open_object(&json, "logged");
	jsonw_string(&json, "version", version_of(run));
	jsonw_number(&json, "score", row.logged);
	jsonw_number(&json, "threshold", row_threshold(run));
	replay_write_flag(&json, "flag", row.logged_flag);
	jsonw_close_object(&json);
	jsonw_open_object(&json, "other");
	jsonw_string(&json, "name", run->other_name);
	jsonw_number(&json, "score", problem == NULL ? row.other : NAN);
	jsonw_number(&json, "threshold", threshold);
	jsonw_string(&json, "threshold_from", from);
	replay_write_flag(&json, "flag", problem == NULL ? row.other_flag : -1);
	if (replay_why(run, run->found, REPLAY_REASONS_MOST, &why))
		replay_write_why(&json, run, &why);
	else
		jsonw_null(&json, "why");
	jsonw_close_object(&json);
	jsonw_string(&json, "unscored", problem);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}

static void
put_side(struct buf *out, const char *name, double score, int flag, double threshold)
{
	static const char *const flags[] = {"-", "passed", "flagged"};
	buf_puts(out, " ");
	replay_put_cut(out, name, NAME_SHOWN);
	if (isnan(score))
		buf_printf(out, " %8s  %s", "-", flags[flag + 1]);
	else
		buf_printf(out, " %8.4f  %s", score, flags[flag + 1]);
	if (!isnan(threshold))
		buf_printf(
		    out, "%*s threshold %g", 9 - (int)strlen(flags[flag + 1]), "", threshold);
	buf_puts(out, "\n");
}

static void
put_why(struct buf *out, const struct replay_run *run)
{
	struct replay_why why;
	if (!replay_why(run, run->found, REPLAY_REASONS_MOST, &why)) {
		if (run->unexplained.text[0] != '\0')
			replay_put_wrapped(out, run->unexplained.text, 1);
		return;
	}
	buf_printf(
	    out, "\n WHY %s SAYS SO, as parts of its margin %+.3f\n", run->other_name, why.margin);
	buf_printf(out, "   all rows on average: %+.2f\n", why.base);
	for (size_t i = 0; i < why.count; i++)
		replay_put_wrapped(out, why.reasons[i].text, 3);
	if (fabs(why.rest) >= 0.005)
		buf_printf(out, "   all else: %+.2f\n", why.rest);
}

void
replay_print_request(const struct replay_run *run, struct buf *out)
{
	static const char *const labels[] = {
	    "not labelled", "honest by its label", "fraud by its label"};
	struct replay_row row = replay_row_of(run, run->found);
	char time[32], lacking[LACKING_SHOWN], title[LACKING_SHOWN] = "";
	const char *problem = unscored(run, &row, lacking), *version = version_of(run);
	double threshold;
	other_threshold(run, &threshold);
	text_append(title, sizeof(title), "request %s, %s%s, %s", row.id, replay_time(time, row.ts),
	    row.ts > 0 ? " UTC" : "", labels[row.label + 1]);
	replay_put_wrapped(out, title, 1);
	buf_printf(out, "\n %-24s %8s  %s\n", "", "SCORE", "DECISION");
	put_side(out, version != NULL ? version : "the log", row.logged, row.logged_flag,
	    row_threshold(run));
	put_side(out, run->other_name, problem == NULL ? row.other : NAN,
	    problem == NULL ? row.other_flag : -1, threshold);
	if (problem != NULL) {
		buf_puts(out, "\n");
		replay_put_wrapped(out, problem, 1);
	} else {
		put_why(out, run);
	}
}
