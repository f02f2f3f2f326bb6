#include "core/expect/expectations.h"

#include <stdlib.h>

#include "core/base/mem.h"

void
expectations_init(
    struct expectations *e, struct suite *const *suites, size_t count, int64_t length_us)
{
	*e = (struct expectations){.suites = suites, .count = count, .length_us = length_us};
}

void
expectations_free(struct expectations *e)
{
	for (size_t i = 0; i < EXPECTATIONS_RING; i++) {
		for (size_t k = 0; e->buckets[i] != NULL && k < e->count; k++)
			suite_counts_free(e->buckets[i]->counts[k]);
		free(e->buckets[i]);
	}
}

static struct expectations_bucket *
bucket_at(struct expectations *e, wall_us ts)
{
	int64_t index = clock_stretch(ts, e->length_us);
	struct expectations_bucket **slot = &e->buckets[clock_place(index, EXPECTATIONS_RING)];
	if (*slot == NULL) {
		*slot = mem_alloc(sizeof(**slot) + e->count * sizeof((*slot)->counts[0]));
		(*slot)->index = index;
		for (size_t i = 0; i < e->count; i++)
			(*slot)->counts[i] = suite_counts_new(e->suites[i]);
	}
	if ((*slot)->index > index)
		return NULL;
	for (size_t i = 0; (*slot)->index < index && i < e->count; i++)
		suite_counts_clear((*slot)->counts[i]);
	(*slot)->index = index;
	return *slot;
}

void
expectations_add(struct expectations *e, const struct prediction *prediction)
{
	struct expectations_bucket *bucket = e->count > 0 ? bucket_at(e, prediction->ts) : NULL;
	for (size_t i = 0; bucket != NULL && i < e->count; i++)
		suite_observe(e->suites[i], bucket->counts[i], prediction->features,
		    prediction->features_count);
}

void
expectations_sum(
    const struct expectations *e, size_t suite, int64_t index, struct suite_counts *into)
{
	const struct expectations_bucket *bucket =
	    e->buckets[clock_place(index, EXPECTATIONS_RING)];
	if (bucket != NULL && bucket->index == index)
		suite_merge(into, bucket->counts[suite]);
}
