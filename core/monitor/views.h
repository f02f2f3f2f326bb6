/* views.h: numbers of a window: latency, drift, quality. Inside the monitor only. */
#ifndef FRAUDTOP_MONITOR_VIEWS_H
#define FRAUDTOP_MONITOR_VIEWS_H

#include "core/monitor/window.h"

void views_latency(struct latency_view *view, const struct window *window, bool stale);
/* Fills the features (worst first), score, drift_share, worst_* and the severities of both. */
void views_drift(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot);
void views_quality(
    struct series_view *view, const struct window *window, const struct config *config);

/* One column's figures from counts over its reference's fine bins. */
void views_column(struct drift_view *view, const struct profile_feature *reference,
    const uint64_t *current, uint64_t missing, double warning, double critical,
    uint64_t min_samples, struct snapshot *snapshot);

#endif
