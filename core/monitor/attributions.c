#include "core/monitor/attributions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
attributions_init(
    struct attributions *attributions, const struct profile *profile, int64_t length_us)
{
	*attributions = (struct attributions){.length_us = length_us};
	for (size_t i = 0; profile != NULL && i < profile->features_count; i++) {
		if (!isnan(profile->features[i].attribution))
			attributions->profile = profile;
	}
}

void
attributions_free(struct attributions *attributions)
{
	for (size_t i = 0; i < ATTRIBUTIONS_RING; i++)
		free(attributions->buckets[i]);
}

static size_t
bucket_size(const struct attributions *attributions)
{
	return sizeof(struct attributions_bucket) +
	       attributions->profile->features_count * sizeof(double);
}

static struct attributions_bucket *
bucket_at(struct attributions *attributions, wall_us ts)
{
	int64_t index = clock_stretch(ts, attributions->length_us);
	size_t size = bucket_size(attributions);
	struct attributions_bucket **slot =
	    &attributions->buckets[clock_place(index, ATTRIBUTIONS_RING)];
	if (*slot == NULL) {
		*slot = mem_alloc(size);
		(*slot)->index = index;
	}
	if ((*slot)->index > index)
		return NULL;
	if ((*slot)->index < index) {
		memset(*slot, 0, size);
		(*slot)->index = index;
	}
	return *slot;
}

/* Records of one model repeat the profile's order, more or less. */
static size_t
find_feature(const struct profile *profile, size_t guess, const char *name)
{
	if (guess < profile->features_count && strcmp(profile->features[guess].name, name) == 0)
		return guess;
	for (size_t i = 0; i < profile->features_count; i++) {
		if (strcmp(profile->features[i].name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

void
attributions_add(struct attributions *attributions, const struct prediction *prediction)
{
	const struct profile *profile = attributions->profile;
	if (profile == NULL || prediction->attributions_count == 0)
		return;
	struct attributions_bucket *bucket = bucket_at(attributions, prediction->ts);
	if (bucket == NULL)
		return;
	bucket->n++;
	size_t next = 0;
	for (size_t i = 0; i < prediction->attributions_count; i++) {
		const struct feature_value *value = &prediction->attributions[i];
		size_t at = find_feature(profile, next, value->name);
		if (at == SIZE_MAX)
			continue;
		next = at + 1;
		if (value->kind == VALUE_NUMBER && isfinite(value->number))
			bucket->sums[at] += fabs(value->number);
	}
}

uint64_t
attributions_sum(const struct attributions *attributions, int64_t first, int64_t last, double *sums)
{
	uint64_t n = 0;
	for (size_t slot = 0; slot < ATTRIBUTIONS_RING; slot++) {
		const struct attributions_bucket *bucket = attributions->buckets[slot];
		if (bucket == NULL || bucket->index < first || bucket->index > last)
			continue;
		n += bucket->n;
		for (size_t i = 0; i < attributions->profile->features_count; i++)
			sums[i] += bucket->sums[i];
	}
	return n;
}

void
attributions_save(const struct attributions *attributions, struct buf *pack)
{
	size_t used = 0;
	for (size_t slot = 0; slot < ATTRIBUTIONS_RING; slot++)
		used += attributions->buckets[slot] != NULL;
	pack_varint(pack, used);
	for (size_t slot = 0; slot < ATTRIBUTIONS_RING; slot++) {
		const struct attributions_bucket *bucket = attributions->buckets[slot];
		if (bucket == NULL)
			continue;
		pack_i64(pack, bucket->index);
		pack_varint(pack, bucket->n);
		for (size_t i = 0; i < attributions->profile->features_count; i++)
			pack_f64(pack, bucket->sums[i]);
	}
}

void
attributions_load(struct attributions *attributions, struct unpack *unpack)
{
	size_t most = attributions->profile != NULL ? ATTRIBUTIONS_RING : 0;
	size_t used = (size_t)unpack_varint(unpack, most);
	for (size_t k = 0; k < used && !unpack->failed; k++) {
		int64_t index = unpack_stretch(unpack, attributions->length_us);
		size_t slot = clock_place(index, ATTRIBUTIONS_RING);
		if (attributions->buckets[slot] != NULL) {
			unpack_fail(unpack);
			return;
		}
		struct attributions_bucket *bucket = mem_alloc(bucket_size(attributions));
		attributions->buckets[slot] = bucket;
		bucket->index = index;
		bucket->n = unpack_varint(unpack, UINT64_MAX);
		for (size_t i = 0; i < attributions->profile->features_count; i++)
			bucket->sums[i] = unpack_f64(unpack);
	}
}
