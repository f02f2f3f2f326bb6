/* trees.c: checks trees, lays them out, walks them. See trees.h for what holds afterwards. */
#include "core/model/trees.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

#define MISSING_LEFT UINT32_C(0x80000000)
#define FEATURE_MASK UINT32_C(0x7FFFFFFF)
#define IN_FLIGHT 8 /* rows that walk side by side */

/* A node of the file on its way to its place in the array. */
struct visit {
	uint32_t node, place, depth;
};

static bool
check_children(const struct trees_source *source, size_t node, struct err *err)
{
	int32_t left = source->left[node], right = source->right[node];
	const struct {
		const char *side;
		int32_t child;
	} children[] = {{"left", left}, {"right", right}};
	for (size_t i = 0; i < 2; i++) {
		if (children[i].child < -1 || children[i].child >= (int64_t)source->nodes)
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: its %s child %ld is outside the tree (%zu nodes)",
			    source->number, node, children[i].side, (long)children[i].child,
			    source->nodes);
	}
	if ((left == -1) != (right == -1))
		return err_set(err, ERR_DATA, "tree %zu, node %zu: it has a %s child but no %s one",
		    source->number, node, left == -1 ? "right" : "left",
		    left == -1 ? "left" : "right");
	return true;
}

static bool
check_node(
    const struct trees_source *source, const struct visit *visit, size_t features, struct err *err)
{
	size_t node = visit->node;
	float value = source->value[node];
	if (visit->depth > TREES_DEPTH_MAX)
		return err_set(err, ERR_DATA, "tree %zu, node %zu: deeper than %d levels",
		    source->number, node, TREES_DEPTH_MAX);
	if (source->left[node] == -1) {
		if (!isfinite(value))
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: the leaf is not a finite number", source->number,
			    node);
		return true;
	}
	if (source->feature[node] >= features)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: it splits on feature %lu, but the model has %zu",
		    source->number, node, (unsigned long)source->feature[node], features);
	if (isnan(value))
		return err_set(err, ERR_DATA, "tree %zu, node %zu: the threshold is not a number",
		    source->number, node);
	return true;
}

/* Puts both children of a split at the end of the array and of the queue. */
static bool
add_children(struct trees *trees, const struct trees_source *source, const struct visit *visit,
    struct visit *queue, size_t *queued, uint8_t *seen, struct err *err)
{
	size_t node = visit->node;
	mem_reserve(
	    &trees->nodes, &trees->nodes_capacity, trees->nodes_count + 2, sizeof(*trees->nodes));
	trees->nodes[visit->place].child = (uint32_t)trees->nodes_count;
	const int32_t children[] = {source->left[node], source->right[node]};
	for (size_t i = 0; i < 2; i++) {
		uint32_t child = (uint32_t)children[i];
		if (seen[child])
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: its child %lu is reached twice: the tree loops",
			    source->number, node, (unsigned long)child);
		seen[child] = 1;
		queue[(*queued)++] = (struct visit){
		    .node = child,
		    .place = (uint32_t)trees->nodes_count++,
		    .depth = visit->depth + 1,
		};
	}
	return true;
}

static bool
lay_out(struct trees *trees, const struct trees_source *source, size_t features,
    struct visit *queue, uint8_t *seen, struct err *err)
{
	size_t queued = 1;
	queue[0] = (struct visit){.place = (uint32_t)trees->nodes_count};
	seen[0] = 1;
	mem_reserve(
	    &trees->nodes, &trees->nodes_capacity, trees->nodes_count + 1, sizeof(*trees->nodes));
	trees->nodes_count++;
	for (size_t i = 0; i < queued; i++) {
		const struct visit *visit = &queue[i];
		size_t node = visit->node;
		if (!check_node(source, visit, features, err))
			return false;
		trees->nodes[visit->place] = (struct trees_node){.value = source->value[node]};
		if (source->left[node] == -1)
			continue;
		trees->nodes[visit->place].feature =
		    source->feature[node] | (source->default_left[node] ? MISSING_LEFT : 0);
		if (!add_children(trees, source, visit, queue, &queued, seen, err))
			return false;
	}
	return true;
}

bool
trees_add(struct trees *trees, const struct trees_source *source, size_t features, uint32_t *root,
    struct err *err)
{
	if (source->nodes == 0)
		return err_set(err, ERR_DATA, "tree %zu: it has no nodes", source->number);
	if (source->nodes > FEATURE_MASK - trees->nodes_count)
		return err_set(
		    err, ERR_DATA, "tree %zu: the model has too many nodes", source->number);
	/* Also those that cannot be reached: a link outside the tree means a broken file. */
	for (size_t node = 0; node < source->nodes; node++) {
		if (!check_children(source, node, err))
			return false;
	}
	*root = (uint32_t)trees->nodes_count;
	struct visit *queue = mem_grow(NULL, source->nodes, sizeof(*queue));
	uint8_t *seen = mem_alloc(source->nodes);
	bool done = lay_out(trees, source, features, queue, seen, err);
	free(queue);
	free(seen);
	return done;
}

void
trees_free(struct trees *trees)
{
	free(trees->nodes);
	free(trees->roots);
	*trees = (struct trees){0};
}

static float
find_leaf(const struct trees_node *nodes, uint32_t root, const float *row)
{
	const struct trees_node *node = &nodes[root];
	while (node->child != 0) {
		float x = row[node->feature & FEATURE_MASK];
		bool left = x < node->value || (isnan(x) && (node->feature & MISSING_LEFT) != 0);
		node = &nodes[node->child + !left];
	}
	return node->value;
}

/* Several rows walk a tree side by side: their loads overlap, where one row's wait for each other.
 * A row that has come to its leaf stays there until all have. Needs a feature to look at. */
static void
add_leaves(const struct trees_node *nodes, uint32_t root, const float *rows, size_t features,
    float *margins)
{
	uint32_t at[IN_FLIGHT], going;
	for (size_t k = 0; k < IN_FLIGHT; k++)
		at[k] = root;
	do {
		going = 0;
		for (size_t k = 0; k < IN_FLIGHT; k++) {
			const struct trees_node *node = &nodes[at[k]];
			float x = rows[k * features + (node->feature & FEATURE_MASK)];
			uint32_t missing_left = node->feature >> 31;
			uint32_t left = (x < node->value) | ((x != x) & missing_left);
			at[k] = node->child != 0 ? node->child + !left : at[k];
			going |= node->child;
		}
	} while (going != 0);
	for (size_t k = 0; k < IN_FLIGHT; k++)
		margins[k] += nodes[at[k]].value;
}

void
trees_score(
    const struct trees *trees, const float *values, size_t features, size_t rows, float *margins)
{
	size_t together = features > 0 ? rows - rows % IN_FLIGHT : 0;
	for (size_t t = 0; t < trees->used; t++) {
		uint32_t root = trees->roots[t];
		for (size_t i = 0; i < together; i += IN_FLIGHT)
			add_leaves(
			    trees->nodes, root, values + i * features, features, margins + i);
		for (size_t i = together; i < rows; i++)
			margins[i] += find_leaf(trees->nodes, root, values + i * features);
	}
}
