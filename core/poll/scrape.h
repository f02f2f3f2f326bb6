/* scrape.h: from one exposition, the counters and histograms that tell how a service scores; from
 * two, rates and quantiles.
 *
 * Known names are api_requests_total and api_latency_seconds, and what the usual instrumentations
 * of web frameworks, KServe and TorchServe export. Only scoring endpoints count (predict,
 * invocations, score) where the series name their endpoint. Counter resets are handled series by
 * series; a series that was not there before began at 0. */
#ifndef FRAUDTOP_POLL_SCRAPE_H
#define FRAUDTOP_POLL_SCRAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/poll/exposition.h"

struct scrape; /* owns copies: the exposition may go */

struct scrape_rates {
	double rps, error_rate, rejected_rate; /* NaN if unknown */
	double requests; /* between the two; NaN if nothing counts requests */
	bool quantiles; /* a histogram grew between the two: */
	double p50_ms, p90_ms, p95_ms, p99_ms; /* NaN if not */
};

struct scrape *scrape_new(const struct exposition *exposition, mono_us at);
/* The next one, of an exposition that differs in its values alone from the one `last` was made of:
 * `values` are those of the samples that scrape_wants. It is written into `into`, or is a new one
 * if that is NULL. NULL, and nothing done, where the two may not have the same series. */
struct scrape *scrape_again(
    const struct scrape *last, struct scrape *into, const double *values, mono_us at);
void scrape_free(struct scrape *scrape); /* NULL is fine */
bool scrape_is_empty(const struct scrape *scrape); /* no name in it was known */

/* Whether a sample's name is a known one: what of an exposition is to be kept. */
bool scrape_wants(const char *name, size_t length);

/* The histogram that would tell the latency but for being a native one: in text it has no buckets
 * but +Inf. NULL if there is none. */
const char *scrape_native(const struct scrape *scrape);

void scrape_compare(
    const struct scrape *before, const struct scrape *now, struct scrape_rates *rates);

#endif
