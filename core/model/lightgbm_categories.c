/* lightgbm_categories.c: the words of a LightGBM model's categorical inputs.
 *
 * LightGBM's Python package trains on the positions that pandas gives to the words of a column, and
 * writes at the end of the file, `pandas_categorical:`, the words of each such column in the order
 * of the columns, but not which columns they are. They are those that the parameters call
 * categorical (or, without parameters, those whose feature_infos is a list of codes), each with a
 * list that holds its codes; and, as pandas' ordered columns are not categorical for LightGBM, for
 * every list that is over one of the others whose values were positions in it. Lists and columns go
 * in the same order. An input gets words only if every way to deal the lists out gives it the same
 * ones. A word of none of them is missing, as there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/model/lightgbm.h"

enum { WORDS_MAX = 4000000, ORDERED_MAX = 64 };

/* What the file says of an input. */
struct column {
	bool categorical; /* for LightGBM */
	bool seen; /* had values in training, from low to high */
	double low, high;
	size_t before; /* categorical ones before it */
};

/* The lists and the columns they are dealt out to. */
struct deal {
	struct column *columns;
	size_t columns_count, categorical;
	const cJSON **lists;
	size_t *sizes; /* words in each list */
	size_t lists_count, ordered; /* lists, and those of them for columns not categorical */
	uint8_t *ahead, *behind; /* see deal_out */
};

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

/* Marks the inputs that the parameters name, `1,4,5]`. False: they name none that are known. */
static bool
mark_named(struct deal *deal, struct lightgbm_span columns)
{
	if (columns.length > 0)
		columns.length--; /* the bracket */
	bool named = columns.length > 0;
	while (columns.length > 0) {
		double column;
		if (!list_number(&columns, ',', &column) ||
		    !(column >= 0 && column < (double)deal->columns_count))
			return false;
		deal->columns[(size_t)column].categorical = true;
	}
	return named;
}

/* Reads an info: `none`, `[low:high]`, or a list of codes, of which -1 is what was missing. */
static void
read_info(struct column *column, struct lightgbm_span info)
{
	column->seen = !lightgbm_begins(&info, "none");
	column->low = INFINITY;
	column->high = -INFINITY;
	if (lightgbm_begins(&info, "[") && info.length > 2) {
		info.text++;
		info.length -= 2;
	}
	while (column->seen && info.length > 0) {
		double value;
		if (!list_number(&info, ':', &value) || value != floor(value)) {
			column->low = -INFINITY; /* no position */
			return;
		}
		if (value == -1)
			continue;
		column->low = fmin(column->low, value);
		column->high = fmax(column->high, value);
	}
}

static void
read_columns(struct deal *deal, struct lightgbm_span infos, struct lightgbm_span columns)
{
	struct lightgbm_span info;
	bool named = mark_named(deal, columns);
	for (size_t i = 0; lightgbm_word(&infos, &info); i++) {
		struct column *column = &deal->columns[i];
		read_info(column, info);
		if (!named)
			column->categorical = column->seen && !lightgbm_begins(&info, "[");
		column->before = deal->categorical;
		deal->categorical += column->categorical;
	}
}

static bool
read_lists(struct deal *deal, const cJSON *json, struct err *err)
{
	const cJSON *list;
	deal->lists = mem_alloc(deal->lists_count * sizeof(*deal->lists));
	deal->sizes = mem_alloc(deal->lists_count * sizeof(*deal->sizes));
	size_t i = 0;
	cJSON_ArrayForEach(list, json)
	{
		if (!cJSON_IsArray(list))
			return err_set(err, ERR_DATA, "a column's words are %s, not an array",
			    cjson_word(list));
		deal->lists[i] = list;
		deal->sizes[i++] = (size_t)cJSON_GetArraySize(list);
	}
	return true;
}

/* --- dealing out --- */

/* Whether a column may take the next list, `ordered` lists having gone to columns that are not
 * categorical before it: its values must all be positions there. */
static bool
may_take(const struct deal *deal, size_t index, size_t ordered)
{
	const struct column *column = &deal->columns[index];
	return (column->categorical || ordered < deal->ordered) &&
	       (!column->seen || (column->low >= 0 &&
				     column->high < (double)deal->sizes[column->before + ordered]));
}

/* ahead[c, o]: the columns before c can be dealt their lists with o of them to columns that are not
 * categorical; behind[c, o]: then also those from c on, and no list is left. */
static void
deal_out(struct deal *deal)
{
	size_t columns = deal->columns_count, width = deal->ordered + 1;
	uint8_t *ahead = deal->ahead = mem_alloc((columns + 1) * width);
	uint8_t *behind = deal->behind = mem_alloc((columns + 1) * width);
	ahead[0] = 1;
	for (size_t c = 0; c < columns; c++) {
		bool categorical = deal->columns[c].categorical;
		for (size_t o = 0; o < width; o++) {
			if (!ahead[c * width + o])
				continue;
			if (!categorical)
				ahead[(c + 1) * width + o] = 1;
			if (may_take(deal, c, o))
				ahead[(c + 1) * width + o + !categorical] = 1;
		}
	}
	behind[columns * width + deal->ordered] = 1;
	for (size_t c = columns; c-- > 0;) {
		bool categorical = deal->columns[c].categorical;
		for (size_t o = 0; o < width; o++)
			behind[c * width + o] =
			    (!categorical && behind[(c + 1) * width + o]) ||
			    (may_take(deal, c, o) && behind[(c + 1) * width + o + !categorical]);
	}
}

/* The list that a column gets however they are dealt out. False: none, or not always the same. */
static bool
find_list(const struct deal *deal, size_t index, size_t *list)
{
	size_t width = deal->ordered + 1;
	const uint8_t *ahead = deal->ahead + index * width;
	const uint8_t *behind = deal->behind + (index + 1) * width;
	const struct column *column = &deal->columns[index];
	size_t ways = 0;
	for (size_t o = 0; o < width; o++) {
		if (!ahead[o])
			continue;
		if (!column->categorical && behind[o])
			return false;
		if (may_take(deal, index, o) && behind[o + !column->categorical]) {
			*list = column->before + o;
			ways++;
		}
	}
	return ways == 1;
}

/* --- words --- */

/* A boolean stands in tables and logs as JSON writes it, or as Python does. */
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
	cJSON_ArrayForEach(item, list)
	{
		if (!take_word(categories, item, code, err))
			return false;
		code++;
	}
	return categories_sort(categories, err);
}

static bool
take_lists(struct model *model, struct deal *deal, struct err *err)
{
	deal_out(deal);
	model->categories = mem_alloc(model->features_count * sizeof(*model->categories));
	for (size_t i = 0; i < model->features_count; i++) {
		size_t list;
		if (find_list(deal, i, &list) &&
		    !take_words(&model->categories[i], deal->lists[list], err))
			return false;
	}
	return true;
}

static bool
read_words(struct model *model, struct lightgbm_span infos, struct lightgbm_span columns,
    const cJSON *json, struct err *err)
{
	if (!cJSON_IsArray(json) && !cJSON_IsNull(json))
		return err_set(err, ERR_DATA, "it is %s, not an array", cjson_word(json));
	struct deal deal = {.columns_count = model->features_count};
	deal.columns = mem_alloc(deal.columns_count * sizeof(*deal.columns));
	read_columns(&deal, infos, columns);
	deal.lists_count = (size_t)cJSON_GetArraySize(json);
	deal.ordered = deal.lists_count - deal.categorical;
	bool done = true;
	if (deal.lists_count >= deal.categorical && deal.ordered <= ORDERED_MAX)
		done = read_lists(&deal, json, err) && take_lists(model, &deal, err);
	free(deal.columns);
	free(deal.lists);
	free(deal.sizes);
	free(deal.ahead);
	free(deal.behind);
	return done;
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
	cJSON *json = skeleton_parse_text(text, err);
	free(text);
	bool done = json != NULL && read_words(model, infos, columns, json, err);
	cJSON_Delete(json);
	return done || err_prefix(err, "line %zu: pandas_categorical", words->line);
}
