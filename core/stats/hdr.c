/* hdr.c: HdrHistogram's layout and arithmetic (G. Tene; hdr_histogram.c), so that the same records
 * give the same numbers as a service's own histogram.
 *
 * A bucket covers a power of two with sub_bucket_count even steps; all buckets but the first use
 * the upper half of them only. */
#include "core/stats/hdr.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

static int32_t
buckets_needed(const struct hdr *hdr)
{
	int64_t beyond = (int64_t)hdr->sub_bucket_count << hdr->unit_magnitude;
	int32_t buckets = 1;
	while (beyond <= hdr->highest) {
		if (beyond > INT64_MAX / 2)
			return buckets + 1;
		beyond <<= 1;
		buckets++;
	}
	return buckets;
}

static int
magnitude(int64_t value) /* floor(log2) */
{
	return 63 - __builtin_clzll((unsigned long long)value);
}

bool
hdr_init(struct hdr *hdr, int64_t lowest, int64_t highest, int digits)
{
	*hdr = (struct hdr){.lowest = lowest, .highest = highest, .digits = digits};
	if (lowest < 1 || digits < 1 || digits > 5 || lowest > highest / 2)
		return false;
	int64_t single_steps = 2;
	for (int i = 0; i < digits; i++)
		single_steps *= 10;
	int steps_magnitude = magnitude(single_steps - 1) + 1; /* ceil(log2) */
	hdr->sub_bucket_half_magnitude = steps_magnitude - 1;
	hdr->unit_magnitude = magnitude(lowest);
	if (hdr->unit_magnitude + hdr->sub_bucket_half_magnitude > 61)
		return false;
	hdr->sub_bucket_count = (int32_t)1 << steps_magnitude;
	hdr->sub_bucket_half = hdr->sub_bucket_count / 2;
	hdr->sub_bucket_mask = ((int64_t)hdr->sub_bucket_count - 1) << hdr->unit_magnitude;
	hdr->bucket_count = buckets_needed(hdr);
	hdr->counts_len = (hdr->bucket_count + 1) * hdr->sub_bucket_half;
	hdr->counts = mem_alloc((size_t)hdr->counts_len * sizeof(*hdr->counts));
	return true;
}

void
hdr_free(struct hdr *hdr)
{
	free(hdr->counts);
	*hdr = (struct hdr){0};
}

static int
bucket_of(const struct hdr *hdr, int64_t value)
{
	return magnitude(value | hdr->sub_bucket_mask) - hdr->unit_magnitude -
	       hdr->sub_bucket_half_magnitude;
}

/* How many bits of a value its step does not tell. */
static int
blur(const struct hdr *hdr, int64_t value)
{
	return bucket_of(hdr, value) + hdr->unit_magnitude;
}

bool
hdr_record(struct hdr *hdr, int64_t value, int64_t count)
{
	if (value < 0 || count < 0)
		return false;
	int bucket = bucket_of(hdr, value);
	int64_t step = value >> (bucket + hdr->unit_magnitude);
	int64_t index =
	    ((int64_t)(bucket + 1) << hdr->sub_bucket_half_magnitude) + step - hdr->sub_bucket_half;
	if (index < 0 || index >= hdr->counts_len)
		return false;
	hdr->counts[index] += count;
	hdr->total += count;
	return true;
}

bool
hdr_record_corrected(struct hdr *hdr, int64_t value, int64_t count, int64_t expected_interval)
{
	if (!hdr_record(hdr, value, count))
		return false;
	if (expected_interval <= 0)
		return true;
	for (int64_t missing = value - expected_interval; missing >= expected_interval;
	     missing -= expected_interval) {
		if (!hdr_record(hdr, missing, count))
			return false;
	}
	return true;
}

static int64_t
value_at(const struct hdr *hdr, int32_t index)
{
	int32_t bucket = (index >> hdr->sub_bucket_half_magnitude) - 1;
	int64_t step = (index & (hdr->sub_bucket_half - 1)) + hdr->sub_bucket_half;
	if (bucket < 0) {
		step -= hdr->sub_bucket_half;
		bucket = 0;
	}
	return step << (bucket + hdr->unit_magnitude);
}

int64_t
hdr_percentile(const struct hdr *hdr, double percentile)
{
	double share = fmin(fmax(percentile, 0), 100) / 100;
	int64_t rank = (int64_t)(share * (double)hdr->total + 0.5), seen = 0;
	if (rank < 1)
		rank = 1;
	for (int32_t i = 0; i < hdr->counts_len; i++) {
		seen += hdr->counts[i];
		if (seen < rank)
			continue;
		int64_t value = value_at(hdr, i);
		return share == 0 ? hdr_lowest_equivalent(hdr, value)
				  : hdr_highest_equivalent(hdr, value);
	}
	return 0;
}

int64_t
hdr_lowest_equivalent(const struct hdr *hdr, int64_t value)
{
	int bits = blur(hdr, value);
	return value >> bits << bits;
}

int64_t
hdr_highest_equivalent(const struct hdr *hdr, int64_t value)
{
	return hdr_lowest_equivalent(hdr, value) + (hdr_equivalent_range(hdr, value) - 1);
}

int64_t
hdr_equivalent_range(const struct hdr *hdr, int64_t value)
{
	return (int64_t)1 << blur(hdr, value);
}
