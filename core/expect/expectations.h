/* expectations.h: what one series' records made of the suites its model is held to (suite.h), by
 * time: a ring beside the comparison window's, bucket for bucket. There is none without a suite. */
#ifndef FRAUDTOP_EXPECT_EXPECTATIONS_H
#define FRAUDTOP_EXPECT_EXPECTATIONS_H

#include "core/base/pack.h"
#include "core/expect/suite.h"

#define EXPECTATIONS_RING 64

struct expectations_bucket {
	int64_t index; /* time / length */
	struct suite_counts *counts[]; /* a suite */
};

struct expectations {
	struct suite *const *suites;
	size_t count;
	int64_t length_us;
	struct expectations_bucket *buckets[EXPECTATIONS_RING];
};

/* The suites must outlive it. */
void expectations_init(
    struct expectations *e, struct suite *const *suites, size_t count, int64_t length_us);
void expectations_free(struct expectations *e); /* what it owns */
void expectations_add(struct expectations *e, const struct prediction *prediction);
/* Adds the counts of one suite in the bucket of an index, if there is one, as later records. */
void expectations_sum(
    const struct expectations *e, size_t suite, int64_t index, struct suite_counts *into);

/* For a checkpoint; expectations_load fills a new one of the same suites (suite_print). */
void expectations_save(const struct expectations *e, struct buf *pack);
void expectations_load(struct expectations *e, struct unpack *unpack);

#endif
