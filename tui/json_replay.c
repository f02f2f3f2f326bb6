#include "tui/json_replay.h"

#include <math.h>

#include "tui/json_series.h"

static void
put_flag(struct jsonw *json, const char *key, int flag)
{
	if (flag < 0)
		jsonw_null(json, key);
	else
		jsonw_bool(json, key, flag == 1);
}

static void
put_side(struct jsonw *json, const char *key, const char *version, const struct replay_side *side,
    const struct replay_figures *figures)
{
	jsonw_open_object(json, key);
	jsonw_string(json, "version", json_word(version));
	jsonw_int(json, "decided", (int64_t)side->decided);
	jsonw_int(json, "flagged", (int64_t)side->flagged);
	json_metric(json, "flag_rate", &figures->flag_rate);
	json_metric(json, "precision", &figures->precision);
	json_metric(json, "recall", &figures->recall);
	json_metric(json, "roc_auc", &figures->roc_auc);
	json_metric(json, "average_precision", &figures->average_precision);
	jsonw_number(json, "mean_score", side->mean_score);
	jsonw_close_object(json);
}

static void
put_test(struct jsonw *json, const char *key, const struct paired_test *test)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "statistic", test->statistic);
	jsonw_number(json, "p_value", test->p_value);
	jsonw_number(json, "difference", test->difference);
	jsonw_open_array(json, "ci");
	jsonw_number(json, NULL, test->interval.low);
	jsonw_number(json, NULL, test->interval.high);
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
put_why(struct jsonw *json, const char *key, const struct why_view *why)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "score", why->score);
	jsonw_number(json, "threshold", why->threshold);
	jsonw_number(json, "margin", why->margin);
	jsonw_number(json, "base", why->base);
	jsonw_number(json, "rest", why->rest);
	jsonw_string(json, "problem", json_word(why->problem));
	jsonw_open_array(json, "reasons");
	for (size_t i = 0; i < why->reasons_count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_number(json, "contribution", why->reasons[i].contribution);
		jsonw_string(json, "text", why->reasons[i].text);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
put_change(struct jsonw *json, const struct replay_change_view *view)
{
	const struct replay_change *change = &view->change;
	jsonw_open_object(json, NULL);
	jsonw_time(json, "ts", change->ts);
	jsonw_string(json, "request_id", json_word(change->id));
	jsonw_number(json, "logged", change->logged);
	jsonw_number(json, "other", change->other);
	put_flag(json, "logged_decision", change->logged_flag);
	put_flag(json, "other_decision", change->other_flag);
	put_flag(json, "label", change->label);
	put_why(json, "why_logged", &view->logged);
	put_why(json, "why_other", &view->other);
	jsonw_close_object(json);
}

static void
put_result(struct jsonw *json, const struct replay_view *view)
{
	static const char *const reasons[REPLAY_REASONS] = {[REPLAY_FAILED] = "failed",
	    [REPLAY_NO_INPUT] = "no_input",
	    [REPLAY_NO_SCORE] = "no_score"};
	static const char *const better[] = {
	    [REPLAY_UNDECIDED] = "undecided", [REPLAY_LOGGED] = "logged", [REPLAY_OTHER] = "other"};
	const struct replay_result *result = &view->result;
	jsonw_int(json, "rows", (int64_t)result->rows);
	jsonw_int(json, "scored", (int64_t)result->scored);
	jsonw_open_object(json, "unscored");
	for (int i = REPLAY_FAILED; i < REPLAY_REASONS; i++)
		jsonw_int(json, reasons[i], (int64_t)result->unscored[i]);
	jsonw_close_object(json);
	jsonw_int(json, "labelled", (int64_t)result->labelled);
	jsonw_int(json, "positives", (int64_t)result->positives);
	json_metric(json, "agreement", &view->agreement);
	jsonw_int(json, "to_flagged", (int64_t)result->to_flagged);
	jsonw_int(json, "to_passed", (int64_t)result->to_passed);
	jsonw_number(json, "psi", result->psi);
	jsonw_number(json, "psi_no_drift_level", result->psi_null);
	put_side(json, "logged", view->logged, &result->logged, &view->logged_figures);
	put_side(json, "other", view->other, &result->other, &view->other_figures);
	put_test(json, "mcnemar", &result->mcnemar);
	put_test(json, "delong", &result->delong);
	jsonw_string(json, "better", better[result->better]);
	jsonw_string(json, "verdict", result->verdict);
	jsonw_open_array(json, "changes");
	for (size_t i = 0; i < view->changes_count; i++)
		put_change(json, &view->changes[i]);
	jsonw_close_array(json);
}

void
json_replay(struct jsonw *json, const struct service_view *service)
{
	const struct replay_view *view = service->replay;
	jsonw_open_object(json, NULL);
	jsonw_string(json, "service", service->name);
	jsonw_string(json, "model", json_word(service->model));
	jsonw_string(json, "logged_version", json_word(view->logged));
	jsonw_string(json, "other_version", json_word(view->other));
	jsonw_bool(json, "by_hand", view->by_hand);
	jsonw_string(json, "progress", replay_progress_name(view->progress));
	jsonw_string(json, "problem", json_word(view->problem));
	jsonw_number(json, "threshold", view->threshold);
	jsonw_int(json, "window", (int64_t)view->window);
	jsonw_bool(json, "whole", view->whole);
	jsonw_int(json, "kept", (int64_t)view->kept);
	jsonw_int(json, "asked", (int64_t)view->asked);
	jsonw_time(json, "made_at", view->progress == REPLAY_THERE ? view->made_at : 0);
	if (view->progress == REPLAY_THERE)
		put_result(json, view);
	jsonw_close_object(json);
}
