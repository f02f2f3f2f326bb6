/* linear.c: a plain linear model. Margin = intercept + sum of weight * value, in double and in the
 * order of the file; a missing value counts as the feature's "missing", which is 0 if it is not
 * given. */
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

static bool
read_number(const cJSON *object, const char *name, double *value, struct err *err)
{
	return cjson_number(cJSON_GetObjectItemCaseSensitive(object, name), name, value, err);
}

static bool
read_link(struct model *model, const cJSON *root, struct err *err)
{
	const cJSON *link = cJSON_GetObjectItemCaseSensitive(root, "link");
	if (!cJSON_IsString(link))
		return err_set(err, ERR_DATA, "link is %s, not \"logistic\" or \"identity\"",
		    link == NULL ? "missing" : cjson_word(link));
	model->link = strcmp(link->valuestring, "logistic") == 0 ? LINK_LOGISTIC : LINK_IDENTITY;
	if (model->link != LINK_LOGISTIC && strcmp(link->valuestring, "identity") != 0)
		return err_set(err, ERR_DATA, "link is `%s`, not \"logistic\" or \"identity\"",
		    link->valuestring);
	return true;
}

static bool
read_term(struct linear_term *term, const cJSON *json, struct err *err)
{
	static const char *const members[] = {"name", "weight", "missing", "mean", NULL};
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(json));
	const cJSON *item;
	cJSON_ArrayForEach(item, json)
	{
		size_t i = 0;
		while (members[i] != NULL && strcmp(members[i], item->string) != 0)
			i++;
		if (members[i] != NULL)
			continue;
		const char *near = text_nearest(item->string, members);
		return err_set(err, ERR_DATA, "it has no member `%s`%s%s%s", item->string,
		    near ? "; do you mean `" : "", near ? near : "", near ? "`?" : "");
	}
	if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "name")))
		return err_set(err, ERR_DATA, "its name is missing");
	if (!read_number(json, "weight", &term->weight, err))
		return false;
	return (cJSON_GetObjectItemCaseSensitive(json, "missing") == NULL ||
		   read_number(json, "missing", &term->missing, err)) &&
	       (cJSON_GetObjectItemCaseSensitive(json, "mean") == NULL ||
		   read_number(json, "mean", &term->mean, err));
}

static bool
read_features(struct model *model, const cJSON *features, struct err *err)
{
	size_t count = (size_t)cJSON_GetArraySize(features), i = 0;
	if (count == 0 || count > MODEL_FEATURES_MAX)
		return err_set(err, ERR_DATA, "features has %zu elements, not from 1 to %d", count,
		    MODEL_FEATURES_MAX);
	model->terms = mem_alloc(count * sizeof(*model->terms));
	cJSON *names = cJSON_CreateArray();
	bool done = true;
	const cJSON *item;
	cJSON_ArrayForEach(item, features)
	{
		done = read_term(&model->terms[i], item, err) || err_prefix(err, "feature %zu", i);
		if (!done)
			break;
		const char *name = cJSON_GetObjectItemCaseSensitive(item, "name")->valuestring;
		cJSON_AddItemToArray(names, cJSON_CreateStringReference(name));
		i++;
	}
	done = done && names_set(model, names, count, err);
	cJSON_Delete(names);
	return done;
}

void
linear_score_rows(const struct model *model, const double *values, size_t rows, double *margins)
{
	for (size_t i = 0; i < rows; i++, values += model->features_count) {
		double margin = model->intercept;
		for (size_t f = 0; f < model->features_count; f++) {
			const struct linear_term *term = &model->terms[f];
			double value = values[f];
			margin += term->weight * (isnan(value) ? term->missing : value);
		}
		margins[i] = margin;
	}
}

bool
linear_parse(struct model *model, const cJSON *root, struct err *err)
{
	model->kind = "linear";
	const cJSON *features = cJSON_GetObjectItemCaseSensitive(root, "features");
	if (!read_link(model, root, err) || !read_number(root, "intercept", &model->intercept, err))
		return false;
	if (!cJSON_IsArray(features))
		return err_set(err, ERR_DATA, "features is %s, not an array",
		    features == NULL ? "missing" : cjson_word(features));
	return read_features(model, features, err) &&
	       maps_parse(&model->calibrated, model,
		   cJSON_GetObjectItemCaseSensitive(root, "calibration"), err);
}
