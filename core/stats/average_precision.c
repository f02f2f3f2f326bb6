/* average_precision.c: see average_precision.h.
 *
 * With A(s) the share of rows that are positive and score s or more, B(s) of negatives likewise,
 * AP = mean over the positives of A/(A+B) at their score. A row j that is added moves it through
 * its own precision if it is positive, and through the A or B of all positives i at or below it: pi
 * phi_j = y_j (A_j/(A_j+B_j) - AP)
 *              + 1/n sum_{i positive, s_i <= s_j} (y_j B_i - (1-y_j) A_i) / (A_i+B_i)^2. */
#include "core/stats/average_precision.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/delong.h"

enum { FEW_POSITIVES = 200 };

/* A run of equal scores: rows [from, to) of the order, and the counts down to its end. */
struct step {
	size_t from, to;
	double own, positives, negatives;
};

static size_t
find_steps(const double *scores, const int8_t *labels, const uint32_t *order, size_t n,
    struct step *steps, double *precision_sum)
{
	struct step at = {0};
	size_t count = 0;
	*precision_sum = 0;
	while (at.to < n) {
		at.from = at.to;
		at.own = 0;
		while (at.to < n && scores[order[at.to]] == scores[order[at.from]])
			at.own += labels[order[at.to++]];
		at.positives += at.own;
		at.negatives += (double)(at.to - at.from) - at.own;
		*precision_sum += at.own * at.positives / (at.positives + at.negatives);
		steps[count++] = at;
	}
	return count;
}

double
average_precision_influence(const double *scores, const int8_t *labels, size_t n, double *influence)
{
	uint32_t *order = delong_order(scores, n);
	struct step *steps = mem_grow(NULL, n + 1, sizeof(*steps));
	double sum;
	size_t count = find_steps(scores, labels, order, n, steps, &sum);
	double positives = count > 0 ? steps[count - 1].positives : 0;
	double value = positives > 0 ? sum / positives : NAN;
	double gain = 0, loss = 0; /* a positive's and a negative's by the positives at or below */
	for (size_t i = count; i-- > 0;) {
		const struct step *step = &steps[i];
		double above = step->positives + step->negatives;
		gain += step->own * step->negatives / (above * above);
		loss += step->own * step->positives / (above * above);
		double flagged = step->positives / above - value + gain;
		for (size_t k = step->from; k < step->to; k++) {
			double moved = labels[order[k]] == 1 ? flagged : -loss;
			influence[order[k]] = positives > 0 ? moved * (double)n / positives : 0;
		}
	}
	free(steps);
	free(order);
	return value;
}

static struct interval
logit_interval(double value, double deviation)
{
	double slope = value * (1 - value);
	if (!(slope > 0 && deviation > 0))
		return (struct interval){NAN, NAN};
	double odds = log(value / (1 - value)), spread = PROPORTION_Z95 * deviation / slope;
	return (struct interval){1 / (1 + exp(spread - odds)), 1 / (1 + exp(-spread - odds))};
}

static struct interval
interval_of(double value, double squares, double n, double positives)
{
	struct interval interval = logit_interval(value, sqrt(squares) / n);
	if (positives >= FEW_POSITIVES && !isnan(interval.low))
		return interval;
	struct interval share = proportion_wilson_share(value, positives, PROPORTION_Z95);
	/* fmin and fmax take the other where one is NaN. */
	return (struct interval){fmin(interval.low, share.low), fmax(interval.high, share.high)};
}

struct interval
average_precision_interval(const double *scores, const int8_t *labels, size_t n)
{
	struct interval interval = {NAN, NAN};
	double *kept = mem_grow(NULL, 2 * n + 1, sizeof(*kept)), *influence = kept + n;
	int8_t *classes = mem_grow(NULL, n + 1, 1);
	size_t used = 0, positives = 0;
	double squares = 0;
	for (size_t i = 0; i < n; i++) {
		bool usable = (labels[i] == 0 || labels[i] == 1) && !isnan(scores[i]);
		if (!usable)
			continue;
		kept[used] = scores[i];
		classes[used++] = labels[i];
		positives += labels[i] == 1;
	}
	if (positives > 0 && positives < used) {
		double value = average_precision_influence(kept, classes, used, influence);
		for (size_t i = 0; i < used; i++)
			squares += influence[i] * influence[i];
		interval = interval_of(value, squares, (double)used, (double)positives);
	}
	free(kept);
	free(classes);
	return interval;
}
