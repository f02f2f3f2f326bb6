/* metadata_features.c: what metadata say of a model's inputs. Their names and order are held
 * against the file's; only a file whose inputs have numbers for names (f0, f1...) takes names from
 * here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/metadata_parts.h"

/* A feature is a name, or an object with one. */
static const cJSON *
name_of(const cJSON *item)
{
	return cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, "name") : item;
}

/* All names as an array of strings of its own; NULL and err if one is none. */
static cJSON *
list_names(const cJSON *json, struct err *err)
{
	const cJSON *item;
	size_t index = 0;
	cJSON *names = cJSON_CreateArray();
	cJSON_ArrayForEach(item, json)
	{
		const cJSON *name = name_of(item);
		char clean[MODEL_NAME_MAX * 3 + 1];
		if (!cJSON_IsString(name) || strlen(name->valuestring) > MODEL_NAME_MAX) {
			err_set(err, ERR_DATA, "features[%zu]: its name is %s", index,
			    cJSON_IsString(name) ? "too long" : cjson_word(name));
			cJSON_Delete(names);
			return NULL;
		}
		text_scrub(clean, sizeof(clean), name->valuestring, strlen(name->valuestring));
		cJSON_AddItemToArray(names, cJSON_CreateString(clean));
		index++;
	}
	return names;
}

static bool
any_known(const struct model *model, const cJSON *names)
{
	const cJSON *name;
	cJSON_ArrayForEach(name, names)
	{
		if (model_find(model, name->valuestring) >= 0)
			return true;
	}
	return false;
}

static bool
check_count(const struct model *model, const cJSON *names, size_t count, struct err *err)
{
	bool *seen = mem_alloc(model->features_count * sizeof(*seen));
	const cJSON *name;
	size_t missing = 0;
	cJSON_ArrayForEach(name, names)
	{
		seen[model_find(model, name->valuestring)] = true;
	}
	while (missing < model->features_count && seen[missing])
		missing++;
	free(seen);
	if (count == model->features_count)
		return true;
	if (missing == model->features_count)
		return err_set(err, ERR_DATA,
		    "features has %zu names for %zu inputs: one stands "
		    "twice",
		    count, model->features_count);
	return err_set(err, ERR_DATA,
	    "features has %zu names for %zu inputs: `%s` is not among them", count,
	    model->features_count, model->features[missing]);
}

static bool
check_names(const struct model *model, const cJSON *names, struct err *err)
{
	const cJSON *name;
	size_t count = 0;
	int index;
	cJSON_ArrayForEach(name, names)
	{
		if (!names_find(model, name->valuestring, &index, err))
			return err_prefix(err, "features[%zu]", count);
		count++;
	}
	if (!check_count(model, names, count, err))
		return false;
	size_t i = 0;
	cJSON_ArrayForEach(name, names)
	{
		if (strcmp(name->valuestring, model->features[i]) != 0)
			return err_set(err, ERR_DATA,
			    "features[%zu] is `%s`, but input %zu of the model is `%s`: they must "
			    "stand in the model's order",
			    i, name->valuestring, i, model->features[i]);
		i++;
	}
	return true;
}

/* A file's own names come back where new metadata have none. */
static bool
name_inputs(struct model *model, const cJSON *names, struct err *err)
{
	size_t count = model->features_count;
	const char *nameless = model->nameless;
	struct model numbered = {0};
	if (nameless == NULL)
		return names == NULL || check_names(model, names, err);
	bool done = names_number(&numbered, count, nameless, err);
	if (done && names != NULL && !any_known(&numbered, names)) {
		names_free(&numbered);
		done = names_set(&numbered, names, count, err) || err_prefix(err, "features");
	} else if (done && names != NULL) {
		done = check_names(&numbered, names, err);
	}
	model->features = numbered.features;
	model->by_name = numbered.by_name;
	return done;
}

/* --- what is said of one --- */

static bool
take_number(double *value, const cJSON *object, const char *key, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return item == NULL || cJSON_IsNull(item) || cjson_number(item, key, value, err);
}

static bool
take_text(char **text, const cJSON *object, const char *key, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	char clean[MODEL_NAME_MAX * 3 + 1];
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (!cJSON_IsString(item) || item->valuestring[0] == '\0' ||
	    strlen(item->valuestring) > MODEL_NAME_MAX)
		return err_set(err, ERR_DATA, "%s is %s, not a string of 1 to %d bytes", key,
		    cJSON_IsString(item) ? "another" : cjson_word(item), MODEL_NAME_MAX);
	text_scrub(clean, sizeof(clean), item->valuestring, strlen(item->valuestring));
	*text = mem_string(clean);
	return true;
}

static bool
take_compare(struct model_note *note, const struct model *model, const cJSON *json, struct err *err)
{
	char *mean = NULL, *ratio = NULL;
	if (json == NULL || cJSON_IsNull(json))
		return true;
	bool done = cJSON_IsObject(json)
			? take_text(&mean, json, "mean", err) &&
			      take_text(&ratio, json, "ratio", err) &&
			      take_text(&note->compare_words, json, "words", err)
			: err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(json));
	if (done && (mean == NULL) == (ratio == NULL))
		done = err_set(
		    err, ERR_DATA, "it needs either \"mean\" or \"ratio\", an input's name");
	if (done)
		done = names_find(model, ratio != NULL ? ratio : mean, &note->compare, err);
	if (done) {
		note->ratio = ratio != NULL;
		if (note->compare_words == NULL)
			note->compare_words = mem_string(model->features[note->compare]);
	}
	free(mean);
	free(ratio);
	return done || err_prefix(err, "compare");
}

static bool
take_note(struct model_note *note, const struct model *model, const cJSON *item, struct err *err)
{
	if (!take_text(&note->label, item, "label", err) ||
	    !take_number(&note->mean, item, "mean", err) ||
	    !take_number(&note->low, item, "low", err) ||
	    !take_number(&note->high, item, "high", err))
		return false;
	if (note->low > note->high)
		return err_set(err, ERR_DATA, "low, %g, is above high, %g", note->low, note->high);
	return take_compare(note, model, cJSON_GetObjectItemCaseSensitive(item, "compare"), err);
}

static bool
take_notes(struct model *model, const cJSON *json, struct err *err)
{
	const struct model_note blank = {
	    .mean = (double)NAN, .low = (double)NAN, .high = (double)NAN, .compare = -1};
	struct model_note *notes = mem_alloc(model->features_count * sizeof(*notes));
	model->metadata.notes = notes;
	for (size_t i = 0; i < model->features_count; i++)
		notes[i] = blank;
	size_t i = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, json)
	{
		if (cJSON_IsObject(item) && !take_note(&notes[i], model, item, err))
			return err_prefix(err, "features[%zu], `%s`", i, model->features[i]);
		i++;
	}
	return true;
}

bool
metadata_take_features(struct model *model, const cJSON *json, struct err *err)
{
	if (json == NULL || cJSON_IsNull(json))
		return name_inputs(model, NULL, err);
	if (!cJSON_IsArray(json))
		return err_set(err, ERR_DATA, "features is %s, not an array", cjson_word(json));
	cJSON *names = list_names(json, err);
	bool done = names != NULL && name_inputs(model, names, err) && take_notes(model, json, err);
	cJSON_Delete(names);
	model->metadata.features_checked = done;
	return done;
}
