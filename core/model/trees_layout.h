/* trees_layout.h: what trees are laid out into, and its bounds: the parts of trees_batch.h; private
 * to core/model. */
#ifndef FRAUDTOP_MODEL_TREES_LAYOUT_H
#define FRAUDTOP_MODEL_TREES_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum {
	TREES_BLOCK = 128, /* rows at a time */
	TREES_COLUMNS_MAX = 1024, /* bytes a row, at most: 128 kB a block */
	TREES_MAPS_MAX = 4 << 20, /* bytes of maps */
	TREES_LANES = 8, /* trees, or rows, that are walked side by side */
	TREES_SEARCHES = 4, /* gauges, or rows, that are searched side by side */
	TREES_UNIT = 4, /* levels that a program settles at once */
	TREES_PROGRAM_LEVELS = 24, /* of a tree that is a program: bounds its stack */
	TREES_ASIDE = 6, /* levels of trees that are settled side by side */
	TREES_ASIDE_LANES = 64, /* of them, at most */
	TREES_JOIN = TREES_UNIT + 1 /* an op: chooses between the two numbers before it */
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

#endif
