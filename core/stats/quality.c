#include "core/stats/quality.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

#define Z_95 1.959963984540054
#define LOG_ODDS_LIMIT                                                                             \
	12.0 /* beyond, scores of 6e-6 and less share the first bin, and likewise above */
#define CLIP 2.220446049250313e-16

static const struct quality_rank undefined = {NAN, NAN, NAN, NAN, NAN, NAN};

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
quality_f1(const struct quality_confusion *counts)
{
	return divide(2 * counts->tp, 2 * counts->tp + counts->fp + counts->fn);
}

double
quality_fpr(const struct quality_confusion *counts)
{
	return divide(counts->fp, counts->fp + counts->tn);
}

void
quality_wilson(uint64_t k, uint64_t n, double *low, double *high)
{
	*low = *high = NAN;
	if (n == 0 || k > n)
		return;
	double p = (double)k / (double)n, z2n = Z_95 * Z_95 / (double)n;
	double centre = (p + z2n / 2) / (1 + z2n);
	double half = Z_95 * sqrt(p * (1 - p) / (double)n + z2n / (4 * (double)n)) / (1 + z2n);
	*low = k == 0 ? 0 : centre - half;
	*high = k == n ? 1 : centre + half;
}

struct row {
	double score;
	bool positive;
};

static int
compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	return (a->score < b->score) - (a->score > b->score);
}

static bool
is_usable(double score, int8_t label)
{
	return (label == 0 || label == 1) && !isnan(score);
}

/* What has been passed on the way down the scores. Twice the area counts a tie as two halves. */
struct descent {
	uint64_t positives, negatives;
	uint64_t twice_area;
	double precision_sum; /* of each positive's step */
};

static void
descend(struct descent *at, uint64_t positives, uint64_t negatives)
{
	at->twice_area += negatives * (2 * at->positives + positives);
	at->positives += positives;
	at->negatives += negatives;
	if (positives > 0)
		at->precision_sum += (double)positives * (double)at->positives /
				     (double)(at->positives + at->negatives);
}

static struct quality_rank
finish(const struct descent *at)
{
	struct quality_rank rank = undefined;
	if (at->positives > 0)
		rank.average_precision = at->precision_sum / (double)at->positives;
	if (at->positives > 0 && at->negatives > 0)
		rank.roc_auc =
		    (double)at->twice_area / (2 * (double)at->positives * (double)at->negatives);
	rank.roc_auc_low = rank.roc_auc_high = rank.roc_auc;
	rank.average_precision_low = rank.average_precision_high = rank.average_precision;
	return rank;
}

struct quality_rank
quality_rank_exact(const double *scores, const int8_t *labels, size_t n)
{
	struct row *rows = mem_grow(NULL, n, sizeof(*rows));
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_usable(scores[i], labels[i]))
			rows[used++] = (struct row){scores[i], labels[i] == 1};
	}
	if (used > 1)
		qsort(rows, used, sizeof(*rows), compare_rows);
	struct descent at = {0};
	for (size_t i = 0; i < used;) {
		uint64_t tied[2] = {0, 0};
		double score = rows[i].score;
		for (; i < used && rows[i].score == score; i++)
			tied[rows[i].positive]++;
		descend(&at, tied[1], tied[0]);
	}
	free(rows);
	return finish(&at);
}

size_t
quality_bin(double score)
{
	if (!(score > 0))
		return 0;
	if (score >= 1)
		return QUALITY_BINS - 1;
	double odds = log(score / (1 - score));
	if (odds < -LOG_ODDS_LIMIT)
		return 0;
	double place = (odds + LOG_ODDS_LIMIT) * ((QUALITY_BINS - 2) / (2 * LOG_ODDS_LIMIT));
	return place >= QUALITY_BINS - 2 ? QUALITY_BINS - 1 : 1 + (size_t)place;
}

/* The sum of 1/(start+k) for k = 1..n; far out as a difference of Euler and Maclaurin's harmonic
 * numbers. */
static double
harmonic_stretch(uint64_t start, uint64_t n)
{
	double sum = 0;
	uint64_t k = 1;
	for (; k <= n && (start + k < 64 || n - k < 8); k++)
		sum += 1 / (double)(start + k);
	if (k > n)
		return sum;
	double from = (double)(start + k - 1) + 0.5, to = (double)(start + n) + 0.5;
	double a = 1 / (from * from), b = 1 / (to * to);
	double tail = a * (1.0 / 24 - a * (7.0 / 960 - a * (31.0 / 8064))) -
		      b * (1.0 / 24 - b * (7.0 / 960 - b * (31.0 / 8064)));
	return sum + log1p((to - from) / from) - tail;
}

struct quality_rank
quality_rank_binned(const uint64_t *positives, const uint64_t *negatives, size_t bins)
{
	struct descent at = {0};
	double best = 0, worst = 0, tied = 0;
	for (size_t i = bins; i-- > 0;) {
		uint64_t p = positives[i], n = negatives[i];
		double above = (double)(at.positives + at.negatives);
		double false_above = (double)at.negatives;
		if (p > 0) {
			best += (double)p * (double)(at.positives + p) / (above + (double)p);
			worst +=
			    (double)p - (false_above + (double)n) *
					    harmonic_stretch(at.positives + at.negatives + n, p);
		}
		tied += (double)p * (double)n;
		descend(&at, p, n);
	}
	struct quality_rank rank = finish(&at);
	double pairs = (double)at.positives * (double)at.negatives;
	rank.roc_auc_low = rank.roc_auc - tied / pairs / 2;
	rank.roc_auc_high = rank.roc_auc + tied / pairs / 2;
	if (at.positives > 0) {
		rank.average_precision_low = worst / (double)at.positives;
		rank.average_precision_high = best / (double)at.positives;
	}
	return rank;
}

double
quality_brier(const double *scores, const int8_t *labels, size_t n)
{
	double sum = 0;
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_usable(scores[i], labels[i]))
			continue;
		double miss = scores[i] - labels[i];
		sum += miss * miss;
		used++;
	}
	return used > 0 ? sum / (double)used : NAN;
}

double
quality_log_loss(const double *scores, const int8_t *labels, size_t n)
{
	double sum = 0;
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_usable(scores[i], labels[i]))
			continue;
		double p = fmin(fmax(scores[i], CLIP), 1 - CLIP);
		sum -= log(labels[i] == 1 ? p : 1 - p);
		used++;
	}
	return used > 0 ? sum / (double)used : NAN;
}
