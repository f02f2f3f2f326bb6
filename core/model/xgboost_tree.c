/* xgboost_tree.c: one tree of an XGBoost file made a tree of ours. The arrays of a tree are
 * parallel, one element a node; since 1.0 some of them came and went (leaf_child_counts,
 * split_type, categories), and default_left was written as booleans and as 0 and 1.
 *
 * A categorical split lists the categories that go right; all other values, also those that are
 * none (below 0, unseen, too large), go left, as in XGBoost from 1.7 to 3.x. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/trees_source.h"
#include "core/model/xgboost.h"

/* 2^24 and above are no categories: a float cannot count on. The sets of a model, a bit a category
 * up to their largest, may take 128 MB. */
enum { CATEGORY_MAX = 16777215, SET_WORDS_MAX = 32 << 20 };

static const char *const array_names[XGBOOST_ARRAYS] = {
    [XGBOOST_LEFT] = "left_children",
    [XGBOOST_RIGHT] = "right_children",
    [XGBOOST_FEATURE] = "split_indices",
    [XGBOOST_CONDITION] = "split_conditions",
    [XGBOOST_DEFAULT] = "default_left",
    [XGBOOST_COVER] = "sum_hessian",
    [XGBOOST_KIND] = "split_type",
    [XGBOOST_CATEGORIES] = "categories",
    [XGBOOST_CATEGORY_NODES] = "categories_nodes",
    [XGBOOST_SEGMENTS] = "categories_segments",
    [XGBOOST_SIZES] = "categories_sizes",
};

/* The tree on its way. */
struct build {
	const struct xgboost_tree *tree;
	size_t number, nodes;
	int32_t *left, *right;
	uint32_t *feature, *flags, *set;
	double *value;
	struct trees_set *sets;
	size_t sets_count, sets_capacity;
	uint32_t *bits;
	size_t bits_count, bits_capacity;
	size_t bits_before; /* in the model's other trees */
};

const char *
xgboost_array_text(enum xgboost_array_name name)
{
	return array_names[name];
}

static const double *
values_of(const struct build *build, enum xgboost_array_name name)
{
	return build->tree->arrays[name].values;
}

/* Is the array there, with an element a node? */
static bool
check_array(const struct build *build, enum xgboost_array_name name, struct err *err)
{
	const struct xgboost_array *array = &build->tree->arrays[name];
	if (!array->given)
		return err_set(err, ERR_DATA, "tree %zu: it has no %s%s", build->number,
		    name == XGBOOST_LEFT ? "array " : "", array_names[name]);
	if (array->count != build->nodes)
		return err_set(err, ERR_DATA,
		    "tree %zu: %s has %zu elements, left_children has %zu", build->number,
		    array_names[name], array->count, build->nodes);
	return true;
}

/* Are its elements whole numbers from low to high? */
static bool
check_whole(const struct build *build, enum xgboost_array_name name, double low, double high,
    const char *what, struct err *err)
{
	const struct xgboost_array *array = &build->tree->arrays[name];
	for (size_t i = 0; i < array->count; i++) {
		double value = array->values[i];
		if (!(value >= low && value <= high) || value != floor(value))
			return err_set(err, ERR_DATA,
			    "tree %zu, %s %zu: %s is %g, not a whole number from %.0f to %.0f",
			    build->number, what, i, array_names[name], value, low, high);
	}
	return true;
}

static bool
check_nodes(const struct build *build, enum xgboost_array_name name, double low, double high,
    struct err *err)
{
	return check_array(build, name, err) && check_whole(build, name, low, high, "node", err);
}

static bool
is_leaf(const struct build *build, size_t node)
{
	return build->left[node] == -1;
}

static bool
take_links(struct build *build, struct err *err)
{
	if (!check_nodes(build, XGBOOST_LEFT, INT32_MIN, INT32_MAX, err) ||
	    !check_nodes(build, XGBOOST_RIGHT, INT32_MIN, INT32_MAX, err))
		return false;
	for (size_t node = 0; node < build->nodes; node++) {
		build->left[node] = (int32_t)values_of(build, XGBOOST_LEFT)[node];
		build->right[node] = (int32_t)values_of(build, XGBOOST_RIGHT)[node];
	}
	return true;
}

/* Comes before the thresholds, since a categorical split's says nothing. */
static bool
take_kinds(struct build *build, struct err *err)
{
	const struct xgboost_array *kinds = &build->tree->arrays[XGBOOST_KIND];
	bool given = kinds->given && kinds->count > 0;
	if (given && !check_nodes(build, XGBOOST_KIND, 0, 1, err))
		return false;
	for (size_t node = 0; node < build->nodes; node++) {
		build->flags[node] = given && kinds->values[node] != 0 ? TREES_SET : 0;
		build->set[node] = UINT32_MAX;
	}
	return true;
}

/* A pruned node, which nothing leads to, bears 2^31-1 or 2^32-1 for its feature. */
static bool
take_splits(struct build *build, float weight, struct err *err)
{
	if (!check_nodes(build, XGBOOST_FEATURE, 0, UINT32_MAX, err) ||
	    !check_nodes(build, XGBOOST_DEFAULT, 0, 1, err) ||
	    !check_array(build, XGBOOST_CONDITION, err))
		return false;
	for (size_t node = 0; node < build->nodes; node++) {
		double value = values_of(build, XGBOOST_CONDITION)[node];
		build->feature[node] = (uint32_t)values_of(build, XGBOOST_FEATURE)[node];
		if (values_of(build, XGBOOST_DEFAULT)[node] != 0)
			build->flags[node] |= TREES_MISSING_LEFT;
		bool set = (build->flags[node] & TREES_SET) != 0 && !is_leaf(build, node);
		if (!set && isfinite(value) && fabs(value) > (double)FLT_MAX)
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: split_conditions is %g, too large for a float",
			    build->number, node, value);
		build->value[node] = set		    ? 0
				     : is_leaf(build, node) ? (double)((float)value * weight)
				     : isnan(value)	    ? value
							    : trees_threshold_float((float)value);
	}
	return true;
}

/* The categories first..first+size of the file, as the set of a node. */
static bool
add_set(struct build *build, size_t node, const double *categories, size_t size, struct err *err)
{
	double most = 0;
	for (size_t i = 0; i < size; i++)
		most = fmax(most, categories[i]);
	size_t words = (size_t)most / 32 + 1, first = build->bits_count;
	if (words > SET_WORDS_MAX - first - build->bits_before)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: with its categories, the model's take more than %d MB",
		    build->number, node, SET_WORDS_MAX >> 18);
	mem_reserve(&build->bits, &build->bits_capacity, first + words, sizeof(*build->bits));
	memset(build->bits + first, 0, words * sizeof(*build->bits));
	for (size_t i = 0; i < size; i++) {
		size_t category = (size_t)categories[i];
		build->bits[first + category / 32] |= UINT32_C(1) << category % 32;
	}
	build->bits_count += words;
	mem_reserve(
	    &build->sets, &build->sets_capacity, build->sets_count + 1, sizeof(*build->sets));
	build->set[node] = (uint32_t)build->sets_count;
	build->sets[build->sets_count++] =
	    (struct trees_set){.first = (uint32_t)first, .words = (uint32_t)words};
	return true;
}

/* A node's stretch of the categories, `place` in the list of such nodes. */
static bool
take_set(struct build *build, size_t place, struct err *err)
{
	size_t node = (size_t)values_of(build, XGBOOST_CATEGORY_NODES)[place];
	double first = values_of(build, XGBOOST_SEGMENTS)[place];
	double size = values_of(build, XGBOOST_SIZES)[place];
	size_t count = build->tree->arrays[XGBOOST_CATEGORIES].count;
	if (build->set[node] != UINT32_MAX)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: it stands twice in categories_nodes", build->number, node);
	if (size == 0)
		return err_set(err, ERR_DATA, "tree %zu, node %zu: its set of categories is empty",
		    build->number, node);
	if (first + size > (double)count)
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its categories %.0f to %.0f end outside the list of %zu",
		    build->number, node, first, first + size, count);
	const double *categories = values_of(build, XGBOOST_CATEGORIES) + (size_t)first;
	return add_set(build, node, categories, (size_t)size, err);
}

static bool
take_sets(struct build *build, struct err *err)
{
	const struct xgboost_array *arrays = build->tree->arrays;
	size_t count = arrays[XGBOOST_CATEGORY_NODES].count;
	if (count == 0)
		return true;
	for (int name = XGBOOST_SEGMENTS; name <= XGBOOST_SIZES; name++) {
		if (arrays[name].count != count)
			return err_set(err, ERR_DATA,
			    "tree %zu: %s has %zu elements, categories_nodes has %zu",
			    build->number, array_names[name], arrays[name].count, count);
	}
	double nodes = (double)build->nodes, most = (double)arrays[XGBOOST_CATEGORIES].count;
	if (!check_whole(build, XGBOOST_CATEGORY_NODES, 0, nodes - 1, "element", err) ||
	    !check_whole(build, XGBOOST_SEGMENTS, 0, most, "element", err) ||
	    !check_whole(build, XGBOOST_SIZES, 0, most, "element", err) ||
	    !check_whole(build, XGBOOST_CATEGORIES, 0, CATEGORY_MAX, "element", err))
		return false;
	/* Otherwise a small file could make us read the same categories for ever. */
	double together = 0;
	for (size_t i = 0; i < count; i++)
		together += values_of(build, XGBOOST_SIZES)[i];
	if (together > most)
		return err_set(err, ERR_DATA,
		    "tree %zu: categories_sizes add up to %.0f, but there are %.0f categories",
		    build->number, together, most);
	for (size_t i = 0; i < count; i++) {
		if (!take_set(build, i, err))
			return false;
	}
	return true;
}

static bool
check_params(const struct build *build, struct err *err)
{
	const struct xgboost_tree *tree = build->tree;
	if (!isnan(tree->nodes) && tree->nodes != (double)build->nodes)
		return err_set(err, ERR_DATA,
		    "tree %zu: tree_param says %.0f nodes, left_children has %zu", build->number,
		    tree->nodes, build->nodes);
	if (tree->leaf_size > 1)
		return err_set(err, ERR_DATA,
		    "tree %zu: its leaves hold %.0f values; only models of one output can be "
		    "scored",
		    build->number, tree->leaf_size);
	return true;
}

/* Files for scoring alone may lack the cover, sum_hessian. */
static bool
take_tree(struct build *build, float weight, struct err *err)
{
	return take_kinds(build, err) && take_links(build, err) &&
	       take_splits(build, weight, err) && take_sets(build, err) &&
	       (!build->tree->arrays[XGBOOST_COVER].given ||
		   check_array(build, XGBOOST_COVER, err)) &&
	       check_params(build, err);
}

static bool
add_tree(struct build *build, struct model *model, uint32_t *root, struct err *err)
{
	const struct xgboost_array *cover = &build->tree->arrays[XGBOOST_COVER];
	const struct trees_source source = {
	    .number = build->number,
	    .nodes = build->nodes,
	    .left = build->left,
	    .right = build->right,
	    .feature = build->feature,
	    .flags = build->flags,
	    .value = build->value,
	    .cover = cover->given ? cover->values : NULL,
	    .set = build->set,
	    .sets = build->sets,
	    .sets_count = build->sets_count,
	    .bits = build->bits,
	    .bits_count = build->bits_count,
	};
	return trees_add(&model->trees, &source, model->features_count, root, err);
}

bool
xgboost_tree_add(struct model *model, const struct xgboost_tree *tree, size_t number, float weight,
    uint32_t *root, struct err *err)
{
	struct build build = {
	    .tree = tree,
	    .number = number,
	    .nodes = tree->arrays[XGBOOST_LEFT].count,
	    .bits_before = model->trees.bits_count,
	};
	if (!check_array(&build, XGBOOST_LEFT, err))
		return false;
	build.left = mem_grow(NULL, build.nodes, sizeof(*build.left));
	build.right = mem_grow(NULL, build.nodes, sizeof(*build.right));
	build.feature = mem_grow(NULL, build.nodes, sizeof(*build.feature));
	build.flags = mem_grow(NULL, build.nodes, sizeof(*build.flags));
	build.set = mem_grow(NULL, build.nodes, sizeof(*build.set));
	build.value = mem_grow(NULL, build.nodes, sizeof(*build.value));
	bool done = take_tree(&build, weight, err) && add_tree(&build, model, root, err);
	free(build.left);
	free(build.right);
	free(build.feature);
	free(build.flags);
	free(build.set);
	free(build.value);
	free(build.sets);
	free(build.bits);
	return done;
}

bool
xgboost_tree_params(struct xgboost_tree *tree, const cJSON *rest, size_t number, struct err *err)
{
	const cJSON *param = cJSON_GetObjectItemCaseSensitive(rest, "tree_param");
	if (!xgboost_param(param, "num_nodes", (double)NAN, &tree->nodes, err) ||
	    !xgboost_param(param, "size_leaf_vector", 0, &tree->leaf_size, err))
		return err_prefix(err, "tree %zu: tree_param", number);
	if (!xgboost_param(rest, "id", (double)number, &tree->id, err))
		return err_prefix(err, "tree %zu", number);
	return true;
}

void
xgboost_tree_free(struct xgboost_tree *tree)
{
	for (size_t i = 0; i < XGBOOST_ARRAYS; i++)
		free(tree->arrays[i].values);
	*tree = (struct xgboost_tree){0};
}
