/* recent.h: the newest predictions of one series with their features, so that another model can be
 * asked what it would have said of them, and a decision can be explained.
 *
 * At most `rows` of them, and RECENT_ROW_BYTES a row on average: where rows are larger, fewer are
 * kept; beside that the ring itself, at most 16 bytes a row and 24 KiB. A row has its fixed part, 8
 * bytes a feature, and its request id and words beside them. Rows are numbered as they come; a
 * number stays a row's own until it is dropped. */
#ifndef FRAUDTOP_MONITOR_RECENT_H
#define FRAUDTOP_MONITOR_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/pack.h"
#include "core/ingest/record.h"

enum { RECENT_ROW_BYTES = 1024 };

struct recent_row {
	wall_us ts;
	double score, threshold; /* NaN: failed, not logged */
	int8_t decision, label; /* -1 unknown */
	bool failed;
	const char *id; /* "" unknown */
};

struct recent;

struct recent *recent_new(size_t rows);
void recent_free(struct recent *recent); /* NULL is fine */

/* hash: of its request id (join_hash; 0: it has none). */
void recent_add(struct recent *recent, const struct prediction *prediction, uint64_t hash,
    int decision, int label, bool failed);
/* The label of the newest row with this request id; false if there is none. */
bool recent_label(struct recent *recent, const char *id, uint64_t hash, int label);
/* Drops the oldest rows up to the first that is of `from` or later. */
void recent_expire(struct recent *recent, wall_us from);

/* Rows are numbered from recent_first up to recent_end, which is not one. */
uint64_t recent_first(const struct recent *recent);
uint64_t recent_end(const struct recent *recent);
struct recent_row recent_get(const struct recent *recent, uint64_t number);
/* The newest row with this request id; else the newest of this very time whose id begins so (""
 * means that it has none); else recent_end. */
uint64_t recent_find(const struct recent *recent, const char *id, wall_us ts);
/* The row as it was read: its id, time, score and features. Good until the next call. */
const struct prediction *recent_prediction(struct recent *recent, uint64_t number);

/* The newest time of the rows that were dropped for want of room; INT64_MIN: none was. */
wall_us recent_lost(const struct recent *recent);
/* Grows with each row and each label. */
uint64_t recent_changes(const struct recent *recent);
/* Drops the oldest rows, as for want of room, until the rest take no more than that. */
void recent_shrink(struct recent *recent, size_t bytes);
size_t recent_bytes(const struct recent *recent); /* of all rows */
size_t recent_own_bytes(const struct recent *recent); /* of all that is there without one */

/* For a checkpoint; recent_load fills a new one of as many rows. */
void recent_save(const struct recent *recent, struct buf *pack);
void recent_load(struct recent *recent, struct unpack *unpack);

#endif
