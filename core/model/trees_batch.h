/* trees_batch.h: trees laid out for speed; private to core/model.
 *
 * The idea. A split asks only on which side of its threshold a value lies. So every value of a row
 * is turned once into its place among all the thresholds that its feature has in the forest (a
 * gauge does that), and the place into bytes (columns). From there on each split, whatever its
 * rule, is `byte > bin goes right`: exact, and sixteen to sixty-four rows by one instruction.
 *
 * Many rows: blocks of TREES_BLOCK rows, their bytes column by column. A tree of up to 256 leaves
 * is a program of comparisons and choices that runs over the block without a branch and leaves each
 * row the number of its leaf. Larger trees are walked, several rows at a time.
 * One row: several trees at a time are walked, so that their loads overlap; eight bytes a node.
 * Either way the leaves are added in the order of the trees: the same sums, bit for bit.
 *
 * Its size: for a split 8 bytes as a step and at most 8 in a program (filling up doubles them), for
 * a leaf two outputs and a step, and TREES_MAPS_MAX for the bytes' maps: no more than about twice
 * the trees themselves. Read-only once made. */
#ifndef FRAUDTOP_MODEL_TREES_BATCH_H
#define FRAUDTOP_MODEL_TREES_BATCH_H

#include <math.h>
#include <string.h>

#include "core/model/trees.h"

enum {
	TREES_BLOCK = 128, /* rows at a time */
	TREES_COLUMNS_MAX = 1024, /* bytes a row, at most: 128 kB a block */
	TREES_MAPS_MAX = 4 << 20, /* bytes of maps */
	TREES_LANES = 8, /* trees, or rows, that are walked side by side */
	TREES_SEARCHES = 4, /* gauges, or rows, that are searched side by side */
	TREES_UNIT = 4, /* levels that a program settles at once */
	TREES_ASIDE = 6, /* levels of trees that are settled side by side */
	TREES_ASIDE_LANES = 64, /* of them, at most */
	TREES_JOIN = TREES_UNIT + 1 /* an op: chooses between the two numbers before it */
};

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
	uint32_t feature; /* and TREES_NAN_IS_ZERO, TREES_ZERO_MISSING, TREES_SET */
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

/* A node of a walk. A leaf leads back to itself, so that walks of one length end where they should.
 */
struct trees_step {
	uint16_t column;
	uint8_t bin; /* as in a cell, but counted from INT8_MIN: a shorter comparison */
	uint32_t right; /* the right child; the left one is before it */
};

/* Of a program: `levels` 0 to TREES_UNIT settles a complete subtree of so many levels, whose leaves
 * are numbered from `number` on; TREES_JOIN joins two of them. */
struct trees_op {
	uint8_t levels, number;
};

struct trees_layout {
	uint32_t root; /* where a walk begins */
	uint32_t levels; /* its length: that of the longest in the group of TREES_LANES trees */
	uint32_t leaf; /* where a walk ends, plus this modulo 2^32, is the place of its output */
	uint32_t op, ops; /* its program; no ops: it is walked */
	uint32_t cell; /* its program's first */
	uint32_t numbered; /* the place of output number 0 */
};

/* As many trees as a vector has lanes, filled up to complete ones. For each of their 2^levels - 1
 * nodes there are a vector of columns and one of bins. */
struct trees_aside {
	uint32_t levels; /* 0: these trees are walked */
	uint32_t numbered; /* the place of output 0 of the first of them, each having 2^levels */
	size_t cell; /* the place of the first vector */
};

struct trees_batch {
	struct trees_gauge *gauges;
	int64_t *keys;
	int8_t *maps;
	size_t gauges_count, gauges_capacity, keys_count, keys_capacity;
	size_t columns, maps_count, maps_capacity;
	struct trees_layout *trees; /* those that make a score */
	struct trees_step *steps;
	struct trees_op *ops;
	struct trees_cell *cells;
	float *singles; /* outputs, if they are added in float */
	double *doubles; /* else */
	size_t steps_count, steps_capacity, ops_count, ops_capacity, cells_count, cells_capacity;
	size_t outputs_count, outputs_capacity;
	size_t width; /* bytes a vector: 16, 32 or 64 */
	size_t aside; /* lanes: 32 or 64; 0: all trees are walked for one row */
	struct trees_aside *asides; /* one for each `aside` trees */
	uint8_t *aside_memory, *aside_cells; /* the latter on a boundary of 64 in the former */
	bool few; /* one row at a time is faster with it than without */
};

/* For vectors of `width` bytes. NULL: the trees do not fit its bounds. */
struct trees_batch *trees_batch_new(const struct trees *trees, size_t width);
void trees_batch_free(struct trees_batch *batch); /* NULL is fine */
/* As trees_score, of as many rows as are faster this way: the first ones; returns how many. */
size_t trees_batch_score(const struct trees *trees, double base, const double *values,
    size_t features, size_t rows, double *margins);

/* trees_gauge.c: makes gauges, columns and maps for all splits; cells[node] is each one's. False:
 * beyond the bounds. */
bool trees_gauges_make(
    struct trees_batch *batch, const struct trees *trees, struct trees_cell *cells);
/* The end of the tree that begins at node `root`. */
uint32_t trees_end(const struct trees *trees, uint32_t root);

/* trees_vectors.c: what is done by vectors of one width. */
struct trees_vectors {
	size_t width;
	uint32_t asked; /* tables of up to so many keys are not searched */
	/* Runs a program over a block; to[] is its stack, at last the numbers of the leaves. */
	void (*run)(const struct trees_op *ops, size_t count, const struct trees_cell *cells,
	    const int8_t *bytes, int8_t *restrict to);
	/* How many of the table's keys each of a block's has passed. */
	void (*ask_all)(const int64_t *table, size_t count, const int64_t *keys, size_t rows,
	    int64_t *restrict passed);
};

const struct trees_vectors *trees_vectors_find(size_t width);
size_t trees_vectors_widest(void); /* what this processor has */
size_t trees_aside_lanes(size_t width, size_t columns);
/* The numbers of the leaves of `lanes` trees for one row, whose first `lanes` bytes these are. */
void trees_aside_run(
    size_t lanes, const uint8_t *cells, uint32_t levels, const int8_t *bytes, uint8_t *numbers);

#endif
