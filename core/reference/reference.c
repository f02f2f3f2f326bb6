#include "core/reference/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"

void
reference_column_init(struct reference_column *column, const char *name)
{
	*column = (struct reference_column){0};
	profile_feature_init(&column->feature, name);
}

static void
drop_growth(struct reference_column *column)
{
	for (size_t i = 0; i < column->words_count; i++)
		free(column->words[i]);
	free(column->words);
	free(column->word_counts);
	free(column->numbers);
	column->words = NULL;
	column->word_counts = NULL;
	column->numbers = NULL;
	column->words_count = column->numbers_count = column->words_bytes = 0;
}

void
reference_column_free(struct reference_column *column)
{
	drop_growth(column);
	profile_feature_free(&column->feature);
}

static void
copy_bins(struct bins *to, const struct bins *from)
{
	*to = *from;
	to->edges = NULL;
	to->categories = NULL;
	if (from->edges != NULL) {
		to->edges = mem_grow(NULL, from->count, sizeof(*to->edges));
		memcpy(to->edges, from->edges, (from->count - 1) * sizeof(*to->edges));
	}
	if (from->categories != NULL) {
		to->categories = mem_alloc(from->count * sizeof(*to->categories));
		for (size_t i = 0; i + 1 < from->count; i++)
			to->categories[i] = mem_string(from->categories[i]);
	}
	to->coarse = mem_grow(NULL, from->count, sizeof(*to->coarse));
	memcpy(to->coarse, from->coarse, from->count * sizeof(*to->coarse));
}

void
reference_column_set(struct reference_column *column, const struct profile_feature *feature)
{
	column->feature = *feature;
	copy_bins(&column->feature.bins, &feature->bins);
	column->feature.counts = mem_grow(NULL, feature->bins.count, sizeof(*feature->counts));
	memcpy(column->feature.counts, feature->counts,
	    feature->bins.count * sizeof(*feature->counts));
	if (feature->hours != NULL) {
		size_t cells = SEASON_HOURS * feature->bins.coarse_count;
		column->feature.hours = mem_grow(NULL, cells, sizeof(*feature->hours));
		memcpy(column->feature.hours, feature->hours, cells * sizeof(*feature->hours));
	}
	column->seen = UINT64_MAX; /* complete: nothing is added */
	column->ready = true;
}

static bool
is_present(const struct feature_value *value)
{
	return value->kind == VALUE_TEXT ||
	       (value->kind == VALUE_NUMBER && isfinite(value->number));
}

static void
keep_word(struct reference_column *column, const char *word)
{
	for (size_t i = 0; i < column->words_count; i++) {
		if (strcmp(column->words[i], word) == 0) {
			column->word_counts[i]++;
			return;
		}
	}
	if (column->words_count == REFERENCE_WORDS || column->closed)
		return;
	size_t count = column->words_count + 1;
	column->words = mem_grow(column->words, count, sizeof(*column->words));
	column->word_counts = mem_grow(column->word_counts, count, sizeof(*column->word_counts));
	column->words[count - 1] = mem_string(word);
	column->word_counts[count - 1] = 1;
	column->words_count = count;
	column->words_bytes += strlen(word) + REFERENCE_WORD_BYTES;
}

/* A column with any word in it is categorical; a number there is its text. */
static void
make_bins(struct reference_column *column)
{
	for (size_t i = 0; column->words_count > 0 && i < column->numbers_count; i++) {
		char text[32];
		keep_word(column, jsonw_format_double(text, sizeof(text), column->numbers[i]));
	}
	char name[sizeof(column->feature.name)];
	text_copy(name, sizeof(name), column->feature.name);
	if (column->words_count > 0) {
		struct profile_feature *feature = &column->feature;
		profile_feature_init(feature, name);
		bins_from_categories(&feature->bins, (const char *const *)column->words,
		    column->word_counts, column->words_count);
		feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
		for (size_t i = 0; i < column->words_count; i++) {
			size_t bin = bins_find_word(&feature->bins, column->words[i]);
			feature->counts[bin] += column->word_counts[i];
			feature->n += column->word_counts[i];
		}
	} else {
		profile_feature_from_numbers(
		    &column->feature, name, column->numbers, column->numbers_count);
	}
	column->feature.missing = column->seen - column->feature.n;
	column->ready = true;
	drop_growth(column);
}

/* A value beyond those that made the bins: counts, range and moments (Welford's update). */
static void
extend(struct reference_column *column, const struct feature_value *value)
{
	struct profile_feature *feature = &column->feature;
	int bin = reference_column_bin(column, value);
	if (bin < 0) {
		feature->missing++;
		return;
	}
	feature->counts[bin]++;
	feature->n++;
	if (feature->bins.kind == BINS_CATEGORIES_KIND)
		return;
	double x = value->number, n = (double)feature->n, delta = x - feature->mean;
	feature->low = fmin(feature->low, x);
	feature->high = fmax(feature->high, x);
	feature->mean += delta / n;
	feature->deviation = sqrt(
	    (feature->deviation * feature->deviation * (n - 1) + delta * (x - feature->mean)) / n);
}

bool
reference_column_add(
    struct reference_column *column, const struct feature_value *value, uint64_t limit)
{
	if (column->seen >= (limit > REFERENCE_MINIMUM ? limit : REFERENCE_MINIMUM))
		return false;
	column->seen++;
	if (column->ready) {
		extend(column, value);
		return false;
	}
	if (is_present(value) && value->kind == VALUE_TEXT) {
		keep_word(column, value->text);
	} else if (is_present(value)) {
		if (column->numbers == NULL)
			column->numbers =
			    mem_grow(NULL, REFERENCE_MINIMUM, sizeof(*column->numbers));
		column->numbers[column->numbers_count++] = value->number;
	}
	if (column->seen < REFERENCE_MINIMUM)
		return false;
	if (column->words_count == 0 && column->numbers_count == 0) {
		column->seen = 0; /* nothing but nulls so far: no reference yet */
		return false;
	}
	make_bins(column);
	return true;
}

int
reference_column_bin(const struct reference_column *column, const struct feature_value *value)
{
	const struct bins *bins = &column->feature.bins;
	if (!is_present(value))
		return -1;
	if (bins->kind == BINS_CATEGORIES_KIND && value->kind == VALUE_NUMBER) {
		char text[32]; /* as in a profile's data: a number among words is its text */
		jsonw_format_double(text, sizeof(text), value->number);
		return (int)bins_find_word(bins, text);
	}
	if (bins->kind == BINS_CATEGORIES_KIND)
		return (int)bins_find_word(bins, value->text);
	return value->kind == VALUE_NUMBER ? (int)bins_find_number(bins, value->number) : -1;
}
