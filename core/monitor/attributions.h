/* attributions.h: how much each feature gave to the scores of one series, by time: the sums of
 * |attribution| of the features whose baseline the model's profile has.
 *
 * A ring beside the comparison window's, bucket for bucket, there only if the log and the profile
 * both bear attributions: 8 bytes a bucket and feature. */
#ifndef FRAUDTOP_MONITOR_ATTRIBUTIONS_H
#define FRAUDTOP_MONITOR_ATTRIBUTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"
#include "core/ingest/record.h"
#include "core/reference/profile.h"

#define ATTRIBUTIONS_RING 64

struct attributions_bucket {
	int64_t index; /* time / length */
	uint64_t n; /* records that bear attributions */
	double sums[]; /* a feature of the profile */
};

struct attributions {
	const struct profile *profile; /* NULL: there is no baseline */
	int64_t length_us;
	struct attributions_bucket *buckets[ATTRIBUTIONS_RING];
};

/* profile NULL is fine; it must outlive it. */
void attributions_init(
    struct attributions *attributions, const struct profile *profile, int64_t length_us);
void attributions_free(struct attributions *attributions); /* what it owns */
/* A feature that the record says nothing of gave it 0. */
void attributions_add(struct attributions *attributions, const struct prediction *prediction);
/* Adds the buckets first..last to sums (one a feature of the profile); returns how many records
 * they are of. */
uint64_t attributions_sum(
    const struct attributions *attributions, int64_t first, int64_t last, double *sums);

/* For a checkpoint; attributions_load fills a new one of the same profile. */
void attributions_save(const struct attributions *attributions, struct buf *pack);
void attributions_load(struct attributions *attributions, struct unpack *unpack);

#endif
