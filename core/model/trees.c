/* trees.c: checks trees, lays them out, walks them. See trees.h for what holds afterwards. */
#include "core/model/trees.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/model/trees_batch.h"
#include "core/model/trees_source.h"
#include "core/model/trees_vectors.h"

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
check_set(const struct trees_source *source, size_t node, struct err *err)
{
	size_t number = source->set != NULL ? source->set[node] : SIZE_MAX;
	if (number >= source->sets_count)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its set of categories is missing", source->number, node);
	const struct trees_set *set = &source->sets[number];
	if (set->first > source->bits_count || set->words > source->bits_count - set->first)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its set of categories ends outside the file's",
		    source->number, node);
	return true;
}

static bool
check_node(
    const struct trees_source *source, const struct visit *visit, size_t features, struct err *err)
{
	size_t node = visit->node;
	double value = source->value[node];
	if (visit->depth > TREES_DEPTH_MAX)
		return err_set(err, ERR_DATA, "tree %zu, node %zu: deeper than %d levels",
		    source->number, node, TREES_DEPTH_MAX);
	if (source->cover != NULL && !(source->cover[node] >= 0 && isfinite(source->cover[node])))
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its cover is %g, not a finite number from 0 on",
		    source->number, node, source->cover[node]);
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
	if ((source->flags[node] & TREES_SET) != 0)
		return check_set(source, node, err);
	if (isnan(value))
		return err_set(err, ERR_DATA, "tree %zu, node %zu: the threshold is not a number",
		    source->number, node);
	return true;
}

/* Room for `more` nodes at the end. */
static void
make_room(struct trees *trees, size_t more)
{
	size_t count = trees->nodes_count + more;
	mem_reserve(&trees->nodes, &trees->nodes_capacity, count, sizeof(*trees->nodes));
	mem_reserve(&trees->cover, &trees->cover_capacity, count, sizeof(*trees->cover));
}

/* Puts both children of a split at the end of the array and of the queue. */
static bool
add_children(struct trees *trees, const struct trees_source *source, const struct visit *visit,
    struct visit *queue, size_t *queued, uint8_t *seen, struct err *err)
{
	size_t node = visit->node;
	make_room(trees, 2);
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

/* Copies the bits of a set; returns its number here. */
static uint64_t
add_set(struct trees *trees, const struct trees_source *source, size_t node)
{
	const struct trees_set *set = &source->sets[source->set[node]];
	mem_reserve(
	    &trees->sets, &trees->sets_capacity, trees->sets_count + 1, sizeof(*trees->sets));
	mem_reserve(&trees->bits, &trees->bits_capacity, trees->bits_count + set->words,
	    sizeof(*trees->bits));
	trees->sets[trees->sets_count] =
	    (struct trees_set){.first = (uint32_t)trees->bits_count, .words = set->words};
	for (size_t i = 0; i < set->words; i++)
		trees->bits[trees->bits_count++] = source->bits[set->first + i];
	return trees->sets_count++;
}

static void
fill_node(struct trees *trees, const struct trees_source *source, const struct visit *visit)
{
	struct trees_node *node = &trees->nodes[visit->place];
	*node = (struct trees_node){.value = source->value[visit->node]};
	trees->cover[visit->place] = source->cover != NULL ? source->cover[visit->node] : 0;
	if (source->left[visit->node] == -1)
		return;
	node->feature = source->feature[visit->node] | source->flags[visit->node];
	if ((node->feature & TREES_SET) != 0)
		node->set = add_set(trees, source, visit->node);
}

static bool
lay_out(struct trees *trees, const struct trees_source *source, size_t features,
    struct visit *queue, uint8_t *seen, struct err *err)
{
	size_t queued = 1;
	queue[0] = (struct visit){.place = (uint32_t)trees->nodes_count};
	seen[0] = 1;
	make_room(trees, 1);
	trees->nodes_count++;
	for (size_t i = 0; i < queued; i++) {
		const struct visit *visit = &queue[i];
		if (!check_node(source, visit, features, err))
			return false;
		fill_node(trees, source, visit);
		if (visit->depth > trees->depth)
			trees->depth = visit->depth;
		if (source->left[visit->node] != -1 &&
		    !add_children(trees, source, visit, queue, &queued, seen, err))
			return false;
	}
	trees->uncovered = trees->uncovered || source->cover == NULL;
	return true;
}

bool
trees_add(struct trees *trees, const struct trees_source *source, size_t features, uint32_t *root,
    struct err *err)
{
	if (source->nodes == 0)
		return err_set(err, ERR_DATA, "tree %zu: it has no nodes", source->number);
	if (source->nodes > TREES_NODES_MAX - trees->nodes_count)
		return err_set(err, ERR_DATA, "tree %zu: the model has more than %d nodes",
		    source->number, TREES_NODES_MAX);
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
trees_ready(struct trees *trees)
{
	trees->batch = trees_batch_new(trees, trees_vectors_widest());
}

void
trees_free(struct trees *trees)
{
	free(trees->nodes);
	free(trees->cover);
	free(trees->sets);
	free(trees->bits);
	free(trees->roots);
	trees_batch_free(trees->batch);
	*trees = (struct trees){0};
}

double
trees_threshold_float(float threshold)
{
	if (isinf(threshold) && threshold < 0)
		return (double)threshold;
	/* Rounded, x is below the threshold if it is nearer to the float before it; half way, if
	 * that one is even. Half way between two floats is a double. */
	float before = nextafterf(threshold, -INFINITY);
	double middle = isinf(before) ? -0x1.ffffffp127 /* half way to what would be 2^128 */
			: isinf(threshold)
			    ? 0x1.ffffffp127
			    : (double)before + ((double)threshold - (double)before) / 2;
	return (float)middle < threshold ? nextafter(middle, INFINITY) : middle;
}

static bool
set_has(const struct trees *trees, uint64_t number, double x)
{
	const struct trees_set *set = &trees->sets[number];
	x = trees_category(trees->single, x);
	if (!(x > -1.0 && x < 32.0 * set->words))
		return false;
	uint32_t category = (uint32_t)(x < 0 ? 0 : x);
	return category / 32 < set->words &&
	       (trees->bits[set->first + category / 32] >> (category % 32) & 1) != 0;
}

uint32_t
trees_next(const struct trees *trees, const struct trees_node *node, const double *row)
{
	uint32_t flags = node->feature;
	double x = row[flags & TREES_FEATURE];
	bool left;
	if (isnan(x) || ((flags & TREES_ZERO_MISSING) != 0 && fabs(x) <= TREES_NEAR_ZERO))
		left = (flags & TREES_MISSING_LEFT) != 0;
	else if ((flags & TREES_SET) != 0)
		left = set_has(trees, node->set, x) == ((flags & TREES_SET_LEFT) != 0);
	else
		left = x < node->value;
	return node->child + !left;
}

static double
find_leaf(const struct trees *trees, uint32_t root, const double *row)
{
	const struct trees_node *node = &trees->nodes[root];
	while (node->child != 0)
		node = &trees->nodes[trees_next(trees, node, row)];
	return node->value;
}

void
trees_score(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins)
{
	size_t done = trees_batch_score(trees, base, values, features, rows, margins);
	for (size_t i = done; i < rows; i++) {
		double sum = base;
		for (size_t t = 0; t < trees->used; t++) {
			double leaf = find_leaf(trees, trees->roots[t], values + i * features);
			sum = trees->single ? (double)((float)sum + (float)leaf) : sum + leaf;
		}
		margins[i] = sum;
	}
}
