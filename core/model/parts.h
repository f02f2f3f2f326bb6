/* parts.h: what the files of core/model share: the model itself and its makers. Private to the
 * folder.
 *
 * A maker (xgboost_parse, linear_parse) gets a fresh model and fills in kind, objective, link,
 * features and score_rows; model.c owns the rest. On failure the model is only good for model_free.
 */
#ifndef FRAUDTOP_MODEL_PARTS_H
#define FRAUDTOP_MODEL_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/model.h"
#include "core/model/skeleton.h"
#include "core/model/trees.h"

enum { MODEL_FEATURES_MAX = 65536, MODEL_NAME_MAX = 256, MODEL_BLOCK = 512 };

/* From a margin to a score. */
enum model_link {
	LINK_IDENTITY,
	LINK_LOGISTIC, /* 1 / (1 + exp(-slope margin)) */
	LINK_EXP, /* exp(margin): counts and amounts */
	LINK_SQUARE, /* margin |margin|: what was learnt was a root */
	LINK_SOFTPLUS, /* log(1 + exp(margin)) */
	LINK_STEP /* 1 if margin > 0, else 0 */
};

struct linear_term {
	double weight, missing;
};

struct category {
	char *word;
	double code;
};

struct categories {
	struct category *list; /* sorted by word */
	size_t count;
	bool present;
};

struct metadata {
	char *name, *version; /* NULL: none */
	double threshold; /* NaN: none */
	struct categories *categories; /* one a feature; NULL: none */
};

struct calibration;

struct model {
	const char *kind;
	const char *objective; /* as the file names it; "" if it names none */
	enum model_link link;
	double slope; /* LINK_LOGISTIC: of the margin; 1 in most models */
	char **features;
	size_t features_count;
	uint32_t *by_name; /* the features' indices, sorted by name */
	struct trees trees;
	double base; /* margin before the first tree */
	double intercept;
	struct linear_term *terms; /* one a feature */
	struct metadata metadata;
	struct calibration *calibration; /* NULL: none */
	/* Margins of at most MODEL_BLOCK rows. */
	void (*score_rows)(
	    const struct model *model, const double *values, size_t rows, double *margins);
};

bool xgboost_parse(
    struct model *model, const cJSON *root, const struct skeleton *skeleton, struct err *err);
double link_score(enum model_link link, double slope, double margin);
bool linear_parse(struct model *model, const cJSON *root, struct err *err);
/* Reads one tree of an XGBoost file into model->trees; *id is its number by the file, or `number`.
 */
bool xgboost_tree(struct model *model, const cJSON *json, size_t number, size_t *id, uint32_t *root,
    struct err *err);

/* A parameter that XGBoost writes as a string or a number, `absent` if it is not there; object may
 * be NULL. */
bool xgboost_param(
    const cJSON *object, const char *name, double absent, double *value, struct err *err);

/* Takes the names, an array of strings, or makes f0, f1... if it is NULL or empty. Refuses a wrong
 * count, an empty name and a name that stands twice. */
bool names_set(struct model *model, const cJSON *names, size_t count, struct err *err);
const char *names_nearest(const struct model *model, const char *name); /* NULL: none is near */
void metadata_free(struct metadata *metadata, size_t features);
const char *cjson_word(const cJSON *item); /* "a string", "an object"... for messages */

#endif
