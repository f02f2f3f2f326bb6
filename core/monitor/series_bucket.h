/* series_bucket.h: the traffic of a series in one stretch of time, and how long its windows are. */
#ifndef FRAUDTOP_MONITOR_SERIES_BUCKET_H
#define FRAUDTOP_MONITOR_SERIES_BUCKET_H

#include <stddef.h>
#include <stdint.h>

#include "core/monitor/snapshot.h"
#include "core/stats/latency.h"

#define SERIES_BUCKETS SNAPSHOT_SPARK
#define SERIES_SLACK 4 /* buckets beyond the window, for records that come a little late */
#define SERIES_SECONDS 12 /* for the rate now */

struct series_bucket {
	int64_t index; /* time / length; -1: unused */
	uint32_t n, answered, errors, rejected, decided, flagged; /* answered: status is logged */
	uint32_t identified, duplicates; /* scored with a request id; an id that came before */
	uint64_t volume; /* records that the n stand for */
	struct latency latency;
};

struct series_lengths { /* of the comparison windows; features[0] is the first of them */
	int64_t comparison_us;
	int64_t *features;
	size_t features_count;
	size_t of; /* how many windows a verdict looks at */
};

#endif
