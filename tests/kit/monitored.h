/* monitored.h: predictions for a monitor, and what it makes of them, for the tests of windows. */
#ifndef FRAUDTOP_TESTS_KIT_MONITORED_H
#define FRAUDTOP_TESTS_KIT_MONITORED_H

#include "core/monitor/monitor.h"

struct feature_value monitored_number(const char *name, double value);
struct feature_value monitored_word(const char *name, const char *text);
struct feature_value monitored_missing(const char *name);

/* Of service eu, model m, version 1, without id, segment, label and features: a score of 0.25 that
 * is not flagged, answered with 200 in 10 ms. */
struct prediction monitored_prediction(wall_us ts);
/* Hands it over; the test fails if it is not accepted. */
void monitored_send(struct monitor *monitor, size_t source, const struct prediction *prediction);

/* After a tick. Free it with snapshot_free. */
struct snapshot *monitored_view(struct monitor *monitor);
/* The feature of that name; the test fails if there is none. */
const struct drift_view *monitored_feature(const struct series_view *series, const char *name);

#endif
