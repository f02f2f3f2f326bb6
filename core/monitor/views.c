/* views.c: the monitor's part of a snapshot: a view of each series, and of each version over all
 * services. */
#include "core/monitor/views.h"
#include "core/monitor/monitor_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

enum { QUANTILE_LEAST = 100, RATE_LEAST = 20 };

static struct metric
quantile(const struct latency *latency, double q, bool stale)
{
	double us = latency_quantile(latency, q);
	struct metric metric = metric_ok(us / 1000, latency->count);
	if (metric.state == METRIC_NONE)
		return metric;
	metric.low = metric.value * 0.99; /* the sketch's relative error */
	metric.high = metric.value * 1.01;
	/* A quantile of fewer samples than it has tails of is only a guess. */
	if ((double)latency->count * (1 - q) < 1)
		metric.state = METRIC_WARMING;
	if (stale)
		metric.state = METRIC_STALE;
	return metric;
}

static void
fill_histogram(struct latency_view *view, const struct latency *all)
{
	size_t first = 0, last = LATENCY_BUCKETS - 1;
	while (first < LATENCY_BUCKETS && all->buckets[first] == 0)
		first++;
	while (last > first && all->buckets[last] == 0)
		last--;
	if (first == LATENCY_BUCKETS)
		return;
	size_t room = sizeof(view->histogram_count) / sizeof(view->histogram_count[0]);
	size_t per_bin = (last - first) / room + 1;
	view->histogram_bins = (last - first) / per_bin + 1;
	for (size_t i = first; i <= last; i++)
		view->histogram_count[(i - first) / per_bin] += all->buckets[i];
	for (size_t i = 0; i < view->histogram_bins; i++)
		view->histogram_low_ms[i] = latency_bucket_low(first + i * per_bin) / 1000;
}

static void
fill_latency(struct latency_view *view, const struct window *window, bool stale)
{
	struct latency all = {0};
	view->curve_points = SNAPSHOT_SPARK;
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		const struct series_bucket *bucket = window->slots[slot];
		view->p50_curve[slot] = view->p95_curve[slot] = view->p99_curve[slot] = NAN;
		if (bucket == NULL)
			continue;
		const struct kept_quantiles *known = kept_quantiles(window->kept, bucket);
		view->p50_curve[slot] = known->p50;
		view->p95_curve[slot] = known->p95;
		view->p99_curve[slot] = known->p99;
		latency_merge(&all, &bucket->latency);
	}
	view->p50 = quantile(&all, 0.5, stale);
	view->p90 = quantile(&all, 0.9, stale);
	view->p95 = quantile(&all, 0.95, stale);
	view->p99 = quantile(&all, 0.99, stale);
	view->max = metric_ok(all.count > 0 ? all.max_us / 1000 : NAN, all.count);
	view->mean = metric_ok(latency_mean(&all) / 1000, all.count);
	fill_histogram(view, &all);
}

static struct metric
share(uint64_t k, uint64_t n)
{
	if (n == 0)
		return metric_none();
	struct metric metric = metric_ok((double)k / (double)n, n);
	struct interval interval = proportion_wilson(k, n);
	metric.low = interval.low;
	metric.high = interval.high;
	if (n < RATE_LEAST)
		metric.state = METRIC_WARMING;
	return metric;
}

static enum severity
latency_verdict(const struct latency_view *view, const struct config *config)
{
	if (!metric_known(&view->p99) || view->p99.n < QUANTILE_LEAST)
		return SEVERITY_INSUFFICIENT;
	if (view->p99.value >= config->p99_critical_ms)
		return SEVERITY_CRITICAL;
	return view->p99.value >= config->p99_warning_ms || view->p95.value >= config->p95_ms
		   ? SEVERITY_WARNING
		   : SEVERITY_OK;
}

static enum severity
error_verdict(const struct metric *rate, const struct config *config)
{
	if (rate->state != METRIC_OK)
		return SEVERITY_INSUFFICIENT;
	return rate->value >= config->error_critical  ? SEVERITY_CRITICAL
	       : rate->value >= config->error_warning ? SEVERITY_WARNING
						      : SEVERITY_OK;
}

/* The newest twelfth of the window: what the service does now. */
static void
fill_recent(struct series_view *view, const struct window *window, bool stale)
{
	struct latency recent = {0};
	uint64_t n = 0, errors = 0;
	for (size_t slot = SERIES_BUCKETS - SERIES_BUCKETS / 12; slot < SERIES_BUCKETS; slot++) {
		const struct series_bucket *bucket = window->slots[slot];
		if (bucket == NULL)
			continue;
		n += bucket->answered;
		errors += bucket->errors;
		latency_merge(&recent, &bucket->latency);
	}
	view->recent_error_rate = share(errors, n);
	view->recent_p95 = quantile(&recent, 0.95, stale);
	view->recent_p99 = quantile(&recent, 0.99, stale);
}

/* Counts, rates, latency and errors. */
static void
fill_traffic(struct series_view *view, const struct window *window, const struct monitor *monitor)
{
	uint64_t n = 0, volume = 0, answered = 0, errors = 0, rejected = 0, decided = 0,
		 flagged = 0;
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		const struct series_bucket *bucket = window->slots[slot];
		if (bucket == NULL)
			continue;
		n += bucket->n;
		volume += bucket->volume;
		answered += bucket->answered;
		errors += bucket->errors;
		rejected += bucket->rejected;
		decided += bucket->decided;
		flagged += bucket->flagged;
	}
	view->records = n;
	view->weight = n > 0 ? (double)volume / (double)n : 1;
	view->first_ts = window->first_ts;
	view->last_ts = window->last_ts;
	view->rps = metric_ok(window->rate, n);
	view->error_rate = share(errors, answered);
	view->rejected_rate = share(rejected, answered);
	view->decision_rate = share(flagged, decided);
	bool stale = monitor->live && monitor->clock - window->last_ts > CLOCK_MINUTE;
	fill_latency(&view->latency, window, stale);
	view->latency_severity = latency_verdict(&view->latency, monitor->config);
	view->error_severity = error_verdict(&view->error_rate, monitor->config);
	fill_recent(view, window, stale);
}

static void
fill_judgement(struct series_view *view, const struct window *window, const struct monitor *monitor,
    struct snapshot *snapshot)
{
	views_quality(view, window, monitor->config, snapshot);
	views_estimate(view, window, monitor);
	views_cohorts(view, window, monitor->config, snapshot);
	views_concept(view, window);
	views_attribution(view, window, monitor->config);
}

static void
fill_view(struct series_view *view, struct monitor *monitor, struct kept **kept,
    struct series *const *list, size_t count, struct snapshot *snapshot)
{
	struct window *window = window_new(monitor, kept, list, count);
	text_copy(view->service, sizeof(view->service), list[0]->service);
	text_copy(view->model, sizeof(view->model), list[0]->model);
	text_copy(view->version, sizeof(view->version), list[0]->version);
	fill_traffic(view, window, monitor);
	views_drift(view, window, monitor->config, snapshot);
	views_rates(view, window, monitor);
	fill_judgement(view, window, monitor, snapshot);
	views_expectations(view, window, snapshot);
	window_free(window);
}

/* What is kept of a service, found or made. */
static struct kept **
kept_of_service(struct monitor *monitor, const char *service)
{
	for (size_t i = 0; i < monitor->services_count; i++) {
		if (strcmp(monitor->services[i].service, service) == 0)
			return &monitor->services[i].kept;
	}
	size_t count = ++monitor->services_count;
	monitor->services = mem_grow(monitor->services, count, sizeof(*monitor->services));
	struct service_kept *state = &monitor->services[count - 1];
	*state = (struct service_kept){0};
	text_copy(state->service, sizeof(state->service), service);
	return &state->kept;
}

bool
monitor_service(struct monitor *monitor, const char *service, struct series_view *view)
{
	struct series *list[MONITOR_SERIES_ALL];
	size_t count = 0;
	for (size_t i = 0; i < monitor->series_count; i++) {
		if (strcmp(monitor->series[i]->service, service) == 0 &&
		    !monitor->series[i]->folded)
			list[count++] = monitor->series[i];
	}
	if (count == 0)
		return false;
	struct kept **kept =
	    count == 1 ? &list[0]->kept : kept_of_service(monitor, list[0]->service);
	struct window *window = window_new(monitor, kept, list, count);
	fill_traffic(view, window, monitor);
	views_rates(view, window, monitor);
	fill_judgement(view, window, monitor, NULL);
	window_free(window);
	return true;
}

size_t
monitor_services(const struct monitor *monitor, const char **names, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < monitor->series_count; i++) {
		size_t at = 0;
		if (monitor->series[i]->folded)
			continue;
		while (at < count && strcmp(names[at], monitor->series[i]->service) != 0)
			at++;
		if (at == count && count < room)
			names[count++] = monitor->series[i]->service;
	}
	return count;
}

static void
fill_reference(
    struct reference_view *view, const struct model_state *model, const struct config *config)
{
	text_copy(view->model, sizeof(view->model), model->name);
	view->from_file = model->profile != NULL;
	if (view->from_file) {
		view->records = model->profile->records;
		view->ready = true;
		snprintf(view->origin, sizeof(view->origin), "profile %.240s", model->profile_path);
		return;
	}
	for (size_t i = 0; i < model->features_count; i++) {
		const struct reference_column *column = &model->features[i];
		view->records = column->seen > view->records ? column->seen : view->records;
		view->ready |= column->ready;
	}
	snprintf(view->origin, sizeof(view->origin), "first %lld records",
	    (long long)config->reference_records);
}

static void
fill_version(struct series_view *view, struct monitor *monitor, struct kept **kept,
    struct series *const *list, size_t count, struct snapshot *snapshot)
{
	if (count == 1) /* it was seen already */
		*view = snapshot->series[list[0]->shown];
	else
		fill_view(view, monitor, kept, list, count, snapshot);
	view->service[0] = '\0';
}

/* The versions of one model that were seen, each over all services, newest record first. */
static void
fill_model(
    struct model_view *view, struct monitor *monitor, size_t index, struct snapshot *snapshot)
{
	struct model_state *model = monitor->models[index];
	text_copy(view->model, sizeof(view->model), model->name);
	fill_reference(&view->reference, model, monitor->config);
	view->versions = snapshot_alloc(snapshot, model->versions_count * sizeof(*view->versions));
	for (size_t v = 0; v < model->versions_count; v++) {
		struct series *list[MONITOR_SERIES_ALL];
		size_t count = 0;
		for (size_t i = 0; i < monitor->series_count; i++) {
			struct series *series = monitor->series[i];
			if (series->model_index == index && series->version_index == v &&
			    !series->folded)
				list[count++] = series;
		}
		if (count == 0)
			continue;
		struct version_view *version = &view->versions[view->versions_count++];
		text_copy(version->version, sizeof(version->version), model->versions[v].version);
		version->threshold = metric_none();
		struct series_view *series = snapshot_alloc(snapshot, sizeof(*series));
		fill_version(series, monitor, &model->versions[v].kept, list, count, snapshot);
		version->series = series;
	}
}

void
monitor_view(struct monitor *monitor, struct snapshot *snapshot)
{
	snapshot->clock = monitor->clock;
	snapshot->comparison_us = monitor->config->comparison_us;
	snapshot->quality_us = monitor->config->quality_us;
	snapshot->join = monitor_join(monitor);
	snapshot->windows = room_view(monitor);
	snapshot->series =
	    snapshot_alloc(snapshot, monitor->series_count * sizeof(*snapshot->series));
	for (size_t i = 0; i < monitor->series_count; i++) {
		struct series *series = monitor->series[i];
		if (series->folded)
			continue;
		series->shown = snapshot->series_count++;
		fill_view(&snapshot->series[series->shown], monitor, &series->kept,
		    &monitor->series[i], 1, snapshot);
	}
	snapshot->models =
	    snapshot_alloc(snapshot, monitor->models_count * sizeof(*snapshot->models));
	snapshot->models_count = monitor->models_count;
	for (size_t i = 0; i < monitor->models_count; i++)
		fill_model(&snapshot->models[i], monitor, i, snapshot);
}
