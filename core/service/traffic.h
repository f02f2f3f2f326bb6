/* traffic.h: posts simulated payments to scoring services over HTTP, and tells their labels late.
 *
 * Payments arrive at each service as a Poisson process, whether or not it keeps up; one whose
 * service has 64 requests under way is dropped and counted. Which payment goes where is decided by
 * the seed alone. An answered payment gets its label later, after an exponential time.
 * Single-threaded on curl's multi interface; the caller turns it. */
#ifndef FRAUDTOP_SERVICE_TRAFFIC_H
#define FRAUDTOP_SERVICE_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/service/scenario.h"

#define TRAFFIC_MAX_TARGETS 16

struct traffic_options {
	const char *urls[TRAFFIC_MAX_TARGETS]; /* base URLs */
	size_t targets;
	double rate; /* payments a second, a service */
	const char *labels_path; /* NULL: labels are not told */
	double label_delay_s; /* mean */
	enum scenario scenario;
	double speed; /* of the scenario's schedule, and of the labels */
	double drift; /* lowest strength, beside the scenario's */
	uint64_t seed;
};

struct traffic_counts {
	uint64_t sent, answered, refused, failed, dropped,
	    labels; /* refused: 4xx; failed: the rest */
};

struct traffic;

struct traffic *traffic_start(const struct traffic_options *options, struct err *err);
void traffic_free(struct traffic *traffic); /* NULL is fine */

/* Sends what is due, takes what was answered, waits at most max_wait_us for something. Returns true
 * if watch_fd (negative: none) can be read. */
bool traffic_turn(struct traffic *traffic, int64_t max_wait_us, int watch_fd);
struct traffic_counts traffic_counts(const struct traffic *traffic);

#endif
