/* stats.h: what the join has counted, and what it takes. */
#ifndef FRAUDTOP_JOIN_STATS_H
#define FRAUDTOP_JOIN_STATS_H

#include "core/join/join.h"

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

struct join_stats join_stats(const struct join *join);

#endif
