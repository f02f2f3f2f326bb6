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

bool
names_set(struct model *model, const cJSON *names, size_t count, struct err *err)
{
	size_t given = (size_t)cJSON_GetArraySize(names);
	if (names != NULL && !cJSON_IsArray(names) && !cJSON_IsNull(names))
		return err_set(
		    err, ERR_DATA, "feature_names is %s, not an array", cjson_word(names));
	if (given != 0 && given != count)
		return err_set(err, ERR_DATA, "%zu feature names for %zu features", given, count);
	model->features = mem_alloc(count * sizeof(*model->features));
	model->features_count = count;
	if (given == 0) {
		for (size_t i = 0; i < count; i++)
			model->features[i] = mem_printf("f%zu", i);
		return index_names(model, err);
	}
	size_t i = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, names)
	{
		if (!take_name(model, i++, item, err))
			return false;
	}
	return index_names(model, err);
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

const char *
names_nearest(const struct model *model, const char *name)
{
	const char **list = mem_alloc((model->features_count + 1) * sizeof(*list));
	for (size_t i = 0; i < model->features_count; i++)
		list[i] = model->features[i];
	const char *near = text_nearest(name, list);
	free(list);
	return near;
}
