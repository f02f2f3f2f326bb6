/* bins_index.h: the bin of a number, for who asks for very many: the same answer as
 * bins_find_number, by a table instead of a search.
 *
 * The numbers are cut into cells, even in themselves or in their logarithms, whichever parts the
 * edges better; a cell knows how many edges lie in the cells before it, and only its own are
 * compared. */
#ifndef FRAUDTOP_STATS_BINS_INDEX_H
#define FRAUDTOP_STATS_BINS_INDEX_H

#include <math.h>
#include <string.h>

#include "core/stats/bins.h"

enum { BINS_INDEX_CELLS = 512, BINS_INDEX_MOST = BINS_MAX };

struct bins_index {
	bool even; /* in themselves; else in their bits, which go with their logarithms */
	double low, scale;
	int64_t base;
	unsigned shift;
	unsigned most; /* edges in one cell */
	bool values; /* BINS_VALUES */
	size_t count; /* bins */
	uint8_t before[BINS_INDEX_CELLS];
	double edges[2 * BINS_MAX + 4]; /* and infinity after the last */
};

void bins_index_make(struct bins_index *index, const struct bins *bins); /* not of words */

/* Finite numbers in the order of these whole ones; 0 and -0 are one. */
static inline int64_t
bins_index_order(double value)
{
	int64_t bits;
	value += 0.0;
	memcpy(&bits, &value, sizeof(bits));
	return bits ^ (int64_t)((uint64_t)(bits >> 63) >> 1);
}

static inline size_t
bins_index_cell(const struct bins_index *index, double value)
{
	if (index->even) {
		double place = (value - index->low) * index->scale;
		place = place > 0 ? place : 0; /* nor NaN */
		return (size_t)(place > BINS_INDEX_CELLS - 1 ? BINS_INDEX_CELLS - 1 : place);
	}
	int64_t order = bins_index_order(value);
	if (order <= index->base)
		return 0;
	uint64_t place = ((uint64_t)order - (uint64_t)index->base) >> index->shift;
	return place < BINS_INDEX_CELLS ? (size_t)place : BINS_INDEX_CELLS - 1;
}

/* value is finite. */
static inline size_t
bins_index_find(const struct bins_index *index, double value)
{
	size_t first = index->before[bins_index_cell(index, value)], below = first;
	const double *edges = index->edges + first;
	/* By fours: those beyond the cell's are above the value. */
	for (unsigned i = 0; i < index->most; i += 4)
		below += (size_t)(edges[i] <= value) + (edges[i + 1] <= value) +
			 (edges[i + 2] <= value) + (edges[i + 3] <= value);
	if (!index->values)
		return below;
	return below > 0 && index->edges[below - 1] == value ? below - 1 : index->count - 1;
}

#endif
