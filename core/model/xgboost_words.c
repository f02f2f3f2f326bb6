/* xgboost_words.c: the categories that a file holds itself (`cats`, from XGBoost 3.1 on): of each
 * categorical input the words, or whole numbers, that stand for the codes 0, 1, 2... of its splits.
 * Numbers that are their own codes need no words.
 *
 * XGBoost up to 3.2 counts characters where the words have bytes, and so cuts words wrongly from
 * the first letter on that is not ASCII. An input whose words are no UTF-8 for that has none here:
 * the metadata can give the right ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/xgboost.h"

/* An array of `cats`, which is empty for an input that is not categorical. */
static bool
take_list(const cJSON *column, const char *name, double **list, size_t *count, struct err *err)
{
	const cJSON *json = cJSON_GetObjectItemCaseSensitive(column, name);
	*count = 0;
	return (cJSON_IsArray(json) && json->child == NULL) ||
	       cjson_numbers(json, name, list, count, err);
}

static bool
is_utf8(const char *text, size_t length)
{
	uint32_t code;
	for (size_t at = 0; at < length;) {
		size_t step = text_decode(text + at, length - at, &code);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

/* The bytes of all words, one behind the other, as -128 to 127 or 0 to 255. */
static bool
to_text(char *text, const double *values, size_t bytes, struct err *err)
{
	for (size_t i = 0; i < bytes; i++) {
		if (!(values[i] >= -128 && values[i] <= 255))
			return err_set(
			    err, ERR_DATA, "values[%zu] is %g, not a byte", i, values[i]);
		text[i] = (char)(int)values[i];
	}
	return true;
}

/* Word i goes from offsets[i] to offsets[i + 1]. */
static bool
add_words(struct categories *categories, const double *offsets, size_t words, const char *text,
    size_t bytes, struct err *err)
{
	bool readable = true;
	for (size_t i = 0; i < words; i++) {
		double from = offsets[i], to = offsets[i + 1];
		if (!(from >= 0 && to >= from && to <= (double)bytes))
			return err_set(err, ERR_DATA,
			    "word %zu goes from %g to %g, outside its %zu bytes", i, from, to,
			    bytes);
		readable = readable && is_utf8(text + (size_t)from, (size_t)to - (size_t)from);
	}
	for (size_t i = 0; i < words && readable; i++) {
		size_t from = (size_t)offsets[i], to = (size_t)offsets[i + 1];
		if (!categories_add(categories, text + from, to - from, (double)i, err))
			return false;
	}
	return true;
}

static bool
add_numbers(struct categories *categories, const double *values, size_t count, struct err *err)
{
	size_t own = 0;
	while (own < count && values[own] == (double)own)
		own++;
	for (size_t i = 0; own < count && i < count; i++) {
		char word[32];
		if (values[i] != floor(values[i]) || !(fabs(values[i]) <= 0x1p63))
			return err_set(
			    err, ERR_DATA, "values[%zu] is %g, not a whole number", i, values[i]);
		int length = snprintf(word, sizeof(word), "%.0f", values[i]);
		if (!categories_add(categories, word, (size_t)length, (double)i, err))
			return false;
	}
	return true;
}

static bool
take_column(struct categories *categories, const cJSON *column, struct err *err)
{
	double *offsets = NULL, *values = NULL;
	size_t offsets_count, count;
	if (!cJSON_IsObject(column))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(column));
	bool words = cJSON_GetObjectItemCaseSensitive(column, "offsets") != NULL;
	bool done = take_list(column, "values", &values, &count, err) &&
		    (!words || take_list(column, "offsets", &offsets, &offsets_count, err));
	if (done && !words)
		done = add_numbers(categories, values, count, err);
	if (done && words && offsets_count > 0) {
		char *text = mem_alloc(count + 1);
		done = to_text(text, values, count, err) &&
		       add_words(categories, offsets, offsets_count - 1, text, count, err);
		free(text);
	}
	free(offsets);
	free(values);
	return done && categories_sort(categories, err);
}

bool
xgboost_words(struct model *model, const cJSON *cats, struct err *err)
{
	if (cats == NULL || cJSON_IsNull(cats))
		return true;
	const cJSON *columns = cJSON_GetObjectItemCaseSensitive(cats, "enc");
	size_t count = (size_t)cJSON_GetArraySize(columns), i = 0;
	if (!cJSON_IsArray(columns) || (count != 0 && count != model->features_count))
		return err_set(err, ERR_DATA, "cats.enc has %zu elements, but there are %zu inputs",
		    count, model->features_count);
	if (count == 0)
		return true;
	model->categories = mem_alloc(count * sizeof(*model->categories));
	const cJSON *column;
	cJSON_ArrayForEach(column, columns)
	{
		if (!take_column(&model->categories[i], column, err))
			return err_prefix(err, "the categories of `%s`", model->features[i]);
		i++;
	}
	return true;
}
