/* explain_walk.h: the walk down and up one tree, which gives what each feature gave to the tree's
 * output (explain_walk.c tells the method). Private to explain.c's files and their test. */
#ifndef FRAUDTOP_MODEL_EXPLAIN_WALK_H
#define FRAUDTOP_MODEL_EXPLAIN_WALK_H

#include "core/model/trees.h"

enum { EXPLAIN_POINTS = 4, EXPLAIN_LANES = 8 };

/* How a split is asked: by its threshold, a missing value to the left; or by trees_next. */
enum { EXPLAIN_MISSING_LEFT = 1, EXPLAIN_ASK = 2 };

/* A split. A tree's are numbered from 1, parents before children; its number 0 is no split. */
struct explain_split {
	double threshold;
	double share; /* z: of the training data that comes here, what goes left */
	double before; /* z': the product of the feature's shares on the path so far */
	double leaf[2]; /* left and right: the leaf's value; 0 if it is a split */
	uint32_t child[2]; /* the split's number; 0 if it is a leaf */
	uint32_t feature;
	uint32_t taken; /* 2 * the last split of this feature on the path + its side; 0: none */
	uint32_t node; /* in trees->nodes */
	uint32_t how;
};

/* A split's factors at the points of one pass; 0 at points that a pass has not. */
struct explain_factors {
	double turn[EXPLAIN_POINTS];
	double left[EXPLAIN_POINTS], right[EXPLAIN_POINTS]; /* z (1-turn), (1-z) (1-turn) */
	double gain[EXPLAIN_POINTS];
};

/* One pass over a tree: down, then up. `ways` and `taken` are room for all of its splits, and one:
 * P, on the way up S; and whether the row has taken all edges of a split's feature, left of it and
 * right of it. */
struct explain_pass {
	const struct trees *trees;
	const struct explain_split *splits;
	const struct explain_factors *factors;
	size_t count; /* of splits, not counting number 0 */
	unsigned points;
	double *ways;
	int64_t *taken;
};

/* The two walks, which give the same numbers, bit for bit, on every processor. A row: features are
 * row[feature], added to contributions[feature]. Lanes: EXPLAIN_LANES rows, which lie feature by
 * feature in columns and contributions, and row by row at rows[lane]. */
struct explain_walks {
	const char *name; /* of the instructions */
	void (*row)(const struct explain_pass *pass, const double *row, double *contributions);
	void (*lanes)(const struct explain_pass *pass, const double *columns,
	    const double *const rows[EXPLAIN_LANES], double *contributions);
};

/* The `nth` best of those that this processor can run; NULL behind the last one. */
const struct explain_walks *explain_walks_find(size_t nth);

#endif
