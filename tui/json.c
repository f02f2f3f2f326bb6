#include "tui/json.h"

#include <math.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "tui/json_ingest.h"
#include "tui/json_replay.h"
#include "tui/json_series.h"

static void
put_service(struct jsonw *json, const struct service_view *service)
{
	const struct {
		const char *key;
		const struct metric *metric;
	} metrics[] = {{"rtt_ms", &service->rtt_ms}, {"rps", &service->rps},
	    {"error_rate", &service->error_rate}, {"p50_ms", &service->p50_ms},
	    {"p95_ms", &service->p95_ms}, {"p99_ms", &service->p99_ms}, {"age_s", &service->age_s}};
	jsonw_open_object(json, NULL);
	jsonw_string(json, "name", service->name);
	jsonw_string(json, "url", json_word(service->url));
	jsonw_string(json, "state", snapshot_state_name(service->state));
	jsonw_string(json, "reason", json_word(service->reason));
	jsonw_time(json, "since", service->since);
	jsonw_string(json, "model", json_word(service->model));
	jsonw_string(json, "version", json_word(service->version));
	jsonw_string(json, "alias", json_word(service->alias));
	jsonw_string(json, "registry", json_word(service->registry));
	if (service->epoch >= 0)
		jsonw_int(json, "epoch", service->epoch);
	else
		jsonw_null(json, "epoch");
	jsonw_string(json, "latency_source", snapshot_source_name(service->latency_source));
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		json_metric(json, metrics[i].key, metrics[i].metric);
	jsonw_close_object(json);
}

static void
put_version(struct jsonw *json, const struct version_view *version)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "version", version->version);
	jsonw_string(json, "aliases", json_word(version->aliases));
	jsonw_bool(json, "registered", version->registered);
	jsonw_time(json, "created_at", version->created_at);
	jsonw_string(json, "created_by", json_word(version->created_by));
	jsonw_string(json, "sha256", json_word(version->sha256));
	json_metric(json, "threshold", &version->threshold);
	jsonw_string(json, "trained_at", json_word(version->told.trained_at));
	jsonw_string(json, "note", json_word(version->told.note));
	jsonw_open_object(json, "metrics");
	for (size_t i = 0; i < version->told.metrics_count; i++)
		jsonw_number(json, version->told.metrics[i].name, version->told.metrics[i].value);
	jsonw_close_object(json);
	const struct series_view *series = version->series;
	if (series != NULL) {
		jsonw_int(json, "records", (int64_t)series->records);
		json_metric(json, "p99_ms", &series->latency.p99);
		json_metric(json, "error_rate", &series->error_rate);
		json_metric(json, "worst_psi", &series->worst_psi);
		json_metric(json, "precision", &series->quality.precision);
		json_metric(json, "recall", &series->quality.recall);
		json_metric(json, "maturity", &series->quality.maturity);
	}
	jsonw_close_object(json);
}

static void
put_model(struct jsonw *json, const struct model_view *model)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "model", model->model);
	jsonw_open_object(json, "reference");
	jsonw_string(json, "origin", json_word(model->reference.origin));
	jsonw_int(json, "records", (int64_t)model->reference.records);
	jsonw_bool(json, "ready", model->reference.ready);
	jsonw_close_object(json);
	jsonw_open_array(json, "versions");
	for (size_t i = 0; i < model->versions_count; i++)
		put_version(json, &model->versions[i]);
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
put_target(struct jsonw *json, const struct target_view *target)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "registry", target->registry);
	jsonw_string(json, "model", target->model);
	jsonw_string(json, "alias", target->alias);
	jsonw_string(json, "version", json_word(target->version));
	jsonw_string(json, "previous", json_word(target->previous));
	jsonw_bool(json, "known", target->known);
	if (target->read_at != 0)
		jsonw_int(json, "epoch", target->epoch);
	else
		jsonw_null(json, "epoch");
	jsonw_time(json, "changed_at", target->changed_at);
	jsonw_string(json, "changed_by", json_word(target->changed_by));
	jsonw_string(json, "reason", json_word(target->reason));
	jsonw_string(json, "error", json_word(target->error));
	jsonw_close_object(json);
}

static void
put_event(struct jsonw *json, const struct event_view *event)
{
	static const char *const kinds[] = {
	    "version", "alias", "down", "up", "drift", "quality", "slow", "checkpoint", "join"};
	jsonw_open_object(json, NULL);
	jsonw_time(json, "at", event->at);
	jsonw_string(json, "kind", kinds[event->kind]);
	jsonw_string(json, "severity", severity_name(event->severity));
	jsonw_string(json, "service", json_word(event->service));
	jsonw_string(json, "text", event->text);
	jsonw_close_object(json);
}

/* What is watched. */
static void
put_watched(struct jsonw *json, const struct snapshot *snapshot)
{
	jsonw_open_array(json, "services");
	for (size_t i = 0; i < snapshot->services_count; i++)
		put_service(json, &snapshot->services[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "models");
	for (size_t i = 0; i < snapshot->models_count; i++)
		put_model(json, &snapshot->models[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "drift");
	for (size_t i = 0; i < snapshot->series_count; i++)
		json_drift(json, &snapshot->series[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "quality");
	for (size_t i = 0; i < snapshot->series_count; i++)
		json_quality(json, &snapshot->series[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "replay");
	for (size_t i = 0; i < snapshot->services_count; i++) {
		if (snapshot->services[i].replay != NULL)
			json_replay(json, &snapshot->services[i]);
	}
	jsonw_close_array(json);
}

/* What was done, and what happened. */
static void
put_done(struct jsonw *json, const struct snapshot *snapshot, const struct audit_row *actions,
    size_t actions_count)
{
	jsonw_open_array(json, "alerts"); /* no rules in this version */
	jsonw_close_array(json);
	jsonw_open_array(json, "registry");
	for (size_t i = 0; i < snapshot->targets_count; i++)
		put_target(json, &snapshot->targets[i]);
	jsonw_close_array(json);
	jsonw_open_array(json, "actions");
	for (size_t i = 0; i < actions_count; i++) {
		struct buf row = {0};
		audit_row_json(&actions[i], &row);
		jsonw_raw(json, NULL, row.data);
		buf_free(&row);
	}
	jsonw_close_array(json);
	jsonw_open_array(json, "events");
	for (size_t i = 0; i < snapshot->events_count; i++)
		put_event(json, &snapshot->events[i]);
	jsonw_close_array(json);
}

void
json_snapshot(const struct snapshot *snapshot, const struct audit_row *actions,
    size_t actions_count, bool pretty, struct buf *out)
{
	struct jsonw json = {.out = out, .pretty = pretty};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop/1");
	jsonw_time(&json, "made_at", snapshot->made_at);
	jsonw_time(&json, "clock", snapshot->clock);
	jsonw_string(&json, "context", json_word(snapshot->context));
	jsonw_bool(&json, "readonly", snapshot->readonly);
	jsonw_number(&json, "comparison_s", (double)snapshot->comparison_us / 1e6);
	jsonw_number(&json, "quality_s", (double)snapshot->quality_us / 1e6);
	json_metric(&json, "rps", &snapshot->rps);
	put_watched(&json, snapshot);
	put_done(&json, snapshot, actions, actions_count);
	json_ingest(&json, snapshot);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}
