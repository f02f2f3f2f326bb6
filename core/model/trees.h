/* trees.h: decision trees as every reader hands them over and every scorer walks them; private to
 * core/model.
 *
 * All trees of a model live in one array of 16-byte nodes, each tree breadth first from its root,
 * the two children of a split side by side. Only nodes that can be reached are kept. Once built, a
 * `struct trees` always holds: every child index lies behind its parent's and inside the array,
 * every feature is below the model's count, every threshold is a number, every leaf a finite one
 * and every set inside its bits, so that scoring needs no checks and ends. */
#ifndef FRAUDTOP_MODEL_TREES_H
#define FRAUDTOP_MODEL_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/trees_node.h"

/* Of a model, of which some 50 bytes a node are kept. */
enum { TREES_MAX = 100000, TREES_DEPTH_MAX = 1024, TREES_NODES_MAX = 1 << 24 };

struct trees_batch;

struct trees {
	struct trees_node *nodes;
	double *cover; /* a node each: how much of the training data came through it */
	size_t nodes_count, nodes_capacity, cover_capacity;
	struct trees_set *sets;
	size_t sets_count, sets_capacity;
	uint32_t *bits;
	size_t bits_count, bits_capacity;
	uint32_t *roots; /* `count` of them */
	size_t count; /* trees in the file */
	size_t used; /* trees that make a score, from the first one on */
	bool uncovered; /* some tree came without its covers: cover is not to be used */
	bool single; /* XGBoost's: leaves are added in float (else in double), sets as above */
	size_t depth; /* splits on the longest way from a root to a leaf */
	struct trees_batch *batch; /* the trees again, laid out for speed; NULL: not */
};

/* To be called once, when roots and used are set: lays the trees out for speed. */
void trees_ready(struct trees *trees);
void trees_free(struct trees *trees); /* what it points to */

/* The child of a split that a row goes to. */
uint32_t trees_next(const struct trees *trees, const struct trees_node *node, const double *row);

/* The margins of `rows` rows: base and the leaves, added in the order of the trees, in float if
 * trees->single. A row has the same margin alone and among others. */
void trees_score(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins);

#endif
