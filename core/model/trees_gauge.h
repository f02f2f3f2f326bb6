/* trees_gauge.h: how the value of a feature becomes bytes; private to core/model. See
 * trees_batch.h for what it is for. */
#ifndef FRAUDTOP_MODEL_TREES_GAUGE_H
#define FRAUDTOP_MODEL_TREES_GAUGE_H

#include <math.h>
#include <string.h>

#include "core/model/trees.h"

/* A double as a whole number in the same order, for comparisons in whole numbers, which are
 * shorter; what is missing comes behind infinity. */
#define TREES_KEY_MISSING (INT64_MAX - 1)
#define TREES_KEY_NEVER INT64_MAX

static inline int64_t
trees_key(double x)
{
	double unsigned_zero = x + 0.0;
	int64_t bits;
	memcpy(&bits, &unsigned_zero, sizeof(bits));
	return isnan(x) ? TREES_KEY_MISSING : bits ^ (bits >> 63 & INT64_MAX);
}

/* Turns a feature's value into its place. Thresholds: how many keys of its table it has passed: the
 * thresholds, then what is missing. Sets: the category, then one place for no category, then one
 * for what is missing. Gauges stand by their halvings, the most first; in a group of TREES_SEARCHES
 * all have room for as many as the first. */
struct trees_gauge {
	uint32_t feature; /* and TREES_ZERO_MISSING, TREES_SET */
	uint32_t halvings; /* up to 2^halvings - 1 keys, filled up with TREES_KEY_NEVER */
	uint32_t missing; /* the last place */
	uint32_t column, columns; /* the bytes that it makes */
	size_t first; /* of its keys */
	size_t map; /* its columns' bytes, missing + 1 for each column */
};

/* A split: a byte below the bin goes left. */
struct trees_cell {
	uint16_t column;
	int8_t bin;
};

struct trees_batch;

/* Makes gauges, columns and maps for all splits; cells[node] is each one's. False: beyond the
 * bounds. */
bool trees_gauges_make(
    struct trees_batch *batch, const struct trees *trees, struct trees_cell *cells);

#endif
