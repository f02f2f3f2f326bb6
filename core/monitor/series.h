/* series.h: the mergeable state of one (service, model, version): rings of time buckets.
 *
 * Traffic is in SERIES_BUCKETS buckets of latency, errors and decisions; features and scores are in
 * rings (ring.h), one for each length of a comparison window; quality is in series_quality.h. A
 * bucket's place is its time divided by its length: records of one time fall into one bucket in
 * whatever order they come, and a window is a sum of buckets. Memory is allocated when a bucket is
 * first used and reused after; it does not grow with traffic. */
#ifndef FRAUDTOP_MONITOR_SERIES_H
#define FRAUDTOP_MONITOR_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/monitor/attributions.h"
#include "core/expect/expectations.h"
#include "core/monitor/recent.h"
#include "core/monitor/ring.h"
#include "core/monitor/series_bucket.h"
#include "core/monitor/series_quality.h"
#include "core/monitor/tally.h"
#include "core/monitor/unseen.h"

struct series {
	char service[SNAPSHOT_NAME], model[SNAPSHOT_NAME], version[SNAPSHOT_NAME];
	struct tally tally; /* of its name: it stays when the series is emptied */
	int64_t bucket_us;
	wall_us first_ts, last_ts;
	uint64_t records;
	double threshold; /* of the newest record; NaN */
	int64_t second_index[SERIES_SECONDS];
	uint32_t second_count[SERIES_SECONDS];
	size_t second; /* the place of the last one counted, and the times it holds */
	wall_us second_from, second_until;
	struct series_bucket *buckets[SERIES_BUCKETS + SERIES_SLACK];
	struct series_bucket *last; /* looked for, and the times it holds */
	wall_us from, until;
	struct ring *rings; /* of features, as lengths has them */
	struct ring_bucket **now; /* of each, for the record at hand; NULL: it is too old */
	size_t rings_count;
	struct ring scores;
	struct unseen **unseen; /* a feature of the model, or NULL */
	size_t unseen_count;
	struct series_quality quality;
	struct attributions attributions;
	struct expectations expectations;
	struct kept *kept; /* of views of it alone (kept.h); NULL: none yet */
	struct recent *recent; /* NULL: none yet */
	size_t recent_rows, recent_own; /* its bytes, as room.c has them */
	size_t number; /* its place in the monitor's list */
	size_t shown; /* and in that of the newest picture */
	size_t model_index; /* the monitor's */
	size_t version_index; /* of the score reference within the model */
	bool mixed; /* of several models: traffic and quality only */
	bool folded; /* it holds nothing, and its records are counted as `other` (room.h) */
	wall_us since; /* what was predicted before it is not of what it holds */
	size_t *used; /* its memory is added up there */
};

/* Its quality, attributions and expectations are the caller's to begin; its memory is added up in
 * *used. */
struct series *series_new(const char *service, const char *model, const char *version,
    const struct series_lengths *lengths, size_t *used);
void series_free(struct series *series); /* NULL is fine */
/* Drops all that it holds; its quality, attributions and expectations are to be begun again. */
void series_empty(struct series *series, const struct series_lengths *lengths);

/* The bucket of a time, made ready for it, or NULL if the ring has moved past it. */
struct series_bucket *series_bucket_at(struct series *series, wall_us ts);
/* Records between two times, by whole buckets, and how many they stand for. */
uint64_t series_records(const struct series *series, wall_us from, wall_us until, uint64_t *volume);
/* A word of a feature (the model's number, in a ring) that its reference has not. */
void series_unseen(
    struct series *series, size_t feature, size_t ring, const char *word, wall_us ts);
void series_count_second(struct series *series, wall_us ts, uint32_t weight);

/* Records a second over the last ten whole seconds before `clock`. */
double series_rate(const struct series *series, wall_us clock);

#endif
