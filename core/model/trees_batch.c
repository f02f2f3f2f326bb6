/* trees_batch.c: lays trees out as steps and as programs. See trees_batch.h. */
#include "core/model/trees_batch.h"
#include "core/model/trees_vectors.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum {
	NUMBERS = 256, /* leaves that a byte can tell apart */
	NODES_MAX = 2 * NUMBERS - 1, /* of a tree that can be a program */
	JOIN_COST = 3 /* in comparisons: an op to read, two numbers from memory */
};

/* No byte is below it. */
static const struct trees_cell never = {.column = 0, .bin = INT8_MIN};

/* What is needed while the layout is made. */
struct making {
	const struct trees *trees;
	struct trees_batch *batch;
	struct trees_cell *cells; /* a node each */
	uint16_t *levels; /* of the subtree under a node; a leaf's is 0 */
	uint32_t numbers; /* given to leaves of the tree at hand */
	uint32_t costs[NODES_MAX]; /* of the tree at hand, by node from its root */
	uint32_t root;
};

uint32_t
trees_end(const struct trees *trees, uint32_t root)
{
	uint32_t end = root + 1;
	for (uint32_t node = root; node < end; node++) {
		if (trees->nodes[node].child != 0)
			end = trees->nodes[node].child + 2;
	}
	return end;
}

static size_t
add_outputs(struct making *making, size_t count)
{
	const struct trees *trees = making->trees;
	struct trees_batch *batch = making->batch;
	size_t first = batch->outputs_count;
	batch->outputs_count += count;
	if (trees->single)
		mem_reserve(&batch->singles, &batch->outputs_capacity, batch->outputs_count,
		    sizeof(*batch->singles));
	else
		mem_reserve(&batch->doubles, &batch->outputs_capacity, batch->outputs_count,
		    sizeof(*batch->doubles));
	return first;
}

static void
set_output(struct making *making, size_t place, double value)
{
	if (making->trees->single)
		making->batch->singles[place] = (float)value;
	else
		making->batch->doubles[place] = value;
}

/* --- programs --- */
static uint32_t
unit_cost(unsigned levels)
{
	return levels <= TREES_UNIT ? UINT32_C(1) << levels : UINT32_MAX;
}

static uint32_t
join_cost(const struct making *making, const struct trees_node *node)
{
	const uint32_t *costs = making->costs;
	uint32_t left = node->child - making->root;
	return node->child == 0 ? UINT32_MAX : costs[left] + costs[left + 1] + JOIN_COST;
}

static void
add_op(struct making *making, unsigned levels)
{
	struct trees_batch *batch = making->batch;
	mem_reserve(&batch->ops, &batch->ops_capacity, batch->ops_count + 1, sizeof(*batch->ops));
	batch->ops[batch->ops_count++] =
	    (struct trees_op){.levels = (uint8_t)levels, .number = (uint8_t)making->numbers};
}

static void
add_cell(struct making *making, struct trees_cell cell)
{
	struct trees_batch *batch = making->batch;
	mem_reserve(
	    &batch->cells, &batch->cells_capacity, batch->cells_count + 1, sizeof(*batch->cells));
	batch->cells[batch->cells_count++] = cell;
}

/* A complete subtree of so many levels; a leaf above its bottom fills all that is below it. */
static void
add_unit(struct making *making, uint32_t place, unsigned levels)
{
	const struct trees_node *node = &making->trees->nodes[place];
	if (levels == 0) {
		set_output(making, add_outputs(making, 1), node->value);
		making->numbers++;
		return;
	}
	bool leaf = node->child == 0;
	add_cell(making, leaf ? never : making->cells[place]);
	add_unit(making, leaf ? place : node->child + 1, levels - 1);
	add_unit(making, leaf ? place : node->child, levels - 1);
}

static void
add_program(struct making *making, uint32_t place)
{
	const struct trees_node *node = &making->trees->nodes[place];
	unsigned levels = making->levels[place];
	if (unit_cost(levels) <= join_cost(making, node)) {
		add_op(making, levels);
		add_unit(making, place, levels);
		return;
	}
	add_program(making, node->child + 1);
	add_program(making, node->child);
	add_op(making, TREES_JOIN);
	add_cell(making, making->cells[place]);
}

/* Numbers that a program gives; also fills in the costs. */
static uint32_t
count_numbers(struct making *making, uint32_t end)
{
	uint32_t numbers[NODES_MAX];
	for (uint32_t i = end - making->root; i-- > 0;) {
		const struct trees_node *node = &making->trees->nodes[making->root + i];
		unsigned levels = making->levels[making->root + i];
		uint32_t unit = unit_cost(levels), join = join_cost(making, node);
		uint32_t left = node->child - making->root;
		making->costs[i] = unit <= join ? unit : join;
		numbers[i] = unit <= join ? unit : numbers[left] + numbers[left + 1];
	}
	return numbers[0];
}

static void
lay_program(struct making *making, struct trees_layout *layout, uint32_t end)
{
	struct trees_batch *batch = making->batch;
	if (end - making->root > NODES_MAX || making->levels[making->root] > TREES_PROGRAM_LEVELS ||
	    count_numbers(making, end) > NUMBERS)
		return;
	layout->op = (uint32_t)batch->ops_count;
	layout->cell = (uint32_t)batch->cells_count;
	layout->numbered = (uint32_t)batch->outputs_count;
	making->numbers = 0;
	add_program(making, making->root);
	layout->ops = (uint32_t)batch->ops_count - layout->op;
}

/* --- steps --- */
/* Nodes above level `levels` of the tree, which come first; those below are leaves that no walk
 * goes on from. */
static void
lay_steps(struct making *making, struct trees_layout *layout, uint32_t end)
{
	const struct trees_node *nodes = making->trees->nodes;
	struct trees_batch *batch = making->batch;
	uint32_t root = making->root, level_end = root + 1, node = root;
	layout->root = (uint32_t)batch->steps_count;
	for (uint32_t level = 0; level < layout->levels && node < end; level++) {
		uint32_t next_end = level_end;
		for (; node < level_end; node++) {
			uint32_t child = nodes[node].child;
			if (child != 0)
				next_end = child + 2;
			mem_reserve(&batch->steps, &batch->steps_capacity, batch->steps_count + 1,
			    sizeof(*batch->steps));
			struct trees_cell cell = child != 0 ? making->cells[node] : never;
			batch->steps[batch->steps_count++] = (struct trees_step){
			    .column = cell.column,
			    .bin = (uint8_t)(cell.bin - INT8_MIN),
			    .right = (child != 0 ? child + 1 : node) - root + layout->root,
			};
		}
		level_end = next_end;
	}
	uint32_t first = root;
	while (nodes[first].child != 0)
		first++;
	size_t place = add_outputs(making, end - first);
	layout->leaf = (uint32_t)place - (first - root + layout->root);
	for (node = first; node < end; node++)
		set_output(
		    making, place + (node - first), nodes[node].child == 0 ? nodes[node].value : 0);
}

static uint16_t *
measure_levels(const struct trees *trees)
{
	uint16_t *levels = mem_grow(NULL, trees->nodes_count, sizeof(*levels));
	for (size_t i = trees->nodes_count; i-- > 0;) {
		uint32_t child = trees->nodes[i].child;
		uint16_t left = child != 0 ? levels[child] : 0;
		uint16_t right = child != 0 ? levels[child + 1] : 0;
		levels[i] = child == 0 ? 0 : (uint16_t)((left > right ? left : right) + 1);
	}
	return levels;
}

static void
lay_trees(struct making *making)
{
	const struct trees *trees = making->trees;
	struct trees_batch *batch = making->batch;
	batch->trees = mem_alloc(trees->used * sizeof(*batch->trees));
	for (size_t t = 0; t < trees->used; t++) {
		size_t group = t - t % TREES_LANES;
		struct trees_layout *layout = &batch->trees[t];
		for (size_t i = group; i < group + TREES_LANES && i < trees->used; i++) {
			uint16_t levels = making->levels[trees->roots[i]];
			layout->levels = levels > layout->levels ? levels : layout->levels;
		}
		making->root = trees->roots[t];
		uint32_t end = trees_end(trees, making->root);
		lay_steps(making, layout, end);
		lay_program(making, layout, end);
	}
}

/* Whether turning a row into bytes costs less than it saves of a walk: a level of a tree is
 * walked in a third of the time. */
static bool
is_worth(const struct trees_batch *batch, size_t used)
{
	size_t turning = batch->columns, walking = 0;
	for (size_t i = 0; i < batch->gauges_count; i++)
		turning += batch->gauges[i].halvings + 4;
	for (size_t t = 0; t < used; t++)
		walking += batch->trees[t].levels;
	return turning < walking;
}

/* --- trees side by side --- */
/* Fills lane `lane` of the vectors from `cells` on, and outputs from `output` on. */
static void
fill_lane(struct making *making, uint32_t place, unsigned levels, uint8_t **cells, size_t *output)
{
	const struct trees_node *node = &making->trees->nodes[place];
	size_t lanes = making->batch->aside;
	if (levels == 0) {
		set_output(making, (*output)++, node->value);
		return;
	}
	bool leaf = node->child == 0;
	struct trees_cell cell = leaf ? never : making->cells[place];
	(*cells)[0] = (uint8_t)cell.column;
	(*cells)[lanes] = (uint8_t)cell.bin;
	*cells += 2 * lanes;
	fill_lane(making, leaf ? place : node->child + 1, levels - 1, cells, output);
	fill_lane(making, leaf ? place : node->child, levels - 1, cells, output);
}

static size_t
count_vectors(const struct trees_aside *aside)
{
	return aside->levels == 0 ? 0 : 2 * (((size_t)1 << aside->levels) - 1);
}

static void
lay_aside(struct making *making)
{
	const struct trees *trees = making->trees;
	struct trees_batch *batch = making->batch;
	size_t lanes = batch->aside, size = 0;
	batch->asides = mem_alloc((trees->used / lanes + 1) * sizeof(*batch->asides));
	for (size_t t = 0; t < trees->used; t += lanes) {
		struct trees_aside *aside = &batch->asides[t / lanes];
		size_t end = t + lanes < trees->used ? t + lanes : trees->used;
		for (size_t i = t; i < end; i++) {
			uint16_t levels = making->levels[trees->roots[i]];
			aside->levels = levels > aside->levels ? levels : aside->levels;
		}
		if (aside->levels > TREES_ASIDE || end - t < lanes / 4)
			aside->levels = 0;
		aside->cell = size;
		size += count_vectors(aside) * lanes;
	}
	batch->aside_memory = mem_alloc(size + 64);
	batch->aside_cells = batch->aside_memory + (64 - (uintptr_t)batch->aside_memory % 64);
	for (size_t t = 0; t < trees->used; t++) {
		struct trees_aside *aside = &batch->asides[t / lanes];
		if (aside->levels == 0)
			continue;
		size_t output = add_outputs(making, (size_t)1 << aside->levels);
		uint8_t *cells = batch->aside_cells + aside->cell + t % lanes;
		if (t % lanes == 0)
			aside->numbered = (uint32_t)output;
		fill_lane(making, trees->roots[t], aside->levels, &cells, &output);
	}
}

struct trees_batch *
trees_batch_new(const struct trees *trees, size_t width)
{
	if (trees->used == 0)
		return NULL;
	struct making *making = mem_alloc(sizeof(*making));
	struct trees_batch *batch = mem_alloc(sizeof(*batch));
	making->trees = trees;
	making->batch = batch;
	making->cells = mem_grow(NULL, trees->nodes_count, sizeof(*making->cells));
	/* What begins where there is none is a place in them all the same. */
	mem_reserve(&batch->keys, &batch->keys_capacity, 1, sizeof(*batch->keys));
	mem_reserve(&batch->maps, &batch->maps_capacity, 1, sizeof(*batch->maps));
	mem_reserve(&batch->ops, &batch->ops_capacity, 1, sizeof(*batch->ops));
	mem_reserve(&batch->cells, &batch->cells_capacity, 1, sizeof(*batch->cells));
	bool done = trees_gauges_make(batch, trees, making->cells);
	if (done) {
		making->levels = measure_levels(trees);
		lay_trees(making);
		batch->width = width;
		batch->aside = trees_aside_lanes(width, batch->columns);
		if (batch->aside != 0)
			lay_aside(making);
		batch->few = is_worth(batch, trees->used);
	}
	free(making->cells);
	free(making->levels);
	free(making);
	if (done)
		return batch;
	trees_batch_free(batch);
	return NULL;
}

void
trees_batch_free(struct trees_batch *batch)
{
	if (batch == NULL)
		return;
	free(batch->gauges);
	free(batch->keys);
	free(batch->maps);
	free(batch->trees);
	free(batch->steps);
	free(batch->ops);
	free(batch->cells);
	free(batch->asides);
	free(batch->aside_memory);
	free(batch->singles);
	free(batch->doubles);
	free(batch);
}
