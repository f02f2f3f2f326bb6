/* join_counts.h: for the tests of the join: what it has counted, held against what it should have.
 */
#ifndef FRAUDTOP_TESTS_JOIN_COUNTS_H
#define FRAUDTOP_TESTS_JOIN_COUNTS_H

#include "core/join/stats.h"

static inline void
assert_counts(const struct join *join, struct join_stats wanted)
{
	struct join_stats stats = join_stats(join);
	assert_string_equal(stats.error, "");
	assert_int_equal(stats.pending, wanted.pending);
	assert_int_equal(stats.waiting_labels, wanted.waiting_labels);
	assert_int_equal(stats.assumed, wanted.assumed);
	assert_int_equal(stats.joined, wanted.joined);
	assert_int_equal(stats.duplicate_labels, wanted.duplicate_labels);
	assert_int_equal(stats.duplicate_predictions, wanted.duplicate_predictions);
	assert_int_equal(stats.expired, wanted.expired);
	assert_int_equal(stats.evicted, wanted.evicted);
	assert_int_equal(stats.expired_labels, wanted.expired_labels);
	assert_int_equal(stats.sampled_out, wanted.sampled_out);
}

#endif
