#include "core/stats/latency.h"

#include <math.h>

#include "core/stats/log_about.h"

#define LN_GAMMA 0.020000666706669435 /* ln(1.01 / 0.99) */
#define GAMMA (1.01 / 0.99)
#define LEAST_US 1.0
#define MOST_US 1e9
#define TWO_52 4503599627370496.0

double
latency_bounded(double us)
{
	return us < LEAST_US ? LEAST_US : us > MOST_US ? MOST_US : us;
}

/* By the logarithm itself only where an approximate one leaves it open. */
size_t
latency_bucket(double us)
{
	double about = log_about(us) * (1 / LN_GAMMA);
	size_t bucket = (size_t)(about + 1);
	if (fabs(about - (double)bucket + 0.5) > 0.4999)
		bucket = (size_t)ceil(log(us) * (1 / LN_GAMMA));
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

void
latency_count(struct latency *latency, double us, size_t bucket)
{
	if (latency->buckets[bucket] < UINT32_MAX)
		latency->buckets[bucket]++;
	latency->count++;
	/* Below 2^51, to add 2^52 and take it away again rounds to the whole number, as rint. */
	double shifted = us * 64 + TWO_52;
	latency->sum_us += (shifted - TWO_52) / 64;
	latency->max_us = us > latency->max_us ? us : latency->max_us;
}

void
latency_record(struct latency *latency, double us)
{
	us = latency_bounded(us);
	if (!isnan(us))
		latency_count(latency, us, latency_bucket(us));
}

/* The two do not overlap, so that it is done several at a time. */
static void
add_counts(uint32_t *restrict into, const uint32_t *restrict from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t sum = into[i] + from[i];
		into[i] = sum < from[i] ? UINT32_MAX : sum;
	}
}

void
latency_merge(struct latency *into, const struct latency *from)
{
	if (from->count == 0)
		return;
	enum { EVEN = LATENCY_BUCKETS / 16 * 16 };
	add_counts(into->buckets, from->buckets, EVEN);
	add_counts(into->buckets + EVEN, from->buckets + EVEN, LATENCY_BUCKETS - EVEN);
	into->count += from->count;
	into->sum_us += from->sum_us;
	into->max_us = fmax(into->max_us, from->max_us);
}

double
latency_quantile(const struct latency *latency, double q)
{
	if (latency->count == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double rank = q * (double)(latency->count - 1);
	uint64_t seen = 0;
	for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if ((double)seen > rank) {
			double middle = 2 * latency_bucket_high(i) / (GAMMA + 1);
			return fmin(fmax(middle, LEAST_US), latency->max_us);
		}
	}
	return latency->max_us;
}

double
latency_mean(const struct latency *latency)
{
	return latency->count > 0 ? latency->sum_us / (double)latency->count : NAN;
}

double
latency_bucket_low(size_t bucket)
{
	return exp(((double)bucket - 1) * LN_GAMMA);
}

double
latency_bucket_high(size_t bucket)
{
	return exp((double)bucket * LN_GAMMA);
}

void
latency_save(const struct latency *latency, struct buf *pack)
{
	pack_counts(pack, latency->buckets, LATENCY_BUCKETS);
	if (latency->count == 0)
		return;
	pack_f64(pack, latency->sum_us);
	pack_f64(pack, latency->max_us);
}

void
latency_load(struct latency *latency, struct unpack *unpack)
{
	*latency = (struct latency){0};
	unpack_counts(unpack, latency->buckets, LATENCY_BUCKETS);
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		latency->count += latency->buckets[i];
	if (latency->count == 0)
		return;
	latency->sum_us = unpack_f64(unpack);
	latency->max_us = unpack_f64(unpack);
}
