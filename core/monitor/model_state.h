/* model_state.h: what a monitor has of a model: its references, and where its features are counted.
 * Inside the monitor only. */
#ifndef FRAUDTOP_MONITOR_MODEL_STATE_H
#define FRAUDTOP_MONITOR_MODEL_STATE_H

#include "core/config/config.h"
#include "core/expect/suite.h"
#include "core/monitor/model_view.h"
#include "core/reference/reference.h"

struct kept;

struct version_state {
	char version[SNAPSHOT_NAME];
	struct reference_column score;
	struct kept *kept; /* of views over all services; NULL: none yet */
};

struct model_place { /* where a feature's state is in the buckets of a series */
	size_t ring;
	size_t offset; /* SIZE_MAX until its reference is ready */
	const struct config_feature *config; /* what is configured of it, or NULL */
	bool extra; /* the model's profile has it not: only counted */
};

struct model_volume { /* as it was with so many records and this end */
	uint64_t records;
	wall_us end;
	struct rate_view view;
};

struct model_state {
	char name[SNAPSHOT_NAME];
	struct profile *profile; /* NULL: the reference grows from the first records */
	char profile_path[256];
	struct suite **suites; /* that its records are held to */
	size_t suites_count;
	struct reference_column *features;
	struct model_place *places;
	size_t features_count;
	size_t *sizes; /* a ring: of all its columns in a bucket */
	struct version_state *versions;
	size_t versions_count;
	struct model_volume volume;
};

#endif
