#include "tests/kit/fixture.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/monitor/snapshot.h"

static void
fixture_latency(struct latency_view *latency, double p99, double rise, uint64_t n)
{
	latency->p50 = metric_ok(p99 * 0.2, n);
	latency->p90 = metric_ok(p99 * 0.41, n);
	latency->p95 = metric_ok(p99 * 0.56, n);
	latency->p99 = metric_ok(p99, n);
	latency->max = metric_ok(p99 * 1.9, n);
	latency->mean = metric_ok(p99 * 0.26, n);
	latency->curve_points = SNAPSHOT_SPARK;
	for (size_t i = 0; i < SNAPSHOT_SPARK; i++) {
		double wave = 1 + 0.06 * (double)(i * 7 % 5) + (i > 30 ? rise : 0);
		latency->p50_curve[i] = p99 * 0.2 * wave / (1 + rise);
		latency->p95_curve[i] = p99 * 0.56 * wave / (1 + rise);
		latency->p99_curve[i] = p99 * wave / (1 + rise);
	}
	latency->p99_curve[12] = latency->p95_curve[12] = latency->p50_curve[12] = NAN;
	latency->histogram_bins = 24;
	for (size_t i = 0; i < 24; i++) {
		double at = ((double)i - 9) / 4;
		latency->histogram_low_ms[i] = p99 * 0.2 * exp2(((double)i - 9) / 2);
		latency->histogram_count[i] = (uint64_t)(exp(-at * at / 2) * (double)n / 10);
	}
}

static void
fixture_feature(struct snapshot *snapshot, struct drift_view *feature, const char *name, double psi,
    enum severity severity, uint64_t n)
{
	static const char *const numbers[] = {
	    "<1", "1..2", "2..3", "3..5", "5..7", "7..9", "9..12", "12..16", "16..24", ">24"};
	static const char *const words[] = {
	    "grocery", "retail", "travel", "online", "other", "unseen"};
	feature->categorical = strcmp(name, "merchant_category") == 0;
	text_copy(feature->name, sizeof(feature->name), name);
	feature->psi = metric_ok(psi, n);
	feature->js = metric_ok(psi / 3.1, n);
	feature->hellinger = metric_ok(psi / 2.9, n);
	feature->kl = metric_ok(psi * 0.49, n);
	feature->ks = feature->wasserstein = feature->wasserstein_norm = metric_none();
	fixture_verdict(feature, psi, severity, n);
	fixture_data(&feature->data, feature->categorical, psi, n);
	feature->bins = feature->categorical ? 6 : 10;
	feature->labels = snapshot_alloc(snapshot, sizeof(*feature->labels) * feature->bins);
	feature->reference = snapshot_alloc(snapshot, sizeof(double) * feature->bins);
	feature->current = snapshot_alloc(snapshot, sizeof(double) * feature->bins);
	double sum = 0;
	for (size_t i = 0; i < feature->bins; i++) {
		double slope = ((double)i + 0.5) / (double)feature->bins - 0.5;
		text_copy(feature->labels[i], sizeof(*feature->labels),
		    feature->categorical ? words[i] : numbers[i]);
		feature->reference[i] = 1 / (double)feature->bins;
		feature->current[i] = (1 + 3.4 * sqrt(psi) * slope) / (double)feature->bins;
		sum += feature->current[i];
	}
	for (size_t i = 0; i < feature->bins; i++)
		feature->current[i] /= sum;
	feature->curve_points = SNAPSHOT_SPARK;
	for (size_t i = 0; i < SNAPSHOT_SPARK; i++)
		feature->psi_curve[i] = i < 4 ? NAN : i > 34 ? psi : psi > 0.05 ? 0.02 : psi;
}

static void
fixture_quality(struct quality_view *quality, double precision, double recall, double maturity)
{
	quality->predictions = 6340;
	quality->labelled = (uint64_t)(maturity * 6340);
	quality->positives = quality->labelled / 40;
	quality->maturity = metric_ok(maturity, 6340);
	quality->threshold = metric_ok(0.5, 1);
	quality->tp = (uint64_t)(recall * (double)quality->positives);
	quality->fn = quality->positives - quality->tp;
	quality->fp = (uint64_t)((double)quality->tp * (1 / precision - 1));
	quality->tn = quality->labelled - quality->positives - quality->fp;
	quality->precision = fixture_between(precision, 0.019, quality->tp + quality->fp);
	quality->recall = fixture_between(recall, 0.024, quality->positives);
	quality->f1 = metric_ok(2 * precision * recall / (precision + recall), quality->labelled);
	quality->fpr = fixture_between(0.0121, 0.002, quality->labelled - quality->positives);
	quality->roc_auc = fixture_between(0.9731, 0.0004, quality->labelled);
	quality->average_precision = fixture_between(0.8127, 0.0021, quality->labelled);
	quality->mature = maturity >= 0.5;
	quality->label_lag_s = metric_ok(172800, quality->labelled);
	quality->curve_points = SNAPSHOT_CURVE;
	for (size_t i = 0; i < SNAPSHOT_CURVE; i++) {
		double now = (double)i / SNAPSHOT_CURVE;
		quality->precision_curve[i] = now < 0.6 ? 0.92 : precision;
		quality->recall_curve[i] = recall + 0.01 * (double)(i % 3);
		quality->maturity_curve[i] = now < 0.8 ? 0.97 : 1.0 - now;
	}
}

static struct series_view *
fixture_series(struct snapshot *snapshot, const char *service, const char *version)
{
	struct series_view *series = &snapshot->series[snapshot->series_count++];
	text_copy(series->service, sizeof(series->service), service);
	text_copy(series->model, sizeof(series->model), "fraud_classifier");
	text_copy(series->version, sizeof(series->version), version);
	series->first_ts = FIXTURE_NOW - 16 * CLOCK_DAY;
	series->last_ts = FIXTURE_NOW - CLOCK_SECOND;
	series->rejected_rate = series->decision_rate = metric_ok(0.012, 2610);
	series->error_severity = series->latency_severity = series->quality_severity =
	    series->precision_severity = series->recall_severity = series->score_severity =
		series->drift_severity = SEVERITY_OK;
	return series;
}

/* drift: of the worst feature; maturity: share of labels in. */
static struct series_view *
fixture_filled(struct snapshot *snapshot, const char *service, const char *version, double p99,
    double errors, double drift, double precision, double recall, double maturity)
{
	static const char *const names[] = {
	    "transactions_24h", "amount", "distance_from_home", "merchant_category", "hour_of_day"};
	static const double shares[] = {1, 0.39, 0.1, 0.06, 0.02};
	struct series_view *series = fixture_series(snapshot, service, version);
	series->records = 2610;
	series->error_rate = metric_ok(errors, 2610);
	fixture_latency(&series->latency, p99, p99 > 200 ? 3 : 0, 2610);
	series->latency_severity = p99 > 200 ? SEVERITY_WARNING : SEVERITY_OK;
	series->features_count = 5;
	series->features = snapshot_alloc(snapshot, sizeof(*series->features) * 5);
	for (size_t i = 0; i < 5; i++) {
		double psi = drift * shares[i];
		fixture_feature(snapshot, &series->features[i], names[i], psi,
		    psi >= 0.2	 ? SEVERITY_CRITICAL
		    : psi >= 0.1 ? SEVERITY_WARNING
				 : SEVERITY_OK,
		    2610);
	}
	fixture_feature(snapshot, &series->score, "score", drift * 0.7,
	    drift > 0.2 ? SEVERITY_CRITICAL : SEVERITY_OK, 2610);
	series->drift_share = metric_ok(drift > 0.2 ? 0.4 : 0, 5);
	series->worst_psi = metric_ok(drift, 2610);
	text_copy(series->worst_feature, sizeof(series->worst_feature), "transactions_24h");
	series->drift_severity = drift > 0.2 ? SEVERITY_CRITICAL : SEVERITY_OK;
	fixture_quality(&series->quality, precision, recall, maturity);
	series->quality_severity = series->precision_severity =
	    precision < 0.8 ? SEVERITY_CRITICAL : SEVERITY_OK;
	fixture_judged(snapshot, series, drift > 0.2);
	return series;
}

static void
fixture_service(struct snapshot *snapshot, const char *name, enum service_state state, double rps,
    const struct series_view *series)
{
	struct service_view *service = &snapshot->services[snapshot->services_count++];
	text_copy(service->name, sizeof(service->name), name);
	snprintf(service->url, sizeof(service->url), "http://%s:8001", name);
	text_copy(service->model, sizeof(service->model), "fraud_classifier");
	snprintf(service->alias, sizeof(service->alias), "production-%s", name + 6);
	text_copy(service->registry, sizeof(service->registry), "prod");
	service->state = state;
	service->since = FIXTURE_NOW - CLOCK_HOUR;
	service->epoch = 7;
	service->current = service->all = series;
	service->rtt_ms = service->rps = service->error_rate = service->p50_ms = service->p95_ms =
	    service->p99_ms = service->age_s = metric_none();
	service->curve_points = SNAPSHOT_SPARK;
	for (size_t i = 0; i < SNAPSHOT_SPARK; i++)
		service->p99_curve[i] = NAN;
	if (series == NULL)
		return;
	text_copy(service->version, sizeof(service->version), series->version);
	service->latency_source = SOURCE_LOG;
	service->rtt_ms = metric_ok(1.4, 60);
	service->rps = metric_ok(rps, 2610);
	service->error_rate = series->error_rate;
	service->p50_ms = series->latency.p50;
	service->p95_ms = series->latency.p95;
	service->p99_ms = series->latency.p99;
	service->age_s = metric_ok(2, 1);
	memcpy(service->p99_curve, series->latency.p99_curve, sizeof(service->p99_curve));
}

static void
fixture_target(struct snapshot *snapshot, const char *alias, const char *version,
    const char *previous, const char *by, const char *reason)
{
	struct target_view *target = &snapshot->targets[snapshot->targets_count++];
	text_copy(target->registry, sizeof(target->registry), "prod");
	text_copy(target->model, sizeof(target->model), "fraud_classifier");
	text_copy(target->alias, sizeof(target->alias), alias);
	text_copy(target->version, sizeof(target->version), version);
	text_copy(target->previous, sizeof(target->previous), previous);
	target->epoch = 7;
	target->changed_at = FIXTURE_NOW - 25 * CLOCK_MINUTE;
	text_copy(target->changed_by, sizeof(target->changed_by), by);
	text_copy(target->reason, sizeof(target->reason), reason);
	target->known = true;
	target->read_at = FIXTURE_NOW - CLOCK_SECOND;
}

static void
fixture_event(struct snapshot *snapshot, int64_t minutes, enum event_kind kind,
    enum severity severity, const char *service, const char *text)
{
	struct event_view *event = &snapshot->events[snapshot->events_count++];
	event->at = FIXTURE_NOW - minutes * CLOCK_MINUTE;
	event->kind = kind;
	event->severity = severity;
	text_copy(event->service, sizeof(event->service), service);
	text_copy(event->text, sizeof(event->text), text);
}

static void
fixture_version(struct snapshot *snapshot, struct model_view *model, const char *version,
    const char *aliases, const struct series_view *series)
{
	struct version_view *view = &model->versions[model->versions_count++];
	(void)snapshot;
	text_copy(view->version, sizeof(view->version), version);
	text_copy(view->aliases, sizeof(view->aliases), aliases);
	text_copy(view->created_by, sizeof(view->created_by), "alice");
	memset(view->sha256, version[1] == '3' ? 'c' : '4', 64);
	snprintf(view->path, sizeof(view->path), "/srv/models/fraud_%s.json", version);
	view->created_at = FIXTURE_NOW - 16 * CLOCK_DAY;
	view->last_live = version[1] == '1' ? 0 : FIXTURE_NOW - 25 * CLOCK_MINUTE;
	view->threshold = metric_ok(0.5, 1);
	text_copy(view->told.trained_at, sizeof(view->told.trained_at), "2026-01-12T04:10:00Z");
	text_copy(view->told.note, sizeof(view->told.note), "new velocity features");
	view->told.metrics[0] = (struct version_metric){"average_precision", 0.9494};
	view->told.metrics[1] = (struct version_metric){"payments", 18795};
	view->told.metrics_count = version[1] == '1' ? 0 : 2;
	view->registered = true;
	view->series = series;
}

static void
fixture_models(
    struct snapshot *snapshot, const struct series_view *now, const struct series_view *old)
{
	struct model_view *model = snapshot_alloc(snapshot, sizeof(*model));
	snapshot->models = model;
	snapshot->models_count = 1;
	text_copy(model->model, sizeof(model->model), "fraud_classifier");
	text_copy(model->reference.model, sizeof(model->reference.model), "fraud_classifier");
	text_copy(model->reference.origin, sizeof(model->reference.origin), "first 10,000 records");
	model->reference.records = 10000;
	model->reference.ready = true;
	model->versions = snapshot_alloc(snapshot, sizeof(*model->versions) * 3);
	fixture_version(snapshot, model, "13", "production-apac", now);
	fixture_version(snapshot, model, "12", "production-us, production-eu", old);
	fixture_version(snapshot, model, "11", "", NULL);
}

static void
fixture_lines(struct snapshot *snapshot)
{
	static const char *const segments[] = {"retail", "travel", "online"};
	snapshot->lines_count = 120;
	snapshot->lines = snapshot_alloc(snapshot, sizeof(*snapshot->lines) * 120);
	for (int i = 0; i < 120; i++) {
		struct line_view *line = &snapshot->lines[i];
		line->ts = FIXTURE_NOW - (120 - i) * CLOCK_SECOND / 4;
		line->flagged = i % 17 == 3;
		line->rejected = i == 110;
		line->failed = i == 114;
		line->label = i >= 110 ? -1 : i % 17 == 3 ? 1 : i % 5 == 0 ? 0 : -1;
		const char *service = i % 9 == 4 ? "fraud-apac" : i % 2 ? "fraud-eu" : "fraud-us";
		text_copy(line->service, sizeof(line->service), service);
		if (line->rejected) {
			line->ts = 0;
			text_copy(line->text, sizeof(line->text),
			    "{\"ts\":\"2026-01-28T14:06:01Z\",\"decision\":false}");
			continue;
		}
		text_copy(line->version, sizeof(line->version), i % 9 == 4 ? "13" : "12");
		snprintf(line->request_id, sizeof(line->request_id), "%08x-5f7b-4248", i * 2654435);
		snprintf(line->text, sizeof(line->text),
		    "0.%04d %-4s %6.1f ms  amount=%d.50 segment=%s",
		    i * 77 % 9000 + (line->flagged ? 900 : 0), line->flagged ? "FLAG" : "pass",
		    8 + i * 13 % 40 / 2.0, i * 37 % 900, segments[i % 3]);
	}
}

static void
fixture_sources(struct snapshot *snapshot)
{
	snapshot->sources_count = 2;
	snapshot->sources = snapshot_alloc(snapshot, sizeof(*snapshot->sources) * 2);
	for (int i = 0; i < 2; i++) {
		struct source_view *source = &snapshot->sources[i];
		text_copy(source->name, sizeof(source->name), "fraud-eu");
		text_copy(source->path, sizeof(source->path),
		    i == 0 ? "/var/log/fraud/eu.jsonl" : "/var/log/fraud/labels.jsonl");
		source->labels = i == 1;
		source->lines = 88213 >> (i * 2);
		source->accepted = source->lines - 1;
		source->rejected = i == 0 ? 1 : 0;
		source->bytes = 31442311;
		source->lag_s = metric_ok(0.4, 1);
		source->present = true;
	}
	text_copy(snapshot->sources[0].last_reason, sizeof(snapshot->sources[0].last_reason),
	    "line 88213: `score` is missing");
}

struct snapshot *
fixture_snapshot(void)
{
	struct snapshot *snapshot = snapshot_new();
	snapshot->number = 1;
	snapshot->made_at = snapshot->clock = FIXTURE_NOW;
	text_copy(snapshot->context, sizeof(snapshot->context), "prod");
	snapshot->comparison_us = CLOCK_HOUR;
	snapshot->quality_us = 7 * CLOCK_DAY;
	snapshot->services = snapshot_alloc(snapshot, sizeof(*snapshot->services) * 4);
	snapshot->series = snapshot_alloc(snapshot, sizeof(*snapshot->series) * 8);
	snapshot->targets = snapshot_alloc(snapshot, sizeof(*snapshot->targets) * 4);
	snapshot->events = snapshot_alloc(snapshot, sizeof(*snapshot->events) * 8);
	struct series_view *apac =
	    fixture_filled(snapshot, "fraud-apac", "13", 44.8, 0.0005, 0.31, 0.61, 0.889, 0.92);
	struct series_view *us =
	    fixture_filled(snapshot, "fraud-us", "12", 231.7, 0.0031, 0.06, 0.918, 0.86, 0.38);
	struct series_view *eu =
	    fixture_filled(snapshot, "fraud-eu", "12", 38.2, 0.0002, 0.04, 0.923, 0.871, 0.94);
	struct series_view *old =
	    fixture_filled(snapshot, "", "12", 41.0, 0.0003, 0.05, 0.921, 0.868, 0.94);
	struct series_view *now =
	    fixture_filled(snapshot, "", "13", 44.8, 0.0005, 0.31, 0.61, 0.889, 0.92);
	fixture_service(snapshot, "fraud-apac", SERVICE_OK, 410.0, apac);
	fixture_service(snapshot, "fraud-us", SERVICE_SLOW, 588.4, us);
	fixture_service(snapshot, "fraud-eu", SERVICE_OK, 642.1, eu);
	fixture_service(snapshot, "fraud-batch", SERVICE_DOWN, 0, NULL);
	snapshot->services[0].replay = fixture_replay(snapshot, REPLAY_THERE, "13", "12");
	snapshot->services[1].replay = fixture_replay(snapshot, REPLAY_BROKEN, "12", "11");
	snapshot->services[2].replay = fixture_replay(snapshot, REPLAY_BEGUN, "12", "11");
	text_copy(snapshot->services[1].reason, sizeof(snapshot->services[1].reason),
	    "p99 231.7 ms is over 200 ms");
	text_copy(snapshot->services[3].reason, sizeof(snapshot->services[3].reason),
	    "connection refused since 14:02:51; last good answer: version 12");
	snapshot->services[3].age_s = metric_ok(193, 1);
	fixture_target(snapshot, "production-apac", "13", "12", "alice", "new velocity features");
	fixture_target(snapshot, "production-us", "12", "11", "bob", "");
	fixture_target(snapshot, "production-eu", "12", "11", "bob", "");
	fixture_target(snapshot, "production-batch", "", "", "", "");
	snapshot->targets[3].known = false;
	text_copy(snapshot->targets[3].error, sizeof(snapshot->targets[3].error),
	    "no such alias in the registry");
	fixture_models(snapshot, now, old);
	fixture_event(
	    snapshot, 4, EVENT_DOWN, SEVERITY_CRITICAL, "fraud-batch", "down: connection refused");
	fixture_event(snapshot, 22, EVENT_DRIFT, SEVERITY_CRITICAL, "fraud-apac",
	    "drift of transactions_24h: critical (PSI 0.31)");
	fixture_event(
	    snapshot, 24, EVENT_VERSION, SEVERITY_OK, "fraud-apac", "serves 13, before 12");
	fixture_event(snapshot, 25, EVENT_ALIAS, SEVERITY_OK, "fraud-apac",
	    "12 → 13 promoted by alice: new velocity features");
	fixture_lines(snapshot);
	fixture_sources(snapshot);
	snapshot->join = (struct join_view){
	    .pending = 3931, .joined = 18220, .waiting_labels = 12, .duplicates = 1};
	snapshot->rps = metric_ok(1640.5, 7830);
	return snapshot;
}
