#include "core/stats/bins_index.h"

/* How many edges the fullest cell has. */
static unsigned
count_edges(struct bins_index *index, size_t n)
{
	unsigned counts[BINS_INDEX_CELLS] = {0}, most = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned *count = &counts[bins_index_cell(index, index->edges[i])];
		most = ++*count > most ? *count : most;
	}
	for (size_t i = 0; i < BINS_INDEX_CELLS; i++) {
		index->before[i] = (uint8_t)sum;
		sum += counts[i];
	}
	return most;
}

/* Cells between two edges. */
static void
cut(struct bins_index *index, bool even, double low, double high)
{
	index->even = even;
	index->low = low;
	index->scale = BINS_INDEX_CELLS / (high - low);
	if (!isfinite(index->scale))
		index->scale = 0;
	index->base = bins_index_order(low);
	uint64_t span = (uint64_t)bins_index_order(high) - (uint64_t)index->base;
	for (index->shift = 0; span >> index->shift >= BINS_INDEX_CELLS; index->shift++)
		continue;
}

void
bins_index_make(struct bins_index *index, const struct bins *bins)
{
	size_t n = bins->count - 1;
	*index = (struct bins_index){.values = bins->kind == BINS_VALUES, .count = bins->count};
	for (size_t i = 0; i < sizeof(index->edges) / sizeof(index->edges[0]); i++)
		index->edges[i] = i < n ? bins->edges[i] : INFINITY;
	if (n == 0)
		return;
	/* Edges far out may spoil it for all: some may share the cells at the ends. */
	struct bins_index best = {.most = BINS_MAX + 1};
	for (size_t spared = 0; spared <= 8 && 2 * spared < n; spared += 2) {
		for (int even = 0; even < 2; even++) {
			cut(index, even == 1, index->edges[spared], index->edges[n - 1 - spared]);
			index->most = count_edges(index, n);
			if (index->most < best.most)
				best = *index;
		}
	}
	*index = best;
}
