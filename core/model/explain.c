/* explain.c: exact SHAP values of a model's rows. See explain.h for what they are, explain_walk.c
 * for how they are worked out. */
#include "core/model/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/explain_parts.h"
#include "core/model/parts.h"

enum { GROUPS_MAX = 8 };

/* What several rows at once may take: of a walk, and of values and sums. */
static const size_t walk_bytes_max = (size_t)4 << 20, columns_bytes_max = (size_t)1 << 20;

static void
make_room(struct explainer *explainer)
{
	size_t splits = explainer->tables.most + 1, features = explainer->model->features_count;
	size_t lanes = EXPLAIN_LANES * sizeof(double);
	size_t group = 2 * lanes * features;
	explainer->groups = columns_bytes_max / group;
	explainer->groups = explainer->groups > GROUPS_MAX ? GROUPS_MAX : explainer->groups;
	if (splits > walk_bytes_max / ((EXPLAIN_POINTS + 2) * lanes))
		explainer->groups = 0;
	size_t width = explainer->groups > 0 ? EXPLAIN_LANES : 1;
	explainer->ways = explain_room(splits * EXPLAIN_POINTS * width, sizeof(double));
	explainer->taken = explain_room(splits * 2 * width, sizeof(int64_t));
	if (explainer->tables.kept == NULL)
		explainer->factors = explain_room(splits, sizeof(*explainer->factors));
	if (explainer->groups > 0) {
		explainer->columns = explain_room(explainer->groups * features, lanes);
		explainer->sums = explain_room(explainer->groups * features, lanes);
	}
}

struct explainer *
explainer_new(const struct model *model, struct err *err)
{
	if (model->terms == NULL && model->trees.uncovered) {
		err_set(err, ERR_DATA,
		    "the model's file does not tell how much of the training data went through "
		    "each node (its covers), so that its scores cannot be explained");
		return NULL;
	}
	struct explainer *explainer = mem_alloc(sizeof(*explainer));
	explainer->model = model;
	if (model->terms != NULL)
		return explainer;
	explainer->walks = explain_walks_find(0);
	explain_tables_make(&explainer->tables, &model->trees, model->features_count);
	make_room(explainer);
	return explainer;
}

void
explainer_free(struct explainer *explainer)
{
	if (explainer == NULL)
		return;
	explain_tables_free(&explainer->tables);
	free(explainer->factors);
	free(explainer->ways);
	free(explainer->taken);
	free(explainer->columns);
	free(explainer->sums);
	free(explainer);
}

double
explainer_base(const struct explainer *explainer)
{
	const struct model *model = explainer->model;
	double base =
	    model->terms != NULL ? model->intercept : model->base + explainer->tables.base;
	for (size_t f = 0; model->terms != NULL && f < model->features_count; f++)
		base += model->terms[f].weight * model->terms[f].mean;
	return base;
}

static void
explain_linear(const struct model *model, const double *values, size_t rows, double *contributions)
{
	for (size_t i = 0; i < rows; i++) {
		for (size_t f = 0; f < model->features_count; f++) {
			const struct linear_term *term = &model->terms[f];
			double value = isnan(values[f]) ? term->missing : values[f];
			contributions[f] = term->weight * (value - term->mean);
		}
		values += model->features_count;
		contributions += model->features_count + 1;
	}
}

/* Rows of a group, feature by feature. */
static void
fill_columns(const double *values, size_t features, double *columns)
{
	for (size_t f = 0; f < features; f++) {
		for (size_t lane = 0; lane < EXPLAIN_LANES; lane++)
			columns[f * EXPLAIN_LANES + lane] = values[lane * features + f];
	}
}

static void
read_sums(const double *sums, size_t features, double *contributions)
{
	for (size_t lane = 0; lane < EXPLAIN_LANES; lane++) {
		for (size_t f = 0; f < features; f++)
			contributions[lane * (features + 1) + f] = sums[f * EXPLAIN_LANES + lane];
	}
}

static void
explain_pass(const struct explainer *explainer, const struct explain_pass *pass,
    const double *values, size_t rows, size_t groups, double *contributions)
{
	size_t features = explainer->model->features_count;
	for (size_t group = 0; group < groups; group++) {
		const double *lanes[EXPLAIN_LANES];
		size_t from = group * features * EXPLAIN_LANES;
		for (size_t lane = 0; lane < EXPLAIN_LANES; lane++)
			lanes[lane] = values + from + lane * features;
		explainer->walks->lanes(
		    pass, explainer->columns + from, lanes, explainer->sums + from);
	}
	for (size_t row = groups * EXPLAIN_LANES; row < rows; row++)
		explainer->walks->row(
		    pass, values + row * features, contributions + row * (features + 1));
}

/* A block of rows, tree by tree: whole groups side by side, the rest one by one. */
static void
explain_block(
    const struct explainer *explainer, const double *values, size_t rows, double *contributions)
{
	size_t features = explainer->model->features_count;
	size_t groups = explainer->groups > 0 ? rows / EXPLAIN_LANES : 0;
	size_t group = features * EXPLAIN_LANES;
	for (size_t i = 0; i < groups; i++)
		fill_columns(values + i * group, features, explainer->columns + i * group);
	if (groups > 0)
		memset(explainer->sums, 0, groups * group * sizeof(*explainer->sums));
	memset(contributions, 0, rows * (features + 1) * sizeof(*contributions));
	for (size_t i = 0; i < explainer->tables.trees_count; i++) {
		const struct explain_tree *tree = &explainer->tables.trees[i];
		for (size_t number = 0; number < explain_passes(tree); number++) {
			const struct explain_pass pass = {
			    .trees = &explainer->model->trees,
			    .splits = explainer->tables.splits + tree->first,
			    .factors = explain_factors(
				&explainer->tables, tree, number, explainer->factors),
			    .count = tree->count,
			    .points = explain_points(tree, number),
			    .ways = explainer->ways,
			    .taken = explainer->taken,
			};
			explain_pass(explainer, &pass, values, rows, groups, contributions);
		}
	}
	for (size_t i = 0; i < groups; i++)
		read_sums(explainer->sums + i * group, features,
		    contributions + i * EXPLAIN_LANES * (features + 1));
}

/* A margin of floats that were added in float is not quite their sum: what that rounded is dealt
 * out to the contributions by their size, so that they sum to the margin which is scored. */
static void
deal_rounding(const struct model *model, const double *values, size_t rows, double *contributions)
{
	size_t features = model->features_count;
	double margins[MODEL_BLOCK];
	trees_score(&model->trees, model->base, values, features, rows, margins);
	for (size_t row = 0; row < rows; row++, contributions += features + 1) {
		double sum = contributions[features], size = 0;
		for (size_t f = 0; f < features; f++) {
			sum += contributions[f];
			size += fabs(contributions[f]);
		}
		double share = (margins[row] - sum) / size;
		for (size_t f = 0; f < features && isfinite(share); f++)
			contributions[f] += share * fabs(contributions[f]);
	}
}

void
explainer_rows(
    struct explainer *explainer, const double *values, size_t rows, double *contributions)
{
	const struct model *model = explainer->model;
	size_t features = model->features_count, block;
	size_t most = explainer->groups > 0 ? explainer->groups * EXPLAIN_LANES : MODEL_BLOCK;
	double base = explainer_base(explainer);
	for (size_t done = 0; done < rows; done += block) {
		block = rows - done < most ? rows - done : most;
		double *results = contributions + done * (features + 1);
		if (model->terms != NULL)
			explain_linear(model, values + done * features, block, results);
		else
			explain_block(explainer, values + done * features, block, results);
		for (size_t row = 0; row < block; row++)
			results[row * (features + 1) + features] = base;
		if (model->terms == NULL && model->trees.single)
			deal_rounding(model, values + done * features, block, results);
	}
}
