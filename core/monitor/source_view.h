/* source_view.h: where records come from, how far they are read, and what became of them. Part of a
 * snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_SOURCE_VIEW_H
#define FRAUDTOP_MONITOR_SOURCE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/metric.h"
#include "core/monitor/drift_view.h"

struct refusals;
enum source_kind { SOURCE_FILE, SOURCE_PACKED, SOURCE_TABLE, SOURCE_STDIN };

struct source_view { /* a file: a log or label feed */
	char name[SNAPSHOT_NAME], path[256], table[SNAPSHOT_NAME];
	enum source_kind kind;
	bool labels;
	uint64_t lines, accepted, rejected, late, bytes, behind; /* behind: bytes not read yet */
	uint64_t sampled_out; /* passed over, because one in `sample` is read */
	int64_t sample;
	struct metric lag_s; /* wall clock behind its newest record */
	char last_reason[256]; /* of the last rejected line, or why it cannot be read */
	const struct refusals *refusals; /* core/ingest/refusals.h */
	bool present, finished; /* finished: nothing more will come */
};

struct checkpoint_view { /* what is kept across restarts (checkpoint.h) */
	bool kept; /* one is made now and then */
	bool resumed; /* from one: what stood there was not read again */
	wall_us made_at; /* the newest durable one; 0: none yet */
	char reason[256]; /* why none is kept, or all was read anew; "" */
};

/* How far the logs that were there at the start are read. */
enum catchup_state { CATCHUP_DONE, CATCHUP_RUNNING, CATCHUP_STOPPED };
struct catchup_view {
	enum catchup_state state;
	uint64_t bytes, total; /* read, and in all */
	double bytes_s; /* 0 unknown */
	int64_t left_us; /* -1 unknown */
	int64_t newest_us; /* the figures are of only so much time, the newest; 0: of all so far */
};

struct join_view {
	uint64_t pending, joined, waiting_labels, duplicates, expired, evicted;
	char reason[160]; /* why its files cannot be used, so that predictions go unlabelled; or ""
			   */
};

struct windows_view { /* the windows' memory (room.h) */
	uint64_t most, used; /* bytes */
	uint64_t folded; /* series that are counted as `other` for want of it */
	uint64_t elsewhere; /* records counted so, or as there are too many series */
	uint64_t passed; /* values of features that there was no room for */
};

double catchup_share(const struct catchup_view *catchup); /* of what is read, in [0,1] */
const char *snapshot_kind_name(enum source_kind kind); /* "file", "compressed", ... */

#endif
