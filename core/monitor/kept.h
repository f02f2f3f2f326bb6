/* kept.h: what is kept of one subject of a view (a series, a version over all services, a service
 * over all versions) from one picture to the next, so that only what has changed is counted again.
 *
 * Nothing in it says anything that the buckets do not: each part bears by what it is known to be as
 * they are, and a picture made without it is the same to the bit. */
#ifndef FRAUDTOP_MONITOR_KEPT_H
#define FRAUDTOP_MONITOR_KEPT_H

#include "core/monitor/history.h"

struct kept_column {
	bool ready; /* these three: what it was worked out for */
	enum season season;
	uint64_t min_samples;
	uint64_t seen; /* of its reference, which may still grow */
	struct history history;
	struct verdict_evidence evidence[VERDICT_WINDOWS]; /* newest first */
	double curve[SNAPSHOT_SPARK], levels[SNAPSHOT_SPARK]; /* NaN where too few */
	struct metric psi, js, hellinger, kl, ks, wasserstein, wasserstein_norm;
	char (*labels)[24]; /* of the PSI bins */
};

struct kept_quantiles { /* of the latency of one bucket */
	int64_t index;
	uint32_t n; /* its records then */
	double p50, p95, p99; /* ms; NaN where it is empty */
};

/* Quality is added up by stretches of so many buckets, which lie at the same indices in whatever
 * window, and these then: so a label counts one stretch anew, not the week. */
enum { KEPT_STRETCH = 24, KEPT_STRETCHES = SERIES_QUALITY_BUCKETS / KEPT_STRETCH + 1 };

struct kept_stretch {
	int64_t from, until; /* the indices that the window has of it */
	uint64_t changes; /* of its buckets then */
	struct quality_bucket *sum; /* NULL: none yet */
};

struct kept_scores { /* predictions by score, of one series alone: of all buckets but the newest */
	int64_t last; /* the newest bucket's index */
	uint64_t n; /* what they come to */
	uint64_t sum[QUALITY_BINS];
};

struct kept {
	struct series_bucket *buckets[SERIES_BUCKETS]; /* of several series, merged; or NULL */
	struct quality_bucket *quality[SERIES_QUALITY_BUCKETS];
	struct kept_stretch stretches[KEPT_STRETCHES]; /* by index */
	struct kept_scores scores;
	struct kept_quantiles quantiles[SERIES_BUCKETS]; /* by index */
	struct kept_column *columns; /* of the features; the model's numbers */
	size_t columns_count;
	struct kept_column score;
	struct history *hours; /* of the rings, where a season asks for them */
	size_t rings_count;
	struct history score_hours;
	size_t merged; /* of several series: the bytes that room.c has counted for it */
};

struct kept *kept_new(void);
void kept_free(struct kept *kept); /* NULL is fine */

/* Of a feature, HISTORY_SCORES the score; emptied if it was worked out for anything else. */
struct kept_column *kept_column(
    struct kept *kept, size_t number, bool ready, enum season season, uint64_t min_samples);
/* Of one of the window's buckets. */
const struct kept_quantiles *kept_quantiles(struct kept *kept, const struct series_bucket *bucket);
/* Adds up the quality of the window. */
void kept_quality(struct kept *kept, const struct window *window, struct quality_bucket *sum);
/* The predictions of a series in the window by score. */
void kept_scores(struct series *series, wall_us end, uint64_t all[QUALITY_BINS]);
/* Records by the hour of the week of a ring, HISTORY_SCORES that of the scores, up to date. */
const struct history *kept_hours(
    struct kept *kept, const struct window *window, size_t ring, size_t of);

#endif
