/* multiple.c: the adjustments of p-values for many tests at once. */
#include "core/stats/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct test {
	double p;
	size_t place;
};

static int
compare_tests(const void *left, const void *right)
{
	const struct test *a = left, *b = right;
	return (a->p > b->p) - (a->p < b->p);
}

void
multiple_bh(const double *p, double *adjusted, size_t n)
{
	struct test *tests = mem_grow(NULL, n, sizeof(*tests));
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isnan(p[i]))
			tests[count++] = (struct test){p[i], i};
		adjusted[i] = p[i];
	}
	if (count > 1)
		qsort(tests, count, sizeof(*tests), compare_tests);
	double least = 1;
	for (size_t rank = count; rank > 0; rank--) {
		least = fmin(least, tests[rank - 1].p * ((double)count / (double)rank));
		adjusted[tests[rank - 1].place] = least;
	}
	free(tests);
}

void
multiple_bonferroni(const double *p, double *adjusted, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += !isnan(p[i]);
	for (size_t i = 0; i < n; i++)
		adjusted[i] = isnan(p[i]) ? NAN : fmin(1, p[i] * (double)count);
}
