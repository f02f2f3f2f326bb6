#include "core/stats/bins.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stats/sort.h"

#define FEW_VALUES 20
#define COARSE_PARTS 10

static size_t
merge_equal(double *edges, size_t n)
{
	size_t count = 0;
	for (size_t k = 0; k < n; k++) {
		if (count == 0 || edges[k] > edges[count - 1])
			edges[count++] = edges[k];
	}
	return count;
}

size_t
bins_quantile_edges(double *edges, const double *sorted, size_t n, size_t parts)
{
	for (size_t k = 1; k < parts; k++)
		edges[k - 1] = sort_quantile(sorted, n, (double)k / (double)parts);
	/* Rounding may put two neighbouring quantiles the wrong way round by one digit. */
	sort_doubles(edges, parts - 1);
	return merge_equal(edges, parts - 1);
}

size_t
bins_width_edges(double *edges, double low, double high, size_t parts)
{
	double step = (high - low) / (double)parts;
	for (size_t k = 1; k < parts; k++)
		edges[k - 1] = (double)k * step + low;
	return merge_equal(edges, parts - 1);
}

/* The number of edges <= value. */
static size_t
edges_below(const double *edges, size_t n, double value)
{
	const double *base = edges;
	while (n > 1) {
		size_t half = n / 2;
		base = base[half - 1] <= value ? base + half : base;
		n -= half;
	}
	return (size_t)(base - edges) + (n == 1 && *base <= value);
}

static double *
copy_doubles(const double *values, size_t n)
{
	double *copy = mem_grow(NULL, n, sizeof(*copy));
	if (n > 0)
		memcpy(copy, values, n * sizeof(*copy));
	return copy;
}

void
bins_from_edges(struct bins *bins, const double *edges, size_t n)
{
	*bins = (struct bins){.kind = BINS_EDGES, .count = n + 1};
	bins->edges = copy_doubles(edges, n);
}

void
bins_from_values(struct bins *bins, const double *values, size_t n)
{
	*bins = (struct bins){.kind = BINS_VALUES, .count = n + 1};
	bins->edges = copy_doubles(values, n);
	bins_set_coarse(bins, NULL, 0);
}

void
bins_from_numbers(struct bins *bins, double *values, size_t n)
{
	sort_doubles(values, n);
	double few[FEW_VALUES];
	size_t distinct = 0;
	for (size_t i = 0; i < n && distinct <= FEW_VALUES; i++) {
		if (i > 0 && values[i] == values[i - 1])
			continue;
		if (distinct < FEW_VALUES)
			few[distinct] = values[i];
		distinct++;
	}
	if (distinct <= FEW_VALUES) {
		bins_from_values(bins, few, distinct);
		return;
	}
	double fine[BINS_MAX], coarse[COARSE_PARTS];
	bins_from_edges(bins, fine, bins_quantile_edges(fine, values, n, BINS_MAX));
	bins_set_coarse(bins, coarse, bins_quantile_edges(coarse, values, n, COARSE_PARTS));
}

struct word {
	const char *text;
	uint64_t count;
};

static int
compare_words(const void *left, const void *right)
{
	const struct word *a = left, *b = right;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->text, b->text);
}

void
bins_from_categories(struct bins *bins, const char *const *words, const uint64_t *counts, size_t n)
{
	struct word *sorted = mem_grow(NULL, n, sizeof(*sorted));
	size_t seen = 0;
	for (size_t i = 0; i < n; i++) {
		if (counts[i] > 0)
			sorted[seen++] = (struct word){words[i], counts[i]};
	}
	if (seen > 1)
		qsort(sorted, seen, sizeof(*sorted), compare_words);
	size_t kept = seen < BINS_CATEGORIES ? seen : BINS_CATEGORIES;
	*bins = (struct bins){.kind = BINS_CATEGORIES_KIND, .has_other = seen > kept};
	bins->count = kept + bins->has_other + 1;
	bins->categories = mem_alloc(bins->count * sizeof(*bins->categories));
	for (size_t i = 0; i < kept; i++)
		bins->categories[i] = mem_string(sorted[i].text);
	if (bins->has_other)
		bins->categories[kept] = mem_string("other");
	free(sorted);
	bins_set_coarse(bins, NULL, 0);
}

void
bins_set_coarse(struct bins *bins, const double *coarse_edges, size_t n)
{
	free(bins->coarse);
	bins->coarse = mem_grow(NULL, bins->count, sizeof(*bins->coarse));
	if (bins->kind != BINS_EDGES) {
		bins->coarse_count = bins->count;
		for (size_t i = 0; i < bins->count; i++)
			bins->coarse[i] = (uint16_t)i;
		return;
	}
	bins->coarse_count = n + 1;
	bins->coarse[0] = 0;
	for (size_t i = 1; i < bins->count; i++)
		bins->coarse[i] = (uint16_t)edges_below(coarse_edges, n, bins->edges[i - 1]);
}

void
bins_free(struct bins *bins)
{
	for (size_t i = 0; bins->categories != NULL && i + 1 < bins->count; i++)
		free(bins->categories[i]);
	free(bins->categories);
	free(bins->edges);
	free(bins->coarse);
	*bins = (struct bins){0};
}

size_t
bins_find_number(const struct bins *bins, double value)
{
	if (bins->kind == BINS_CATEGORIES_KIND)
		return bins->count - 1;
	size_t below = edges_below(bins->edges, bins->count - 1, value);
	if (bins->kind == BINS_EDGES)
		return below;
	return below > 0 && bins->edges[below - 1] == value ? below - 1 : bins->count - 1;
}

size_t
bins_find_word(const struct bins *bins, const char *word)
{
	if (bins->kind != BINS_CATEGORIES_KIND)
		return bins->count - 1;
	size_t words = bins->count - 1 - bins->has_other;
	for (size_t i = 0; i < words; i++) {
		if (bins->categories[i][0] == word[0] && strcmp(bins->categories[i], word) == 0)
			return i;
	}
	/* The reference had rarer words than it kept; whether this is one of them is not known. */
	return words;
}

void
bins_to_coarse(const struct bins *bins, const uint64_t *fine, uint64_t *coarse)
{
	memset(coarse, 0, bins->coarse_count * sizeof(*coarse));
	for (size_t i = 0; i < bins->count; i++)
		coarse[bins->coarse[i]] += fine[i];
}

void
bins_to_coarse_real(const struct bins *bins, const double *fine, double *coarse)
{
	for (size_t i = 0; i < bins->coarse_count; i++)
		coarse[i] = 0;
	for (size_t i = 0; i < bins->count; i++)
		coarse[bins->coarse[i]] += fine[i];
}

size_t
bins_in_use(const struct bins *bins, const uint64_t *reference, const uint64_t *current)
{
	size_t last = bins->coarse_count - 1;
	bool unseen = bins->kind != BINS_EDGES && reference[last] == 0 && current[last] == 0;
	return unseen ? last : last + 1;
}

size_t
bins_in_use_real(const struct bins *bins, const double *reference, const double *current)
{
	size_t last = bins->coarse_count - 1;
	bool unseen = bins->kind != BINS_EDGES && reference[last] == 0 && current[last] == 0;
	return unseen ? last : last + 1;
}

/* Prints two borders with as few digits as tell them apart. */
static void
print_range(char *dst, size_t size, double low, double high)
{
	char from[32], to[32];
	for (int digits = 3; digits <= 17; digits++) {
		snprintf(from, sizeof(from), "%.*g", digits, low);
		snprintf(to, sizeof(to), "%.*g", digits, high);
		if (strcmp(from, to) != 0)
			break;
	}
	snprintf(dst, size, "%s .. %s", from, to);
}

void
bins_label(const struct bins *bins, size_t coarse, char *dst, size_t size)
{
	if (bins->kind != BINS_EDGES && coarse + 1 >= bins->count) {
		text_copy(dst, size, "unseen");
		return;
	}
	if (bins->kind == BINS_CATEGORIES_KIND) {
		text_copy(dst, size, bins->categories[coarse]);
		return;
	}
	if (bins->kind == BINS_VALUES) {
		snprintf(dst, size, "%.6g", bins->edges[coarse]);
		return;
	}
	size_t first = 0;
	while (first < bins->count && bins->coarse[first] < coarse)
		first++;
	size_t after = first;
	while (after < bins->count && bins->coarse[after] == coarse)
		after++;
	if (after == first)
		text_copy(dst, size, "nothing");
	else if (first == 0 && after == bins->count)
		text_copy(dst, size, "all");
	else if (first == 0)
		snprintf(dst, size, "< %.4g", bins->edges[after - 1]);
	else if (after == bins->count)
		snprintf(dst, size, ">= %.4g", bins->edges[first - 1]);
	else
		print_range(dst, size, bins->edges[first - 1], bins->edges[after - 1]);
}
