/* join.h: joins labels to predictions by request id, in either order of arrival, in bounded memory.
 *
 * A prediction waits for its label until it is `ttl_us` old in event time (then it is counted as
 * expired) or the table is full (then the oldest is dropped, and counted as evicted if it was
 * waiting, as a prediction or as a label). A label that came first waits likewise. A second label
 * for the same prediction: the last wins; it is counted, and reported with the value it replaces so
 * that counts can be corrected. Ids are kept as 64-bit hashes; a false match is one in 2^64 times
 * the pending count. 64 bytes or less a pending prediction.
 *
 * Only where asked to (join_assume) does a prediction that has waited long enough become a negative
 * by assumption; a real label still corrects it, until the entry expires. */
#ifndef FRAUDTOP_INGEST_JOIN_H
#define FRAUDTOP_INGEST_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"

/* What the monitor needs again when the label comes. */
struct join_entry {
	wall_us ts; /* of the prediction */
	wall_us label_ts; /* when its label became known; 0 if it has none, or bore it itself */
	double score; /* as join_score keeps it */
	uint32_t series; /* the monitor's number for (service, model, version) */
	uint8_t cohort; /* the series' number for it */
	int8_t decision; /* 0, 1 */
	int8_t label; /* -1 until known */
	bool assumed; /* out of join_label: the label it replaces was an assumption */
};

struct join_stats {
	uint64_t pending; /* predictions without a label */
	uint64_t waiting_labels; /* labels without a prediction */
	uint64_t assumed; /* predictions that are negative by assumption, now */
	uint64_t joined, duplicate_labels, duplicate_predictions, expired, evicted, expired_labels;
};

struct join;

/* At most max_entries predictions and labels are held, labelled ones included until they expire. */
struct join *join_new(size_t max_entries, int64_t ttl_us);
void join_free(struct join *join); /* NULL is fine */

/* From now on a prediction without a label is due `age_us` after its time; 0: never. To be called
 * before the first prediction. */
void join_assume(struct join *join, int64_t age_us);

/* A score with the precision that is kept: 24 bits of its distance to 0 or to 1, whichever is
 * nearer. Who counts by an entry's score counts by this one from the beginning. */
double join_score(double score);

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

/* Takes the next prediction that is due at the event-time clock `now` (to the whole second, never
 * early) for a negative, and fills *entry. False if there is none. Which are due follows from their
 * times alone, not from the order they came in. */
bool join_due(struct join *join, wall_us now, struct join_entry *entry);

/* Drops what is ttl_us old or older at the event-time clock `now`; O(log n) per entry, since
 * entries come out of order. Joined entries go uncounted. */
void join_expire(struct join *join, wall_us now);

struct join_stats join_stats(const struct join *join);

#endif
