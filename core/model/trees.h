/* trees.h: decision trees laid out for scoring; private to core/model.
 *
 * All trees of a model live in one array of 12-byte nodes, each tree breadth first from its root,
 * the two children of a split side by side. Only nodes that can be reached are kept. Once built, a
 * `struct trees` always holds: every child index lies behind its parent's and inside the array,
 * every feature is below the model's count, every threshold is a number and every leaf a finite
 * one, so that scoring needs no checks and ends. */
#ifndef FRAUDTOP_MODEL_TREES_H
#define FRAUDTOP_MODEL_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

enum { TREES_MAX = 100000, TREES_DEPTH_MAX = 1024 };

struct trees_node {
	float value; /* a leaf's output, or a split's threshold: `x < value` goes left */
	uint32_t feature; /* the top bit: a missing value goes left */
	uint32_t child; /* the left child; the right one follows it. 0: a leaf */
};

struct trees {
	struct trees_node *nodes;
	size_t nodes_count, nodes_capacity;
	uint32_t *roots; /* `count` of them */
	size_t count; /* trees in the file */
	size_t used; /* trees that make a score, from the first one on */
};

/* One tree as files have it: arrays of `nodes` elements, node 0 the root, a leaf's left child -1.
 */
struct trees_source {
	size_t number; /* for messages */
	size_t nodes;
	const int32_t *left, *right;
	const uint32_t *feature;
	const float *value; /* a split's threshold, a leaf's output */
	const uint8_t *default_left;
};

/* Checks a tree and adds it to the nodes; *root is its place. False: err names the tree, the node
 * and what is wrong with it (`tree 3, node 17: ...`); the trees are then only good for trees_free.
 */
bool trees_add(struct trees *trees, const struct trees_source *source, size_t features,
    uint32_t *root, struct err *err);
void trees_free(struct trees *trees); /* what it points to */

/* Adds the leaves of each row to margins[row], in float and in the order of the trees. */
void trees_score(
    const struct trees *trees, const float *values, size_t features, size_t rows, float *margins);

#endif
