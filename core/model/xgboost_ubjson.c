/* xgboost_ubjson.c: XGBoost's UBJSON, the same document as its JSON. What stands outside the trees
 * becomes cJSON, as JSON's would; of the trees only the places are kept, and their arrays are read
 * straight from the bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/skeleton.h"
#include "core/model/ubjson.h"
#include "core/model/xgboost.h"

struct document {
	struct ubjson reader;
	size_t values; /* made cJSON so far */
	bool found; /* an array of trees */
	size_t *trees; /* where each begins */
	size_t count, capacity;
};

static cJSON *
made(cJSON *item)
{
	if (item == NULL)
		mem_die("out of memory");
	return item;
}

static cJSON *
make_string(const struct ubjson_value *value)
{
	char *text = mem_printf("%.*s", (int)value->length, value->text);
	cJSON *item = made(cJSON_CreateString(text));
	free(text);
	return item;
}

static void
add_member(cJSON *object, const struct ubjson_value *key, cJSON *item)
{
	char *name = mem_printf("%.*s", (int)key->length, key->text);
	if (!cJSON_AddItemToObject(object, name, item))
		mem_die("out of memory");
	free(name);
}

/* Passes over the trees and notes their places. */
static bool
list_trees(struct document *document, struct ubjson_value *array, struct err *err)
{
	if (document->found)
		return ubjson_fail(array->place, err, "a second array called \"trees\"");
	document->found = true;
	for (;;) {
		struct ubjson_value tree;
		bool end;
		if (!ubjson_element(&document->reader, array, &tree, &end, err))
			return err_prefix(err, "tree %zu", document->count);
		if (end)
			return true;
		if (document->count == TREES_MAX)
			return ubjson_fail(tree.place, err, "more than %d trees", TREES_MAX);
		if (tree.kind != UBJSON_OBJECT) {
			ubjson_fail(
			    tree.place, err, "it is %s, not an object", ubjson_word(tree.kind));
			return err_prefix(err, "tree %zu", document->count);
		}
		if (!ubjson_skip(&document->reader, &tree, err))
			return err_prefix(err, "tree %zu", document->count);
		mem_reserve(&document->trees, &document->capacity, document->count + 1,
		    sizeof(*document->trees));
		document->trees[document->count++] = tree.place;
	}
}

static bool make_value(struct document *document, struct ubjson_value *value, size_t depth,
    cJSON **item, struct err *err);

static bool
make_object(struct document *document, cJSON *object, size_t depth, struct err *err)
{
	for (;;) {
		struct ubjson_value key, value;
		cJSON *item = NULL;
		bool end;
		if (!ubjson_key(&document->reader, &key, &end, err))
			return false;
		if (end)
			return true;
		if (!ubjson_next(&document->reader, &value, err))
			return false;
		if (value.kind == UBJSON_ARRAY && ubjson_is(&key, "trees")) {
			if (!list_trees(document, &value, err))
				return false;
			item = made(cJSON_CreateArray());
		} else if (!make_value(document, &value, depth + 1, &item, err)) {
			return false;
		}
		add_member(object, &key, item);
	}
}

static bool
make_array(struct document *document, struct ubjson_value *array, cJSON *items, size_t depth,
    struct err *err)
{
	for (;;) {
		struct ubjson_value value;
		cJSON *item = NULL;
		bool end;
		if (!ubjson_element(&document->reader, array, &value, &end, err))
			return false;
		if (end)
			return true;
		if (!make_value(document, &value, depth + 1, &item, err))
			return false;
		cJSON_AddItemToArray(items, item);
	}
}

/* A value just begun, as cJSON. */
static bool
make_value(struct document *document, struct ubjson_value *value, size_t depth, cJSON **item,
    struct err *err)
{
	if (depth > UBJSON_DEPTH_MAX)
		return ubjson_fail(
		    value->place, err, "nested deeper than %d levels", UBJSON_DEPTH_MAX);
	if (++document->values > SKELETON_VALUES_MAX)
		return ubjson_fail(value->place, err, "more than %d values outside the trees",
		    SKELETON_VALUES_MAX);
	bool done = true;
	switch (value->kind) {
	case UBJSON_NULL:
		*item = made(cJSON_CreateNull());
		break;
	case UBJSON_FALSE:
	case UBJSON_TRUE:
		*item = made(cJSON_CreateBool(value->kind == UBJSON_TRUE));
		break;
	case UBJSON_NUMBER:
		*item = made(cJSON_CreateNumber(value->number));
		break;
	case UBJSON_STRING:
		*item = make_string(value);
		break;
	case UBJSON_ARRAY:
		*item = made(cJSON_CreateArray());
		done = make_array(document, value, *item, depth, err);
		break;
	case UBJSON_OBJECT:
		*item = made(cJSON_CreateObject());
		done = make_object(document, *item, depth, err);
		break;
	}
	if (!done) {
		cJSON_Delete(*item);
		*item = NULL;
	}
	return done;
}

/* --- one tree --- */
/* The array that the file calls so, or XGBOOST_ARRAYS. */
static int
array_called(const struct ubjson_value *key)
{
	int name = 0;
	while (name < XGBOOST_ARRAYS && !ubjson_is(key, xgboost_array_text(name)))
		name++;
	return name;
}

static bool
read_array(struct ubjson *reader, struct ubjson_value *value, struct xgboost_tree *tree, int name,
    size_t *left, struct err *err)
{
	struct xgboost_array *array = &tree->arrays[name];
	if (array->given)
		return ubjson_fail(value->place, err, "it has %s twice", xgboost_array_text(name));
	if (value->kind != UBJSON_ARRAY)
		return ubjson_fail(value->place, err, "%s is %s, not an array",
		    xgboost_array_text(name), ubjson_word(value->kind));
	array->given = true;
	if (!ubjson_numbers(
		reader, value, &array->values, &array->count, &array->capacity, *left, err))
		return err_prefix(err, "%s", xgboost_array_text(name));
	*left -= array->count;
	return true;
}

/* Reads the members; what is no array of a tree and short goes into `rest`. */
static bool
read_members(struct document *document, struct xgboost_tree *tree, cJSON *rest, struct err *err)
{
	struct ubjson *reader = &document->reader;
	size_t left = SKELETON_VALUES_MAX;
	for (;;) {
		struct ubjson_value key, value;
		cJSON *item = NULL;
		bool end;
		if (!ubjson_key(reader, &key, &end, err))
			return false;
		if (end)
			return true;
		if (!ubjson_next(reader, &value, err))
			return false;
		int name = array_called(&key);
		if (name < XGBOOST_ARRAYS) {
			if (!read_array(reader, &value, tree, name, &left, err))
				return false;
		} else if (ubjson_is(&key, "id") || ubjson_is(&key, "tree_param")) {
			if (!make_value(document, &value, 1, &item, err))
				return false;
			add_member(rest, &key, item);
		} else if (!ubjson_skip(reader, &value, err)) {
			return false;
		}
	}
}

static bool
read_tree(const void *form, size_t number, struct xgboost_tree *tree, struct err *err)
{
	const struct document *whole = form;
	struct document document = {.reader = whole->reader};
	for (int name = 0; name < XGBOOST_ARRAYS; name++) {
		tree->arrays[name].count = 0;
		tree->arrays[name].given = false;
	}
	document.reader.at = whole->trees[number] + 1;
	cJSON *rest = made(cJSON_CreateObject());
	bool done = read_members(&document, tree, rest, err) || err_prefix(err, "tree %zu", number);
	done = done && xgboost_tree_params(tree, rest, number, err);
	cJSON_Delete(rest);
	free(document.trees);
	return done;
}

static bool
read_document(struct document *document, cJSON **root, struct err *err)
{
	struct ubjson_value value;
	if (!ubjson_next(&document->reader, &value, err) ||
	    !make_value(document, &value, 0, root, err))
		return false;
	if (document->reader.at < document->reader.length)
		return ubjson_fail(document->reader.at, err, "%zu bytes behind the end",
		    document->reader.length - document->reader.at);
	return true;
}

bool
xgboost_parse_ubjson(struct model *model, const char *bytes, size_t length, struct err *err)
{
	struct document document = {
	    .reader = {.data = (const unsigned char *)bytes, .length = length},
	};
	cJSON *root = NULL;
	bool done = read_document(&document, &root, err);
	if (done) {
		const struct xgboost_file file = {
		    .root = root,
		    .found = document.found,
		    .count = document.count,
		    .form = &document,
		    .read_tree = read_tree,
		};
		done = xgboost_read(model, &file, err);
	}
	cJSON_Delete(root);
	free(document.trees);
	return done;
}
