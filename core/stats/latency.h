/* latency.h: a mergeable latency histogram with a relative error of at most 1 %.
 *
 * DDSketch with logarithmic buckets (Masson, Rim, Lee 2019): gamma = (1+a)/(1-a), a = 0.01; value v
 * falls into bucket ceil(log_gamma v); a quantile answers 2*gamma^i/(gamma+1). Values below 1 us
 * count as 1 us, above 1,000 s as 1,000 s; NaN is left out. Dense, about 4 KiB, and merging is
 * adding: the same result in any order (the sum is kept in whole 1/64 us, so that it is exact up to
 * four years of latency). */
#ifndef FRAUDTOP_STATS_LATENCY_H
#define FRAUDTOP_STATS_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"

#define LATENCY_BUCKETS 1038 /* ceil(log_gamma 1e9) + 1 */

struct latency {
	uint64_t count;
	double sum_us, max_us;
	uint32_t buckets[LATENCY_BUCKETS];
};

void latency_record(struct latency *latency, double us);
/* The same in three steps: a value as it is counted (NaN stays NaN), the bucket of such a one, and
 * its counting. */
double latency_bounded(double us);
size_t latency_bucket(double us);
void latency_count(struct latency *latency, double us, size_t bucket);
void latency_merge(struct latency *into, const struct latency *from);
/* Quantile q in [0,1] in microseconds, rank q*(n-1); NaN when empty. */
double latency_quantile(const struct latency *latency, double q);
double latency_mean(const struct latency *latency);
/* Bounds of bucket i in microseconds. */
double latency_bucket_low(size_t bucket);
double latency_bucket_high(size_t bucket);

/* For a checkpoint; only buckets with something in them take room. */
void latency_save(const struct latency *latency, struct buf *pack);
void latency_load(struct latency *latency, struct unpack *unpack);

#endif
