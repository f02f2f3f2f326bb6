/* explain.c: exact SHAP values against their definition (every subset of features, on random small
 * trees), against XGBoost's and LightGBM's own, and the properties that must hold for any model. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/model/explain.h"
#include "core/model/explain_parts.h"
#include "core/model/parts.h"
#include "core/model/trees_source.h"
#include "tests/kit/allocations.h"
#include "tests/kit/model_files.h"

/* --- random models ---------------------------------------------------------------------------- */
enum { NODES_MAX = 4096, SETS_MAX = 2048 };

/* A tree as it grows. */
struct growth {
	struct rng *rng;
	size_t features, depth, nodes;
	bool odd; /* splits of all kinds, and covers of 0 */
	int32_t left[NODES_MAX], right[NODES_MAX];
	uint32_t feature[NODES_MAX], flags[NODES_MAX], set[NODES_MAX];
	double value[NODES_MAX], cover[NODES_MAX];
};

static const uint32_t set_bits[] = {0x2A, 0x15, 0x3, 0xFFFFFFFF};
static const struct trees_set sets[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {0, 0}};

static uint32_t
odd_flags(struct rng *rng)
{
	static const uint32_t kinds[] = {
	    0, 0, TREES_ZERO_MISSING, TREES_SET, TREES_SET | TREES_SET_LEFT};
	return kinds[rng_below(rng, sizeof(kinds) / sizeof(kinds[0]))];
}

static size_t
grow(struct growth *growth, size_t depth, double cover)
{
	struct rng *rng = growth->rng;
	size_t node = growth->nodes++;
	assert_true(growth->nodes < NODES_MAX - 2);
	growth->cover[node] = cover;
	growth->left[node] = growth->right[node] = -1;
	if (depth == growth->depth || (depth > 0 && rng_below(rng, 6) == 0)) {
		growth->value[node] = rng_normal(rng);
		return node;
	}
	growth->feature[node] = rng_below(rng, (uint32_t)growth->features);
	growth->flags[node] = rng_below(rng, 2) != 0 ? TREES_MISSING_LEFT : 0;
	if (growth->odd)
		growth->flags[node] |= odd_flags(rng);
	growth->set[node] = rng_below(rng, sizeof(sets) / sizeof(sets[0]));
	growth->value[node] = round(rng_normal(rng) * 2) / 2;
	double share = growth->odd && rng_below(rng, 8) == 0 ? 0 : rng_uniform(rng);
	if (growth->odd && rng_below(rng, 8) == 0)
		share = 1;
	size_t left = grow(growth, depth + 1, cover * share);
	size_t right = grow(growth, depth + 1, cover - cover * share);
	growth->left[node] = (int32_t)left;
	growth->right[node] = (int32_t)right;
	return node;
}

static void
plant(struct model *model, const struct growth *growth)
{
	struct trees *trees = &model->trees;
	const struct trees_source source = {
	    .number = trees->count,
	    .nodes = growth->nodes,
	    .left = growth->left,
	    .right = growth->right,
	    .feature = growth->feature,
	    .flags = growth->flags,
	    .value = growth->value,
	    .cover = growth->cover,
	    .set = growth->set,
	    .sets = sets,
	    .sets_count = sizeof(sets) / sizeof(sets[0]),
	    .bits = set_bits,
	    .bits_count = sizeof(set_bits) / sizeof(set_bits[0]),
	};
	struct err err = {0};
	uint32_t root;
	if (!trees_add(trees, &source, model->features_count, &root, &err))
		fail_msg("%s", err.text);
	trees->roots = mem_grow(trees->roots, trees->count + 1, sizeof(*trees->roots));
	trees->roots[trees->count++] = root;
	trees->used = trees->count;
}

static struct model *
model_of(size_t features)
{
	struct model *model = mem_alloc(sizeof(*model));
	model->features_count = features;
	model->base = 0.25;
	return model;
}

static void
model_drop(struct model *model)
{
	trees_free(&model->trees);
	free(model);
}

static struct model *
random_model(struct rng *rng, size_t features, size_t trees, size_t depth, bool odd)
{
	struct model *model = model_of(features);
	struct growth *growth = mem_alloc(sizeof(*growth));
	for (size_t i = 0; i < trees; i++) {
		growth->rng = rng;
		growth->features = features;
		growth->depth = depth;
		growth->odd = odd;
		growth->nodes = 0;
		grow(growth, 0, 100);
		plant(model, growth);
	}
	free(growth);
	trees_ready(&model->trees);
	return model;
}

/* Values on the thresholds, between them, missing, 0, and fit for sets. */
static void
random_row(struct rng *rng, size_t features, double *row)
{
	for (size_t f = 0; f < features; f++) {
		uint32_t kind = rng_below(rng, 8);
		row[f] = kind == 0   ? (double)NAN
			 : kind == 1 ? 0
			 : kind < 4  ? rng_below(rng, 7)
			 : kind == 4 ? round(rng_normal(rng) * 2) / 2
				     : rng_normal(rng) * 1.5;
	}
}

static double
margin_of(const struct model *model, const double *row)
{
	double margin;
	trees_score(&model->trees, model->base, row, model->features_count, 1, &margin);
	return margin;
}

static struct explainer *
explainer_of(const struct model *model)
{
	struct err err = {0};
	struct explainer *explainer = explainer_new(model, &err);
	if (explainer == NULL)
		fail_msg("%s", err.text);
	return explainer;
}

/* --- the definition --------------------------------------------------------------------------- */
/* The mean of a tree over the training data, the features of `known` being the row's. */
static double
mean_knowing(const struct trees *trees, uint32_t at, const double *row, uint32_t known)
{
	const struct trees_node *node = &trees->nodes[at];
	if (node->child == 0)
		return node->value;
	if ((known >> (node->feature & TREES_FEATURE) & 1) != 0)
		return mean_knowing(trees, trees_next(trees, node, row), row, known);
	double left = trees->cover[node->child], right = trees->cover[node->child + 1];
	double share = left + right > 0 ? left / (left + right) : 0.5;
	return share * mean_knowing(trees, node->child, row, known) +
	       (1 - share) * mean_knowing(trees, node->child + 1, row, known);
}

static double
factorial(unsigned n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

/* phi_i = sum over subsets S without i of |S|! (m-1-|S|)! / m! (f(S and i) - f(S)). */
static void
define(const struct model *model, const double *row, double *contributions)
{
	unsigned features = (unsigned)model->features_count;
	double *means = mem_alloc(sizeof(*means) << features);
	for (uint32_t known = 0; known < 1u << features; known++) {
		means[known] = model->base;
		for (size_t t = 0; t < model->trees.used; t++)
			means[known] +=
			    mean_knowing(&model->trees, model->trees.roots[t], row, known);
	}
	for (unsigned f = 0; f < features; f++) {
		contributions[f] = 0;
		for (uint32_t known = 0; known < 1u << features; known++) {
			if ((known >> f & 1) != 0)
				continue;
			unsigned size = (unsigned)__builtin_popcount(known);
			double weight =
			    factorial(size) * factorial(features - 1 - size) / factorial(features);
			contributions[f] += weight * (means[known | 1u << f] - means[known]);
		}
	}
	contributions[features] = means[0];
	free(means);
}

static void
compare_with_definition(size_t features, size_t depth, bool odd, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed, features * 100 + depth);
	double row[16], ours[17], theirs[17], worst = 0;
	for (int round = 0; round < 40; round++) {
		struct model *model = random_model(&rng, features, 1 + round % 3, depth, odd);
		struct explainer *explainer = explainer_of(model);
		for (int i = 0; i < 4; i++) {
			random_row(&rng, features, row);
			explainer_rows(explainer, row, 1, ours);
			define(model, row, theirs);
			for (size_t f = 0; f <= features; f++)
				worst = fmax(worst, fabs(ours[f] - theirs[f]));
			assert_true(ours[features] == explainer_base(explainer));
		}
		explainer_free(explainer);
		model_drop(model);
	}
	if (!(worst < 1e-12))
		fail_msg("%zu features, depth %zu: apart by %g", features, depth, worst);
}

static void
contributions_are_shapley_values_by_their_definition(void **state)
{
	(void)state;
	for (size_t depth = 0; depth <= 8; depth++)
		compare_with_definition(10, depth, false, 1);
	for (size_t features = 1; features <= 9; features++)
		compare_with_definition(features, 7, false, 2);
}

static void
categories_missing_values_and_empty_nodes_are_explained_by_the_definition(void **state)
{
	(void)state;
	for (size_t features = 1; features <= 9; features++)
		compare_with_definition(features, 6, true, 3);
	compare_with_definition(3, 10, true, 4);
}

/* --- properties ------------------------------------------------------------------------------- */
/* One row by itself, and each of `rows` among the others, by every kind of instructions. */
static void
compare_walks(const struct model *model, struct rng *rng, size_t rows)
{
	size_t features = model->features_count, width = features + 1;
	struct explainer *explainer = explainer_of(model);
	double *values = mem_alloc(rows * features * sizeof(*values));
	double *alone = mem_alloc(rows * width * sizeof(*alone));
	double *among = mem_alloc(rows * width * sizeof(*among));
	for (size_t i = 0; i < rows; i++) {
		random_row(rng, features, values + i * features);
		explainer_rows(explainer, values + i * features, 1, alone + i * width);
	}
	for (size_t nth = 0; (explainer->walks = explain_walks_find(nth)) != NULL; nth++) {
		memset(among, 0xFF, rows * width * sizeof(*among));
		explainer_rows(explainer, values, rows, among);
		if (memcmp(alone, among, rows * width * sizeof(*among)) != 0)
			fail_msg(
			    "%s gives other bits to %zu rows", explain_walks_find(nth)->name, rows);
		memset(among, 0xFF, rows * width * sizeof(*among));
		explainer->walks = explain_walks_find(nth);
		for (size_t i = 0; i < rows; i++)
			explainer_rows(explainer, values + i * features, 1, among + i * width);
		assert_memory_equal(alone, among, rows * width * sizeof(*among));
	}
	/* As if the model were too large for tables, and then for groups too. */
	explainer->walks = explain_walks_find(0);
	free(explainer->tables.kept);
	explainer->tables.kept = NULL;
	explainer->factors = explain_room(explainer->tables.most + 1, sizeof(*explainer->factors));
	explainer_rows(explainer, values, rows, among);
	assert_memory_equal(alone, among, rows * width * sizeof(*among));
	explainer->groups = 0;
	explainer_rows(explainer, values, rows, among);
	assert_memory_equal(alone, among, rows * width * sizeof(*among));
	free(values);
	free(alone);
	free(among);
	explainer_free(explainer);
}

static void
a_row_has_the_same_contributions_alone_and_among_others_on_every_processor(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 5, 1);
	print_message("best of this processor: %s\n", explain_walks_find(0)->name);
	static const size_t rows[] = {1, 7, 8, 9, 64, 65, 150};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t depth = 1; depth <= 11; depth += 2) {
			struct model *model = random_model(&rng, 20, 3, depth, depth % 4 == 3);
			compare_walks(model, &rng, rows[i]);
			model_drop(model);
		}
	}
}

static void
contributions_sum_to_the_margin(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 6, 1);
	double values[100 * 30], contributions[100 * 31];
	for (size_t depth = 1; depth <= 10; depth++) {
		struct model *model = random_model(&rng, 30, 20, depth, true);
		struct explainer *explainer = explainer_of(model);
		for (size_t i = 0; i < 100; i++)
			random_row(&rng, 30, values + i * 30);
		explainer_rows(explainer, values, 100, contributions);
		for (size_t i = 0; i < 100; i++) {
			double sum = 0, size = 0;
			for (size_t f = 0; f <= 30; f++) {
				sum += contributions[i * 31 + f];
				size += fabs(contributions[i * 31 + f]);
			}
			assert_true(
			    fabs(sum - margin_of(model, values + i * 30)) <= 1e-12 * (1 + size));
		}
		explainer_free(explainer);
		model_drop(model);
	}
}

/* A chain: every split has a leaf to the left, and hardly any of the training data there. */
static struct model *
chain(size_t depth, size_t features)
{
	struct growth *growth = mem_alloc(sizeof(*growth));
	growth->nodes = 2 * depth + 1;
	for (size_t i = 0; i < depth; i++) {
		size_t node = 2 * i;
		growth->left[node] = (int32_t)node + 1;
		growth->right[node] = (int32_t)node + 2;
		growth->feature[node] = (uint32_t)(i % features);
		growth->value[node] = 0.5;
		growth->left[node + 1] = growth->right[node + 1] = -1;
		growth->value[node + 1] = 1 + (double)i;
		growth->cover[node + 1] = 1e-3;
		growth->cover[node] = 100 - 1e-3 * (double)i;
	}
	growth->left[2 * depth] = growth->right[2 * depth] = -1;
	growth->value[2 * depth] = -1;
	growth->cover[2 * depth] = 100 - 1e-3 * (double)depth;
	struct model *model = model_of(features);
	plant(model, growth);
	trees_ready(&model->trees);
	free(growth);
	return model;
}

static void
the_deepest_tree_is_explained(void **state)
{
	(void)state;
	static const size_t features[] = {TREES_DEPTH_MAX, 700, 65, 3, 1};
	for (size_t k = 0; k < sizeof(features) / sizeof(features[0]); k++) {
		struct model *model = chain(TREES_DEPTH_MAX, features[k]);
		struct explainer *explainer = explainer_of(model);
		double *rows = mem_alloc(9 * features[k] * sizeof(*rows));
		double *contributions = mem_alloc(9 * (features[k] + 1) * sizeof(*contributions));
		for (size_t i = 0; i < 9 * features[k]; i++)
			rows[i] = i % 97 == 96 ? 0 : 1;
		explainer_rows(explainer, rows, 9, contributions);
		for (size_t i = 0; i < 9; i++) {
			double sum = 0;
			for (size_t f = 0; f <= features[k]; f++)
				sum += contributions[i * (features[k] + 1) + f];
			double margin = margin_of(model, rows + i * features[k]);
			if (!(fabs(sum - margin) <= 1e-9 * (1 + fabs(margin))))
				fail_msg(
				    "%zu features: %.17g, not %.17g", features[k], sum, margin);
		}
		free(rows);
		free(contributions);
		explainer_free(explainer);
		model_drop(model);
	}
}

static void
explaining_takes_no_memory(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 8, 1);
	struct model *model = random_model(&rng, 12, 10, 6, true);
	struct explainer *explainer = explainer_of(model);
	double values[100 * 12], contributions[100 * 13];
	for (size_t i = 0; i < 100; i++)
		random_row(&rng, 12, values + i * 12);
	assert_true(allocations_count());
	free(mem_alloc(1));
	assert_int_equal(allocations_made(), 1); /* they are counted */
	explainer_rows(explainer, values, 100, contributions);
	explainer_rows(explainer, values, 1, contributions);
	assert_int_equal(allocations_made(), 1);
	explainer_free(explainer);
	model_drop(model);
}

static void
a_model_without_covers_is_refused(void **state)
{
	(void)state;
	char *text = model_files_text(MODELS "sound.json");
	struct err err = {0};
	for (char *at = text; (at = strstr(at, "sum_hessian")) != NULL;)
		*at = 'S';
	struct model *model = model_parse(text, strlen(text), "uncovered.json", &err);
	assert_non_null(model);
	assert_null(explainer_new(model, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "how much of the training data"));
	model_free(model);
	free(text);
	explainer_free(NULL);
}

static void
a_linear_model_gives_each_weight_times_the_way_from_the_mean(void **state)
{
	(void)state;
	static const char file[] =
	    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":-1.5,\"features\":["
	    "{\"name\":\"amount\",\"weight\":0.25,\"mean\":8},"
	    "{\"name\":\"hour\",\"weight\":-0.5,\"missing\":12}]}";
	struct err err = {0};
	struct model *model = model_parse(file, strlen(file), "linear", &err);
	assert_non_null(model);
	struct explainer *explainer = explainer_of(model);
	const double rows[] = {10, 3, (double)NAN, (double)NAN};
	double contributions[6];
	explainer_rows(explainer, rows, 2, contributions);
	/* A missing amount counts as 0, a missing hour as 12. */
	static const double wanted[] = {0.5, -1.5, 0.5, -2, -6, 0.5};
	assert_memory_equal(contributions, wanted, sizeof(wanted));
	assert_true(explainer_base(explainer) == 0.5);
	for (size_t i = 0; i < 2; i++) {
		const double *row = contributions + i * 3;
		assert_true(row[0] + row[1] + row[2] == model_score(model, rows + i * 2, NULL));
	}
	explainer_free(explainer);
	model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(contributions_are_shapley_values_by_their_definition),
	    cmocka_unit_test(
		categories_missing_values_and_empty_nodes_are_explained_by_the_definition),
	    cmocka_unit_test(
		a_row_has_the_same_contributions_alone_and_among_others_on_every_processor),
	    cmocka_unit_test(contributions_sum_to_the_margin),
	    cmocka_unit_test(the_deepest_tree_is_explained),
	    cmocka_unit_test(explaining_takes_no_memory),
	    cmocka_unit_test(a_model_without_covers_is_refused),
	    cmocka_unit_test(a_linear_model_gives_each_weight_times_the_way_from_the_mean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
