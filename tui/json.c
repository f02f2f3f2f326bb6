#include "tui/json.h"

#include <math.h>
#include <string.h>

#include "core/base/jsonw.h"

static void
put_metric(struct jsonw *json, const char *key, const struct metric *metric)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "value", metric->state == METRIC_NONE ? NAN : metric->value);
	jsonw_string(json, "state", metric_state_name(metric->state));
	jsonw_int(json, "n", (int64_t)metric->n);
	if (!isnan(metric->low)) {
		jsonw_number(json, "low", metric->low);
		jsonw_number(json, "high", metric->high);
	}
	jsonw_close_object(json);
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

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
	jsonw_string(json, "url", or_null(service->url));
	jsonw_string(json, "state", snapshot_state_name(service->state));
	jsonw_string(json, "reason", or_null(service->reason));
	jsonw_time(json, "since", service->since);
	jsonw_string(json, "model", or_null(service->model));
	jsonw_string(json, "version", or_null(service->version));
	jsonw_string(json, "alias", or_null(service->alias));
	jsonw_string(json, "registry", or_null(service->registry));
	if (service->epoch >= 0)
		jsonw_int(json, "epoch", service->epoch);
	else
		jsonw_null(json, "epoch");
	jsonw_string(json, "latency_source", snapshot_source_name(service->latency_source));
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(json, metrics[i].key, metrics[i].metric);
	jsonw_close_object(json);
}

static void
put_feature(struct jsonw *json, const char *key, const struct drift_view *view)
{
	jsonw_open_object(json, key);
	jsonw_string(json, "name", view->name);
	jsonw_string(json, "kind", view->categorical ? "categorical" : "numeric");
	put_metric(json, "psi", &view->psi);
	put_metric(json, "js_distance", &view->js);
	put_metric(json, "ks", &view->ks);
	jsonw_number(json, "times_chance", view->chance);
	jsonw_number(json, "chi2_p_value", view->p_value);
	put_metric(json, "missing_reference", &view->data.nulls_reference);
	put_metric(json, "missing_current", &view->data.nulls);
	jsonw_string(json, "severity", severity_name(view->severity));
	jsonw_close_object(json);
}

static void
put_names(struct jsonw *json, const struct series_view *series)
{
	jsonw_string(json, "service", or_null(series->service));
	jsonw_string(json, "model", or_null(series->model));
	jsonw_string(json, "version", or_null(series->version));
}

static void
put_drift(struct jsonw *json, const struct series_view *series)
{
	jsonw_open_object(json, NULL);
	put_names(json, series);
	put_metric(json, "share", &series->drift_share);
	put_metric(json, "worst_psi", &series->worst_psi);
	jsonw_string(json, "worst_feature", or_null(series->worst_feature));
	jsonw_string(json, "severity", severity_name(series->drift_severity));
	jsonw_open_array(json, "features");
	for (size_t i = 0; i < series->features_count; i++)
		put_feature(json, NULL, &series->features[i]);
	jsonw_close_array(json);
	put_feature(json, "score", &series->score);
	put_metric(json, "decision_rate", &series->decision_rate);
	jsonw_close_object(json);
}

static void
put_quality(struct jsonw *json, const struct series_view *series)
{
	const struct quality_view *quality = &series->quality;
	const struct {
		const char *key;
		const struct metric *metric;
	} metrics[] = {{"maturity", &quality->maturity}, {"threshold", &quality->threshold},
	    {"precision", &quality->precision}, {"recall", &quality->recall}, {"f1", &quality->f1},
	    {"fpr", &quality->fpr}, {"roc_auc", &quality->roc_auc},
	    {"average_precision", &quality->average_precision},
	    {"label_lag_s", &quality->label_lag_s}};
	const struct {
		const char *key;
		uint64_t count;
	} counts[] = {{"predictions", quality->predictions}, {"labelled", quality->labelled},
	    {"positives", quality->positives}, {"tp", quality->tp}, {"fp", quality->fp},
	    {"tn", quality->tn}, {"fn", quality->fn}};
	jsonw_open_object(json, NULL);
	put_names(json, series);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		jsonw_int(json, counts[i].key, (int64_t)counts[i].count);
	jsonw_bool(json, "mature", quality->mature);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(json, metrics[i].key, metrics[i].metric);
	jsonw_string(json, "severity", severity_name(series->quality_severity));
	jsonw_string(json, "precision_severity", severity_name(series->precision_severity));
	jsonw_string(json, "recall_severity", severity_name(series->recall_severity));
	jsonw_close_object(json);
}

static void
put_version(struct jsonw *json, const struct version_view *version)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "version", version->version);
	jsonw_string(json, "aliases", or_null(version->aliases));
	jsonw_bool(json, "registered", version->registered);
	jsonw_time(json, "created_at", version->created_at);
	jsonw_string(json, "created_by", or_null(version->created_by));
	jsonw_string(json, "sha256", or_null(version->sha256));
	put_metric(json, "threshold", &version->threshold);
	const struct series_view *series = version->series;
	if (series != NULL) {
		jsonw_int(json, "records", (int64_t)series->records);
		put_metric(json, "p99_ms", &series->latency.p99);
		put_metric(json, "error_rate", &series->error_rate);
		put_metric(json, "worst_psi", &series->worst_psi);
		put_metric(json, "precision", &series->quality.precision);
		put_metric(json, "recall", &series->quality.recall);
		put_metric(json, "maturity", &series->quality.maturity);
	}
	jsonw_close_object(json);
}

static void
put_model(struct jsonw *json, const struct model_view *model)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "model", model->model);
	jsonw_open_object(json, "reference");
	jsonw_string(json, "origin", or_null(model->reference.origin));
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
	jsonw_string(json, "version", or_null(target->version));
	jsonw_string(json, "previous", or_null(target->previous));
	jsonw_bool(json, "known", target->known);
	if (target->read_at != 0)
		jsonw_int(json, "epoch", target->epoch);
	else
		jsonw_null(json, "epoch");
	jsonw_time(json, "changed_at", target->changed_at);
	jsonw_string(json, "changed_by", or_null(target->changed_by));
	jsonw_string(json, "reason", or_null(target->reason));
	jsonw_string(json, "error", or_null(target->error));
	jsonw_close_object(json);
}

static void
put_event(struct jsonw *json, const struct event_view *event)
{
	static const char *const kinds[] = {
	    "version", "alias", "down", "up", "drift", "quality", "slow"};
	jsonw_open_object(json, NULL);
	jsonw_time(json, "at", event->at);
	jsonw_string(json, "kind", kinds[event->kind]);
	jsonw_string(json, "severity", severity_name(event->severity));
	jsonw_string(json, "service", or_null(event->service));
	jsonw_string(json, "text", event->text);
	jsonw_close_object(json);
}

static void
put_source(struct jsonw *json, const struct source_view *source)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "path", source->path);
	jsonw_string(json, "kind", source->labels ? "labels" : "log");
	jsonw_bool(json, "present", source->present);
	jsonw_int(json, "lines", (int64_t)source->lines);
	jsonw_int(json, "accepted", (int64_t)source->accepted);
	jsonw_int(json, "rejected", (int64_t)source->rejected);
	jsonw_int(json, "late", (int64_t)source->late);
	jsonw_int(json, "bytes", (int64_t)source->bytes);
	put_metric(json, "lag_s", &source->lag_s);
	jsonw_string(json, "last_reason", or_null(source->last_reason));
	jsonw_close_object(json);
}

static void
put_ingest(struct jsonw *json, const struct snapshot *snapshot)
{
	uint64_t lines = 0, rejected = 0, late = 0, bytes = 0;
	struct metric lag = metric_none(); /* of the log that is furthest behind */
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		const struct source_view *source = &snapshot->sources[i];
		lines += source->lines;
		rejected += source->rejected;
		late += source->late;
		bytes += source->bytes;
		if (!source->labels && metric_known(&source->lag_s) &&
		    (!metric_known(&lag) || source->lag_s.value > lag.value))
			lag = source->lag_s;
	}
	jsonw_open_object(json, "ingest");
	jsonw_int(json, "lines", (int64_t)lines);
	jsonw_int(json, "rejected", (int64_t)rejected);
	jsonw_int(json, "late", (int64_t)late);
	jsonw_int(json, "bytes", (int64_t)bytes);
	put_metric(json, "lag_s", &lag);
	jsonw_open_array(json, "sources");
	for (size_t i = 0; i < snapshot->sources_count; i++)
		put_source(json, &snapshot->sources[i]);
	jsonw_close_array(json);
	const struct join_view *join = &snapshot->join;
	jsonw_open_object(json, "labels");
	jsonw_int(json, "pending", (int64_t)join->pending);
	jsonw_int(json, "joined", (int64_t)join->joined);
	jsonw_int(json, "waiting", (int64_t)join->waiting_labels);
	jsonw_int(json, "duplicates", (int64_t)join->duplicates);
	jsonw_int(json, "expired", (int64_t)join->expired);
	jsonw_int(json, "evicted", (int64_t)join->evicted);
	jsonw_close_object(json);
	jsonw_close_object(json);
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
	jsonw_string(&json, "context", or_null(snapshot->context));
	jsonw_bool(&json, "readonly", snapshot->readonly);
	jsonw_number(&json, "comparison_s", (double)snapshot->comparison_us / 1e6);
	jsonw_number(&json, "quality_s", (double)snapshot->quality_us / 1e6);
	put_metric(&json, "rps", &snapshot->rps);
	jsonw_open_array(&json, "services");
	for (size_t i = 0; i < snapshot->services_count; i++)
		put_service(&json, &snapshot->services[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "models");
	for (size_t i = 0; i < snapshot->models_count; i++)
		put_model(&json, &snapshot->models[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "drift");
	for (size_t i = 0; i < snapshot->series_count; i++)
		put_drift(&json, &snapshot->series[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "quality");
	for (size_t i = 0; i < snapshot->series_count; i++)
		put_quality(&json, &snapshot->series[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "alerts"); /* no rules in this version */
	jsonw_close_array(&json);
	jsonw_open_array(&json, "registry");
	for (size_t i = 0; i < snapshot->targets_count; i++)
		put_target(&json, &snapshot->targets[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "actions");
	for (size_t i = 0; i < actions_count; i++) {
		struct buf row = {0};
		audit_row_json(&actions[i], &row);
		jsonw_raw(&json, NULL, row.data);
		buf_free(&row);
	}
	jsonw_close_array(&json);
	jsonw_open_array(&json, "events");
	for (size_t i = 0; i < snapshot->events_count; i++)
		put_event(&json, &snapshot->events[i]);
	jsonw_close_array(&json);
	put_ingest(&json, snapshot);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}
