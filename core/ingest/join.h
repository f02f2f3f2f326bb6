/* join.h: joins labels to predictions by request id, in either order of arrival, in bounded memory.
 *
 * A prediction waits for its label until it is `ttl_us` old in event time (then it is counted as
 * expired) or the table is full (then the oldest is dropped, and counted as evicted if it was
 * waiting, as a prediction or as a label). A label that came first waits likewise. A second label
 * for the same prediction: the last wins; it is counted, and reported with the value it replaces so
 * that counts can be corrected. Ids are kept as 64-bit hashes; a false match is one in 2^64 times
 * the pending count. 64 bytes or less a pending prediction. */
#ifndef FRAUDTOP_INGEST_JOIN_H
#define FRAUDTOP_INGEST_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"

/* What the monitor needs again when the label comes. */
struct join_entry {
	wall_us ts; /* of the prediction */
	float score;
	uint32_t series; /* the monitor's number for (service, model, version) */
	int8_t decision; /* 0, 1 */
	int8_t label; /* -1 until known */
};

struct join_stats {
	uint64_t pending; /* predictions without a label */
	uint64_t waiting_labels; /* labels without a prediction */
	uint64_t joined, duplicate_labels, duplicate_predictions, expired, evicted, expired_labels;
};

struct join;

/* At most max_entries predictions and labels are held, labelled ones included until they expire. */
struct join *join_new(size_t max_entries, int64_t ttl_us);
void join_free(struct join *join); /* NULL is fine */

/* A prediction. If its label is here already, sets entry->label and returns true; also if the entry
 * bears its label itself (a label that waits replaces it). An id that is pending or joined already
 * is counted as duplicate and changes nothing; *duplicate (NULL is fine) tells. Without an id ("")
 * nothing is kept. */
bool join_prediction(
    struct join *join, const char *request_id, struct join_entry *entry, bool *duplicate);

/* A label at event time ts. If its prediction is known, fills *entry (with entry->label the new
 * label) and *previous (-1, or the label it replaces) and returns true. Else it waits and false is
 * returned. ts 0 (the feed does not say) is the newest event time the table has seen. */
bool join_label(struct join *join, const char *request_id, wall_us ts, int label,
    struct join_entry *entry, int *previous);

/* Drops what is ttl_us old or older at the event-time clock `now`; O(log n) per entry, since
 * entries come out of order. Joined entries go uncounted. */
void join_expire(struct join *join, wall_us now);

struct join_stats join_stats(const struct join *join);

#endif
