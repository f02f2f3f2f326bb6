/* metric.h: a number that may be unknown, and a verdict: what all views of a snapshot are made of.
 */
#ifndef FRAUDTOP_MONITOR_METRIC_H
#define FRAUDTOP_MONITOR_METRIC_H

#include <stdbool.h>
#include <stdint.h>

/* How much a number is worth. `warming`: too few samples to judge, drawn muted, never alarms.
 * `stale`: it was true once; the source has been silent since. */
enum metric_state { METRIC_NONE, METRIC_WARMING, METRIC_STALE, METRIC_OK };

struct metric {
	double value; /* NaN in state none */
	double low, high; /* 95 % interval or error bound; NaN if it has none */
	uint64_t n; /* samples behind it */
	enum metric_state state;
};

/* Insufficient is a verdict: too few samples to say. */
enum severity { SEVERITY_INSUFFICIENT, SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL };

struct metric metric_none(void);
struct metric metric_ok(double value, uint64_t n); /* none if value is NaN */
struct metric metric_bounded(double value, double low, double high, uint64_t n);
/* The share k / n with its Wilson interval; none for n = 0. */
struct metric metric_share(uint64_t k, uint64_t n);
/* True if the number may be drawn as a number. */
bool metric_known(const struct metric *metric);
double metric_or_nan(const struct metric *metric); /* its value; NaN if it is not known */

const char *metric_state_name(enum metric_state state); /* "ok", "warming", ... */
const char *severity_name(enum severity severity); /* "ok", "warning", ... */
enum severity severity_worse(enum severity a, enum severity b);

#endif
