/* ddsketch.c: DDSketch over two dense stores of neighbouring keys. */
#include "core/stats/ddsketch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define LEAST_ALPHA 1e-6

bool
ddsketch_init(struct ddsketch *sketch, double alpha, size_t most)
{
	*sketch = (struct ddsketch){.alpha = alpha, .most = most > 0 ? most : SIZE_MAX};
	sketch->gamma = (1 + alpha) / (1 - alpha);
	sketch->ln_gamma = log(sketch->gamma);
	return alpha >= LEAST_ALPHA && alpha < 1;
}

void
ddsketch_free(struct ddsketch *sketch)
{
	free(sketch->above.counts);
	free(sketch->below.counts);
	*sketch = (struct ddsketch){0};
}

/* Makes the store reach from `first` to `last`. */
static void
stretch(struct ddsketch_store *store, int32_t first, int32_t last)
{
	size_t need = (size_t)(last - first) + 1, shift = (size_t)(store->first - first);
	if (store->length == 0)
		shift = 0;
	mem_reserve(&store->counts, &store->capacity, need, sizeof(*store->counts));
	if (shift > 0)
		memmove(
		    store->counts + shift, store->counts, store->length * sizeof(*store->counts));
	memset(store->counts, 0, shift * sizeof(*store->counts));
	size_t end = store->length + shift;
	memset(store->counts + end, 0, (need - end) * sizeof(*store->counts));
	store->first = first;
	store->length = need;
}

/* Counts all keys below `first` as `first`. */
static void
collapse(struct ddsketch_store *store, int32_t first)
{
	size_t gone = (size_t)(first - store->first);
	if (gone >= store->length) {
		store->counts[0] = store->total;
		store->length = 1;
	} else {
		uint64_t sum = 0;
		for (size_t i = 0; i <= gone; i++)
			sum += store->counts[i];
		store->length -= gone;
		memmove(
		    store->counts, store->counts + gone, store->length * sizeof(*store->counts));
		store->counts[0] = sum;
	}
	store->first = first;
}

static void
store_add(struct ddsketch_store *store, size_t most, int32_t key, uint64_t count)
{
	int32_t last = store->first + (int32_t)store->length - 1, first = store->first;
	if (store->length == 0)
		first = last = key;
	if (key > last)
		last = key;
	if (key < first)
		first = key;
	if ((size_t)(last - first) >= most) {
		first = last - (int32_t)(most - 1);
		if (first > store->first)
			collapse(store, first);
	}
	if (store->length == 0 || first < store->first ||
	    last > store->first + (int32_t)store->length - 1)
		stretch(store, first, last);
	store->counts[(key > first ? key : first) - store->first] += count;
	store->total += count;
}

void
ddsketch_add(struct ddsketch *sketch, double value, uint64_t count)
{
	double size = fabs(value);
	if (!isfinite(value) || count == 0)
		return;
	if (size < DBL_MIN * sketch->gamma) {
		sketch->zeros += count;
		return;
	}
	int32_t key = (int32_t)floor(log(size) / sketch->ln_gamma);
	store_add(value > 0 ? &sketch->above : &sketch->below, sketch->most, key, count);
}

static void
store_merge(struct ddsketch_store *into, const struct ddsketch_store *from, size_t most)
{
	for (size_t i = from->length; i-- > 0;) {
		if (from->counts[i] > 0)
			store_add(into, most, from->first + (int32_t)i, from->counts[i]);
	}
}

bool
ddsketch_merge(struct ddsketch *into, const struct ddsketch *from)
{
	if (into->alpha != from->alpha)
		return false;
	into->zeros += from->zeros;
	store_merge(&into->above, &from->above, into->most);
	store_merge(&into->below, &from->below, into->most);
	return true;
}

uint64_t
ddsketch_count(const struct ddsketch *sketch)
{
	return sketch->zeros + sketch->above.total + sketch->below.total;
}

/* What the first key answers that has more than `rank` values up to it. */
static double
store_value(const struct ddsketch *sketch, const struct ddsketch_store *store, double rank)
{
	uint64_t seen = 0;
	size_t i = 0;
	for (; i + 1 < store->length; i++) {
		seen += store->counts[i];
		if ((double)seen > rank)
			break;
	}
	double key = store->first + (double)i;
	return exp(key * sketch->ln_gamma) * (1 + sketch->alpha);
}

double
ddsketch_quantile(const struct ddsketch *sketch, double q)
{
	uint64_t n = ddsketch_count(sketch);
	if (n == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double rank = q * (double)(n - 1), below = (double)sketch->below.total;
	if (rank < below)
		return -store_value(sketch, &sketch->below, below - 1 - rank);
	if (rank < below + (double)sketch->zeros)
		return 0;
	return store_value(sketch, &sketch->above, rank - below - (double)sketch->zeros);
}

static size_t
store_used(const struct ddsketch_store *store)
{
	size_t used = 0;
	for (size_t i = 0; i < store->length; i++)
		used += store->counts[i] > 0;
	return used;
}

size_t
ddsketch_keys_used(const struct ddsketch *sketch)
{
	return store_used(&sketch->above) + store_used(&sketch->below);
}
