/* metadata.c: what a model file does not say of itself: version, threshold, and the codes that
 * stand for the words of its categorical inputs. A new one replaces the old one whole, or not at
 * all. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

enum { WORD_MAX = 1024 };

void
metadata_free(struct metadata *metadata, size_t features)
{
	for (size_t f = 0; metadata->categories != NULL && f < features; f++) {
		for (size_t i = 0; i < metadata->categories[f].count; i++)
			free(metadata->categories[f].list[i].word);
		free(metadata->categories[f].list);
	}
	free(metadata->categories);
	free(metadata->name);
	free(metadata->version);
	*metadata = (struct metadata){.threshold = (double)NAN};
}

static int
compare_categories(const void *a, const void *b)
{
	const struct category *one = a, *other = b;
	return strcmp(one->word, other->word);
}

static bool
take_word(struct category *category, const cJSON *item, struct err *err)
{
	char clean[WORD_MAX * 3 + 1];
	size_t length = strlen(item->string);
	if (length > WORD_MAX)
		return err_set(err, ERR_DATA, "a word is longer than %d bytes", WORD_MAX);
	text_scrub(clean, sizeof(clean), item->string, length);
	if (!cJSON_IsNumber(item))
		return err_set(
		    err, ERR_DATA, "the code of `%s` is %s, not a number", clean, cjson_word(item));
	if (!(fabs(item->valuedouble) <= (double)FLT_MAX))
		return err_set(err, ERR_DATA, "the code of `%s` does not fit in a float", clean);
	*category = (struct category){.word = mem_string(clean), .code = item->valuedouble};
	return true;
}

static bool
take_words(struct categories *categories, const cJSON *json, struct err *err)
{
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(json));
	if (categories->present)
		return err_set(err, ERR_DATA, "it stands twice");
	categories->present = true;
	categories->list = mem_alloc((size_t)cJSON_GetArraySize(json) * sizeof(*categories->list));
	const cJSON *item;
	cJSON_ArrayForEach(item, json)
	{
		if (!take_word(&categories->list[categories->count], item, err))
			return false;
		categories->count++;
	}
	struct category *list = categories->list;
	qsort(list, categories->count, sizeof(*list), compare_categories);
	for (size_t i = 1; i < categories->count; i++) {
		if (strcmp(list[i - 1].word, list[i].word) == 0)
			return err_set(err, ERR_DATA, "the word `%s` stands twice", list[i].word);
	}
	return true;
}

static bool
take_categories(
    const struct model *model, struct metadata *metadata, const cJSON *json, struct err *err)
{
	if (json == NULL || cJSON_IsNull(json))
		return true;
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "categories is %s, not an object", cjson_word(json));
	metadata->categories = mem_alloc(model->features_count * sizeof(*metadata->categories));
	const cJSON *item;
	cJSON_ArrayForEach(item, json)
	{
		char name[MODEL_NAME_MAX * 3 + 1];
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		int index = model_find(model, name);
		if (index < 0) {
			const char *near = names_nearest(model, name);
			return err_set(err, ERR_DATA,
			    "categories: the model has no feature `%s`%s%s%s", name,
			    near ? "; do you mean `" : "", near ? near : "", near ? "`?" : "");
		}
		if (!take_words(&metadata->categories[index], item, err))
			return err_prefix(err, "categories of `%s`", name);
	}
	return true;
}

/* A word, or a number taken as one. */
static bool
take_name(char **word, const cJSON *root, const char *key, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
	char text[256];
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (cJSON_IsNumber(item))
		jsonw_format_double(text, sizeof(text), item->valuedouble);
	else if (cJSON_IsString(item))
		text_scrub(text, sizeof(text), item->valuestring, strlen(item->valuestring));
	else
		return err_set(err, ERR_DATA, "%s is %s, not a string", key, cjson_word(item));
	*word = mem_string(text);
	return true;
}

static bool
take_threshold(struct metadata *metadata, const cJSON *item, struct err *err)
{
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return err_set(err, ERR_DATA, "threshold is %s, not a finite number",
		    cJSON_IsNumber(item) ? "infinite" : cjson_word(item));
	metadata->threshold = item->valuedouble;
	return true;
}

bool
model_set_metadata(struct model *model, const char *json, struct err *err)
{
	struct metadata metadata = {.threshold = (double)NAN};
	cJSON *root = skeleton_parse_text(json, err);
	if (root == NULL)
		return err_prefix(err, "metadata");
	bool done = cJSON_IsObject(root)
			? take_name(&metadata.version, root, "version", err) &&
			      take_name(&metadata.name, root, "model", err) &&
			      take_threshold(&metadata,
				  cJSON_GetObjectItemCaseSensitive(root, "threshold"), err) &&
			      take_categories(model, &metadata,
				  cJSON_GetObjectItemCaseSensitive(root, "categories"), err)
			: err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(root));
	cJSON_Delete(root);
	if (!done) {
		metadata_free(&metadata, model->features_count);
		return err_prefix(err, "metadata");
	}
	metadata_free(&model->metadata, model->features_count);
	model->metadata = metadata;
	return true;
}

const char *
model_name(const struct model *model)
{
	return model->metadata.name != NULL ? model->metadata.name : "";
}

const char *
model_version(const struct model *model)
{
	return model->metadata.version != NULL ? model->metadata.version : "";
}

double
model_threshold(const struct model *model)
{
	return model->metadata.threshold;
}

bool
model_categorical(const struct model *model, size_t index)
{
	return index < model->features_count && model->metadata.categories != NULL &&
	       model->metadata.categories[index].present;
}

bool
model_code(const struct model *model, size_t index, const char *word, double *code)
{
	if (!model_categorical(model, index))
		return false;
	const struct categories *categories = &model->metadata.categories[index];
	size_t low = 0, high = categories->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(word, categories->list[middle].word);
		if (order == 0) {
			*code = categories->list[middle].code;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
