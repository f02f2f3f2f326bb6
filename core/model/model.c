/* model.c: finds out what a model file is, has it read, and scores. A model is never changed by
 * scoring, and scoring takes no memory but the stack's. */
#include "core/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/model/parts.h"
#include "core/model/plain.h"

static bool
begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* LightGBM's first line: what the file holds, once how it was boosted. */
static bool
is_lightgbm(const char *text, size_t length)
{
	static const char *const lines[] = {"tree", "gbdt", "dart", "goss"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t end = strlen(lines[i]);
		if (begins(text, length, lines[i]) &&
		    (end == length || text[end] == '\n' || text[end] == '\r'))
			return true;
	}
	return false;
}

/* The formats that are near enough to be handed in by mistake are refused by their names. */
static bool
refuse_format(const char *text, size_t length, struct err *err)
{
	if (!sklearn_refuse_pickle(text, length, err))
		return false;
	if (xgboost_is_old(text, length))
		return xgboost_refuse_old(err);
	if (memchr(text, '\0', length) != NULL)
		return err_set(err, ERR_DATA, "a binary file of no known kind");
	size_t at = begins(text, length, "\xEF\xBB\xBF") ? 3 : 0; /* a byte order mark */
	at += strspn(text + at, " \t\r\n");
	if (text[at] == '\0')
		return err_set(err, ERR_DATA, "an empty file");
	if (text[at] == '[')
		return err_set(err, ERR_DATA,
		    "a JSON array, such as XGBoost's dump_model writes; save_model writes a model");
	if (text[at] != '{')
		return err_set(err, ERR_DATA,
		    "no known kind of model file: neither JSON, UBJSON nor LightGBM's text");
	return true;
}

static bool
parse_kind(struct model *model, const cJSON *root, const struct skeleton *skeleton, struct err *err)
{
	const cJSON *kind = cJSON_GetObjectItemCaseSensitive(root, "kind");
	if (cJSON_GetObjectItemCaseSensitive(root, "tree_info") != NULL)
		return err_set(err, ERR_DATA,
		    "a dump of a LightGBM model (dump_model); save_model writes a model");
	if (cJSON_GetObjectItemCaseSensitive(root, "learner") != NULL)
		return xgboost_parse_json(model, root, skeleton, err);
	if (cJSON_IsString(kind) && strcmp(kind->valuestring, "linear") == 0)
		return linear_parse(model, root, err);
	if (cJSON_IsString(kind) && strcmp(kind->valuestring, "sklearn") == 0)
		return sklearn_parse(model, root, err);
	if (cJSON_IsString(kind))
		return err_set(err, ERR_DATA,
		    "a model of the unknown kind `%s`; XGBoost JSON, \"linear\" and \"sklearn\" "
		    "can be scored",
		    kind->valuestring);
	return err_set(err, ERR_DATA,
	    "not a known kind of model: neither `learner` (XGBoost) nor \"kind\":\"linear\" "
	    "or \"sklearn\"");
}

/* An object whose first key has its length before it: JSON would go on with a quote. */
static bool
is_ubjson(const char *text, size_t length)
{
	return length > 1 && text[0] == '{' && memchr("iUIlL", text[1], 5) != NULL;
}

static bool
parse_json(struct model *model, const char *text, size_t length, struct err *err)
{
	struct skeleton skeleton = {0};
	cJSON *root = NULL;
	bool done = refuse_format(text, length, err) &&
		    skeleton_cut(&skeleton, text, length, err) &&
		    (root = skeleton_parse(&skeleton, err)) != NULL &&
		    parse_kind(model, root, &skeleton, err);
	cJSON_Delete(root);
	skeleton_free(&skeleton);
	return done;
}

/* `text` has a NUL behind its last byte. */
static struct model *
parse(const char *text, size_t length, const char *name, struct err *err)
{
	struct model *model = mem_alloc(sizeof(*model));
	model->metadata.threshold = (double)NAN;
	model->objective = "";
	model->slope = 1;
	bool done = is_ubjson(text, length)	? xgboost_parse_ubjson(model, text, length, err)
		    : is_lightgbm(text, length) ? lightgbm_parse(model, text, length, err)
						: parse_json(model, text, length, err);
	if (done) {
		trees_ready(&model->trees);
		return model;
	}
	err_prefix(err, "%s", name);
	model_free(model);
	return NULL;
}

struct model *
model_parse(const char *text, size_t length, const char *name, struct err *err)
{
	if (length > MODEL_BYTES_MAX) {
		err_set(err, ERR_DATA, "%s: larger than %zu bytes", name, MODEL_BYTES_MAX);
		return NULL;
	}
	char *copy = mem_alloc(length + 1);
	if (length > 0)
		memcpy(copy, text, length);
	struct plain plain = plain_begin();
	struct model *model = parse(copy, length, name, err);
	plain_end(plain);
	free(copy);
	return model;
}

struct model *
model_load(const char *path, struct err *err)
{
	struct buf text = {0};
	struct model *model = NULL;
	struct plain plain = plain_begin();
	if (buf_read_file(&text, path, MODEL_BYTES_MAX, err))
		model = parse(text.data, text.length, path, err);
	if (model != NULL && !metadata_load(model, path, text.data, text.length, err)) {
		model_free(model);
		model = NULL;
	}
	plain_end(plain);
	buf_free(&text);
	return model;
}

void
model_free(struct model *model)
{
	if (model == NULL)
		return;
	metadata_free(model);
	maps_free(model->calibrated);
	categories_free(model->categories, model->features_count);
	names_free(model);
	trees_free(&model->trees);
	free(model->terms);
	free(model);
}

const char *
model_kind(const struct model *model)
{
	return model->kind;
}

size_t
model_features(const struct model *model)
{
	return model->features_count;
}

const char *
model_feature(const struct model *model, size_t index)
{
	return index < model->features_count ? model->features[index] : "";
}

size_t
model_trees(const struct model *model)
{
	return model->trees.used;
}

static void
score_block(const struct model *model, const double *values, size_t rows, double *margins)
{
	if (model->terms != NULL)
		linear_score_rows(model, values, rows, margins);
	else
		trees_score(
		    &model->trees, model->base, values, model->features_count, rows, margins);
}

void
model_score_rows(
    const struct model *model, const double *values, size_t rows, double *margins, double *scores)
{
	double block[MODEL_BLOCK];
	for (size_t done = 0; done < rows; done += MODEL_BLOCK) {
		size_t count = rows - done < MODEL_BLOCK ? rows - done : MODEL_BLOCK;
		score_block(model, values + done * model->features_count, count, block);
		if (margins != NULL)
			memcpy(margins + done, block, count * sizeof(*block));
		if (scores != NULL)
			link_scores(model, block, count, scores + done);
	}
}

double
model_score(const struct model *model, const double *row, double *score)
{
	double margin;
	model_score_rows(model, row, 1, &margin, score);
	return margin;
}
