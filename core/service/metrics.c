#include "core/service/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { BOUNDS = 20, METHODS = 4, STATUSES = 9, VERSIONS = 64, UNKNOWNS = 64 };

/* Seconds; close together around the targets of DESIGN.md section 6 (100, 200 and 500 ms). */
static const double bounds[BOUNDS] = {0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05,
    0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10};
static const char *const methods[METHODS] = {"GET", "HEAD", "POST", "other"};
static const int statuses[STATUSES] = {200, 400, 404, 405, 413, 422, 500, 503, 0};
static const char *const paths[ENDPOINTS] = {
    "/", "/health", "/metrics", "/predict", "/predict/batch", "other"};

struct version_counts {
	char model[128], version[128];
	uint64_t by_decision[2];
};

struct unknown_count {
	char feature[128];
	uint64_t count;
};

struct metrics {
	pthread_mutex_t lock;
	uint64_t requests[ENDPOINTS][METHODS][STATUSES];
	uint64_t buckets[ENDPOINTS][BOUNDS + 1];
	double seconds[ENDPOINTS];
	struct version_counts versions[VERSIONS]; /* the last one takes what does not fit */
	size_t versions_count;
	struct unknown_count unknowns[UNKNOWNS];
	size_t unknowns_count;
};

struct metrics *
metrics_new(void)
{
	struct metrics *metrics = mem_alloc(sizeof(*metrics));
	pthread_mutex_init(&metrics->lock, NULL);
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

const char *
metrics_endpoint_path(enum metrics_endpoint endpoint)
{
	return paths[endpoint];
}

void
metrics_request(struct metrics *metrics, enum metrics_endpoint endpoint, const char *method,
    int status, double seconds)
{
	size_t m = 0, s = 0, b = 0;
	while (m < METHODS - 1 && strcmp(methods[m], method) != 0)
		m++;
	while (s < STATUSES - 1 && statuses[s] != status)
		s++;
	while (b < BOUNDS && seconds > bounds[b])
		b++;
	pthread_mutex_lock(&metrics->lock);
	metrics->requests[endpoint][m][s]++;
	metrics->buckets[endpoint][b]++;
	metrics->seconds[endpoint] += seconds;
	pthread_mutex_unlock(&metrics->lock);
}

void
metrics_prediction(struct metrics *metrics, const char *model, const char *version, bool flagged)
{
	pthread_mutex_lock(&metrics->lock);
	size_t i = 0;
	while (i < metrics->versions_count && (strcmp(metrics->versions[i].version, version) != 0 ||
						  strcmp(metrics->versions[i].model, model) != 0))
		i++;
	if (i == metrics->versions_count && i < VERSIONS) {
		bool last = i == VERSIONS - 1;
		text_copy(metrics->versions[i].model, sizeof(metrics->versions[i].model),
		    last ? "other" : model);
		text_copy(metrics->versions[i].version, sizeof(metrics->versions[i].version),
		    last ? "other" : version);
		metrics->versions_count++;
	}
	metrics->versions[i < VERSIONS ? i : VERSIONS - 1].by_decision[flagged]++;
	pthread_mutex_unlock(&metrics->lock);
}

void
metrics_unknown_category(struct metrics *metrics, const char *feature)
{
	pthread_mutex_lock(&metrics->lock);
	size_t i = 0;
	while (i < metrics->unknowns_count && strcmp(metrics->unknowns[i].feature, feature) != 0)
		i++;
	if (i == metrics->unknowns_count && i < UNKNOWNS) {
		text_copy(metrics->unknowns[i].feature, sizeof(metrics->unknowns[i].feature),
		    i == UNKNOWNS - 1 ? "other" : feature);
		metrics->unknowns_count++;
	}
	metrics->unknowns[i < UNKNOWNS ? i : UNKNOWNS - 1].count++;
	pthread_mutex_unlock(&metrics->lock);
}

void
metrics_write_label(struct buf *out, const char *value)
{
	buf_append(out, "\"", 1);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_append(out, "\\", 1);
		buf_append(out, value, 1); /* no newline: the values are clean */
	}
	buf_append(out, "\"", 1);
}

static void
write_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
metrics_write_one(
    struct buf *out, const char *name, const char *type, const char *help, double value)
{
	char number[32];
	write_head(out, name, type, help);
	buf_printf(out, "%s %s\n", name, jsonw_format_double(number, sizeof(number), value));
}

static void
write_requests(const struct metrics *metrics, struct buf *out)
{
	write_head(out, "api_requests_total", "counter", "Requests answered.");
	for (int e = 0; e < ENDPOINTS; e++) {
		for (int m = 0; m < METHODS; m++) {
			for (int s = 0; s < STATUSES; s++) {
				char status[8] = "other";
				if (metrics->requests[e][m][s] == 0)
					continue;
				if (statuses[s] != 0)
					snprintf(status, sizeof(status), "%d", statuses[s]);
				buf_printf(out,
				    "api_requests_total{endpoint=\"%s\",method=\"%s\",status=\"%"
				    "s\"} "
				    "%" PRIu64 "\n",
				    paths[e], methods[m], status, metrics->requests[e][m][s]);
			}
		}
	}
}

static void
write_latency(const struct metrics *metrics, struct buf *out)
{
	char number[32];
	write_head(
	    out, "api_latency_seconds", "histogram", "Time from a request's head to its answer.");
	for (int e = 0; e < ENDPOINTS; e++) {
		uint64_t sum = 0;
		for (int b = 0; b <= BOUNDS; b++)
			sum += metrics->buckets[e][b];
		if (sum == 0 && e != ENDPOINT_PREDICT)
			continue;
		sum = 0;
		for (int b = 0; b <= BOUNDS; b++) {
			sum += metrics->buckets[e][b];
			buf_printf(out,
			    "api_latency_seconds_bucket{endpoint=\"%s\",le=\"%s\"} %" PRIu64 "\n",
			    paths[e],
			    b < BOUNDS ? jsonw_format_double(number, sizeof(number), bounds[b])
				       : "+Inf",
			    sum);
		}
		buf_printf(out, "api_latency_seconds_sum{endpoint=\"%s\"} %.9g\n", paths[e],
		    metrics->seconds[e]);
		buf_printf(
		    out, "api_latency_seconds_count{endpoint=\"%s\"} %" PRIu64 "\n", paths[e], sum);
	}
}

static void
write_predictions(const struct metrics *metrics, struct buf *out)
{
	static const char *const decisions[] = {"legit", "fraud"};
	write_head(out, "fraud_predictions_total", "counter", "Payments scored.");
	for (size_t i = 0; i < metrics->versions_count; i++) {
		for (int d = 0; d < 2; d++) {
			buf_puts(out, "fraud_predictions_total{model=");
			metrics_write_label(out, metrics->versions[i].model);
			buf_puts(out, ",version=");
			metrics_write_label(out, metrics->versions[i].version);
			buf_printf(out, ",decision=\"%s\"} %" PRIu64 "\n", decisions[d],
			    metrics->versions[i].by_decision[d]);
		}
	}
	write_head(out, "fraudtop_unknown_categories_total", "counter",
	    "Category words that the model has no code for, scored as missing.");
	for (size_t i = 0; i < metrics->unknowns_count; i++) {
		buf_puts(out, "fraudtop_unknown_categories_total{feature=");
		metrics_write_label(out, metrics->unknowns[i].feature);
		buf_printf(out, "} %" PRIu64 "\n", metrics->unknowns[i].count);
	}
}

void
metrics_write(struct metrics *metrics, struct buf *out)
{
	pthread_mutex_lock(&metrics->lock);
	write_requests(metrics, out);
	write_latency(metrics, out);
	write_predictions(metrics, out);
	pthread_mutex_unlock(&metrics->lock);
}
