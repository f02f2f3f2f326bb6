/* plan.h: what is known of the monitor's series and their references and will never change: so a
 * worker can tell a value's bin while another thread commits.
 *
 * A plan is immutable. Once a series, a column or a reference has come to be, the next commit makes
 * a new one; who holds the old one goes on with it. It points into references that live as long as
 * the monitor. Columns of a model have the model's numbers: those of a plan are the first of those
 * that the model has when a batch is committed. */
#ifndef FRAUDTOP_MONITOR_PLAN_H
#define FRAUDTOP_MONITOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/monitor/snapshot.h"
#include "core/stats/bins_index.h"
#include "core/stats/calibration.h"

struct monitor;

enum plan_kind {
	PLAN_BARREN, /* has no reference, and no value ever */
	PLAN_PLAIN, /* not in the model's profile: only counted */
	PLAN_NUMBERS,
	PLAN_WORDS
};

struct plan_column {
	char name[SNAPSHOT_NAME];
	enum plan_kind kind;
	struct bins bins; /* the reference's own */
	const struct bins_index *index; /* of numbers */
	double low, high;
};

struct plan_model {
	struct plan_column *columns;
	size_t count;
	bool full; /* what comes beyond its columns is passed over */
};

struct plan_series {
	const char *service, *model_name, *version;
	const struct plan_model *model; /* NULL: its records go the long way */
	struct plan_column score;
	const struct calibration_map *map; /* NULL: none was fitted */
	bool attributions; /* are wanted of its records */
};

struct plan {
	struct plan_series *series; /* the monitor's, by their numbers */
	size_t series_count;
};

/* The newest plan of the monitor, NULL if there is none yet. Any thread, at any time. */
const struct plan *plan_take(struct monitor *monitor);
void plan_release(const struct plan *plan); /* NULL is fine */
/* Makes a new one if there is anything new. By whom the monitor belongs to. */
void plan_renew(struct monitor *monitor);

#endif
