/* replay_json.c: a replay as JSON, `fraudtop.replay/1` (docs/replay.md). */
#include <math.h>

#include "core/base/jsonw.h"
#include "tui/commands/replay.h"
#include "tui/replay_write.h"

static void
write_rows(struct jsonw *json, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	replay_write_scored(json, result);
	jsonw_int(json, "lines_refused", (int64_t)run->data.rejected);
	jsonw_int(json, "labelled", (int64_t)result->labelled);
	jsonw_int(json, "positives", (int64_t)result->positives);
	if (run->labels) {
		jsonw_open_object(json, "labels");
		jsonw_int(json, "joined", (int64_t)run->joined);
		jsonw_int(json, "unmatched", (int64_t)run->unmatched);
		jsonw_close_object(json);
	}
}

static void
write_versions(struct jsonw *json, const struct replay_run *run)
{
	const struct dataset_column *version = run->data.version;
	jsonw_open_array(json, "versions");
	for (size_t i = 0; version != NULL && i < version->categories_count; i++)
		jsonw_string(json, NULL, version->categories[i]);
	jsonw_close_array(json);
}

static void
write_inputs(struct jsonw *json, const struct replay_run *run)
{
	jsonw_open_array(json, "missing_values");
	for (size_t i = 0; i < model_features(run->model); i++) {
		uint64_t absent = inputs_absent(run->inputs, i);
		uint64_t empty = inputs_empty(run->inputs, i);
		uint64_t unknown = inputs_unknown(run->inputs, i);
		if (absent + empty + unknown == 0)
			continue;
		jsonw_open_object(json, NULL);
		jsonw_string(json, "input", model_feature(run->model, i));
		jsonw_int(json, "absent", (int64_t)absent);
		jsonw_int(json, "empty", (int64_t)empty);
		jsonw_int(json,
		    model_categorical(run->model, i) ? "unknown_category" : "not_a_number",
		    (int64_t)unknown);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
}

static void
write_decisions(struct jsonw *json, const struct replay_run *run)
{
	double threshold;
	const char *from = replay_threshold_from(run, &threshold);
	jsonw_open_object(json, "decisions");
	replay_write_agreement(json, &run->result);
	jsonw_open_object(json, "logged_by");
	jsonw_int(json, "decision", (int64_t)run->taken[TAKEN_LOGGED]);
	jsonw_int(json, "logged_threshold", (int64_t)run->taken[TAKEN_ROW]);
	jsonw_int(json, "option", (int64_t)run->taken[TAKEN_OPTION]);
	jsonw_int(json, "unknown", (int64_t)run->taken[TAKEN_UNKNOWN]);
	jsonw_close_object(json);
	jsonw_open_object(json, "other_by");
	jsonw_string(json, "from", from);
	jsonw_number(json, "threshold", threshold);
	jsonw_close_object(json);
	jsonw_close_object(json);
}

static void
write_changes(struct jsonw *json, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	struct replay_why why;
	jsonw_open_array(json, "changes");
	for (size_t i = 0; i < result->changes_count; i++) {
		const struct replay_change *change = &result->changes[i];
		jsonw_open_object(json, NULL);
		jsonw_int(json, "row", (int64_t)change->row);
		jsonw_string(json, "request_id", change->id[0] != '\0' ? change->id : NULL);
		jsonw_time(json, "ts", change->ts);
		jsonw_number(json, "logged", change->logged);
		jsonw_number(json, "other", change->other);
		replay_write_flag(json, "logged_flag", change->logged_flag);
		replay_write_flag(json, "other_flag", change->other_flag);
		replay_write_flag(json, "label", change->label);
		if (replay_why(run, change->row, REPLAY_REASONS_MOST, &why))
			replay_write_why(json, run, &why);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
}

void
replay_print_json(const struct replay_run *run, struct buf *out)
{
	struct jsonw json = {.out = out};
	const struct replay_result *result = &run->result;
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.replay/1");
	jsonw_string(&json, "model", run->file);
	write_versions(&json, run);
	write_rows(&json, run);
	write_inputs(&json, run);
	write_decisions(&json, run);
	replay_write_psi(&json, result);
	replay_write_side(&json, "logged", run->logged_name, &result->logged);
	replay_write_side(&json, "other", run->other_name, &result->other);
	replay_write_tests(&json, result);
	replay_write_verdict(&json, result);
	write_changes(&json, run);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}
