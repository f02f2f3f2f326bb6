/* views.h: numbers of a window: latency, drift, quality. Inside the monitor only. */
#ifndef FRAUDTOP_MONITOR_VIEWS_H
#define FRAUDTOP_MONITOR_VIEWS_H

#include "core/monitor/window.h"

/* Fills the features (worst first), score, drift_share, worst_* and the severities of both. */
void views_drift(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot);

/* A point of a quality curve covers this many buckets up to it, and needs this many cases. */
enum { VIEWS_CURVE_SPAN = 21, VIEWS_CURVE_LEAST = 10 };

/* The judgement of a window, in this order: what the labels say; what the scores alone lead one to
 * expect (wants score_severity); the groups and their bias (want quality); change over time.
 * snapshot NULL: lists and histograms are left out. */
void views_quality(struct series_view *view, const struct window *window,
    const struct config *config, struct snapshot *snapshot);
void views_estimate(
    struct series_view *view, const struct window *window, const struct monitor *monitor);
void views_cohorts(struct series_view *view, const struct window *window,
    const struct config *config, struct snapshot *snapshot);
/* Of several series: the one with the newest change for the worse, else the largest. */
void views_concept(struct series_view *view, const struct window *window);

#endif
