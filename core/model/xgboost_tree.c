/* xgboost_tree.c: one tree of an XGBoost JSON file. The arrays of a tree are parallel, one element
 * a node; since 1.0 some of them came and went (leaf_child_counts, split_type, categories), and
 * default_left was written as booleans and as 0 and 1. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/parts.h"

/* The arrays of the tree at hand. */
struct arrays {
	size_t number, nodes;
	bool covered; /* the file has sum_hessian */
	double *scratch, *value, *cover;
	int32_t *left, *right;
	uint32_t *feature, *flags;
};

/* Reads the array `name` of exactly one number a node into scratch; null (NaN in the file) is NaN.
 */
static bool
read_array(const struct arrays *arrays, const cJSON *json, const char *name, struct err *err)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, name);
	if (array == NULL)
		return err_set(err, ERR_DATA, "tree %zu: it has no %s", arrays->number, name);
	if (!cJSON_IsArray(array))
		return err_set(err, ERR_DATA, "tree %zu: %s is %s, not an array", arrays->number,
		    name, cjson_word(array));
	size_t node = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, array)
	{
		if (node < arrays->nodes) {
			if (!cJSON_IsNumber(item) && !cJSON_IsBool(item) && !cJSON_IsNull(item))
				return err_set(err, ERR_DATA,
				    "tree %zu, node %zu: %s is %s, not a number", arrays->number,
				    node, name, cjson_word(item));
			arrays->scratch[node] = cJSON_IsNumber(item) ? item->valuedouble
						: cJSON_IsNull(item) ? (double)NAN
								     : cJSON_IsTrue(item);
		}
		node++;
	}
	if (node != arrays->nodes)
		return err_set(err, ERR_DATA,
		    "tree %zu: %s has %zu elements, left_children has %zu", arrays->number, name,
		    node, arrays->nodes);
	return true;
}

/* The same for whole numbers from low to high. */
static bool
read_whole(const struct arrays *arrays, const cJSON *json, const char *name, double low,
    double high, struct err *err)
{
	if (!read_array(arrays, json, name, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++) {
		double value = arrays->scratch[node];
		if (!(value >= low && value <= high) || value != floor(value))
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: %s is %g, not a whole number from %.0f to %.0f",
			    arrays->number, node, name, value, low, high);
	}
	return true;
}

static bool
read_links(struct arrays *arrays, const cJSON *json, struct err *err)
{
	if (!read_whole(arrays, json, "left_children", INT32_MIN, INT32_MAX, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++)
		arrays->left[node] = (int32_t)arrays->scratch[node];
	if (!read_whole(arrays, json, "right_children", INT32_MIN, INT32_MAX, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++)
		arrays->right[node] = (int32_t)arrays->scratch[node];
	return true;
}

/* A pruned node, which nothing leads to, bears 2^31-1 or 2^32-1 for its feature. */
static bool
read_splits(struct arrays *arrays, const cJSON *json, struct err *err)
{
	if (!read_whole(arrays, json, "split_indices", 0, UINT32_MAX, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++)
		arrays->feature[node] = (uint32_t)arrays->scratch[node];
	if (!read_whole(arrays, json, "default_left", 0, 1, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++)
		arrays->flags[node] = arrays->scratch[node] != 0 ? TREES_MISSING_LEFT : 0;
	if (!read_array(arrays, json, "split_conditions", err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++) {
		double value = arrays->scratch[node];
		if (isfinite(value) && fabs(value) > FLT_MAX)
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: split_conditions is %g, too large for a float",
			    arrays->number, node, value);
		arrays->value[node] = arrays->left[node] == -1 ? (double)(float)value
				      : isnan(value)	       ? value
						     : trees_threshold_float((float)value);
	}
	return true;
}

/* Comes before the thresholds: those of a categorical split are NaN. */
static bool
refuse_categorical(const struct arrays *arrays, const cJSON *json, struct err *err)
{
	const cJSON *types = cJSON_GetObjectItemCaseSensitive(json, "split_type");
	if (types == NULL || (cJSON_IsArray(types) && types->child == NULL))
		return true;
	if (!read_whole(arrays, json, "split_type", 0, 255, err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++) {
		if (arrays->scratch[node] != 0)
			return err_set(err, ERR_DATA,
			    "tree %zu, node %zu: a categorical split; only numeric splits can be "
			    "scored",
			    arrays->number, node);
	}
	return true;
}

/* The number that a parameter object holds as a string or as a number; `absent` if it is not there.
 */
static bool
tree_param(const struct arrays *arrays, const cJSON *json, const char *name, double absent,
    double *value, struct err *err)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(json, "tree_param");
	if (!xgboost_param(object, name, absent, value, err))
		return err_prefix(err, "tree %zu: tree_param", arrays->number);
	return true;
}

/* sum_hessian, which files for scoring alone may lack. */
static bool
read_cover(struct arrays *arrays, const cJSON *json, struct err *err)
{
	arrays->covered = cJSON_GetObjectItemCaseSensitive(json, "sum_hessian") != NULL;
	if (!arrays->covered)
		return true;
	if (!read_array(arrays, json, "sum_hessian", err))
		return false;
	for (size_t node = 0; node < arrays->nodes; node++)
		arrays->cover[node] = arrays->scratch[node];
	return true;
}

static bool
read_tree(struct arrays *arrays, const cJSON *json, size_t *id, struct err *err)
{
	double nodes, leaf_size, given_id;
	if (!refuse_categorical(arrays, json, err) || !read_links(arrays, json, err) ||
	    !read_splits(arrays, json, err) || !read_cover(arrays, json, err) ||
	    !tree_param(arrays, json, "num_nodes", (double)arrays->nodes, &nodes, err) ||
	    !tree_param(arrays, json, "size_leaf_vector", 0, &leaf_size, err))
		return false;
	if (nodes != (double)arrays->nodes)
		return err_set(err, ERR_DATA,
		    "tree %zu: tree_param says %.0f nodes, left_children has %zu", arrays->number,
		    nodes, arrays->nodes);
	if (leaf_size > 1)
		return err_set(err, ERR_DATA,
		    "tree %zu: its leaves hold %.0f values; only models of one output can be "
		    "scored",
		    arrays->number, leaf_size);
	if (!xgboost_param(json, "id", (double)arrays->number, &given_id, err))
		return err_prefix(err, "tree %zu", arrays->number);
	if (!(given_id >= 0 && given_id <= TREES_MAX) || given_id != floor(given_id))
		return err_set(err, ERR_DATA, "tree %zu: its id is %g", arrays->number, given_id);
	*id = (size_t)given_id;
	return true;
}

bool
xgboost_tree(struct model *model, const cJSON *json, size_t number, size_t *id, uint32_t *root,
    struct err *err)
{
	const cJSON *left = cJSON_GetObjectItemCaseSensitive(json, "left_children");
	if (!cJSON_IsArray(left))
		return err_set(err, ERR_DATA, "tree %zu: it has no array left_children", number);
	struct arrays arrays = {.number = number, .nodes = (size_t)cJSON_GetArraySize(left)};
	arrays.scratch = mem_grow(NULL, arrays.nodes, sizeof(*arrays.scratch));
	arrays.left = mem_grow(NULL, arrays.nodes, sizeof(*arrays.left));
	arrays.right = mem_grow(NULL, arrays.nodes, sizeof(*arrays.right));
	arrays.feature = mem_grow(NULL, arrays.nodes, sizeof(*arrays.feature));
	arrays.flags = mem_grow(NULL, arrays.nodes, sizeof(*arrays.flags));
	arrays.value = mem_grow(NULL, arrays.nodes, sizeof(*arrays.value));
	arrays.cover = mem_grow(NULL, arrays.nodes, sizeof(*arrays.cover));
	bool done = read_tree(&arrays, json, id, err);
	if (done) {
		const struct trees_source source = {
		    .number = number,
		    .nodes = arrays.nodes,
		    .left = arrays.left,
		    .right = arrays.right,
		    .feature = arrays.feature,
		    .flags = arrays.flags,
		    .value = arrays.value,
		    .cover = arrays.covered ? arrays.cover : NULL,
		};
		done = trees_add(&model->trees, &source, model->features_count, root, err);
	}
	free(arrays.scratch);
	free(arrays.left);
	free(arrays.right);
	free(arrays.feature);
	free(arrays.flags);
	free(arrays.value);
	free(arrays.cover);
	return done;
}
