#include "core/monitor/ring.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { UNIT = sizeof(uint64_t) };

void
ring_init(struct ring *ring, int64_t window_us, size_t of)
{
	of = of < 1 ? 1 : of > VERDICT_WINDOWS ? VERDICT_WINDOWS : of;
	*ring =
	    (struct ring){.bucket_us = window_us / RING_WINDOW > 0 ? window_us / RING_WINDOW : 1};
	ring->buckets_count = RING_WINDOW + RING_STEP * (of - 1) + RING_SLACK;
	ring->buckets = mem_alloc(ring->buckets_count * sizeof(*ring->buckets));
}

static void
count_memory(const struct ring *ring, size_t more, size_t less)
{
	if (ring->used != NULL)
		*ring->used += more - less;
}

void
ring_free(struct ring *ring)
{
	for (size_t i = 0; i < ring->buckets_count; i++) {
		struct ring_bucket *bucket = ring->buckets[i];
		if (bucket == NULL)
			continue;
		count_memory(ring, 0, sizeof(*bucket) + bucket->size * UNIT);
		free(bucket->cells);
		free(bucket);
	}
	free(ring->buckets);
	*ring = (struct ring){0};
}

int64_t
ring_index(const struct ring *ring, wall_us ts)
{
	return clock_stretch(ts, ring->bucket_us);
}

static size_t
place_of(const struct ring *ring, int64_t index)
{
	return clock_place(index, ring->buckets_count);
}

static void
grow(const struct ring *ring, struct ring_bucket *bucket, size_t size)
{
	count_memory(ring, (size - bucket->size) * UNIT, 0);
	bucket->cells = mem_grow(bucket->cells, size, UNIT);
	memset(bucket->cells + bucket->size, 0, (size - bucket->size) * UNIT);
	bucket->size = size;
}

struct ring_bucket *
ring_at(struct ring *ring, wall_us ts, size_t size)
{
	struct ring_bucket *bucket = ring->last;
	if (bucket == NULL || ts < ring->from || ts >= ring->until) {
		int64_t index = ring_index(ring, ts);
		struct ring_bucket **slot = &ring->buckets[place_of(ring, index)];
		if (*slot == NULL) {
			*slot = mem_alloc(sizeof(**slot));
			(*slot)->index = index;
			count_memory(ring, sizeof(**slot), 0);
		}
		bucket = *slot;
		if (bucket->index > index)
			return NULL;
		if (bucket->index < index) { /* the ring comes round: empty it, keep its memory */
			uint64_t *cells = bucket->cells;
			size_t old = bucket->size;
			if (old > 0)
				memset(cells, 0, old * UNIT);
			*bucket = (struct ring_bucket){.index = index, .cells = cells, .size = old};
		}
		ring->last = bucket;
		ring->from = index * ring->bucket_us;
		ring->until = ring->from + ring->bucket_us;
	}
	if (bucket->size < size)
		grow(ring, bucket, size);
	return bucket;
}

const struct ring_bucket *
ring_find(const struct ring *ring, int64_t index)
{
	const struct ring_bucket *bucket = ring->buckets[place_of(ring, index)];
	return bucket != NULL && bucket->index == index ? bucket : NULL;
}
