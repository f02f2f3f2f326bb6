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
 * stand in immutable files of the folder, so that a label costs one read in the usual case, and an
 * id that is new none, or, beyond the room for filters, one of 64 bytes. Without a folder, or when
 * the disk is full, the oldest are dropped, and counted as evicted, and stats.error says why.
 *
 * Only where asked to (options.assume_us) does a prediction that has waited long enough become a
 * negative by assumption; a real label still corrects it, until the entry expires. */
#ifndef FRAUDTOP_JOIN_JOIN_H
#define FRAUDTOP_JOIN_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/pack.h"

#define JOIN_ENTRY_BYTES 24

/* What the monitor needs again when the label comes. */
struct join_entry {
	wall_us ts; /* of the prediction; kept to the millisecond */
	wall_us label_ts; /* when its label became known; 0 if it has none, or bore it itself */
	double score; /* as join_score keeps it */
	uint32_t series; /* the monitor's number for (service, model, version), below 65,536 */
	uint8_t cohort; /* the series' number for it */
	int8_t decision; /* 0, 1, -1 unknown */
	int8_t label; /* -1 until known */
	bool assumed; /* out of join_label: the label it replaces was an assumption */
};

struct join_stats {
	uint64_t pending; /* predictions without a label */
	uint64_t waiting_labels; /* labels without a prediction */
	uint64_t assumed; /* predictions that are negative by assumption, now */
	uint64_t joined, duplicate_labels, duplicate_predictions, expired, evicted, expired_labels;
	uint64_t sampled_out; /* predictions not kept, by options.sample */
	uint64_t memory_bytes, file_bytes; /* that are used now */
	uint64_t in_files; /* entries there */
	int64_t grain_us; /* to expire waits so much longer at most; see join_expire */
	uint64_t reads; /* of the files, by labels and look-ups */
	char error[160]; /* why the files cannot be used, or "" */
};

struct join_options {
	size_t memory; /* bytes; at least 1 MiB is taken */
	/* For the files; NULL: none. Made if it is not there; of one join at a time. */
	const char *folder;
	uint64_t file_bytes; /* at most, in the folder; 0: no limit */
	int64_t ttl_us;
	int64_t assume_us; /* 0: never; else 12 bytes more a pending prediction */
	uint32_t sample; /* keep one id in so many, by its hash; 0 and 1: all */
};

struct join;

struct join *join_new(const struct join_options *options);
void join_free(struct join *join); /* NULL is fine; removes files that no save refers to */

uint64_t join_hash(const char *request_id); /* 0 of "": nothing is kept of it */
/* A score with the precision that is kept: 24 bits of its distance to 0 or to 1, whichever is
 * nearer. Who counts by an entry's score counts by this one from the beginning. */
double join_score(double score);
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

struct join_stats join_stats(const struct join *join);

/* From now on what comes in is told to a file as well, as after a save: for a join that is empty,
 * so that its first save need not write all that has come in until then at once. False: err. */
bool join_keep(struct join *join, struct err *err);
/* What a checkpoint keeps: everything in memory goes into a file that join_load takes up again (the
 * cost is that of what changed since the last save, or join_keep; else of the whole), the names and
 * lengths of the files into *pack. Files that an earlier save refers to stay until join_saved says
 * that the checkpoint is durable. False: err. */
bool join_save(struct join *join, struct buf *pack, struct err *err);
void join_saved(struct join *join);
/* After join_new, with the same folder: everything as it was at that save, whatever was written
 * afterwards. 2.8 million entries in memory take 100 ms at most. False: err, and the join is empty.
 */
bool join_load(struct join *join, struct unpack *unpack, struct err *err);

#endif
