/* collector_rows.h: what the collector knows of each service, target and registry. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_ROWS_H
#define FRAUDTOP_MONITOR_COLLECTOR_ROWS_H

#include "core/config/config.h"
#include "core/monitor/snapshot.h"
#include "core/registry/registry.h"

struct collector_service {
	char name[SNAPSHOT_NAME];
	const struct config_service *config; /* NULL: only seen in a log */
	size_t poll; /* the poller's number; SIZE_MAX if it has no URL */
	enum service_state state;
	wall_us since;
	char version[SNAPSHOT_NAME];
	bool drift_told, quality_told; /* critical was told, and it has not been ok since */
	wall_us concept_told; /* the newest change of the label error that was */
};

struct collector_target {
	struct target_view view;
	const struct config_registry *config;
	int64_t seen_seq; /* newest row of the alias's history that became an event */
};

struct collector_registry {
	const struct config_registry *config;
	struct registry *registry; /* NULL until it could be opened */
};

#endif
