/* replay_json.c: a replay as JSON, `fraudtop.replay/1` (docs/replay.md). */
#include <math.h>

#include "core/base/jsonw.h"
#include "tui/commands/replay.h"

static void
write_interval(struct jsonw *json, const char *key, struct interval interval)
{
	if (isnan(interval.low) || isnan(interval.high)) {
		jsonw_null(json, key);
		return;
	}
	jsonw_open_array(json, key);
	jsonw_number(json, NULL, interval.low);
	jsonw_number(json, NULL, interval.high);
	jsonw_close_array(json);
}

void
replay_write_flag(struct jsonw *json, const char *key, int flag)
{
	if (flag < 0)
		jsonw_null(json, key);
	else
		jsonw_bool(json, key, flag == 1);
}

static void
write_rows(struct jsonw *json, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	jsonw_int(json, "rows", (int64_t)result->rows);
	jsonw_int(json, "scored", (int64_t)result->scored);
	jsonw_open_object(json, "unscored");
	jsonw_int(json, "failed", (int64_t)result->unscored[REPLAY_FAILED]);
	jsonw_int(json, "no_input", (int64_t)result->unscored[REPLAY_NO_INPUT]);
	jsonw_int(json, "no_score", (int64_t)result->unscored[REPLAY_NO_SCORE]);
	jsonw_close_object(json);
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
	const struct replay_result *result = &run->result;
	uint64_t compared = result->agree + result->to_flagged + result->to_passed;
	double threshold;
	const char *from = replay_threshold_from(run, &threshold);
	jsonw_open_object(json, "decisions");
	jsonw_int(json, "compared", (int64_t)compared);
	jsonw_int(json, "agree", (int64_t)result->agree);
	jsonw_number(
	    json, "agreement", compared > 0 ? (double)result->agree / (double)compared : NAN);
	jsonw_int(json, "to_flagged", (int64_t)result->to_flagged);
	jsonw_int(json, "to_passed", (int64_t)result->to_passed);
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
write_side(struct jsonw *json, const char *key, const char *name, const struct replay_side *side)
{
	const struct quality_confusion *counts = &side->counts;
	jsonw_open_object(json, key);
	jsonw_string(json, "name", name);
	jsonw_int(json, "decided", (int64_t)side->decided);
	jsonw_int(json, "flagged", (int64_t)side->flagged);
	jsonw_number(json, "flag_rate",
	    side->decided > 0 ? (double)side->flagged / (double)side->decided : NAN);
	jsonw_number(json, "mean_score", side->mean_score);
	jsonw_int(json, "tp", (int64_t)counts->tp);
	jsonw_int(json, "fp", (int64_t)counts->fp);
	jsonw_int(json, "tn", (int64_t)counts->tn);
	jsonw_int(json, "fn", (int64_t)counts->fn);
	jsonw_number(json, "precision", side->precision);
	jsonw_number(json, "recall", side->recall);
	jsonw_number(json, "roc_auc", side->rank.roc_auc);
	jsonw_number(json, "average_precision", side->rank.average_precision);
	jsonw_open_object(json, "ci");
	write_interval(json, "flag_rate", side->flag_rate);
	write_interval(json, "precision", side->precision_interval);
	write_interval(json, "recall", side->recall_interval);
	write_interval(json, "roc_auc", side->rank.roc_auc_interval);
	write_interval(json, "average_precision", side->average_precision_interval);
	jsonw_close_object(json);
	jsonw_close_object(json);
}

static void
open_test(struct jsonw *json, const char *key, const struct paired_test *test)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "difference", test->difference);
	write_interval(json, "ci", test->interval);
	jsonw_number(json, "statistic", test->statistic);
	jsonw_number(json, "p_value", test->p_value);
}

static void
write_tests(struct jsonw *json, const struct replay_result *result)
{
	jsonw_open_object(json, "tests");
	open_test(json, "delong", &result->delong);
	jsonw_close_object(json);
	open_test(json, "mcnemar", &result->mcnemar);
	jsonw_int(json, "only_logged", (int64_t)result->mcnemar.only_first);
	jsonw_int(json, "only_other", (int64_t)result->mcnemar.only_second);
	jsonw_close_object(json);
	open_test(json, "average_precision", &result->average_precision);
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
	jsonw_open_object(&json, "psi");
	jsonw_number(&json, "value", result->psi);
	jsonw_number(&json, "null_level", result->psi_null);
	jsonw_close_object(&json);
	write_side(&json, "logged", run->logged_name, &result->logged);
	write_side(&json, "other", run->other_name, &result->other);
	write_tests(&json, result);
	jsonw_string(&json, "better",
	    result->better == REPLAY_OTHER    ? "other"
	    : result->better == REPLAY_LOGGED ? "logged"
					      : NULL);
	jsonw_string(&json, "verdict", result->verdict);
	write_changes(&json, run);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}
