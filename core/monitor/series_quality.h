/* series_quality.h: what is known of one series' decisions by when they were made: a ring of time
 * buckets of confusion counts, score histograms, losses, expected counts (CBPE) and cohorts.
 *
 * A bucket's place is its time divided by the bucket's length, so records and labels of one time
 * fall into one bucket in whatever order they come, and a window is a sum of buckets. A label may
 * be taken back (a corrected one): counts to the last one, sums to rounding. Beside the ring stand
 * the label lags and the change detectors (concept.h), which do go by the order of arrival. A
 * bucket is some 7 KiB, reused as the ring comes round; nothing grows with traffic. */
#ifndef FRAUDTOP_MONITOR_SERIES_QUALITY_H
#define FRAUDTOP_MONITOR_SERIES_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/config.h"
#include "core/join/join.h"
#include "core/monitor/concept.h"
#include "core/monitor/quality_bucket.h"
#include "core/stats/calibration.h"
#include "core/stats/latency.h"

struct quality_place { /* where a score is counted */
	double probability; /* by the series' map */
	size_t bin;
};

struct series_quality {
	int64_t length_us; /* of a bucket */
	struct quality_bucket *buckets[SERIES_QUALITY_BUCKETS];
	struct quality_bucket *last; /* looked for, and the times it holds */
	wall_us from, until;
	struct latency label_lag; /* in units of 10 ms, of every label that came by itself */
	struct latency positive_lag; /* of the positive ones */
	const struct calibration_map *map; /* of the version's reference; NULL: none was fitted */
	struct cohorts cohorts;
	struct concept concept;
	size_t *used; /* its buckets' memory is added up there */
};

/* config, map (NULL is fine) and used must outlive it. */
void series_quality_init(struct series_quality *quality, const struct config *config,
    const struct calibration_map *map, size_t *used);
void series_quality_free(struct series_quality *quality); /* what it owns */

/* Of a score as join_score keeps it. */
struct quality_place series_quality_place(const struct calibration_map *map, double score);
/* Counts a prediction, and its label if it has one. A prediction whose bucket the ring has passed
 * is not counted. */
void series_quality_prediction(struct series_quality *quality, const struct join_entry *entry,
    const struct quality_place *place);
/* Counts a label that came after its prediction: entry->label in the place of `previous` (-1:
 * none); lag_us below 0 is not known. seen: when it became known. */
void series_quality_label(struct series_quality *quality, const struct join_entry *entry,
    int previous, int64_t lag_us, wall_us seen);
/* Counts a negative by assumption, at the clock `seen`. */
void series_quality_assume(
    struct series_quality *quality, const struct join_entry *entry, wall_us seen);

/* The bucket of a time, made ready for it, or NULL if the ring has moved past it. */
struct quality_bucket *series_quality_bucket(struct series_quality *quality, wall_us ts);
int64_t series_quality_index(const struct series_quality *quality, wall_us ts);
/* The bucket of that index, or NULL. */
const struct quality_bucket *series_quality_find(
    const struct series_quality *quality, int64_t index);
/* Adds up all but the cohorts, which differ by series. */
void series_quality_merge(struct quality_bucket *into, const struct quality_bucket *from);

#endif
