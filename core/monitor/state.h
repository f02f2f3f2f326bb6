/* state.h: the inside of the monitor, shared by those who fill it (monitor*.c) and those who read
 * it (views*.c). */
#ifndef FRAUDTOP_MONITOR_STATE_H
#define FRAUDTOP_MONITOR_STATE_H

#include "core/monitor/monitor.h"
#include "core/monitor/reference.h"
#include "core/monitor/series.h"

struct version_state {
	char version[SNAPSHOT_NAME];
	struct reference_column score;
};

struct model_state {
	char name[SNAPSHOT_NAME];
	struct profile *profile; /* NULL: the reference grows from the first records */
	char profile_path[256];
	struct reference_column *features;
	size_t *offsets; /* of a ready column's counts in a bucket; SIZE_MAX until ready */
	size_t features_count;
	size_t counts_size; /* of all ready columns together */
	struct version_state *versions;
	size_t versions_count;
};

struct source_state {
	wall_us watermark; /* INT64_MIN: nothing yet */
	mono_us heard; /* when it last brought a record */
	size_t last_series;
};

struct monitor {
	const struct config *config;
	struct join *join;
	struct series **series;
	size_t series_count, series_capacity;
	struct model_state **models;
	size_t models_count, models_capacity;
	struct source_state *sources;
	size_t sources_count, sources_capacity;
	wall_us clock; /* 0: no record yet */
	bool live;
};

/* monitor_quality.c */
void monitor_count_quality(
    struct monitor *monitor, struct series *series, const struct prediction *prediction);
/* Those that windows.assume_negative_after makes due at the clock. */
void monitor_assume_negatives(struct monitor *monitor);

#endif
