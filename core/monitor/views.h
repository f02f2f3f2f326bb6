/* views.h: numbers of a window: latency, drift, quality. Inside the monitor only. */
#ifndef FRAUDTOP_MONITOR_VIEWS_H
#define FRAUDTOP_MONITOR_VIEWS_H

#include "core/monitor/window.h"

/* Fills the features (worst first), score, drift_share, worst_* and the severities of both. */
void views_drift(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot);
void views_quality(
    struct series_view *view, const struct window *window, const struct config *config);

#endif
