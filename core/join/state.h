/* state.h: the join's parts, for the files of this folder. */
#ifndef FRAUDTOP_JOIN_STATE_H
#define FRAUDTOP_JOIN_STATE_H

#include "core/join/ages.h"
#include "core/join/due.h"
#include "core/join/files.h"
#include "core/join/journal.h"
#include "core/join/stats.h"
#include "core/join/table.h"

enum { JOIN_JOURNALS = 8 };

/* A pass over the table, in bounded steps: what is older than `cut` goes to a file, what is dead
 * goes away, the rest is told to the new journal. */
struct sweep {
	bool on;
	bool flush; /* to a file */
	bool renew; /* the journal: those before are dropped at the end */
	size_t at;
	uint64_t key; /* the last that was seen; what comes in behind it is not of this pass */
	int64_t cut; /* grain */
	bool drop_dead; /* no file has an older version of it */
};

struct journal_name {
	uint64_t seq, length, slots;
};

struct join {
	struct join_options options;
	struct table table;
	size_t high; /* entries in memory from which on some must go */
	struct ages ages;
	struct folder *folder; /* NULL: none */
	struct files files;
	struct journal_name former[JOIN_JOURNALS]; /* journals to be read before the last */
	size_t former_count;
	struct journal *journal; /* NULL: nothing was saved yet */
	bool lacks; /* the journals do not tell all, until a pass with a new one is through */
	struct sweep sweep;
	struct due *due; /* NULL: nothing is assumed */
	wall_us newest; /* the latest event time seen, for labels that have none */
	struct join_stats stats; /* those that only grow */
};

/* What to do after an entry came in, a little at a time. */
void join_work(struct join *join);
/* Makes room in the table at once. */
void join_make_room(struct join *join);
/* Begins a new journal, with everything in memory. False: err. */
bool join_renew_journal(struct join *join, struct err *err);
void join_clear(struct join *join);

#endif
