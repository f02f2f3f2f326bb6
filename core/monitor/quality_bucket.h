/* quality_bucket.h: what is known of the decisions of a series that were made in one stretch of
 * time. */
#ifndef FRAUDTOP_MONITOR_QUALITY_BUCKET_H
#define FRAUDTOP_MONITOR_QUALITY_BUCKET_H

#include <stdint.h>

#include "core/monitor/cohorts.h"
#include "core/monitor/quality_view.h"
#include "core/stats/cbpe.h"
#include "core/stats/quality.h"

#define SERIES_QUALITY_BUCKETS SNAPSHOT_CURVE
#define QUALITY_WIDTH_BINS 10

struct width_bin { /* labelled scores in (i/10, (i+1)/10], 0 in the first: for ECE */
	uint32_t n, positives;
	double scores; /* their sum */
};

struct quality_bucket {
	int64_t index; /* time / length */
	uint64_t changes; /* to anything below, ever: so many, and it is as it was */
	uint32_t predictions, labelled, positives, assumed; /* assumed: among the labelled */
	struct quality_confusion confusion;
	struct quality_scores scores; /* labelled */
	struct quality_loss loss; /* labelled */
	struct width_bin width[QUALITY_WIDTH_BINS];
	uint32_t all[QUALITY_BINS]; /* every prediction by score */
	struct cbpe expected; /* of every prediction with a decision */
	struct cohort_counts cohorts[]; /* cohorts_room of them; none in a merged bucket */
};

#endif
