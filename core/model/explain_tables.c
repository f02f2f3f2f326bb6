/* explain_tables.c: what of a tree does not depend on the row: its splits with their shares of the
 * training data, the points of the integral, the factors at them. explain_walk.c tells what for. */
#include "core/model/explain_tables.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum { ALIGNMENT = 64 };

/* Factors are kept up to this many bytes. */
static const size_t kept_bytes_max = (size_t)64 << 20;

void *
explain_room(size_t count, size_t size)
{
	if (count > (SIZE_MAX - ALIGNMENT) / size)
		mem_die("out of memory: %zu elements of %zu bytes", count, size);
	size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	void *room = aligned_alloc(ALIGNMENT, bytes);
	if (room == NULL)
		mem_die("out of memory: %zu bytes", bytes);
	return room;
}

/* --- the points --- */
/* The Legendre polynomial of degree n at x, and its derivative. */
static double
legendre(size_t n, double x, double *derivative)
{
	double last = 1, value = x;
	for (size_t k = 2; k <= n; k++) {
		double k_real = (double)k;
		double next = ((2 * k_real - 1) * x * value - (k_real - 1) * last) / k_real;
		last = value;
		value = next;
	}
	*derivative = (double)n * (x * value - last) / (x * x - 1);
	return value;
}

/* The zeros of the polynomial by Newton's method, and from -1 to 1 brought to 0 to 1. */
static void
make_rule(struct explain_rule *rule, size_t points)
{
	rule->t = mem_grow(NULL, points, sizeof(*rule->t));
	rule->w = mem_grow(NULL, points, sizeof(*rule->w));
	for (size_t i = 0; i < points; i++) {
		double x =
		    -cos(3.14159265358979323846 * ((double)i + 0.75) / ((double)points + 0.5));
		double derivative, step;
		int tries = 0;
		do {
			step = legendre(points, x, &derivative) / derivative;
			x -= step;
		} while (fabs(step) > 1e-15 && ++tries < 20);
		legendre(points, x, &derivative);
		rule->t[i] = (1 + x) / 2;
		rule->w[i] = 1 / ((1 - x * x) * derivative * derivative);
	}
}

/* --- the splits --- */
/* Where the training data have been, the share of it; where none of it was, which the covers leave
 * open and for which XGBoost and LightGBM give NaN, half. */
static double
share_of_left(double left, double right)
{
	double half = left / 2, both = half + right / 2; /* two halves never overflow */
	return both > 0 ? half / both : 0.5;
}

static uint32_t
ask_how(const struct trees_node *node)
{
	if ((node->feature & (TREES_SET | TREES_ZERO_MISSING)) != 0)
		return EXPLAIN_ASK;
	return (node->feature & TREES_MISSING_LEFT) != 0 ? EXPLAIN_MISSING_LEFT : 0;
}

/* Numbers the splits of a tree in the order of its nodes, which is breadth first and without
 * gaps. */
static void
add_splits(struct explain_tables *tables, struct explain_tree *tree, const struct trees *trees,
    uint32_t root)
{
	tree->first = tables->splits_count;
	size_t end = (size_t)root + 1;
	uint32_t numbered = trees->nodes[root].child != 0; /* splits that have a number */
	mem_reserve(
	    &tables->splits, &tables->splits_capacity, tree->first + 1, sizeof(*tables->splits));
	tables->splits[tables->splits_count++] = (struct explain_split){0};
	for (size_t at = root; at < end; at++) {
		const struct trees_node *node = &trees->nodes[at];
		if (node->child == 0)
			continue;
		struct explain_split split = {
		    .threshold = (node->feature & TREES_SET) != 0 ? 0 : node->value,
		    .share =
			share_of_left(trees->cover[node->child], trees->cover[node->child + 1]),
		    .feature = node->feature & TREES_FEATURE,
		    .node = (uint32_t)at,
		    .how = ask_how(node),
		};
		for (size_t side = 0; side < 2; side++) {
			const struct trees_node *child = &trees->nodes[node->child + side];
			if (child->child != 0)
				split.child[side] = ++numbered;
			else
				split.leaf[side] = child->value;
		}
		end = (size_t)node->child + 2;
		mem_reserve(&tables->splits, &tables->splits_capacity, tables->splits_count + 1,
		    sizeof(*tables->splits));
		tables->splits[tables->splits_count++] = split;
	}
	tree->count = tables->splits_count - tree->first - 1;
}

/* A split on the way from the root, and where its feature was taken before it. */
struct step {
	uint32_t split, before;
	unsigned side; /* the next one; 2: none is left */
};

/* Goes every path once, depth first, and links each split to the last one of the same feature.
 * taken: by feature, all 0 before and after. Returns the most features on one path. */
static size_t
link_splits(struct explain_split *splits, struct step *steps, uint32_t *taken)
{
	size_t depth = 1, unique = 0, most = 0;
	steps[0] = (struct step){.split = 1};
	while (depth > 0) {
		struct step *step = &steps[depth - 1];
		struct explain_split *split = &splits[step->split];
		if (step->side == 0) {
			step->before = split->taken = taken[split->feature];
			const struct explain_split *last = &splits[split->taken / 2];
			split->before =
			    split->taken == 0
				? 1
				: last->before *
				      (split->taken % 2 == 0 ? last->share : 1 - last->share);
			unique += split->taken == 0;
			most = unique > most ? unique : most;
		}
		if (step->side == 2) {
			taken[split->feature] = step->before;
			unique -= step->before == 0;
			depth--;
			continue;
		}
		taken[split->feature] = 2 * step->split + step->side;
		uint32_t child = split->child[step->side++];
		if (child != 0)
			steps[depth++] = (struct step){.split = child};
	}
	return most;
}

/* Mean of a tree over its training data. `means` is room for all of its splits, and one. */
static double
tree_mean(const struct explain_split *splits, size_t count, double *means)
{
	means[0] = 0;
	for (size_t i = count; i > 0; i--) {
		const struct explain_split *split = &splits[i];
		double left = means[split->child[0]] + split->leaf[0];
		double right = means[split->child[1]] + split->leaf[1];
		means[i] = right + split->share * (left - right);
	}
	return means[1];
}

/* --- the factors --- */
size_t
explain_passes(const struct explain_tree *tree)
{
	return (tree->points + EXPLAIN_POINTS - 1) / EXPLAIN_POINTS;
}

/* A pass's first point; the points are shared out evenly. */
static size_t
first_point(const struct explain_tree *tree, size_t pass)
{
	return tree->points * pass / explain_passes(tree);
}

unsigned
explain_points(const struct explain_tree *tree, size_t pass)
{
	return (unsigned)(first_point(tree, pass + 1) - first_point(tree, pass));
}

static void
make_factors(const struct explain_tables *tables, const struct explain_tree *tree, size_t pass,
    struct explain_factors *factors)
{
	const struct explain_rule *rule = &tables->rules[tree->points];
	size_t first = first_point(tree, pass), points = explain_points(tree, pass);
	for (size_t i = 0; i <= tree->count; i++) {
		const struct explain_split *split = &tables->splits[tree->first + i];
		factors[i] = (struct explain_factors){0};
		for (size_t q = 0; q < points; q++) {
			double t = rule->t[first + q];
			double rest = split->before * (1 - t), whole = t + rest;
			factors[i].turn[q] = t / whole;
			factors[i].left[q] = split->share * (rest / whole);
			factors[i].right[q] = (1 - split->share) * (rest / whole);
			factors[i].gain[q] = rule->w[first + q] * split->before / (whole * whole);
		}
	}
}

const struct explain_factors *
explain_factors(const struct explain_tables *tables, const struct explain_tree *tree, size_t pass,
    struct explain_factors *room)
{
	if (tables->kept != NULL)
		return &tables->kept[tree->factors + pass * (tree->count + 1)];
	make_factors(tables, tree, pass, room);
	return room;
}

static void
keep_factors(struct explain_tables *tables)
{
	size_t total = 0;
	for (size_t i = 0; i < tables->trees_count; i++) {
		struct explain_tree *tree = &tables->trees[i];
		tree->factors = total;
		total += explain_passes(tree) * (tree->count + 1);
	}
	if (total == 0 || total > kept_bytes_max / sizeof(*tables->kept))
		return;
	struct explain_factors *kept = explain_room(total, sizeof(*kept));
	for (size_t i = 0; i < tables->trees_count; i++) {
		const struct explain_tree *tree = &tables->trees[i];
		for (size_t pass = 0; pass < explain_passes(tree); pass++)
			make_factors(
			    tables, tree, pass, kept + tree->factors + pass * (tree->count + 1));
	}
	tables->kept = kept;
}

static void
make_rules(struct explain_tables *tables)
{
	for (size_t i = 0; i < tables->trees_count; i++) {
		if (tables->trees[i].points >= tables->rules_count)
			tables->rules_count = tables->trees[i].points + 1;
	}
	tables->rules = mem_alloc(tables->rules_count * sizeof(*tables->rules));
	for (size_t i = 0; i < tables->trees_count; i++) {
		size_t points = tables->trees[i].points;
		if (points > 0 && tables->rules[points].t == NULL)
			make_rule(&tables->rules[points], points);
	}
}

void
explain_tables_make(struct explain_tables *tables, const struct trees *trees, size_t features)
{
	uint32_t *taken = mem_alloc(features * sizeof(*taken));
	struct step *steps = mem_grow(NULL, trees->depth + 1, sizeof(*steps));
	tables->trees_count = trees->used;
	tables->trees = mem_alloc(trees->used * sizeof(*tables->trees));
	for (size_t i = 0; i < trees->used; i++) {
		struct explain_tree *tree = &tables->trees[i];
		add_splits(tables, tree, trees, trees->roots[i]);
		if (tree->count > 0)
			tree->points =
			    (link_splits(tables->splits + tree->first, steps, taken) + 1) / 2;
		tables->most = tree->count > tables->most ? tree->count : tables->most;
	}
	double *means = mem_grow(NULL, tables->most + 1, sizeof(*means));
	for (size_t i = 0; i < trees->used; i++) {
		const struct explain_tree *tree = &tables->trees[i];
		tables->base += tree->count > 0
				    ? tree_mean(tables->splits + tree->first, tree->count, means)
				    : trees->nodes[trees->roots[i]].value;
	}
	free(means);
	free(steps);
	free(taken);
	make_rules(tables);
	keep_factors(tables);
}

void
explain_tables_free(struct explain_tables *tables)
{
	for (size_t i = 0; i < tables->rules_count; i++) {
		free(tables->rules[i].t);
		free(tables->rules[i].w);
	}
	free(tables->rules);
	free(tables->kept);
	free(tables->trees);
	free(tables->splits);
}
