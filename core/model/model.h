/* model.h: model files: load, check, score. The one scoring code of the program.
 *
 * Kinds: XGBoost JSON and UBJSON, 1.0 to 3.x (gbtree and dart, one output, any objective of
 * XGBoost's but multi:, categorical splits), LightGBM text (v2 to v4, one output), scikit-learn's
 * linear models (docs/models.md), and a plain linear JSON
 * `{"kind":"linear","link":"logistic"|"identity","intercept":b,"features":[{"name":n,"weight":w,
 * "missing":value}...]}` (missing: 0 if not given). A file that is broken, of another kind, or with
 * a tree that loops or points outside itself is refused with the reason and the place (`tree 3,
 * node 17: ...`), so is one of more than MODEL_BYTES_MAX, 100,000 trees or 2^24 nodes. A model that
 * nobody gives other metadata is read-only and may be used by several threads at once; scoring
 * takes no memory, and up to 150 kB of a thread's stack. */
#ifndef FRAUDTOP_MODEL_MODEL_H
#define FRAUDTOP_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MODEL_BYTES_MAX ((size_t)256 << 20)

struct model;

/* Loads a model file, and the metadata file beside it if there is one (metadata.h). NULL and err on
 * failure. */
struct model *model_load(const char *path, struct err *err);
/* The same from memory; `name` is for messages. */
struct model *model_parse(const char *text, size_t length, const char *name, struct err *err);
/* Takes metadata JSON (metadata.h) in place of all that earlier metadata said; unknown members are
 * kept out, and a SHA-256, there being no file, is not checked. False, and nothing changed, if it
 * is broken or its features are not the model's. */
bool model_set_metadata(struct model *model, const char *json, struct err *err);
void model_free(struct model *model); /* NULL is fine */

const char *model_kind(const struct model *model); /* "xgboost", "lightgbm", "sklearn", "linear" */
const char *model_name(const struct model *model); /* by its metadata; "" if none */
const char *model_version(const struct model *model); /* by its metadata; "" if none */
double model_threshold(const struct model *model); /* by its metadata; NaN if none */
size_t model_features(const struct model *model); /* how many inputs */
const char *model_feature(
    const struct model *model, size_t index); /* `f0`, `f1` if the file has no names */
size_t model_trees(const struct model *model); /* used by a score (best_iteration) */
/* Index of an input by name, or -1. */
int model_find(const struct model *model, const char *name);
/* The code of a category word of input `index`. False if the input has no categories or not this
 * one: the value then counts as missing. */
bool model_code(const struct model *model, size_t index, const char *word, double *code);
bool model_categorical(const struct model *model, size_t index);
/* The words of an input, sorted: how many; the nth and its code (NULL past the end; code may be
 * NULL); and the first one of a code, NULL if it has none. By the metadata, else by the file. */
size_t model_words(const struct model *model, size_t index);
const char *model_word(const struct model *model, size_t index, size_t word, double *code);
const char *model_word_of(const struct model *model, size_t index, double code);

/* Scores one row of model_features() values in the model's order; NaN is missing. Returns the
 * margin (log-odds for logistic); *score (NULL is fine) gets the probability, or the margin again
 * if the model has no link (binary:logitraw, reg:squarederror, rank:..., identity). The
 * arithmetic is that of the library the model comes from: XGBoost rounds the values to float and
 * adds in float. */
double model_score(const struct model *model, const double *row, double *score);
/* Is the score a probability, by the model's link and what calibrates it? */
bool model_gives_probability(const struct model *model);
/* Scores `rows` rows laid one behind the other. margins or scores may be NULL. */
void model_score_rows(
    const struct model *model, const double *values, size_t rows, double *margins, double *scores);

#ifdef __cplusplus
}
#endif

#endif
