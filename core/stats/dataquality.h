/* dataquality.h: what is wrong with the values of a feature, in plain counts (METRICS.md 1.15).
 *
 * Missing and NaN are null, infinities are nonfinite, and neither is ever out of range. Merging is
 * adding: the same in any order. A share is of all n values, NaN when there are none. */
#ifndef FRAUDTOP_STATS_DATAQUALITY_H
#define FRAUDTOP_STATS_DATAQUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataquality {
	uint64_t n, null, nonfinite, out_of_range, unseen;
};

/* The range is closed; a bound that is NaN does not bind. */
void dataquality_add_number(struct dataquality *counts, double value, double low, double high);
/* A missing word, or one that is there and known or not. */
void dataquality_add_null(struct dataquality *counts);
void dataquality_add_word(struct dataquality *counts, bool known);
void dataquality_merge(struct dataquality *into, const struct dataquality *from);
double dataquality_share(const struct dataquality *counts, uint64_t part);

/* A whole column against a domain: NULL is missing. `unseen` (room for n; NULL: not wanted) gets
 * the different unseen words, sorted; returns how many they are. */
size_t dataquality_of_words(struct dataquality *counts, const char *const *words, size_t n,
    const char *const *domain, size_t domain_count, const char **unseen);

#endif
