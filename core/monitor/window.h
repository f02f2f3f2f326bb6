/* window.h: the buckets of one view, in order of time: of one series, or of several merged.
 *
 * The window ends at the clock, or at the newest record if a source is ahead of it, so that nothing
 * that was accepted is hidden. Slots point into the series where there is only one (no copying),
 * else into what is kept of them (kept.h). */
#ifndef FRAUDTOP_MONITOR_WINDOW_H
#define FRAUDTOP_MONITOR_WINDOW_H

#include "core/monitor/state.h"

struct window {
	const struct series_bucket *slots[SERIES_BUCKETS]; /* oldest first; NULL: empty */
	const struct quality_bucket *quality[SERIES_QUALITY_BUCKETS];
	int64_t quality_first; /* the index of the oldest */
	struct model_state *model; /* NULL, like version: several, with bins of their own */
	const struct version_state *version;
	wall_us end, first_ts, last_ts;
	double rate, threshold;
	struct latency label_lag, positive_lag;
	struct kept *kept; /* of what it is a window of */
	bool passing; /* that is the window's own: there is no room for it */
	struct series *const *list; /* what it is a window of; the caller's */
	size_t list_count;
};

/* count > 0; list must outlive it. The views of drift want a list of one model and version. *kept
 * is that of the same list (it may have grown), NULL at first. */
struct window *window_new(
    struct monitor *monitor, struct kept **kept, struct series *const *list, size_t count);
void window_free(struct window *window);

#endif
