/* metadata.c: what a model file does not say of itself: version, threshold, training, and the codes
 * that stand for the words of its categorical inputs. New metadata replace the old ones whole, or
 * not at all: they are read into a copy of the model that takes its place once they are good. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/metadata_parts.h"
#include "core/model/plain.h"

enum { TEXT_MAX = 1024 };

/* Makes the parts of a model that come from metadata as if there were none. */
static void
forget(struct model *model)
{
	model->metadata = (struct model_metadata){.threshold = (double)NAN};
	model->words = NULL;
	model->calibration = NULL;
}

void
metadata_free(struct model *model)
{
	struct model_metadata *metadata = &model->metadata;
	char *const texts[] = {metadata->path, metadata->name, metadata->version,
	    metadata->trained_at, metadata->artifact, metadata->sha256, metadata->note};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < metadata->metrics_count; i++)
		free(metadata->metrics[i].name);
	free(metadata->metrics);
	for (size_t i = 0; metadata->notes != NULL && i < model->features_count; i++) {
		free(metadata->notes[i].label);
		free(metadata->notes[i].compare_words);
	}
	free(metadata->notes);
	categories_free(model->words, model->features_count);
	maps_free(model->calibration);
	forget(model);
}

/* --- single members --- */

static char *
clean_text(const cJSON *item)
{
	char text[TEXT_MAX * 3 + 1];
	if (cJSON_IsNumber(item))
		jsonw_format_double(text, sizeof(text), item->valuedouble);
	else
		text_scrub(text, sizeof(text), item->valuestring, strlen(item->valuestring));
	return mem_string(text);
}

/* A word, or a number taken as one, that something depends on. */
static bool
take_name(char **word, const cJSON *root, const char *key, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (!cJSON_IsNumber(item) && !cJSON_IsString(item))
		return err_set(err, ERR_DATA, "%s is %s, not a string", key, cjson_word(item));
	*word = clean_text(item);
	return true;
}

/* What is only shown is passed over if it is nothing that can be. */
static char *
shown(const cJSON *root, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
	return cJSON_IsNumber(item) || cJSON_IsString(item) ? clean_text(item) : NULL;
}

static void
take_metrics(struct model_metadata *metadata, const cJSON *json)
{
	const cJSON *item;
	if (!cJSON_IsObject(json))
		return;
	metadata->metrics =
	    mem_alloc(((size_t)cJSON_GetArraySize(json) + 1) * sizeof(*metadata->metrics));
	cJSON_ArrayForEach(item, json)
	{
		char name[MODEL_NAME_MAX * 3 + 1];
		if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
			continue;
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		metadata->metrics[metadata->metrics_count++] =
		    (struct model_metric){.name = mem_string(name), .value = item->valuedouble};
	}
}

static bool
take_threshold(struct model_metadata *metadata, const cJSON *item, struct err *err)
{
	return item == NULL || cJSON_IsNull(item) ||
	       cjson_number(item, "threshold", &metadata->threshold, err);
}

/* --- the hash --- */

/* Lower-case digits without a "sha256:" before them. */
static bool
take_hash(struct model_metadata *metadata, const cJSON *root, struct err *err)
{
	static const char prefix[] = "sha256:";
	if (!take_name(&metadata->sha256, root, "sha256", err))
		return false;
	char *hash = metadata->sha256;
	if (hash == NULL)
		return true;
	if (strncmp(hash, prefix, strlen(prefix)) == 0)
		memmove(hash, hash + strlen(prefix), strlen(hash + strlen(prefix)) + 1);
	for (char *at = hash; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
	}
	if (strlen(hash) != HASH_HEX_SIZE - 1 ||
	    strspn(hash, "0123456789abcdef") != HASH_HEX_SIZE - 1)
		return err_set(err, ERR_DATA,
		    "sha256 is not the 64 hexadecimal digits of a SHA-256; `sha256sum FILE` prints "
		    "them");
	return true;
}

/* Without a file there is nothing to hold the hash against. */
static bool
check_hash(struct model_metadata *metadata, const struct metadata_file *file, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	if (metadata->sha256 == NULL || file == NULL)
		return true;
	hash_sha256(file->bytes, file->length, hex);
	metadata->sha256_checked = strcmp(hex, metadata->sha256) == 0;
	if (metadata->sha256_checked)
		return true;
	return err_set(err, ERR_DATA,
	    "it describes a file with the SHA-256 %.12s..., and that of %s is %.12s...: put back "
	    "the file that was described, or write the new SHA-256 here if the change is meant",
	    metadata->sha256, file->path, hex);
}

/* --- categories --- */

static bool
take_words(struct categories *categories, const cJSON *json, struct err *err)
{
	const cJSON *item;
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(json));
	if (categories->present)
		return err_set(err, ERR_DATA, "it stands twice");
	categories->present = true;
	cJSON_ArrayForEach(item, json)
	{
		char word[TEXT_MAX];
		text_scrub(word, sizeof(word), item->string, strlen(item->string));
		if (!cJSON_IsNumber(item))
			return err_set(err, ERR_DATA, "the code of `%s` is %s, not a number", word,
			    cjson_word(item));
		if (!categories_add(
			categories, item->string, strlen(item->string), item->valuedouble, err))
			return false;
	}
	return categories_sort(categories, err);
}

static bool
take_categories(struct model *model, const cJSON *json, struct err *err)
{
	const cJSON *item;
	if (json == NULL || cJSON_IsNull(json))
		return true;
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "categories is %s, not an object", cjson_word(json));
	model->words = mem_alloc(model->features_count * sizeof(*model->words));
	cJSON_ArrayForEach(item, json)
	{
		int index;
		char name[MODEL_NAME_MAX * 3 + 1];
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		if (!names_find(model, name, &index, err))
			return err_prefix(err, "categories");
		if (!take_words(&model->words[index], item, err))
			return err_prefix(err, "categories of `%s`", name);
	}
	return true;
}

/* --- the whole --- */

/* Names come first: what follows speaks of the inputs by them. */
static bool
take_all(struct model *model, const cJSON *root, const struct metadata_file *file, struct err *err)
{
	struct model_metadata *metadata = &model->metadata;
	if (!cJSON_IsObject(root))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(root));
	metadata->trained_at = shown(root, "trained_at");
	metadata->artifact = shown(root, "artifact");
	metadata->note = shown(root, "note");
	take_metrics(metadata, cJSON_GetObjectItemCaseSensitive(root, "metrics"));
	return take_hash(metadata, root, err) && check_hash(metadata, file, err) &&
	       take_name(&metadata->version, root, "version", err) &&
	       take_name(&metadata->name, root, "model", err) &&
	       take_threshold(metadata, cJSON_GetObjectItemCaseSensitive(root, "threshold"), err) &&
	       metadata_take_features(
		   model, cJSON_GetObjectItemCaseSensitive(root, "features"), err) &&
	       take_categories(model, cJSON_GetObjectItemCaseSensitive(root, "categories"), err) &&
	       maps_parse(&model->calibration, model,
		   cJSON_GetObjectItemCaseSensitive(root, "calibration"), err);
}

bool
metadata_set(
    struct model *model, const char *json, const struct metadata_file *file, struct err *err)
{
	cJSON *root = skeleton_parse_text(json, err);
	if (root == NULL)
		return err_prefix(err, "metadata");
	struct model next = *model;
	forget(&next);
	bool done = take_all(&next, root, file, err);
	cJSON_Delete(root);
	struct model dropped = done ? *model : next;
	const struct model *kept = done ? &next : model;
	metadata_free(&dropped);
	if (dropped.features != kept->features)
		names_free(&dropped);
	if (!done)
		return err_prefix(err, "metadata");
	*model = next;
	return true;
}

bool
model_set_metadata(struct model *model, const char *json, struct err *err)
{
	struct plain plain = plain_begin();
	bool done = metadata_set(model, json, NULL, err);
	plain_end(plain);
	return done;
}

const struct model_metadata *
model_metadata(const struct model *model)
{
	return &model->metadata;
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
