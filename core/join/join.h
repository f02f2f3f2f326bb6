/* join.h: joins labels to predictions by request id, in either order of arrival, in bounded memory
 * and, beyond it, in files.
 *
 * A prediction waits for its label until it is `ttl_us` old in event time (then it is counted as
 * expired). A label that came first waits likewise. A second label for the same prediction: the
 * last wins; it is counted, and reported with the value it replaces so that counts can be
 * corrected. Ids are kept as 64-bit hashes (join_hash); a false match is one in 2^64 times the
 * pending count (what of the hash is kept is stated in join.c). At most JOIN_ENTRY_BYTES a pending
 * prediction in memory and as many in the file, all tables and indexes counted.
 *
 * In memory are the newest, up to options.memory bytes with all tables and filters; older ones
 * stand in immutable files of the folder, which are merged in the background: a label costs one
 * read in the usual case, a new id none, or, beyond the room for filters, one of 64 bytes. What
 * each part may take is shared out in budget.h (what is due for a negative: due.h). Without
 * a folder, or when the disk is full, the oldest are dropped, and counted as evicted (stats.h). */
#ifndef FRAUDTOP_JOIN_JOIN_H
#define FRAUDTOP_JOIN_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/join/entry.h"

struct join_options {
	size_t memory; /* bytes; at least 1 MiB is taken */
	/* For the files; NULL: none. Made if it is not there; of one join at a time. */
	const char *folder;
	uint64_t file_bytes; /* at most, in the folder; 0: no limit */
	int64_t ttl_us;
	/* A prediction that has waited so long becomes a negative by assumption, which a label
	 * still corrects. 0: never; else 12 bytes more a pending prediction. */
	int64_t assume_us;
	uint32_t sample; /* keep one id in so many, by its hash; 0 and 1: all */
};

struct join;

struct join *join_new(const struct join_options *options);
void join_free(struct join *join); /* NULL is fine; removes files that no save refers to */

uint64_t join_hash(const char *request_id); /* 0 of "": nothing is kept of it */
/* Is the id among those that are kept? Who is not is no prediction to the counts of quality. */
bool join_sampled(const struct join *join, uint64_t hash);
/* Brings what an id needs near, so that many can be asked for before the first is used. */
void join_prefetch(const struct join *join, uint64_t hash);

/* A prediction. If its label is here already, sets entry->label and returns true; also if the entry
 * bears its label itself (a label that waits replaces it). An id that is pending or joined already
 * is counted as duplicate and changes nothing; *duplicate (NULL is fine) tells. */
bool join_prediction(struct join *join, uint64_t hash, struct join_entry *entry, bool *duplicate);

/* A label at event time ts. If its prediction is known, fills *entry (with entry->label the new
 * label) and *previous (-1, or the label it replaces) and returns true. Else it waits and false is
 * returned. ts 0 (the feed does not say) is the newest event time the table has seen. */
bool join_label(struct join *join, uint64_t hash, wall_us ts, int label, struct join_entry *entry,
    int *previous);

/* Takes the next prediction that is due at the event-time clock `now` (to the whole second, never
 * early) for a negative, and fills *entry. False if there is none. Which are due follows from their
 * times alone, not from the order they came in. */
bool join_due(struct join *join, wall_us now, struct join_entry *entry);

/* Drops what is ttl_us old or older at the event-time clock `now`, to the whole grain_us (1/200,000
 * of ttl_us with 64 MiB and more), never early. Joined entries go uncounted. What comes in when it
 * is that old already, or is further ahead of the others than the counts by age reach (a quarter of
 * ttl_us at least), is not kept, but counted as expired, or evicted. */
void join_expire(struct join *join, wall_us now);

#endif
