/* ndcg.c: normalised discounted cumulative gain (Jarvelin and Kekalainen 2002; ties as McSherry and
 * Najork 2008: each of a tied block gets the block's mean gain). */
#include "core/stats/ndcg.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct entry {
	double score, gain;
	size_t place;
};

/* Best first, and of equals the later first. */
static int
compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return a->place < b->place ? 1 : -1;
}

/* Of the entries in the order of their scores. */
static double
discounted_gain(struct entry *entries, size_t n, size_t k, int ties)
{
	qsort(entries, n, sizeof(*entries), compare_entries);
	double sum = 0;
	for (size_t i = 0; i < n && i < k;) {
		size_t first = i;
		double gain = 0, discount = 0;
		do {
			gain += entries[i].gain;
			discount += i < k ? 1 / log2((double)i + 2) : 0;
			i++;
		} while (ties && i < n && entries[i].score == entries[first].score);
		sum += gain / (double)(i - first) * discount;
	}
	return sum;
}

double
ndcg_score(const double *gain, const double *score, size_t n, size_t k, int ties)
{
	if (n == 0)
		return NAN;
	if (k == 0 || k > n)
		k = n;
	struct entry *entries = mem_grow(NULL, n, sizeof(*entries));
	for (size_t i = 0; i < n; i++)
		entries[i] =
		    (struct entry){isnan(score[i]) ? 0 : score[i], isnan(gain[i]) ? 0 : gain[i], i};
	double reached = discounted_gain(entries, n, k, ties);
	for (size_t i = 0; i < n; i++)
		entries[i].score = entries[i].gain;
	double ideal = discounted_gain(entries, n, k, 0);
	free(entries);
	return ideal != 0 ? reached / ideal : NAN;
}

double
ndcg_attribution(const double *baseline, const double *live, size_t n)
{
	double *gain = mem_grow(NULL, n, sizeof(*gain));
	double *score = mem_grow(NULL, n, sizeof(*score));
	for (size_t i = 0; i < n; i++) {
		gain[i] = fabs(baseline[i]);
		score[i] = fabs(live[i]);
	}
	double ndcg = ndcg_score(gain, score, n, 0, 1);
	free(gain);
	free(score);
	return ndcg;
}
