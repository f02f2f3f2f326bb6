/* views.h: numbers of a window: latency, drift, soundness of the data, quality. Inside the monitor
 * only. */
#ifndef FRAUDTOP_MONITOR_VIEWS_H
#define FRAUDTOP_MONITOR_VIEWS_H

#include "core/monitor/kept.h"
#include "core/monitor/window.h"

struct views_column { /* a column beside its reference */
	const struct profile_feature *feature;
	const struct model_place *place; /* NULL: the score */
	size_t number; /* of the feature in its model */
	int64_t window_us;
	bool ready; /* it has a reference */
	uint64_t seen; /* records of it */
	enum season season;
	uint64_t min_samples;
	struct kept_column *kept;
	const struct history *history; /* the kept one's */
	const struct history *hours; /* in season, of its ring; else NULL */
	double all[BINS_MAX + 1]; /* the reference by PSI bin, whole */
};

/* The reference of a stretch of buckets by PSI bin, in season that of its hours; returns its
 * (effective) size, 0 if it lacks those hours. */
double views_reference(
    const struct views_column *column, size_t from, size_t until, double *reference);

/* Fills the features (worst first), score, drift_share, worst_*, the severities of both, and the
 * features' data. */
void views_drift(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot);
/* Soundness of one feature's data. */
void views_data(struct data_view *view, const struct views_column *column,
    const struct window *window, const struct config *config);
/* Decisions, volume and duplicates, and the worst of the data; after views_drift. */
void views_rates(
    struct series_view *view, const struct window *window, const struct monitor *monitor);

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
/* Of one model's series. */
void views_attribution(
    struct series_view *view, const struct window *window, const struct config *config);
/* Of several series: the one with the newest change for the worse, else the largest. */
void views_concept(struct series_view *view, const struct window *window);

/* What the window makes of the suites its model is held to. Of one model's series. */
void views_expectations(
    struct series_view *view, const struct window *window, struct snapshot *snapshot);

#endif
