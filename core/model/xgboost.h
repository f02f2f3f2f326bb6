/* xgboost.h: an XGBoost file, in JSON or UBJSON, as both readers hand it over; private to
 * core/model.
 *
 * What stands outside the trees is small and comes as one cJSON; the trees come one at a time, each
 * as the arrays it has in the file, so that a large model never stands in memory as JSON. */
#ifndef FRAUDTOP_MODEL_XGBOOST_H
#define FRAUDTOP_MODEL_XGBOOST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/parts.h"

/* The arrays of a tree that are read; those up to XGBOOST_KIND have one element a node. */
enum xgboost_array_name {
	XGBOOST_LEFT,
	XGBOOST_RIGHT,
	XGBOOST_FEATURE,
	XGBOOST_CONDITION,
	XGBOOST_DEFAULT,
	XGBOOST_COVER,
	XGBOOST_KIND,
	XGBOOST_CATEGORIES,
	XGBOOST_CATEGORY_NODES,
	XGBOOST_SEGMENTS,
	XGBOOST_SIZES,
	XGBOOST_ARRAYS
};

struct xgboost_array {
	double *values;
	size_t count, capacity;
	bool given;
};

/* One tree of the file; its memory serves the next one too. */
struct xgboost_tree {
	struct xgboost_array arrays[XGBOOST_ARRAYS];
	double id, nodes, leaf_size; /* NaN: the file does not say */
};

/* A file: what its form (JSON, UBJSON) does for it. */
struct xgboost_file {
	const cJSON *root; /* with an empty array in the place of the trees */
	bool found; /* there is an array of trees */
	size_t count;
	const void *form;
	/* Reads tree `number`, counted as they stand. The message names the tree. */
	bool (*read_tree)(
	    const void *form, size_t number, struct xgboost_tree *tree, struct err *err);
};

bool xgboost_read(struct model *model, const struct xgboost_file *file, struct err *err);

/* The name of an array in the file. */
const char *xgboost_array_text(enum xgboost_array_name name);
/* Takes id and tree_param from what a tree has besides its arrays. */
bool xgboost_tree_params(
    struct xgboost_tree *tree, const cJSON *rest, size_t number, struct err *err);
/* Adds a tree to model->trees, its leaves times `weight`. */
bool xgboost_tree_add(struct model *model, const struct xgboost_tree *tree, size_t number,
    float weight, uint32_t *root, struct err *err);
void xgboost_tree_free(struct xgboost_tree *tree); /* what it points to */

/* The codes of words that the file itself holds (3.1 on): `cats` of the booster's model. */
bool xgboost_words(struct model *model, const cJSON *cats, struct err *err);

/* A parameter that XGBoost writes as a string or a number, `absent` if it is not there; object may
 * be NULL. */
bool xgboost_param(
    const cJSON *object, const char *name, double absent, double *value, struct err *err);

#endif
