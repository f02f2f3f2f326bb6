/* names.c: the names of a model's inputs, kept clean and findable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

/* Sorts indices by merging: qsort has no way to hand the names to its comparison. */
static void
sort_names(char *const *names, uint32_t *indices, uint32_t *scratch, size_t count)
{
	if (count < 2)
		return;
	size_t half = count / 2, a = 0, b = half;
	sort_names(names, indices, scratch, half);
	sort_names(names, indices + half, scratch, count - half);
	for (size_t i = 0; i < count; i++) {
		bool first =
		    b >= count || (a < half && strcmp(names[indices[a]], names[indices[b]]) <= 0);
		scratch[i] = first ? indices[a++] : indices[b++];
	}
	memcpy(indices, scratch, count * sizeof(*indices));
}

static bool
index_names(struct model *model, struct err *err)
{
	size_t count = model->features_count;
	model->by_name = mem_alloc(count * sizeof(*model->by_name));
	for (size_t i = 0; i < count; i++)
		model->by_name[i] = (uint32_t)i;
	uint32_t *scratch = mem_alloc(count * sizeof(*scratch));
	sort_names(model->features, model->by_name, scratch, count);
	free(scratch);
	for (size_t i = 1; i < count; i++) {
		uint32_t a = model->by_name[i - 1], b = model->by_name[i];
		if (strcmp(model->features[a], model->features[b]) == 0)
			return err_set(err, ERR_DATA, "features %lu and %lu are both called `%s`",
			    (unsigned long)a, (unsigned long)b, model->features[a]);
	}
	return true;
}

static bool
take_name(struct model *model, size_t index, const cJSON *item, struct err *err)
{
	if (!cJSON_IsString(item))
		return err_set(err, ERR_DATA, "the name of feature %zu is %s, not a string", index,
		    cjson_word(item));
	size_t length = strlen(item->valuestring);
	if (length == 0 || length > MODEL_NAME_MAX)
		return err_set(err, ERR_DATA, "the name of feature %zu has %zu bytes, not 1 to %d",
		    index, length, MODEL_NAME_MAX);
	char clean[MODEL_NAME_MAX * 3 + 1];
	text_scrub(clean, sizeof(clean), item->valuestring, length);
	model->features[index] = mem_string(clean);
	return true;
}

/* What stands before every input's number where a tool made up the names; else NULL. */
static const char *
made_up(const struct model *model)
{
	static const char *const prefixes[] = {"f", "Column_", "x"};
	for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
		size_t i = 0;
		char name[32];
		for (; i < model->features_count; i++) {
			snprintf(name, sizeof(name), "%s%zu", prefixes[p], i);
			if (strcmp(model->features[i], name) != 0)
				break;
		}
		if (i == model->features_count)
			return prefixes[p];
	}
	return NULL;
}

bool
names_number(struct model *model, size_t count, const char *prefix, struct err *err)
{
	model->features = mem_alloc(count * sizeof(*model->features));
	model->features_count = count;
	model->nameless = prefix;
	for (size_t i = 0; i < count; i++)
		model->features[i] = mem_printf("%s%zu", prefix, i);
	return index_names(model, err);
}

bool
names_set(struct model *model, const cJSON *names, size_t count, struct err *err)
{
	size_t given = (size_t)cJSON_GetArraySize(names);
	if (names != NULL && !cJSON_IsArray(names) && !cJSON_IsNull(names))
		return err_set(
		    err, ERR_DATA, "feature_names is %s, not an array", cjson_word(names));
	if (given != 0 && given != count)
		return err_set(err, ERR_DATA, "%zu feature names for %zu features", given, count);
	if (given == 0)
		return names_number(model, count, "f", err);
	model->features = mem_alloc(count * sizeof(*model->features));
	model->features_count = count;
	size_t i = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, names)
	{
		if (!take_name(model, i++, item, err))
			return false;
	}
	model->nameless = made_up(model);
	return index_names(model, err);
}

void
names_free(struct model *model)
{
	for (size_t i = 0; model->features != NULL && i < model->features_count; i++)
		free(model->features[i]);
	free(model->features);
	free(model->by_name);
	model->features = NULL;
	model->by_name = NULL;
}

int
model_find(const struct model *model, const char *name)
{
	size_t low = 0, high = model->features_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t index = model->by_name[middle];
		int order = strcmp(name, model->features[index]);
		if (order == 0)
			return (int)index;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* NULL: none is near. */
static const char *
nearest(const struct model *model, const char *name)
{
	const char **list = mem_alloc((model->features_count + 1) * sizeof(*list));
	for (size_t i = 0; i < model->features_count; i++)
		list[i] = model->features[i];
	const char *near = text_nearest(name, list);
	free(list);
	return near;
}

bool
names_find(const struct model *model, const char *name, int *index, struct err *err)
{
	*index = model_find(model, name);
	if (*index >= 0)
		return true;
	const char *near = nearest(model, name);
	return err_set(err, ERR_DATA, "the model has no feature `%s`%s%s%s", name,
	    near ? "; do you mean `" : "", near ? near : "", near ? "`?" : "");
}
