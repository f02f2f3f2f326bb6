/* state.h: the inside of the monitor, shared by those who fill it (monitor*.c, models.c) and those
 * who read it (views*.c). */
#ifndef FRAUDTOP_MONITOR_STATE_H
#define FRAUDTOP_MONITOR_STATE_H

#include <pthread.h>

#include "core/monitor/model_state.h"
#include "core/monitor/monitor.h"
#include "core/monitor/room.h"
#include "core/monitor/series.h"

struct source_state {
	wall_us watermark; /* INT64_MIN: nothing yet */
	mono_us heard; /* when it last brought a record */
	size_t last_series;
	uint32_t weight; /* records that one of its stands for */
};

struct service_kept { /* seen over all its versions */
	char service[SNAPSHOT_NAME];
	struct kept *kept;
};

struct plan;
struct monitor {
	const struct config *config;
	struct series_lengths lengths;
	struct join *join;
	struct series **series;
	size_t series_count, series_capacity;
	struct model_state **models;
	size_t models_count, models_capacity;
	struct source_state *sources;
	size_t sources_count, sources_capacity;
	struct service_kept *services;
	size_t services_count;
	wall_us clock; /* 0: no record yet */
	struct room room;
	bool live;
	pthread_mutex_t plan_lock; /* of the next one only: all else is its owner's */
	const struct plan *plan; /* plan.h; NULL: none yet */
	size_t plan_progress; /* what it was made of */
};

/* monitor.c */
/* A series that is not there yet; there is room for it. */
struct series *monitor_add_series(
    struct monitor *monitor, const char *service, const char *model, const char *version);
/* Drops all that it holds. */
void monitor_empty_series(struct monitor *monitor, struct series *series);
/* The series that counts a record of a folded one: itself, if it is back, else `other`. */
struct series *monitor_back_or_other(struct monitor *monitor, struct series *series, wall_us ts);
/* Is it in time? err says why not, if it is refused. */
enum monitor_verdict monitor_judge(const struct monitor *monitor, const struct source_state *source,
    wall_us ts, wall_us now, struct err *err);
/* What follows if so. */
void monitor_accept(struct monitor *monitor, struct source_state *source, wall_us ts, wall_us now);
struct monitor_how {
	wall_us now;
	const char *service, *model; /* where the record names none */
	bool keep; /* in the recent rows */
};
enum monitor_verdict monitor_add(struct monitor *monitor, struct source_state *source,
    const struct prediction *prediction, uint64_t hash, const struct monitor_how *how,
    struct err *err);

#endif
