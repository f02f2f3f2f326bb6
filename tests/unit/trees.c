/* trees.c: random forests of every shape, scored by every layout and vector width, against a walk
 * over the source arrays that shares no code with them. All sums must agree bit for bit. */
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/model/trees_batch.h"
#include "core/model/trees_source.h"

enum { NODES_MAX = 1 << 14, ROWS = 1000, FEATURES_MAX = 40, SETS = 8, SET_WORDS = 3 };

/* How a forest is to be. */
struct shape {
	const char *name;
	size_t trees, features, depth, nodes; /* at most */
	double grow; /* how probably a node becomes a split */
	size_t pool; /* distinct thresholds a feature; 0: any */
	uint32_t flags; /* that may occur */
	bool skewed; /* only right children grow */
	bool single;
};

/* A tree as trees_add takes it, and as the reference walks it. */
struct plant {
	int32_t left[NODES_MAX], right[NODES_MAX];
	uint32_t feature[NODES_MAX], flags[NODES_MAX], set[NODES_MAX];
	double value[NODES_MAX];
	size_t nodes;
};

struct forest {
	struct plant *plants;
	struct trees_set sets[SETS];
	uint32_t bits[SETS * SET_WORDS];
	struct trees trees;
	size_t features;
};

static const double edges[] = {0, -0.0, 1, -1, 5e-324, -5e-324, 1e-35, -1e-35, 1e-36,
    1.00000001e-35, DBL_MAX, -DBL_MAX, 0.1, (double)0.1f, 31, 32, 95, 96, 1e18, -0.5, 1.5};

static double
any_number(struct rng *rng)
{
	uint32_t what = rng_below(rng, 10);
	if (what == 0)
		return edges[rng_below(rng, sizeof(edges) / sizeof(edges[0]))];
	if (what == 1)
		return (double)(INFINITY) * (rng_below(rng, 2) == 0 ? 1 : -1);
	if (what < 5)
		return (double)(int32_t)rng_below(rng, 120) - 10;
	return rng_normal(rng) * (what == 9 ? 1e6 : 1);
}

static double
any_threshold(struct rng *rng, const struct shape *shape)
{
	if (shape->pool == 0)
		return any_number(rng);
	uint32_t half = (uint32_t)shape->pool / 2;
	return ((double)rng_below(rng, (uint32_t)shape->pool) - half) / 8;
}

static uint32_t
any_flags(struct rng *rng, const struct shape *shape)
{
	return rng_u32(rng) & shape->flags;
}

static void
grow(struct plant *plant, struct rng *rng, const struct shape *shape)
{
	size_t depths[NODES_MAX] = {0};
	plant->nodes = 1;
	for (size_t i = 0; i < plant->nodes; i++) {
		bool side =
		    !shape->skewed || i % 2 == 0; /* of two children the right one is even */
		bool split = side && depths[i] < shape->depth && plant->nodes + 2 <= shape->nodes &&
			     rng_uniform(rng) < shape->grow;
		plant->left[i] = plant->right[i] = -1;
		plant->feature[i] = rng_below(rng, (uint32_t)shape->features);
		plant->flags[i] = any_flags(rng, shape);
		plant->set[i] = rng_below(rng, SETS);
		plant->value[i] = rng_normal(rng);
		if (!split)
			continue;
		plant->value[i] = any_threshold(rng, shape);
		plant->left[i] = (int32_t)plant->nodes++;
		plant->right[i] = (int32_t)plant->nodes++;
		depths[plant->left[i]] = depths[plant->right[i]] = depths[i] + 1;
	}
}

static struct forest
forest_new(const struct shape *shape, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed, 4);
	struct forest forest = {.features = shape->features};
	struct trees *trees = &forest.trees;
	forest.plants = mem_alloc(shape->trees * sizeof(*forest.plants));
	trees->roots = mem_alloc(shape->trees * sizeof(*trees->roots));
	trees->count = trees->used = shape->trees;
	trees->single = shape->single;
	for (size_t i = 0; i < SETS; i++)
		forest.sets[i] = (struct trees_set){
		    .first = (uint32_t)i * SET_WORDS, .words = rng_below(&rng, SET_WORDS + 1)};
	for (size_t i = 0; i < SETS * SET_WORDS; i++)
		forest.bits[i] = rng_u32(&rng);
	for (size_t t = 0; t < shape->trees; t++) {
		struct plant *plant = &forest.plants[t];
		grow(plant, &rng, shape);
		struct trees_source source = {.number = t,
		    .nodes = plant->nodes,
		    .left = plant->left,
		    .right = plant->right,
		    .feature = plant->feature,
		    .flags = plant->flags,
		    .value = plant->value,
		    .set = plant->set,
		    .sets = forest.sets,
		    .sets_count = SETS,
		    .bits = forest.bits,
		    .bits_count = SETS * SET_WORDS};
		struct err err = {0};
		if (!trees_add(trees, &source, shape->features, &trees->roots[t], &err))
			fail_msg("%s: %s", shape->name, err.text);
	}
	trees_ready(trees);
	return forest;
}

static void
forest_free(struct forest *forest)
{
	trees_free(&forest->trees);
	free(forest->plants);
}

/* --- the reference --- */
static bool
goes_left(const struct forest *forest, const struct plant *plant, size_t node, double x)
{
	uint32_t flags = plant->flags[node];
	bool near_zero = x >= -(double)1e-35f && x <= (double)1e-35f;
	if (isnan(x) || ((flags & TREES_ZERO_MISSING) != 0 && near_zero))
		return (flags & TREES_MISSING_LEFT) != 0;
	if ((flags & TREES_SET) == 0)
		return x < plant->value[node];
	const struct trees_set *set = &forest->sets[plant->set[node]];
	if (forest->trees.single)
		x = (float)x < 0 ? -1 : (double)(float)x;
	double whole = trunc(x);
	bool has = false;
	if (whole >= 0 && whole < 32.0 * set->words && x > -1) {
		uint32_t category = (uint32_t)whole;
		has =
		    (forest->bits[set->first + category / 32] & UINT32_C(1) << category % 32) != 0;
	}
	return (flags & TREES_SET_LEFT) != 0 ? has : !has;
}

static double
walk_plants(const struct forest *forest, double base, const double *row)
{
	double sum = base;
	float single = (float)base;
	for (size_t t = 0; t < forest->trees.used; t++) {
		const struct plant *plant = &forest->plants[t];
		size_t node = 0;
		while (plant->left[node] != -1)
			node = (size_t)(goes_left(forest, plant, node, row[plant->feature[node]])
					    ? plant->left[node]
					    : plant->right[node]);
		sum += plant->value[node];
		single += (float)plant->value[node];
	}
	return forest->trees.single ? (double)single : sum;
}

/* --- comparing --- */
static double *
any_rows(const struct forest *forest, const struct shape *shape, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed, 5);
	double *rows = mem_alloc(ROWS * forest->features * sizeof(*rows));
	for (size_t i = 0; i < ROWS * forest->features; i++) {
		uint32_t what = rng_below(&rng, 8);
		rows[i] = what == 0   ? (double)NAN * (rng_below(&rng, 2) == 0 ? 1 : -1)
			  : what < 4  ? any_threshold(&rng, shape)
			  : what == 4 ? nextafter(any_threshold(&rng, shape), -INFINITY)
				      : any_number(&rng);
	}
	return rows;
}

static bool
same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void
compare_rows(const struct forest *forest, const struct shape *shape, const double *rows,
    const double *expected)
{
	static const size_t counts[] = {
	    0, 1, 7, 16, 23, 24, 31, 32, 33, 64, 127, 128, 129, 135, ROWS};
	double *margins = mem_alloc((ROWS + 1) * sizeof(*margins));
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		margins[counts[c]] = 12345;
		trees_score(&forest->trees, 0.25, rows, forest->features, counts[c], margins);
		assert_true(margins[counts[c]] == 12345);
		for (size_t i = 0; i < counts[c]; i++) {
			if (!same(margins[i], expected[i]))
				fail_msg("%s: row %zu of %zu is %.17g, not %.17g", shape->name, i,
				    counts[c], margins[i], expected[i]);
		}
	}
	for (size_t i = 0; i < ROWS; i++) {
		trees_score(&forest->trees, 0.25, rows + i * forest->features, forest->features, 1,
		    margins);
		if (!same(margins[0], expected[i]))
			fail_msg("%s: row %zu alone is %.17g, not %.17g", shape->name, i,
			    margins[0], expected[i]);
	}
	free(margins);
}

/* Returns the widest vector of this machine. */
static size_t
compare(const struct shape *shape, uint64_t seed)
{
	struct forest forest = forest_new(shape, seed);
	double *rows = any_rows(&forest, shape, seed);
	double expected[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		expected[i] = walk_plants(&forest, 0.25, rows + i * forest.features);
	struct trees *trees = &forest.trees;
	size_t widest = trees->batch != NULL ? trees->batch->width : 0;
	compare_rows(&forest, shape, rows, expected);
	for (size_t width = 16; width <= widest; width *= 2) {
		trees_batch_free(trees->batch);
		trees->batch = trees_batch_new(trees, width);
		trees->batch->few = true;
		compare_rows(&forest, shape, rows, expected);
		trees->batch->aside = 0;
		compare_rows(&forest, shape, rows, expected);
		trees->batch->few = false;
		compare_rows(&forest, shape, rows, expected);
	}
	trees_batch_free(trees->batch);
	trees->batch = NULL;
	compare_rows(&forest, shape, rows, expected);
	free(rows);
	forest_free(&forest);
	return widest;
}

#define MISSING (TREES_MISSING_LEFT)
#define RULES (TREES_MISSING_LEFT | TREES_ZERO_MISSING)
#define ALL (RULES | TREES_SET | TREES_SET_LEFT)

static void
forests_of_every_shape_score_as_a_plain_walk_does(void **state)
{
	(void)state;
	static const struct shape shapes[] = {
	    {"constant trees", 20, 3, 0, 1, 0, 0, MISSING, false, true},
	    {"constant trees and stumps", 70, 3, 1, 3, 0.5, 0, MISSING, false, false},
	    {"trees side by side", 150, 12, 6, 127, 0.9, 90, RULES, false, true},
	    {"many columns side by side", 130, 12, 5, 63, 0.9, 700, RULES, false, false},
	    {"one stump", 1, 1, 1, 3, 1, 5, MISSING, false, true},
	    {"perfect trees of 6", 20, 12, 6, 127, 1, 0, MISSING, false, true},
	    {"perfect trees of 4 in double", 37, 12, 4, 31, 1, 200, MISSING, false, false},
	    {"ragged trees of 6", 43, 12, 6, 127, 0.85, 200, RULES, false, true},
	    {"ragged trees of 12", 9, 12, 12, 8191, 0.9, 250, RULES, false, true},
	    {"256 leaves", 5, 5, 8, 511, 1, 0, MISSING, false, false},
	    {"skewed to the right", 17, 4, 300, 601, 1, 90, MISSING, true, true},
	    {"skewed, 20 deep", 17, 4, 20, 41, 1, 90, RULES, true, false},
	    {"numbers past 127 within a unit", 12, 6, 12, 401, 0.93, 90, RULES, false, true},
	    {"many thresholds", 30, 2, 7, 255, 1, 5000, RULES, false, true},
	    {"many features", 3, 40, 5, 63, 0.9, 0, RULES, false, false},
	    {"sets", 24, 5, 6, 127, 0.9, 60, ALL, false, false},
	    {"deep sets", 5, 5, 11, 4095, 0.95, 60, ALL, false, true},
	    {"leaves of a leaf-wise grower", 25, 8, 40, 61, 0.7, 200, RULES, false, false},
	};
	size_t widest = 0;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (uint64_t seed = 1; seed <= 3; seed++) {
			size_t width = compare(&shapes[i], seed);
			widest = width > widest ? width : widest;
		}
	}
	print_message("vectors of 16 to %zu bytes compared\n", widest);
}

static void
forests_beyond_the_bounds_are_walked(void **state)
{
	(void)state;
	static const struct shape shape = {
	    "too many sets", 9, 40, 12, 8191, 0.97, 0, ALL, false, true};
	struct forest forest = forest_new(&shape, 1);
	assert_null(forest.trees.batch);
	forest_free(&forest);
	assert_int_equal(compare(&shape, 1), 0);
}

/* --- threads --- */
struct job {
	const struct forest *forest;
	const double *rows;
	double margins[ROWS];
};

static void *
score_job(void *argument)
{
	struct job *job = argument;
	for (int i = 0; i < 5; i++)
		trees_score(
		    &job->forest->trees, 0, job->rows, job->forest->features, ROWS, job->margins);
	return NULL;
}

static void
threads_share_a_forest(void **state)
{
	(void)state;
	static const struct shape shape = {"shared", 30, 12, 7, 255, 0.95, 300, RULES, false, true};
	static struct job jobs[4];
	pthread_t threads[4];
	struct forest forest = forest_new(&shape, 9);
	double *rows = any_rows(&forest, &shape, 9);
	for (size_t i = 0; i < 4; i++) {
		jobs[i] = (struct job){.forest = &forest, .rows = rows};
		assert_int_equal(pthread_create(&threads[i], NULL, score_job, &jobs[i]), 0);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < ROWS; i++)
		assert_true(
		    same(jobs[0].margins[i], walk_plants(&forest, 0, rows + i * forest.features)));
	for (size_t i = 1; i < 4; i++)
		assert_memory_equal(jobs[i].margins, jobs[0].margins, sizeof(jobs[0].margins));
	free(rows);
	forest_free(&forest);
}

/* --- thresholds --- */
static float
any_float(struct rng *rng)
{
	static const float edge[] = {0.0f, -0.0f, FLT_MIN, FLT_MAX, -FLT_MAX, FLT_TRUE_MIN,
	    -FLT_TRUE_MIN, INFINITY, -INFINITY, 1.0f, -1.0f};
	uint32_t bits = rng_u32(rng);
	float x;
	memcpy(&x, &bits, sizeof(x));
	if (rng_below(rng, 8) == 0)
		return edge[rng_below(rng, sizeof(edge) / sizeof(edge[0]))];
	return isnan(x) ? 1.5f : x;
}

static void
a_turned_threshold_says_of_doubles_what_the_float_says_of_floats(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 3, 3);
	for (int i = 0; i < 200000; i++) {
		float threshold = any_float(&rng);
		double turned = trees_threshold_float(threshold);
		float near[] = {threshold, nextafterf(threshold, -INFINITY),
		    nextafterf(threshold, INFINITY), any_float(&rng)};
		double middle = ((double)near[0] + (double)near[1]) / 2;
		double cases[] = {(double)near[0], (double)near[1], (double)near[2],
		    (double)near[3], turned, nextafter(turned, -INFINITY),
		    nextafter(turned, INFINITY), middle, nextafter(middle, INFINITY), DBL_MAX,
		    -DBL_MAX, 0x1.ffffffp127, -0x1.ffffffp127};
		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			volatile float rounded = (float)cases[k];
			if ((rounded < threshold) != (cases[k] < turned))
				fail_msg("%a against %a: rounded %d, turned (%a) %d", cases[k],
				    (double)threshold, rounded < threshold, turned,
				    cases[k] < turned);
		}
	}
}

/* Before any memory is taken for it. */
static void
a_tree_beyond_the_models_bound_is_refused(void **state)
{
	(void)state;
	struct trees trees = {.nodes_count = TREES_NODES_MAX - 2};
	struct trees_source source = {.number = 7, .nodes = 3};
	struct err err = {0};
	uint32_t root;
	assert_false(trees_add(&trees, &source, 1, &root, &err));
	assert_string_equal(err.text, "tree 7: the model has more than 16777216 nodes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forests_of_every_shape_score_as_a_plain_walk_does),
	    cmocka_unit_test(forests_beyond_the_bounds_are_walked),
	    cmocka_unit_test(threads_share_a_forest),
	    cmocka_unit_test(a_tree_beyond_the_models_bound_is_refused),
	    cmocka_unit_test(a_turned_threshold_says_of_doubles_what_the_float_says_of_floats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
