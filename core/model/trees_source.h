/* trees_source.h: a tree as a reader hands it over, checked as it becomes one of trees.h; private
 * to core/model. */
#ifndef FRAUDTOP_MODEL_TREES_SOURCE_H
#define FRAUDTOP_MODEL_TREES_SOURCE_H

#include "core/base/err.h"
#include "core/model/trees.h"

/* One tree as files have it: arrays of `nodes` elements, node 0 the root, a leaf's left child -1.
 */
struct trees_source {
	size_t number; /* for messages */
	size_t nodes;
	const int32_t *left, *right;
	const uint32_t *feature;
	const uint32_t *flags; /* TREES_MISSING_LEFT... of a split; a leaf's are passed over */
	const double *value; /* a split's threshold, a leaf's output */
	const double *cover; /* NULL: the file has none */
	const uint32_t *set; /* of a TREES_SET split, which of `sets`; NULL: there are none */
	const struct trees_set *sets; /* stretches of `bits` */
	size_t sets_count;
	const uint32_t *bits;
	size_t bits_count;
};

/* Checks a tree and adds it to the nodes; *root is its place. False: err names the tree, the node
 * and what is wrong with it (`tree 3, node 17: ...`); the trees are then only good for trees_free.
 */
bool trees_add(struct trees *trees, const struct trees_source *source, size_t features,
    uint32_t *root, struct err *err);
/* The t for which `x < t` says of every double x what `(float)x < threshold` says of it rounded. */
double trees_threshold_float(float threshold);

#endif
