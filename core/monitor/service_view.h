/* service_view.h: a service, and where its figures come from. Part of a snapshot; see snapshot.h.
 */
#ifndef FRAUDTOP_MONITOR_SERVICE_VIEW_H
#define FRAUDTOP_MONITOR_SERVICE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/replay_view.h"
#include "core/monitor/series_view.h"

enum service_state {
	SERVICE_UNKNOWN, /* nothing heard yet */
	SERVICE_OK,
	SERVICE_SLOW, /* p95 or p99 over its limit */
	SERVICE_FAILING, /* error rate over its limit, or health says so */
	SERVICE_DOWN /* does not answer */
};

/* Where latency and errors come from, best first (DESIGN.md section 8). */
enum figure_source { SOURCE_NONE, SOURCE_LOG, SOURCE_METRICS, SOURCE_PROBE };

struct service_view {
	char name[SNAPSHOT_NAME], url[256], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME],
	    registry[SNAPSHOT_NAME];
	enum service_state state;
	char reason[256]; /* why it is not OK, or why an OK one has no figures, or "" */
	wall_us since; /* when it entered this state */
	char version[SNAPSHOT_NAME]; /* that answers now (health, else log); "" unknown */
	int64_t epoch; /* of the alias, as /health reports it; -1 unknown */
	struct metric rtt_ms, rps, error_rate, p50_ms, p95_ms, p99_ms, age_s;
	enum figure_source latency_source;
	double p99_curve[SNAPSHOT_SPARK];
	size_t curve_points;
	/* The series of `version`, and one over all versions (its drift is left empty). NULL: none.
	 */
	const struct series_view *current, *all;
	const struct replay_view *replay; /* of the series of `version`; NULL: no replay is made */
};

const char *snapshot_state_name(enum service_state state); /* "OK", "SLOW", ... */
const char *snapshot_source_name(enum figure_source source); /* "log", "metrics", ... */

#endif
