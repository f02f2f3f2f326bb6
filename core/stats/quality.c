/* quality.c: figures of a confusion matrix, and the losses of probabilities. */
#include "core/stats/quality.h"

#include <math.h>

#define CLIP 2.220446049250313e-16

static double
divide(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

double
quality_precision(const struct quality_confusion *counts)
{
	return divide(counts->tp, counts->tp + counts->fp);
}

double
quality_recall(const struct quality_confusion *counts)
{
	return divide(counts->tp, counts->tp + counts->fn);
}

double
quality_specificity(const struct quality_confusion *counts)
{
	return divide(counts->tn, counts->tn + counts->fp);
}

double
quality_fpr(const struct quality_confusion *counts)
{
	return divide(counts->fp, counts->fp + counts->tn);
}

double
quality_fnr(const struct quality_confusion *counts)
{
	return divide(counts->fn, counts->fn + counts->tp);
}

static uint64_t
rows_of(const struct quality_confusion *counts)
{
	return counts->tp + counts->fp + counts->tn + counts->fn;
}

double
quality_accuracy(const struct quality_confusion *counts)
{
	return divide(counts->tp + counts->tn, rows_of(counts));
}

double
quality_flag_rate(const struct quality_confusion *counts)
{
	return divide(counts->tp + counts->fp, rows_of(counts));
}

double
quality_f1(const struct quality_confusion *counts)
{
	return divide(2 * counts->tp, 2 * counts->tp + counts->fp + counts->fn);
}

double
quality_f(const struct quality_confusion *counts, double beta)
{
	double weight = beta * beta, hits = (1 + weight) * (double)counts->tp;
	double all = hits + weight * (double)counts->fn + (double)counts->fp;
	return all > 0 ? hits / all : NAN;
}

static bool
is_usable(double score, int8_t label)
{
	return (label == 0 || label == 1) && !isnan(score);
}

struct quality_confusion
quality_confusion_at(const double *scores, const int8_t *labels, size_t n, double threshold)
{
	struct quality_confusion counts = {0};
	uint64_t *const cells[2][2] = {{&counts.tn, &counts.fp}, {&counts.fn, &counts.tp}};
	for (size_t i = 0; i < n; i++) {
		if (is_usable(scores[i], labels[i]))
			++*cells[labels[i]][scores[i] >= threshold];
	}
	return counts;
}

struct quality_confusion
quality_confusion_of(const uint64_t *matrix, size_t classes, size_t chosen)
{
	struct quality_confusion counts = {0};
	uint64_t *const cells[2][2] = {{&counts.tn, &counts.fp}, {&counts.fn, &counts.tp}};
	for (size_t truth = 0; truth < classes; truth++) {
		for (size_t predicted = 0; predicted < classes; predicted++)
			*cells[truth == chosen][predicted == chosen] +=
			    matrix[truth * classes + predicted];
	}
	return counts;
}

void
quality_loss_add(struct quality_loss *loss, double score, int8_t label)
{
	if (!is_usable(score, label))
		return;
	double miss = score - label, p = fmin(fmax(score, CLIP), 1 - CLIP);
	loss->squares += miss * miss;
	loss->logs -= log(label == 1 ? p : 1 - p);
	loss->clipped += p != score;
	loss->rows++;
}

void
quality_loss_merge(struct quality_loss *into, const struct quality_loss *from)
{
	into->squares += from->squares;
	into->logs += from->logs;
	into->rows += from->rows;
	into->clipped += from->clipped;
}

struct quality_loss
quality_loss_of(const double *scores, const int8_t *labels, size_t n)
{
	struct quality_loss loss = {0};
	for (size_t i = 0; i < n; i++)
		quality_loss_add(&loss, scores[i], labels[i]);
	return loss;
}

double
quality_loss_brier(const struct quality_loss *loss)
{
	return loss->rows > 0 ? loss->squares / (double)loss->rows : NAN;
}

double
quality_loss_log(const struct quality_loss *loss)
{
	return loss->rows > 0 ? loss->logs / (double)loss->rows : NAN;
}

double
quality_brier(const double *scores, const int8_t *labels, size_t n)
{
	struct quality_loss loss = quality_loss_of(scores, labels, n);
	return quality_loss_brier(&loss);
}

double
quality_log_loss(const double *scores, const int8_t *labels, size_t n)
{
	struct quality_loss loss = quality_loss_of(scores, labels, n);
	return quality_loss_log(&loss);
}
