/* delong.c: see delong.h. */
#include "core/stats/delong.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"

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

uint32_t *
delong_order(const double *scores, size_t n)
{
	double *values = mem_grow(NULL, n + 1, sizeof(*values));
	uint32_t *order = mem_grow(NULL, n + 1, sizeof(*order));
	for (size_t i = 0; i < n; i++) {
		values[i] = -scores[i];
		order[i] = (uint32_t)i;
	}
	sort_numbered(values, order, n);
	free(values);
	return order;
}

void
delong_place(const double *scores, const int8_t *labels, size_t n, int64_t *twice)
{
	uint32_t *order = delong_order(scores, n);
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
