/* collector_services.c: one row a service: what the polls say and what its log says, in one
 * verdict. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/access.h"
#include "core/monitor/collector_parts.h"
#include "core/monitor/monitor_view.h"

/* So many recent records before a service is called slow or failing by its log. */
enum { JUDGE_LEAST = 50 };

static void
add_service(struct collector *collector, const char *name, const struct config_service *config)
{
	struct collector_service *service = &collector->services[collector->services_count++];
	*service = (struct collector_service){.config = config, .poll = SIZE_MAX};
	text_copy(service->name, sizeof(service->name), name);
	if (config == NULL || config->url[0] == '\0')
		return;
	const struct config_access *access = config_access(collector->config, config->access);
	service->poll = poller_add(collector->poller, config->url,
	    access != NULL ? collector->accesses[access - collector->config->access] : NULL);
}

void
collector_services_open(struct collector *collector)
{
	const struct config *config = collector->config;
	collector->accesses = mem_alloc((config->access_count + 1) * sizeof(*collector->accesses));
	for (size_t i = 0; i < config->access_count; i++)
		collector->accesses[i] = config_access_open(&config->access[i]);
	/* Room for all that are configured and all that the monitor can come to know. */
	collector->services =
	    mem_alloc((config->services_count + MONITOR_SERIES_ALL) * sizeof(*collector->services));
	for (size_t i = 0; i < config->services_count; i++)
		add_service(collector, config->services[i].name, &config->services[i]);
}

void
collector_services_close(struct collector *collector)
{
	for (size_t i = 0; collector->accesses != NULL && i < collector->config->access_count; i++)
		http_access_free(collector->accesses[i]);
	free(collector->accesses);
	free(collector->services);
}

/* Services that only a log names get a row too. */
static void
adopt_seen(struct collector *collector)
{
	const char *names[MONITOR_SERIES_ALL];
	size_t count = monitor_services(collector->monitor, names, MONITOR_SERIES_ALL);
	/* The preview may have seen others. */
	size_t most = collector->config->services_count + MONITOR_SERIES_ALL;
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;
		while (at < collector->services_count &&
		       strcmp(collector->services[at].name, names[i]) != 0)
			at++;
		if (at == collector->services_count && at < most)
			add_service(collector, names[i], NULL);
	}
}

static struct metric
or_stale(struct metric metric, bool stale)
{
	if (stale && metric.state != METRIC_NONE)
		metric.state = METRIC_STALE;
	return metric;
}

/* Latency and errors: the log's where it has them, else /metrics', else the probe's round trip. */
static void
fill_figures(struct service_view *view, const struct series_view *traffic,
    const struct poll_state *poll, bool down)
{
	view->rps = view->error_rate = view->p50_ms = view->p95_ms = view->p99_ms = metric_none();
	if (traffic != NULL) {
		view->rps = or_stale(traffic->rps, down);
		view->error_rate = or_stale(traffic->error_rate, down);
	}
	bool polled = poll != NULL && poll->metrics_known;
	if (polled && !metric_known(&view->rps))
		view->rps = or_stale(metric_ok(poll->rps, poll->requests), down);
	if (polled && !metric_known(&view->error_rate)) /* a log may bear no status */
		view->error_rate = or_stale(metric_ok(poll->error_rate, poll->requests), down);
	if (traffic != NULL && metric_known(&traffic->latency.p50)) {
		view->latency_source = SOURCE_LOG;
		view->p50_ms = or_stale(traffic->latency.p50, down);
		view->p95_ms = or_stale(traffic->latency.p95, down);
		view->p99_ms = or_stale(traffic->latency.p99, down);
		view->curve_points = SNAPSHOT_SPARK;
		memcpy(view->p99_curve, traffic->latency.p99_curve, sizeof(view->p99_curve));
	} else if (poll != NULL && poll->metrics_known && !isnan(poll->p50_ms)) {
		view->latency_source = SOURCE_METRICS;
		view->p50_ms = or_stale(metric_ok(poll->p50_ms, poll->requests), down);
		view->p95_ms = or_stale(metric_ok(poll->p95_ms, poll->requests), down);
		view->p99_ms = or_stale(metric_ok(poll->p99_ms, poll->requests), down);
	} else if (poll != NULL && poll->answered) {
		view->latency_source = SOURCE_PROBE;
		view->p50_ms = or_stale(metric_ok(poll->rtt_ms, 1), down);
	}
}

static enum service_state
judge_traffic(
    struct service_view *view, const struct series_view *traffic, const struct config *config)
{
	const struct metric *errors = &traffic->recent_error_rate;
	if (metric_known(errors) && errors->n >= JUDGE_LEAST &&
	    errors->value >= config->error_warning) {
		snprintf(view->reason, sizeof(view->reason), "%.1f %% of the newest requests fail",
		    errors->value * 100);
		return SERVICE_FAILING;
	}
	const struct metric *p95 = &traffic->recent_p95, *p99 = &traffic->recent_p99;
	if (!metric_known(p99) || p99->n < JUDGE_LEAST)
		return SERVICE_OK;
	if (p99->value >= config->p99_warning_ms || p95->value >= config->p95_ms) {
		snprintf(view->reason, sizeof(view->reason), "lately p95 %.0f ms, p99 %.0f ms",
		    p95->value, p99->value);
		return SERVICE_SLOW;
	}
	return SERVICE_OK;
}

/* A service whose log nobody follows is judged by what its /metrics say, by the same limits. */
static enum service_state
judge_metrics(struct service_view *view, const struct poll_state *poll, const struct config *config)
{
	if (poll->metrics_reason[0] != '\0')
		snprintf(
		    view->reason, sizeof(view->reason), "no figures: %.200s", poll->metrics_reason);
	if (!poll->metrics_known || poll->requests < JUDGE_LEAST)
		return SERVICE_OK;
	if (poll->error_rate >= config->error_warning) {
		snprintf(view->reason, sizeof(view->reason), "%.1f %% of the newest requests fail",
		    poll->error_rate * 100);
		return SERVICE_FAILING;
	}
	if (poll->p99_ms >= config->p99_warning_ms || poll->p95_ms >= config->p95_ms) {
		snprintf(view->reason, sizeof(view->reason), "lately p95 %.0f ms, p99 %.0f ms",
		    poll->p95_ms, poll->p99_ms);
		return SERVICE_SLOW;
	}
	return SERVICE_OK;
}

static enum service_state
judge(struct service_view *view, const struct series_view *traffic, const struct poll_state *poll,
    const struct config *config)
{
	char since[16];
	bool never = poll != NULL && !poll->answered;
	if (poll != NULL && !poll->up && (poll->failures >= 2 || (never && poll->failures > 0))) {
		snprintf(view->reason, sizeof(view->reason), "%.180s since %s", poll->reason,
		    clock_format_time(since, sizeof(since), poll->down_since));
		return SERVICE_DOWN;
	}
	if (poll != NULL && poll->up && !poll->healthy) {
		text_copy(view->reason, sizeof(view->reason), poll->reason);
		return SERVICE_FAILING;
	}
	if (traffic != NULL && traffic->records > 0)
		return judge_traffic(view, traffic, config);
	if (poll != NULL && poll->up)
		return judge_metrics(view, poll, config);
	if (poll != NULL && poll->answered) /* one failed probe alone is no news */
		return SERVICE_OK;
	text_copy(view->reason, sizeof(view->reason),
	    traffic != NULL ? "its log has been silent for longer than the window"
			    : "nothing heard yet");
	return SERVICE_UNKNOWN;
}

/* Of two series of one version, the one of the service's model, else the newer one. */
static bool
is_nearer(const struct series_view *a, const struct series_view *b, const char *model)
{
	bool first = strcmp(a->model, model) == 0, second = strcmp(b->model, model) == 0;
	return first != second ? first : a->last_ts > b->last_ts;
}

/* The version that answers now: as /health says, else that of the newest record. */
static void
find_version(
    struct service_view *view, const struct poll_state *poll, const struct snapshot *snapshot)
{
	const struct series_view *newest = NULL;
	for (size_t i = 0; i < snapshot->series_count; i++) {
		const struct series_view *series = &snapshot->series[i];
		if (strcmp(series->service, view->name) == 0 &&
		    (newest == NULL || series->last_ts > newest->last_ts))
			newest = series;
	}
	if (poll != NULL && poll->version[0] != '\0') {
		text_copy(view->version, sizeof(view->version), poll->version);
		if (poll->model[0] != '\0' && view->model[0] == '\0')
			text_copy(view->model, sizeof(view->model), poll->model);
	} else if (newest != NULL) {
		text_copy(view->version, sizeof(view->version), newest->version);
	}
	if (newest != NULL && view->model[0] == '\0')
		text_copy(view->model, sizeof(view->model), newest->model);
	for (size_t i = 0; i < snapshot->series_count; i++) {
		const struct series_view *series = &snapshot->series[i];
		if (strcmp(series->service, view->name) == 0 &&
		    strcmp(series->version, view->version) == 0 &&
		    (view->current == NULL || is_nearer(series, view->current, view->model)))
			view->current = series;
	}
}

static void
fill_age(struct service_view *view, const struct poll_state *poll,
    const struct series_view *traffic, wall_us now)
{
	wall_us newest = poll != NULL && poll->answered ? poll->last_answer_wall : 0;
	if (traffic != NULL && traffic->last_ts > newest)
		newest = traffic->last_ts;
	view->age_s = newest == 0 ? metric_none()
				  : metric_ok(now > newest ? (double)(now - newest) / 1e6 : 0, 1);
}

/* A figure that wavers about its limit is told once, until it has been well again. */
static bool
is_news(enum severity severity, bool *told)
{
	bool news = severity == SEVERITY_CRITICAL && !*told;
	if (severity == SEVERITY_CRITICAL)
		*told = true;
	else if (severity == SEVERITY_OK)
		*told = false;
	return news;
}

static void
note_state(struct collector *collector, struct collector_service *service,
    const struct service_view *view, wall_us now)
{
	if (view->state != service->state) {
		if (view->state == SERVICE_DOWN)
			collector_event(collector, EVENT_DOWN, SEVERITY_CRITICAL, service->name,
			    now, "down: %.150s", view->reason);
		else if (service->state == SERVICE_DOWN)
			collector_event(
			    collector, EVENT_UP, SEVERITY_OK, service->name, now, "answers again");
		else if (view->state == SERVICE_SLOW || view->state == SERVICE_FAILING)
			collector_event(collector, EVENT_SLOW, SEVERITY_WARNING, service->name, now,
			    "%s: %.150s", view->state == SERVICE_SLOW ? "slow" : "failing",
			    view->reason);
		service->state = view->state;
		service->since = now;
	}
}

/* Tells what changed since the last snapshot. What is read while logs are caught up with is no
 * news, but for what the polls say; how it stands at the end is. */
static void
note_changes(struct collector *collector, struct collector_service *service,
    const struct service_view *view, wall_us now)
{
	bool filling = collector_is_filling(collector);
	if (!filling || view->state == SERVICE_DOWN || service->state == SERVICE_DOWN)
		note_state(collector, service, view, now);
	else if (service->since == 0)
		service->since = now;
	if (filling)
		return;
	if (view->version[0] != '\0' && strcmp(view->version, service->version) != 0) {
		if (service->version[0] != '\0')
			collector_event(collector, EVENT_VERSION, SEVERITY_OK, service->name, now,
			    "serves %.60s, before %.60s", view->version, service->version);
		text_copy(service->version, sizeof(service->version), view->version);
	}
	const struct series_view *series = view->current;
	if (series == NULL)
		return;
	if (is_news(series->drift_severity, &service->drift_told))
		collector_event(collector, EVENT_DRIFT, SEVERITY_CRITICAL, service->name, now,
		    "drift of %.60s critical, PSI %.2f", series->worst_feature,
		    series->worst_psi.value);
	collector_event_concept(collector, service->name, series, now, &service->concept_told);
	bool precision = series->precision_severity == SEVERITY_CRITICAL;
	const char *fallen = precision ? "precision" : "recall";
	double value = precision ? series->quality.precision.value : series->quality.recall.value;
	if (is_news(series->quality_severity, &service->quality_told))
		collector_event(collector, EVENT_QUALITY, SEVERITY_CRITICAL, service->name, now,
		    "%s %.1f %% is below the baseline", fallen, value * 100);
}

/* Does it write its log again since it stopped to answer? Then it is asked now, whatever the
 * back-off. */
static bool
is_logging(const struct series_view *all, const struct poll_state *poll, wall_us now)
{
	return all != NULL && all->last_ts > poll->down_since &&
	       now - all->last_ts < 3 * CLOCK_SECOND;
}

static void
view_service(struct collector *collector, struct collector_service *service,
    struct service_view *view, struct snapshot *snapshot)
{
	const struct poll_state *poll =
	    service->poll != SIZE_MAX ? poller_service(collector->poller, service->poll) : NULL;
	struct series_view *all = snapshot_alloc(snapshot, sizeof(*all));
	if (!monitor_service(collector->monitor, service->name, all))
		all = NULL;
	view->all = all;
	text_copy(view->name, sizeof(view->name), service->name);
	if (service->config != NULL) {
		text_copy(view->url, sizeof(view->url), service->config->url);
		text_copy(view->model, sizeof(view->model), service->config->model);
		text_copy(view->alias, sizeof(view->alias),
		    service->config->alias[0] != '\0' ? service->config->alias : "production");
		const struct config_registry *registry =
		    config_registry_of(collector->config, service->config);
		text_copy(
		    view->registry, sizeof(view->registry), registry != NULL ? registry->name : "");
	}
	view->epoch = poll != NULL ? poll->epoch : -1;
	view->state = judge(view, all, poll, collector->config);
	if (view->state == SERVICE_UNKNOWN && all == NULL && service->config != NULL)
		collector_explain_silence(
		    service->config, snapshot, view->reason, sizeof(view->reason));
	bool down = view->state == SERVICE_DOWN;
	if (down && is_logging(all, poll, snapshot->made_at))
		poller_refresh(collector->poller, service->poll);
	view->rtt_ms = poll != NULL && poll->answered ? or_stale(metric_ok(poll->rtt_ms, 1), down)
						      : metric_none();
	fill_figures(view, all, poll, down);
	find_version(view, poll, snapshot);
	fill_age(view, poll, all, snapshot->made_at);
	note_changes(collector, service, view, snapshot->made_at);
	view->since = service->since;
}

void
collector_services_view(struct collector *collector, struct snapshot *snapshot)
{
	adopt_seen(collector);
	snapshot->services_count = collector->services_count;
	snapshot->services =
	    snapshot_alloc(snapshot, collector->services_count * sizeof(*snapshot->services));
	double rps = 0;
	uint64_t n = 0;
	for (size_t i = 0; i < collector->services_count; i++) {
		struct service_view *view = &snapshot->services[i];
		view_service(collector, &collector->services[i], view, snapshot);
		if (metric_known(&view->rps)) {
			rps += view->rps.value;
			n++;
		}
	}
	snapshot->rps = n > 0 ? metric_ok(rps, n) : metric_none();
}

void
collector_services_moved(struct collector *collector)
{
	wall_us clock = monitor_clock(collector->monitor);
	for (size_t i = 0; i < collector->services_count; i++) {
		struct collector_service *service = &collector->services[i];
		if (service->concept_told < clock)
			service->concept_told = clock;
	}
}
