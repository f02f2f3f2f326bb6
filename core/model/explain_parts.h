/* explain_parts.h: what the files of explain.c share. Private to them and their test.
 *
 * The method. For one tree, phi_i is the sum over its leaves of what feature i gives to "the leaf's
 * value v, times a factor for each feature j of its path": o_j if the feature is known (1 if the
 * row takes all of j's edges there, else 0), z_j (the share of the training data that takes them)
 * if not. With the Shapley weights as a Beta integral,
 *     |S|! (m-1-|S|)! / m! = integral over t from 0 to 1 of t^|S| (1-t)^(m-1-|S|),
 * the sum over subsets S becomes a product:
 *     phi_i = v * integral of (o_i - z_i) * product over j != i of (o_j t + z_j (1-t)),
 * a polynomial in t of a degree below m, the number of features on the path, which Gauss-Legendre
 * with m/2 points, rounded up, integrates exactly. Nothing is subtracted but o - z, so it is stable
 * at any depth.
 *
 * At a point t, going down, P is the product of the factors of the path; S is, going up, the sum of
 * the leaves times the factors below. A split on a feature whose earlier edges on the path have
 * o' and z' replaces f' = o' t + z' (1-t) by its new factor; for o' = 1 its left edge multiplies by
 *     r = turn o + z (1 - turn),  turn = t / (t + z' (1-t))
 * and the right one by 1 - r; for o' = 0 by z and 1 - z. So S = r S_left + (1-r) S_right, and what
 * the split adds to phi of its feature is
 *     o' (o - z) * sum over t of gain P (S_left - S_right),  gain = w z' / (t + z' (1-t))^2,
 * w being the point's weight; z' = 1 where the feature comes first. One walk down and one up give
 * all features. The points are taken POINTS at a time. */
#ifndef FRAUDTOP_MODEL_EXPLAIN_PARTS_H
#define FRAUDTOP_MODEL_EXPLAIN_PARTS_H

#include "core/model/explain.h"
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

struct explain_tree {
	size_t first; /* its number 0 in splits */
	size_t count; /* of splits, not counting number 0 */
	size_t points;
	size_t factors; /* of its first pass in kept; the passes follow each other */
};

/* Points t and weights w of Gauss-Legendre on 0 to 1. */
struct explain_rule {
	double *t, *w;
};

struct explain_tables {
	struct explain_split *splits;
	size_t splits_count, splits_capacity;
	struct explain_tree *trees; /* those that make a score */
	size_t trees_count;
	size_t most; /* splits of the largest tree */
	struct explain_rule *rules; /* by the number of points */
	size_t rules_count;
	struct explain_factors *kept; /* NULL: would be too large, are made when needed */
	double base; /* mean of the trees' sum over the training data */
};

/* Memory for vectors, not zeroed; free() it. */
void *explain_room(size_t count, size_t size);

void explain_tables_make(struct explain_tables *tables, const struct trees *trees, size_t features);
void explain_tables_free(struct explain_tables *tables);

size_t explain_passes(const struct explain_tree *tree);
/* How many points a pass has. */
unsigned explain_points(const struct explain_tree *tree, size_t pass);
/* The factors of a pass for all splits of a tree: those kept, or made in `room`. */
const struct explain_factors *explain_factors(const struct explain_tables *tables,
    const struct explain_tree *tree, size_t pass, struct explain_factors *room);

struct explainer {
	const struct model *model;
	const struct explain_walks *walks;
	struct explain_tables tables;
	struct explain_factors *factors; /* room for a pass */
	double *ways; /* room for a walk */
	int64_t *taken;
	size_t groups; /* of EXPLAIN_LANES rows at once; 0: every row by itself */
	double *columns, *sums; /* a group's values and contributions, feature by feature */
};

#endif
