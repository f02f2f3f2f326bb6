/* hdr.h: HdrHistogram's layout: whole numbers from 1 to `highest` to a number of significant
 * digits (Tene; hdr_histogram.c). For comparison with what services record; the live windows use
 * latency.h, which is a tenth of its size. */
#ifndef FRAUDTOP_STATS_HDR_H
#define FRAUDTOP_STATS_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hdr {
	int64_t lowest, highest;
	int digits;
	int unit_magnitude, sub_bucket_half_magnitude;
	int64_t sub_bucket_mask;
	int32_t sub_bucket_count, sub_bucket_half, bucket_count, counts_len;
	int64_t total;
	int64_t *counts;
};

/* False if 1 <= digits <= 5, lowest >= 1, 2 lowest <= highest do not hold. */
bool hdr_init(struct hdr *hdr, int64_t lowest, int64_t highest, int digits);
void hdr_free(struct hdr *hdr);
/* False if the value is below 0 or above what the layout holds: it is not counted. */
bool hdr_record(struct hdr *hdr, int64_t value, int64_t count);
/* Records the value, and those that waited behind it: coordinated omission. */
bool hdr_record_corrected(struct hdr *hdr, int64_t value, int64_t count, int64_t expected_interval);
/* The highest value equivalent to the one at the percentile in [0,100] (at 0 the lowest); 0 when
 * nothing is recorded. */
int64_t hdr_percentile(const struct hdr *hdr, double percentile);
int64_t hdr_lowest_equivalent(const struct hdr *hdr, int64_t value);
int64_t hdr_highest_equivalent(const struct hdr *hdr, int64_t value);
int64_t hdr_equivalent_range(const struct hdr *hdr, int64_t value);

#endif
