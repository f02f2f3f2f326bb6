/* cbpe.c: each row is p of a positive and 1 - p of a negative, independent of the others. */
#include "core/stats/cbpe.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/proportion.h"

static double
clip(double probability)
{
	return fmin(fmax(probability, 0), 1);
}

void
cbpe_add(struct cbpe *sums, double probability, int flagged)
{
	if (isnan(probability))
		return;
	double p = clip(probability);
	*(flagged ? &sums->tp : &sums->fn) += p;
	*(flagged ? &sums->fp : &sums->tn) += 1 - p;
	*(flagged ? &sums->doubt_flagged : &sums->doubt_passed) += p * (1 - p);
	++*(flagged ? &sums->flagged : &sums->passed);
}

void
cbpe_merge(struct cbpe *into, const struct cbpe *from)
{
	into->tp += from->tp;
	into->fp += from->fp;
	into->fn += from->fn;
	into->tn += from->tn;
	into->doubt_flagged += from->doubt_flagged;
	into->doubt_passed += from->doubt_passed;
	into->flagged += from->flagged;
	into->passed += from->passed;
}

static double
divide(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

static struct cbpe_figure
figure(double value, double variance)
{
	double half = PROPORTION_Z95 * sqrt(variance);
	if (isnan(value))
		return (struct cbpe_figure){NAN, NAN, NAN};
	return (struct cbpe_figure){value, fmax(0, value - half), fmin(1, value + half)};
}

/* The positives among a fixed number of rows are Poisson-binomial: their variance is the doubt. */
struct cbpe_figure
cbpe_precision(const struct cbpe *sums)
{
	double rows = (double)sums->flagged;
	return figure(divide(sums->tp, rows), sums->doubt_flagged / (rows * rows));
}

/* a / (a + b) of independent counts a (of flagged rows) and b (of the others): its variance, to
 * first order, is (b^2 var a + a^2 var b) / (a + b)^4. */
static struct cbpe_figure
flagged_share(const struct cbpe *sums, double a, double b)
{
	double all = a + b, square = all * all;
	double variance =
	    (b * b * sums->doubt_flagged + a * a * sums->doubt_passed) / (square * square);
	return figure(divide(a, all), variance);
}

struct cbpe_figure
cbpe_recall(const struct cbpe *sums)
{
	return flagged_share(sums, sums->tp, sums->fn);
}

struct cbpe_figure
cbpe_fpr(const struct cbpe *sums)
{
	return flagged_share(sums, sums->fp, sums->tn);
}

double
cbpe_f1(const struct cbpe *sums)
{
	return divide(2 * sums->tp, 2 * sums->tp + sums->fp + sums->fn);
}

double
cbpe_accuracy(const struct cbpe *sums)
{
	return divide(sums->tp + sums->tn, sums->tp + sums->fp + sums->fn + sums->tn);
}

double
cbpe_specificity(const struct cbpe *sums)
{
	return divide(sums->tn, sums->tn + sums->fp);
}

static double
or_zero(double value)
{
	return isnan(value) ? 0 : value;
}

struct cbpe_nannyml
cbpe_as_nannyml(const struct cbpe *sums)
{
	return (struct cbpe_nannyml){
	    .precision = or_zero(cbpe_precision(sums).value),
	    .recall = or_zero(cbpe_recall(sums).value),
	    .f1 = or_zero(cbpe_f1(sums)),
	    .accuracy = or_zero(cbpe_accuracy(sums)),
	    .specificity = or_zero(cbpe_specificity(sums)),
	};
}

/* What has been passed on the way down the scores. */
struct descent {
	double positives, negatives;
	double area, precision_sum;
};

static void
descend(struct descent *at, double positives, double negatives)
{
	at->area += negatives * (at->positives + positives / 2);
	at->positives += positives;
	at->negatives += negatives;
	if (positives > 0)
		at->precision_sum += positives * at->positives / (at->positives + at->negatives);
}

static struct cbpe_rank
finish(const struct descent *at)
{
	return (struct cbpe_rank){
	    .roc_auc = divide(at->area, at->positives * at->negatives),
	    .average_precision = divide(at->precision_sum, at->positives),
	};
}

struct row {
	double order, probability;
};

static int
compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	return (a->order < b->order) - (a->order > b->order);
}

struct cbpe_rank
cbpe_rank_exact(const double *probabilities, const double *order, size_t n)
{
	struct row *rows = mem_grow(NULL, n, sizeof(*rows));
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		double p = clip(probabilities[i]), place = order != NULL ? order[i] : p;
		if (!isnan(probabilities[i]) && !isnan(place))
			rows[used++] = (struct row){place, p};
	}
	if (used > 1)
		qsort(rows, used, sizeof(*rows), compare_rows);
	struct descent at = {0};
	for (size_t i = 0; i < used;) {
		double place = rows[i].order, positives = 0;
		size_t first = i;
		for (; i < used && rows[i].order == place; i++)
			positives += rows[i].probability;
		descend(&at, positives, (double)(i - first) - positives);
	}
	free(rows);
	return finish(&at);
}

struct cbpe_rank
cbpe_rank_bins(const double *positives, const double *negatives, size_t bins)
{
	struct descent at = {0};
	for (size_t i = bins; i-- > 0;)
		descend(&at, positives[i], negatives[i]);
	return finish(&at);
}

double
cbpe_brier(const double *probabilities, size_t n)
{
	double sum = 0;
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(probabilities[i]))
			continue;
		double p = clip(probabilities[i]);
		sum += p * (1 - p);
		used++;
	}
	return divide(sum, (double)used);
}

double
cbpe_log_loss(const double *probabilities, size_t n)
{
	double sum = 0;
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(probabilities[i]))
			continue;
		double p = clip(probabilities[i]);
		if (p > 0 && p < 1)
			sum -= p * log(p) + (1 - p) * log1p(-p);
		used++;
	}
	return divide(sum, (double)used);
}
