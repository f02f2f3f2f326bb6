/* lightgbm_categories.c: the words of a LightGBM model's categorical inputs.
 *
 * LightGBM's Python package trains on the positions that pandas gives to the words of a column, and
 * writes at the end of the file, `pandas_categorical:`, the words of each such column in the order
 * of the columns, but not which columns they are. They are those that the parameters call
 * categorical (or, without parameters, those whose feature_infos is a list of codes), unless a
 * column was categorical for one of the two only: then the counts differ, or a code lies behind its
 * words, and the inputs have no words here. A word of none of the lists is missing, as there. */
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/model/lightgbm.h"

enum { WORDS_MAX = 4000000 };

/* Takes the number at the front of a list, `separator` between its numbers. */
static bool
list_number(struct lightgbm_span *rest, char separator, double *number)
{
	struct lightgbm_span item = *rest;
	const char *stop = memchr(rest->text, separator, rest->length);
	if (stop != NULL)
		item.length = (size_t)(stop - rest->text);
	size_t used = item.length + (stop != NULL);
	rest->text += used;
	rest->length -= used;
	return lightgbm_number(&item, number);
}

/* The inputs that the parameters name, `1,4,5]`: how many, or 0 if they name none that are known.
 */
static size_t
mark_named(const struct model *model, struct lightgbm_span columns, uint8_t *marked)
{
	size_t count = 0;
	if (columns.length > 0)
		columns.length--; /* the bracket */
	while (columns.length > 0) {
		double column;
		if (!list_number(&columns, ',', &column) ||
		    !(column >= 0 && column < (double)model->features_count))
			return 0;
		count += !marked[(size_t)column];
		marked[(size_t)column] = 1;
	}
	return count;
}

/* Whether an input was categorical in training: its info is `1:0:4`, not `[0:1]` or `none`. */
static bool
is_list(const struct lightgbm_span *info)
{
	return !lightgbm_begins(info, "[") && !lightgbm_begins(info, "none");
}

static size_t
mark_listed(struct lightgbm_span infos, uint8_t *marked)
{
	struct lightgbm_span info;
	size_t count = 0;
	for (size_t i = 0; lightgbm_word(&infos, &info); i++) {
		marked[i] = is_list(&info);
		count += marked[i];
	}
	return count;
}

/* Whether every code of an input's info is a position among `words` words, or -1: missing. */
static bool
codes_fit(struct lightgbm_span info, size_t words)
{
	if (!is_list(&info))
		return true;
	while (info.length > 0) {
		double code;
		if (!list_number(&info, ':', &code) || !(code >= -1 && code < (double)words))
			return false;
	}
	return true;
}

/* Python writes a boolean in logs and tables as JSON does, or as Python does. */
static bool
take_word(struct categories *categories, const cJSON *item, double code, struct err *err)
{
	char number[32];
	const char *text = cJSON_IsString(item)	 ? item->valuestring
			   : cJSON_IsTrue(item)	 ? "true"
			   : cJSON_IsFalse(item) ? "false"
						 : NULL;
	const char *other = cJSON_IsTrue(item) ? "True" : cJSON_IsFalse(item) ? "False" : NULL;
	if (cJSON_IsNumber(item))
		text = jsonw_format_double(number, sizeof(number), item->valuedouble);
	if (text == NULL)
		return err_set(err, ERR_DATA, "a category is %s", cjson_word(item));
	return categories_add(categories, text, strlen(text), code, err) &&
	       (other == NULL || categories_add(categories, other, strlen(other), code, err));
}

static bool
take_words(struct categories *categories, const cJSON *list, struct err *err)
{
	double code = 0;
	const cJSON *item;
	categories->present = true;
	if (!cJSON_IsArray(list))
		return err_set(
		    err, ERR_DATA, "a column's words are %s, not an array", cjson_word(list));
	cJSON_ArrayForEach(item, list)
	{
		if (!take_word(categories, item, code, err))
			return false;
		code++;
	}
	return categories_sort(categories, err);
}

/* Gives each marked input the next list. */
static bool
take_lists(struct model *model, struct lightgbm_span infos, const uint8_t *marked,
    const cJSON *lists, struct err *err)
{
	const cJSON *list = lists->child;
	bool fit = true;
	struct lightgbm_span info;
	model->categories = mem_alloc(model->features_count * sizeof(*model->categories));
	for (size_t i = 0; lightgbm_word(&infos, &info); i++) {
		if (!marked[i])
			continue;
		if (!take_words(&model->categories[i], list, err))
			return false;
		fit = fit && codes_fit(info, (size_t)cJSON_GetArraySize(list));
		list = list->next;
	}
	if (!fit) {
		categories_free(model->categories, model->features_count);
		model->categories = NULL;
	}
	return true;
}

bool
lightgbm_categories(struct model *model, struct lightgbm_span infos, struct lightgbm_span columns,
    const struct lightgbm_span *words, struct err *err)
{
	if (words->text == NULL)
		return true;
	size_t commas = 0;
	for (size_t i = 0; i < words->length; i++)
		commas += words->text[i] == ',';
	if (commas >= WORDS_MAX)
		return err_set(err, ERR_DATA, "line %zu: pandas_categorical has more than %d words",
		    words->line, WORDS_MAX);
	char *text = mem_printf("%.*s", (int)words->length, words->text);
	cJSON *lists = skeleton_parse_text(text, err);
	free(text);
	if (lists == NULL || (!cJSON_IsArray(lists) && !cJSON_IsNull(lists))) {
		if (lists != NULL)
			err_set(err, ERR_DATA, "it is %s, not an array", cjson_word(lists));
		cJSON_Delete(lists);
		return err_prefix(err, "line %zu: pandas_categorical", words->line);
	}
	uint8_t *marked = mem_alloc(model->features_count);
	size_t count = mark_named(model, columns, marked);
	if (count == 0)
		count = mark_listed(infos, marked);
	bool done = true;
	if (count > 0 && (size_t)cJSON_GetArraySize(lists) == count)
		done = take_lists(model, infos, marked, lists, err) ||
		       err_prefix(err, "line %zu: pandas_categorical", words->line);
	free(marked);
	cJSON_Delete(lists);
	return done;
}
