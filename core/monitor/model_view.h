/* model_view.h: models, their versions and references, and what an operator moves. Part of a
 * snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_MODEL_VIEW_H
#define FRAUDTOP_MONITOR_MODEL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/series_view.h"

struct version_metric {
	char name[40];
	double value;
};
enum { VERSION_METRICS = 8 };
/* What a version's metadata tell of its training; "" and none where they do not. */
struct version_told {
	char trained_at[40], note[160]; /* as they stand there */
	struct version_metric metrics[VERSION_METRICS];
	size_t metrics_count;
};

/* One version of a model, from the registry and from what was seen. */
struct version_view {
	char version[SNAPSHOT_NAME], created_by[SNAPSHOT_NAME], sha256[65], path[256];
	char aliases[256]; /* that point at it, comma separated */
	wall_us created_at, last_live; /* 0 unknown */
	struct metric threshold;
	struct version_told told;
	bool registered;
	const struct series_view *series; /* over all services; NULL if never seen */
};

/* A (registry, model, alias): what an operator moves. */
struct target_view {
	char registry[SNAPSHOT_NAME], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME];
	char version[SNAPSHOT_NAME], previous[SNAPSHOT_NAME]; /* "" if none */
	int64_t epoch;
	wall_us changed_at;
	char changed_by[SNAPSHOT_NAME], reason[256];
	bool known; /* the registry could be read */
	char error[256]; /* why not */
	wall_us read_at;
};

struct reference_view {
	char model[SNAPSHOT_NAME];
	char origin[256]; /* `profile /etc/...json`, or `first 10,000 records` */
	uint64_t records; /* in it */
	bool from_file, ready; /* not ready: below the minimum, still warming */
};

struct model_view {
	char model[SNAPSHOT_NAME];
	struct reference_view reference;
	struct version_view *versions; /* newest first */
	size_t versions_count;
};

#endif
