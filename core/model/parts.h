/* parts.h: what the files of core/model share: the model itself and its makers. Private to the
 * folder.
 *
 * A maker (xgboost_parse_json, lightgbm_parse, linear_parse) gets a fresh model and fills in kind,
 * objective, link, features and either trees or terms; model.c owns the rest. On failure the model
 * is only good for model_free. Makers run under plain.h's locale.
 */
#ifndef FRAUDTOP_MODEL_PARTS_H
#define FRAUDTOP_MODEL_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/inputs.h"
#include "core/model/link.h"
#include "core/model/metadata.h"
#include "core/model/model.h"
#include "core/model/skeleton.h"
#include "core/model/trees.h"

enum { MODEL_BLOCK = 512 };

/* Margin = intercept + the sum of weight * value, all in the units of the inputs. */
struct linear_term {
	double weight;
	double missing; /* what a missing value counts as */
	double mean; /* of the training data, which explanations start from; 0 if unknown */
};

struct model {
	const char *kind;
	const char *objective; /* as the file names it; "" if it names none */
	enum model_link link;
	double slope; /* LINK_LOGISTIC: of the margin; 1 in most models */
	char **features;
	size_t features_count;
	uint32_t *by_name; /* the features' indices, sorted by name */
	const char *nameless; /* the file calls its inputs by this and their numbers; else NULL */
	struct categories *categories; /* the file's own words, one a feature; NULL: none */
	struct trees trees;
	double base; /* margin before the first tree */
	double intercept;
	struct linear_term *terms; /* one a feature; NULL: the model is of trees */
	struct calibration *calibrated; /* the file's own maps behind the link; NULL: none */
	struct model_metadata metadata;
	struct categories *words; /* the metadata's, one a feature; NULL: none */
	struct calibration *calibration; /* the metadata's maps, behind the file's; NULL: none */
};

bool xgboost_parse_json(
    struct model *model, const cJSON *root, const struct skeleton *skeleton, struct err *err);
bool xgboost_parse_ubjson(struct model *model, const char *bytes, size_t length, struct err *err);
bool xgboost_is_old(const char *bytes, size_t length); /* in the old binary form? */
bool xgboost_refuse_old(struct err *err);
/* `text` has a NUL behind its last byte. */
bool lightgbm_parse(struct model *model, const char *text, size_t length, struct err *err);
bool linear_parse(struct model *model, const cJSON *root, struct err *err);
bool sklearn_parse(struct model *model, const cJSON *root, struct err *err);
/* False, and err tells the way out, if the file is a pickle or what joblib makes of one. */
bool sklearn_refuse_pickle(const char *bytes, size_t length, struct err *err);
void linear_score_rows(
    const struct model *model, const double *values, size_t rows, double *margins);

void metadata_free(struct model *model); /* what the metadata gave */
/* Takes the metadata that stand beside the file at `path`, whose bytes are given, if there are any.
 */
bool metadata_load(
    struct model *model, const char *path, const void *bytes, size_t length, struct err *err);

#endif
