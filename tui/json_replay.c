#include "tui/json_replay.h"

#include "tui/json_series.h"
#include "tui/replay_write.h"

static void
put_why(struct jsonw *json, const char *key, const struct why_view *view)
{
	const struct replay_why *why = &view->why;
	jsonw_open_object(json, key);
	jsonw_number(json, "score", view->score);
	jsonw_number(json, "threshold", view->threshold);
	jsonw_string(json, "problem", json_word(view->problem));
	jsonw_number(json, "margin", why->margin);
	jsonw_number(json, "base", why->base);
	jsonw_open_array(json, "reasons");
	for (size_t i = 0; i < why->count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "input", view->inputs[i]);
		jsonw_number(json, "contribution", why->reasons[i].contribution);
		jsonw_string(json, "text", why->reasons[i].text);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_number(json, "rest", why->rest);
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
	replay_write_flag(json, "logged_flag", change->logged_flag);
	replay_write_flag(json, "other_flag", change->other_flag);
	replay_write_flag(json, "label", change->label);
	put_why(json, "why_logged", &view->logged);
	put_why(json, "why_other", &view->other);
	jsonw_close_object(json);
}

static void
put_result(struct jsonw *json, const struct replay_view *view)
{
	const struct replay_result *result = &view->result;
	replay_write_scored(json, result);
	jsonw_int(json, "labelled", (int64_t)result->labelled);
	jsonw_int(json, "positives", (int64_t)result->positives);
	json_metric(json, "maturity", &view->maturity);
	jsonw_open_object(json, "decisions");
	replay_write_agreement(json, result);
	jsonw_close_object(json);
	replay_write_psi(json, result);
	replay_write_side(json, "logged", view->logged, &result->logged);
	replay_write_side(json, "other", view->other, &result->other);
	replay_write_tests(json, result);
	replay_write_verdict(json, result);
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
