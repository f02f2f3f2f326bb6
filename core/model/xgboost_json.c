/* xgboost_json.c: XGBoost's JSON. cJSON parses what stands outside the trees, and then one tree
 * after the other, each let go when its arrays are copied. */
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/skeleton.h"
#include "core/model/xgboost.h"

/* null, which is what became of a NaN, is NaN. */
static bool
copy_array(
    struct xgboost_array *array, const cJSON *json, const char *name, size_t tree, struct err *err)
{
	if (!cJSON_IsArray(json))
		return err_set(err, ERR_DATA, "tree %zu: %s is %s, not an array", tree, name,
		    cjson_word(json));
	array->given = true;
	const cJSON *item;
	cJSON_ArrayForEach(item, json)
	{
		if (!cJSON_IsNumber(item) && !cJSON_IsBool(item) && !cJSON_IsNull(item))
			return err_set(err, ERR_DATA, "tree %zu, node %zu: %s is %s, not a number",
			    tree, array->count, name, cjson_word(item));
		mem_reserve(
		    &array->values, &array->capacity, array->count + 1, sizeof(*array->values));
		array->values[array->count++] = cJSON_IsNumber(item) ? item->valuedouble
						: cJSON_IsNull(item) ? (double)NAN
								     : cJSON_IsTrue(item);
	}
	return true;
}

static bool
copy_tree(struct xgboost_tree *tree, const cJSON *json, size_t number, struct err *err)
{
	for (int name = 0; name < XGBOOST_ARRAYS; name++) {
		const char *text = xgboost_array_text(name);
		const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, text);
		tree->arrays[name].count = 0;
		tree->arrays[name].given = false;
		if (array != NULL && !copy_array(&tree->arrays[name], array, text, number, err))
			return false;
	}
	return xgboost_tree_params(tree, json, number, err);
}

static bool
read_tree(const void *form, size_t number, struct xgboost_tree *tree, struct err *err)
{
	const struct skeleton *skeleton = form;
	cJSON *json = skeleton_tree(skeleton, number, err);
	bool done = json != NULL && copy_tree(tree, json, number, err);
	cJSON_Delete(json);
	return done;
}

bool
xgboost_parse_json(
    struct model *model, const cJSON *root, const struct skeleton *skeleton, struct err *err)
{
	const struct xgboost_file file = {
	    .root = root,
	    .found = skeleton->found,
	    .count = skeleton->count,
	    .form = skeleton,
	    .read_tree = read_tree,
	};
	return xgboost_read(model, &file, err);
}
