/* bins.h: how a feature is cut into bins, by its reference.
 *
 * Numeric, more than 20 distinct values: inner edges at quantiles of the reference (type 7), equal
 * edges merged, outer bins open; bin(x) = number of edges <= x. The fine edges (up to 200, for KS)
 * contain the deciles (for PSI), so a fine histogram adds up to the coarse one. Numeric with at
 * most 20 distinct values: one bin a value, and one for unseen values. Categorical: one bin a
 * category (the 64 most common; the rest is `other`), and one for unseen ones. The unseen bin is
 * always the last. With `other`, a word that is not in the list counts as `other`: the rarer words
 * are not kept. METRICS.md 1.2. */
#ifndef FRAUDTOP_STATS_BINS_H
#define FRAUDTOP_STATS_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"

#define BINS_MAX 200
#define BINS_CATEGORIES 64

enum bins_kind { BINS_EDGES, BINS_VALUES, BINS_CATEGORIES_KIND };

struct bins {
	enum bins_kind kind;
	size_t count; /* fine bins, the unseen one included */
	double *edges; /* BINS_EDGES: count-1 inner edges; BINS_VALUES: count-1 values, ascending */
	char **categories; /* BINS_CATEGORIES_KIND: count-1 words (the last may be `other`) */
	bool has_other;
	size_t coarse_count; /* PSI bins */
	uint16_t *coarse; /* fine bin -> PSI bin */
};

/* Makes bins from n present numbers (sorted in place; no NaN). n > 0. */
void bins_from_numbers(struct bins *bins, double *values, size_t n);
/* Makes bins from category counts. */
void bins_from_categories(
    struct bins *bins, const char *const *words, const uint64_t *counts, size_t n);
/* Makes bins from n inner edges, strictly ascending (no coarse bins yet: bins_set_coarse), or from
 * n distinct values, ascending (coarse is fine). */
void bins_from_edges(struct bins *bins, const double *edges, size_t n);
void bins_from_values(struct bins *bins, const double *values, size_t n);
/* The inner edges of `parts` bins of sorted numbers, equal ones merged; room for parts - 1. Returns
 * how many there are. */
size_t bins_quantile_edges(double *edges, const double *sorted, size_t n, size_t parts);
/* The same of `parts` bins of equal width from low to high (psi=width10). */
size_t bins_width_edges(double *edges, double low, double high, size_t parts);
/* Fills in `coarse` for bins whose edges were read from a profile. The coarse edges, strictly
 * ascending, are some of the fine ones; for other kinds they are not looked at. */
void bins_set_coarse(struct bins *bins, const double *coarse_edges, size_t n);
void bins_free(struct bins *bins);

size_t bins_find_number(const struct bins *bins, double value);
size_t bins_find_word(const struct bins *bins, const char *word);
/* Sums fine counts into PSI bins. coarse has coarse_count entries. */
void bins_to_coarse(const struct bins *bins, const uint64_t *fine, uint64_t *coarse);
/* The same for counts that need not be whole. */
void bins_to_coarse_real(const struct bins *bins, const double *fine, double *coarse);
/* How many of the PSI bins to compare: the unseen bin counts only if one side has something in it.
 * Pass this to divergence_psi, divergence_psi_null and the like. */
size_t bins_in_use(const struct bins *bins, const uint64_t *reference, const uint64_t *current);
size_t bins_in_use_real(const struct bins *bins, const double *reference, const double *current);
/* What PSI bin i holds, for a person: `< 3.2`, `3.2 .. 7`, `retail`, `unseen`. */
void bins_label(const struct bins *bins, size_t coarse, char *dst, size_t size);

/* For a checkpoint. bins_load fills an empty one; if the reader fails it is good for bins_free. */
void bins_save(const struct bins *bins, struct buf *pack);
void bins_load(struct bins *bins, struct unpack *unpack);

#endif
