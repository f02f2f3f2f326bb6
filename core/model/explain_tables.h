/* explain_tables.h: what of the trees does not depend on the row. Private to explain.c's files and
 * their test. */
#ifndef FRAUDTOP_MODEL_EXPLAIN_TABLES_H
#define FRAUDTOP_MODEL_EXPLAIN_TABLES_H

#include "core/model/explain_walk.h"

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

#endif
