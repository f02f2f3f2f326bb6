/* trees_batch.h: trees laid out for speed; private to core/model.
 *
 * The idea. A split asks only on which side of its threshold a value lies. So every value of a row
 * is turned once into its place among all the thresholds that its feature has in the forest (a
 * gauge does that), and the place into bytes (columns; which say where a missing value goes, too).
 * From there on each split, whatever its rule, is `byte < bin goes left`: exact, and sixteen to
 * sixty-four of them are one instruction.
 *
 * Many rows: blocks of TREES_BLOCK rows, their bytes column by column. A tree of up to 256 leaves
 * is a program of comparisons and choices that runs over the block without a branch and leaves each
 * row the number of its leaf. Larger trees are walked, several rows at a time.
 * One row: the trees are the lanes. All nodes of 32 or 64 trees of up to TREES_ASIDE levels are
 * asked at once, where the processor looks bytes up in registers and the row's bytes fit in. Else
 * TREES_LANES trees are walked side by side, so that their loads overlap.
 * Either way the leaves are added in the order of the trees: the same sums, bit for bit.
 *
 * Its size: 8 bytes a node that is walked, 4 a split in a program and 2 side by side, 4 or 8 for
 * each of a leaf's three outputs; filling up trees to complete ones can double the programs and
 * makes a small tree up to 640 bytes side by side. The maps are bounded. In all about as much as
 * the trees themselves. Read-only once made. */
#ifndef FRAUDTOP_MODEL_TREES_BATCH_H
#define FRAUDTOP_MODEL_TREES_BATCH_H

#include "core/model/trees.h"
#include "core/model/trees_gauge.h"
#include "core/model/trees_layout.h"

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
/* The end of the tree that begins at node `root`. */
uint32_t trees_end(const struct trees *trees, uint32_t root);

#endif
