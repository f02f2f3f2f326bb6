/* snapshot.h: what every face of the program reads: one immutable picture of everything known.
 *
 * The monitor makes it (monitor.h); screen, JSON, batch, actions and tests only read it. All text
 * in it is clean (base/text.h). Every number that may be unknown is a `struct metric`; a face draws
 * METRIC_NONE as `-`, never as 0. Pointers inside live as long as the snapshot. Rates are per
 * second, latencies milliseconds, shares and probabilities in [0,1], times microseconds since 1970.
 */
#ifndef FRAUDTOP_MONITOR_SNAPSHOT_H
#define FRAUDTOP_MONITOR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/event_view.h"
#include "core/monitor/model_view.h"
#include "core/monitor/service_view.h"
#include "core/monitor/source_view.h"

struct snapshot {
	unsigned holders;
	struct snapshot_block *blocks;
	uint64_t number; /* grows with each snapshot of a collector */
	wall_us made_at; /* wall clock */
	wall_us clock; /* the event-time clock of the windows; 0 before the first record */
	char context[SNAPSHOT_NAME];
	bool readonly; /* forbidden to arm */
	int64_t comparison_us, quality_us;
	struct service_view *services;
	size_t services_count;
	struct series_view *series;
	size_t series_count;
	struct model_view *models;
	size_t models_count;
	struct target_view *targets;
	size_t targets_count;
	struct event_view *events; /* newest first */
	size_t events_count;
	struct catchup_view catchup;
	struct checkpoint_view checkpoint;
	struct source_view *sources;
	size_t sources_count;
	struct line_view *lines; /* by time, newest last */
	size_t lines_count;
	struct join_view join;
	struct windows_view windows;
	const struct asked_view *asked; /* NULL: nothing was asked */
	struct metric rps; /* of all services */
};

struct snapshot *snapshot_new(void);
/* Holders are counted: each hold wants one free; the last one frees it. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot); /* NULL is fine */

/* Zeroed memory that lives as long as the snapshot; for those who fill it. */
void *snapshot_alloc(struct snapshot *snapshot, size_t size);

const struct service_view *snapshot_service(const struct snapshot *snapshot, const char *name);
const struct model_view *snapshot_model(const struct snapshot *snapshot, const char *name);
const struct target_view *snapshot_target(
    const struct snapshot *snapshot, const char *registry, const char *model, const char *alias);

#endif
