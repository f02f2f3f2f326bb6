#include "core/stats/dataquality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
dataquality_add_number(struct dataquality *counts, double value, double low, double high)
{
	counts->n++;
	if (isnan(value))
		counts->null++;
	else if (isinf(value))
		counts->nonfinite++;
	else if (value < low || value > high)
		counts->out_of_range++;
}

void
dataquality_add_null(struct dataquality *counts)
{
	counts->n++;
	counts->null++;
}

void
dataquality_add_word(struct dataquality *counts, bool known)
{
	counts->n++;
	counts->unseen += !known;
}

void
dataquality_merge(struct dataquality *into, const struct dataquality *from)
{
	into->n += from->n;
	into->null += from->null;
	into->nonfinite += from->nonfinite;
	into->out_of_range += from->out_of_range;
	into->unseen += from->unseen;
}

double
dataquality_share(const struct dataquality *counts, uint64_t part)
{
	return counts->n > 0 ? (double)part / (double)counts->n : NAN;
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t
sort_different(const char **words, size_t n)
{
	size_t kept = 0;
	if (n > 0)
		qsort(words, n, sizeof(*words), compare_words);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || strcmp(words[kept - 1], words[i]) != 0)
			words[kept++] = words[i];
	}
	return kept;
}

size_t
dataquality_of_words(struct dataquality *counts, const char *const *words, size_t n,
    const char *const *domain, size_t domain_count, const char **unseen)
{
	const char **known = mem_grow(NULL, domain_count + 1, sizeof(*known));
	const char **odd = mem_grow(NULL, n + 1, sizeof(*odd));
	size_t odd_count = 0;
	for (size_t i = 0; i < domain_count; i++)
		known[i] = domain[i];
	domain_count = sort_different(known, domain_count);
	for (size_t i = 0; i < n; i++) {
		if (words[i] == NULL) {
			dataquality_add_null(counts);
			continue;
		}
		bool found =
		    bsearch(&words[i], known, domain_count, sizeof(*known), compare_words) != NULL;
		dataquality_add_word(counts, found);
		if (!found)
			odd[odd_count++] = words[i];
	}
	odd_count = sort_different(odd, odd_count);
	if (unseen != NULL && odd_count > 0)
		memcpy(unseen, odd, odd_count * sizeof(*odd));
	free(known);
	free(odd);
	return odd_count;
}
