/* trees_vectors.h: the parts of scoring that go by vectors, for each width that the processor has;
 * the same results with all of them. Private to core/model. */
#ifndef FRAUDTOP_MODEL_TREES_VECTORS_H
#define FRAUDTOP_MODEL_TREES_VECTORS_H

#include "core/model/trees_batch.h"

struct trees_vectors {
	size_t width;
	uint32_t asked; /* tables of up to so many keys are not searched */
	/* Runs a program over a block; to[] is its stack, at last the numbers of the leaves. */
	void (*run)(const struct trees_op *ops, size_t count, const struct trees_cell *cells,
	    const int8_t *bytes, size_t rows, int8_t *restrict to);
	/* How many of the table's keys each of a block's has passed. */
	void (*ask_all)(const int64_t *table, size_t count, const int64_t *keys, size_t rows,
	    int64_t *restrict passed);
};

const struct trees_vectors *trees_vectors_find(size_t width);
size_t trees_vectors_widest(void); /* what this processor has */
/* How many trees are settled side by side; 0: none. */
size_t trees_aside_lanes(size_t width, size_t columns);
/* The numbers of the leaves of `lanes` trees for one row, whose first `lanes` bytes these are. */
void trees_aside_run(
    size_t lanes, const uint8_t *cells, uint32_t levels, const int8_t *bytes, uint8_t *numbers);

#endif
