/* poller.h: asks all services at once, again and again, for health and metrics; never blocks.
 *
 * Each service has its own place in the interval (so that polls spread out), a time-out, and an
 * exponential back-off with jitter up to 30 s after failures; one connection is kept to it. GET
 * <url>/health (JSON) and GET <url>/metrics; of more than 400 services /health at every second, of
 * more than 800 at every third, 1,200 fourth, 1,600 fifth interval while /metrics answers. A
 * /metrics of 404 is no failure: the service has none. State is read with poller_service at any
 * time. */
#ifndef FRAUDTOP_POLL_POLLER_H
#define FRAUDTOP_POLL_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/http.h"

struct poller;

/* All text clean. Rates and quantiles are over the time between the last two good scrapes. */
struct poll_state {
	bool asked, answered; /* ever */
	bool up; /* the last health poll was answered with a status below 500 */
	bool healthy; /* ... and said so: status 2xx and `status` ok/healthy/up/alive */
	char reason[256]; /* why not up or not healthy; "" otherwise */
	bool model_loaded;
	char model[128], version[128]; /* from /health, "" if it does not say */
	int64_t epoch; /* -1 if it does not say */
	int64_t last_answer; /* mono_us of the last answer, 0 never */
	int64_t last_answer_wall;
	int64_t down_since; /* wall_us of the first failure of the present row, 0 when up */
	double rtt_ms; /* of the last health answer; NaN */
	unsigned failures; /* in a row */

	bool metrics_known; /* two good scrapes at least */
	char metrics_reason[256]; /* why /metrics, or its latency, could not be used, or "" */
	double rps, error_rate; /* of requests to the scoring endpoints; NaN if unknown */
	double rejected_rate; /* 4xx */
	double p50_ms, p90_ms, p95_ms, p99_ms;
	uint64_t requests; /* between the two scrapes */
};

struct poller_options {
	int64_t interval_us; /* 0: 1 s */
	int64_t timeout_us; /* 0: 2 s */
	uint64_t seed; /* of the jitter */
};

struct poller *poller_new(
    struct loop *loop, struct http *http, const struct poller_options *options);
void poller_free(struct poller *poller); /* before http_free; NULL is fine */

/* Adds a service by base URL; returns its index. `access`: what it wants to see, NULL for nothing;
 * it must outlive the poller. */
size_t poller_add(struct poller *poller, const char *url, struct http_access *access);
const struct poll_state *poller_service(const struct poller *poller, size_t index);
/* Polls this service now, whatever its back-off. */
void poller_refresh(struct poller *poller, size_t index);
/* How many requests were sent so far, to show the program's own load. */
uint64_t poller_requests(const struct poller *poller);
/* How many requests are under way. */
size_t poller_waiting(const struct poller *poller);

#endif
