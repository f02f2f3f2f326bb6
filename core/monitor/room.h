/* room.h: how much memory the windows take, and what goes when it is more than they may
 * (memory.windows).
 *
 * Counted are all buckets, rows kept whole and references, and, fixed for each series and each of
 * its columns, what pictures keep and need of it. When it is too much, pictures of several series
 * keep nothing from one to the next; then the rarest series is folded: what it holds is dropped,
 * and its records are counted under version `other` of its service and model from then on (where
 * there is none, under `other` of all, by traffic and quality only). The rarest is one of fewer
 * than TALLY_LEAD records ever, if there is such a one, so that names that come once push nothing
 * out; else the one of the fewest lately (tally.h), of those the one silent longest. It comes back
 * when it has a record while a quarter is free, or has become clearly more frequent than the rarest
 * that is kept, whose place it takes: what has just been deployed for what is heard no more. What
 * pictures keep decides nothing of this. References take a quarter at most
 * (then new features are passed over, and new words dropped), rows kept whole another (then the
 * oldest of the series that has most go). What there is of each case is in the snapshot. */
#ifndef FRAUDTOP_MONITOR_ROOM_H
#define FRAUDTOP_MONITOR_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/source_view.h"

struct monitor;
struct model_state;
struct series;
struct reference_column;
struct feature_value;
struct kept;

struct room { /* bytes */
	size_t most, used;
	size_t merged; /* kept by pictures of several series, besides what is used */
	size_t references, recents; /* of what is used */
	size_t freed; /* by folding, since it was given back to the system */
	uint64_t changes; /* series folded and back again, ever */
	uint64_t passed; /* values of features that there was no room for */
	uint64_t elsewhere; /* records counted as `other` for want of room */
};

/* A series is there now, with the columns of its model; it is folded, and what is predicted before
 * `since` is none of it any more; it is back. */
void room_add_series(struct monitor *monitor, const struct series *series);
void room_fold(struct monitor *monitor, struct series *series, wall_us since);
void room_unfold(struct monitor *monitor, struct series *series);
/* A folded one has a record: is it back? */
bool room_returns(struct monitor *monitor, struct series *series, wall_us ts);
/* Is there room for a reference more? And: it is there now, a column of the model. */
bool room_has_column(const struct monitor *monitor);
void room_add_column(struct monitor *monitor, const struct model_state *model);
/* reference_column_add, within the room for words. */
bool room_grow_reference(
    struct monitor *monitor, struct reference_column *column, const struct feature_value *value);
/* Rows of a series came or went. */
void room_count_recent(struct monitor *monitor, struct series *series);
/* What a picture of several series keeps; NULL: nothing, there is no room. */
struct kept *room_new_merged(struct monitor *monitor, size_t columns);

struct windows_view room_view(const struct monitor *monitor);
/* Makes room if there is too little: after each record and label. */
void room_make(struct monitor *monitor);
static inline bool
room_is_ample(const struct room *room)
{
	return room->used < room->most - room->most / 4;
}
static inline bool
room_is_over(const struct room *room)
{
	return room->used + room->merged > room->most || room->recents > room->most / 4;
}

#endif
