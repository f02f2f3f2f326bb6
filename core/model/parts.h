/* parts.h: what the files of core/model share: the model itself and its makers. Private to the
 * folder.
 *
 * A maker (xgboost_parse_json, lightgbm_parse, linear_parse) gets a fresh model and fills in kind,
 * objective, link, features and score_rows; model.c owns the rest. On failure the model is only
 * good for model_free.
 */
#ifndef FRAUDTOP_MODEL_PARTS_H
#define FRAUDTOP_MODEL_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/metadata.h"
#include "core/model/model.h"
#include "core/model/skeleton.h"
#include "core/model/trees.h"

enum { MODEL_FEATURES_MAX = 65536, MODEL_NAME_MAX = 256, MODEL_BLOCK = 64 };

/* From a margin to a score. */
enum model_link {
	LINK_IDENTITY,
	LINK_LOGISTIC, /* 1 / (1 + exp(-slope margin)) */
	LINK_EXP, /* exp(margin): counts and amounts */
	LINK_SQUARE, /* margin |margin|: what was learnt was a root */
	LINK_SOFTPLUS, /* log(1 + exp(margin)) */
	LINK_STEP /* 1 if margin > 0, else 0 */
};

/* Margin = intercept + the sum of weight * value, all in the units of the inputs. */
struct linear_term {
	double weight;
	double missing; /* what a missing value counts as */
	double mean; /* of the training data, which explanations start from; 0 if unknown */
};

struct category {
	char *word;
	double code;
};

struct categories {
	struct category *list; /* sorted by word */
	size_t count, capacity;
	bool present;
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
	const char *nameless; /* the file calls its inputs by this and their numbers; else NULL */
	struct categories *categories; /* the file's own words, one a feature; NULL: none */
	struct trees trees;
	double base; /* margin before the first tree */
	double intercept;
	struct linear_term *terms; /* one a feature */
	struct calibration *calibrated; /* the file's own maps behind the link; NULL: none */
	struct model_metadata metadata;
	struct categories *words; /* the metadata's, one a feature; NULL: none */
	struct calibration *calibration; /* the metadata's maps, behind the file's; NULL: none */
	/* Margins of at most MODEL_BLOCK rows. */
	void (*score_rows)(
	    const struct model *model, const double *values, size_t rows, double *margins);
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
/* Takes the names, an array of strings, or makes f0, f1... if it is NULL or empty. Refuses a wrong
 * count, an empty name and a name that stands twice. */
bool names_set(struct model *model, const cJSON *names, size_t count, struct err *err);
/* Names the inputs by this and their numbers. */
bool names_number(struct model *model, size_t count, const char *prefix, struct err *err);
void names_free(struct model *model);

/* Finds a name, or says that it is not there and which one is near. */
bool names_find(const struct model *model, const char *name, int *index, struct err *err);

double link_score(enum model_link link, double slope, double margin);
const char *link_word(enum model_link link);
/* Scores of margins: the link, then the maps that calibrate. */
void link_scores(const struct model *model, const double *margins, size_t count, double *scores);

/* Reads an object or an array of them (NULL: none) into *calibration, to be freed in any case; the
 * model's link and its own maps stand before it. */
bool maps_parse(struct calibration **calibration, const struct model *model, const cJSON *json,
    struct err *err);
/* Maps scores in place. */
void maps_apply(
    const struct calibration *calibration, const double *margins, size_t count, double *scores);
void maps_free(struct calibration *calibration); /* NULL is fine */

/* Adds a word with its code to an input's categories; the word is made clean. */
bool categories_add(
    struct categories *categories, const char *word, size_t length, double code, struct err *err);
/* To be called behind the last one: makes them findable. False: a word stands twice. */
bool categories_sort(struct categories *categories, struct err *err);
void categories_free(struct categories *categories, size_t features); /* NULL is fine */

void metadata_free(struct model *model); /* what the metadata gave */
/* Takes the metadata that stand beside the file at `path`, whose bytes are given, if there are any.
 */
bool metadata_load(
    struct model *model, const char *path, const void *bytes, size_t length, struct err *err);
const char *cjson_word(const cJSON *item); /* "a string", "an object"... for messages */
/* A finite number, or an array of at least one of them; `name` is for messages. free() *list, also
 * on failure. */
bool cjson_number(const cJSON *item, const char *name, double *value, struct err *err);
bool cjson_numbers(
    const cJSON *json, const char *name, double **list, size_t *count, struct err *err);

#endif
