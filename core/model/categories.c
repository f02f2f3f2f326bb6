/* categories.c: the words of categorical inputs and the numbers they count as: those of the
 * metadata first, then those that the model's file has itself. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

enum { WORD_MAX = 1024 };

void
categories_free(struct categories *categories, size_t features)
{
	for (size_t f = 0; categories != NULL && f < features; f++) {
		for (size_t i = 0; i < categories[f].count; i++)
			free(categories[f].list[i].word);
		free(categories[f].list);
	}
	free(categories);
}

bool
categories_add(
    struct categories *categories, const char *word, size_t length, double code, struct err *err)
{
	char clean[WORD_MAX * 3 + 1];
	if (length > WORD_MAX)
		return err_set(err, ERR_DATA, "a word is longer than %d bytes", WORD_MAX);
	text_scrub(clean, sizeof(clean), word, length);
	if (!(fabs(code) <= (double)FLT_MAX))
		return err_set(err, ERR_DATA, "the code of `%s` does not fit in a float", clean);
	mem_reserve(&categories->list, &categories->capacity, categories->count + 1,
	    sizeof(*categories->list));
	categories->list[categories->count++] =
	    (struct category){.word = mem_string(clean), .code = code};
	categories->present = true;
	return true;
}

static int
compare_categories(const void *a, const void *b)
{
	const struct category *one = a, *other = b;
	return strcmp(one->word, other->word);
}

bool
categories_sort(struct categories *categories, struct err *err)
{
	struct category *list = categories->list;
	if (categories->count > 1)
		qsort(list, categories->count, sizeof(*list), compare_categories);
	for (size_t i = 1; i < categories->count; i++) {
		if (strcmp(list[i - 1].word, list[i].word) == 0)
			return err_set(err, ERR_DATA, "the word `%s` stands twice", list[i].word);
	}
	return true;
}

/* An input's words; NULL: it has none. */
static const struct categories *
words_of(const struct model *model, size_t index)
{
	if (index >= model->features_count)
		return NULL;
	if (model->words != NULL && model->words[index].present)
		return &model->words[index];
	if (model->categories != NULL && model->categories[index].present)
		return &model->categories[index];
	return NULL;
}

bool
model_categorical(const struct model *model, size_t index)
{
	return words_of(model, index) != NULL;
}

size_t
model_words(const struct model *model, size_t index)
{
	const struct categories *categories = words_of(model, index);
	return categories != NULL ? categories->count : 0;
}

const char *
model_word(const struct model *model, size_t index, size_t word, double *code)
{
	const struct categories *categories = words_of(model, index);
	if (categories == NULL || word >= categories->count)
		return NULL;
	if (code != NULL)
		*code = categories->list[word].code;
	return categories->list[word].word;
}

const char *
model_word_of(const struct model *model, size_t index, double code)
{
	const struct categories *categories = words_of(model, index);
	for (size_t i = 0; categories != NULL && i < categories->count; i++) {
		if (categories->list[i].code == code)
			return categories->list[i].word;
	}
	return NULL;
}

bool
model_code(const struct model *model, size_t index, const char *word, double *code)
{
	const struct categories *categories = words_of(model, index);
	size_t low = 0, high = categories != NULL ? categories->count : 0;
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
