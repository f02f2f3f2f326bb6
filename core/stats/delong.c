/* delong.c: see delong.h. */
#include "core/stats/delong.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

static double
mean_variance(double sum, double squares, double n)
{
	return (squares - sum * sum / n) / (n - 1) / n;
}

double
delong_variance(const struct delong_sums *sums, double positives, double negatives)
{
	if (positives < 2 || negatives < 2)
		return NAN;
	return mean_variance(sums->wrong, sums->above_squares, positives) /
		   (4 * negatives * negatives) +
	       mean_variance(sums->wrong, sums->below_squares, negatives) /
		   (4 * positives * positives);
}

struct ranked {
	double score;
	size_t row;
};

static int
by_score(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

size_t *
delong_order(const double *scores, size_t n)
{
	struct ranked *ranked = mem_grow(NULL, n + 1, sizeof(*ranked));
	size_t *order = mem_grow(NULL, n + 1, sizeof(*order));
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){scores[i], i};
	qsort(ranked, n, sizeof(*ranked), by_score);
	for (size_t i = 0; i < n; i++)
		order[i] = ranked[i].row;
	free(ranked);
	return order;
}

void
delong_place(const double *scores, const int8_t *labels, size_t n, int64_t *twice)
{
	size_t *order = delong_order(scores, n);
	int64_t positives = 0, passed[2] = {0, 0};
	for (size_t i = 0; i < n; i++)
		positives += labels[i];
	for (size_t from = 0, to; from < n; from = to) {
		int64_t step[2] = {0, 0};
		for (to = from; to < n && scores[order[to]] == scores[order[from]]; to++)
			step[labels[order[to]]]++;
		for (size_t i = from; i < to; i++)
			twice[order[i]] = labels[order[i]] == 1
					      ? 2 * passed[0] + step[0]
					      : 2 * (positives - passed[1]) - step[1];
		passed[0] += step[0];
		passed[1] += step[1];
	}
	free(order);
}
