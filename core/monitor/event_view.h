/* event_view.h: what happened, and what was logged, each with its time. Part of a snapshot; see
 * snapshot.h. */
#ifndef FRAUDTOP_MONITOR_EVENT_VIEW_H
#define FRAUDTOP_MONITOR_EVENT_VIEW_H

#include <stdbool.h>

#include "core/base/clock.h"
#include "core/monitor/drift_view.h"

/* Something that happened: a version seen to change, an alias moved, a service down or back, drift.
 */
enum event_kind {
	EVENT_VERSION,
	EVENT_ALIAS,
	EVENT_DOWN,
	EVENT_UP,
	EVENT_DRIFT,
	EVENT_QUALITY,
	EVENT_SLOW,
	EVENT_CHECKPOINT,
	EVENT_JOIN
};
struct event_view {
	wall_us at;
	enum event_kind kind;
	enum severity severity;
	char service[SNAPSHOT_NAME];
	char text[200];
};

/* A line of the prediction log, for the log panel. */
struct line_view {
	wall_us ts; /* 0 of a rejected one */
	char service[SNAPSHOT_NAME], version[SNAPSHOT_NAME], request_id[64]; /* "" unknown */
	char text[320]; /* `0.9312 FLAG   23.4 ms  amount=120.5 ...`, clean */
	bool flagged, failed, rejected;
	int label; /* -1 unknown */
};

#endif
