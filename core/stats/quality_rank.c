/* quality_rank.c: ROC AUC and average precision in one walk down the scores, equal ones as one
 * step. Rows and bins walk alike: a bin is a step of which the order is not known.
 *
 * Bounds of bins: AUC takes ties within a bin as 1/2, so it may be off by half of
 * sum(p_i n_i)/(PN). Average precision takes a bin as one step; it is at most what the best order
 * of each bin gives (its positives as one step, then its negatives), at least what the worst does
 * (its negatives, then its positives one by one).
 *
 * The interval of AUC is that of DeLong, DeLong and Clarke-Pearson (Biometrics 1988), computed as
 * Sun and Xu do (IEEE Signal Processing Letters 2014): the rank among all less the rank among its
 * own is what a row's placement among the others is, here counted on the way. It is taken on the
 * logit of AUC, which keeps it in [0,1] and its coverage near 95 % with few positives (plainly
 * clipped: under 90 % at 30 positives and AUC 0.95). Where it is not defined (a single positive or
 * negative, or no spread, as in a perfect order) the variance is Hanley and McNeil's (Radiology
 * 1982) of the AUC that is asked about, not of the one found: those that the one found does not
 * refute, as Wilson does for a proportion. */
#include "core/stats/quality.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"

#define Z_95 1.959963984540054
#define LOG_ODDS_LIMIT 12.0

/* What has been passed on the way down the scores. `above` of a positive is how many negatives
 * come before it, `below` of a negative how many positives come after it; all doubled, so that a
 * tie is a whole number. Their sums are both twice the pairs in the wrong order. */
struct descent {
	uint64_t all_positives;
	uint64_t positives, negatives;
	uint64_t twice_wrong;
	double above_squares, below_squares;
	double precision_sum, trapezoid_sum; /* a positive's step is worth 1 */
};

static inline double
precision_at(const struct descent *at)
{
	return (double)at->positives / (double)(at->positives + at->negatives);
}

static inline void
descend(struct descent *at, uint64_t positives, uint64_t negatives)
{
	uint64_t above = 2 * at->negatives + negatives;
	uint64_t below = 2 * (at->all_positives - at->positives) - positives;
	at->twice_wrong += positives * above;
	at->above_squares += (double)positives * ((double)above * (double)above);
	at->below_squares += (double)negatives * ((double)below * (double)below);
	if (positives == 0) {
		at->negatives += negatives;
		return;
	}
	double before = at->positives + at->negatives > 0 ? precision_at(at) : 1;
	at->positives += positives;
	at->negatives += negatives;
	double precision = precision_at(at);
	at->precision_sum += (double)positives * precision;
	at->trapezoid_sum += (double)positives * (before + precision) / 2;
}

/* Hanley and McNeil's variance if the true AUC is `auc`. */
static double
hanley_variance(double auc, double positives, double negatives)
{
	double q1 = auc / (2 - auc), q2 = 2 * auc * auc / (1 + auc), square = auc * auc;
	return (auc * (1 - auc) + (positives - 1) * (q1 - square) +
		   (negatives - 1) * (q2 - square)) /
	       (positives * negatives);
}

/* The AUC furthest from `auc` in the direction of `end` that it does not refute at 95 %. */
static double
hanley_limit(double auc, double end, double positives, double negatives)
{
	double inside = auc, outside = end;
	for (int i = 0; i < 60; i++) {
		double middle = (inside + outside) / 2, off = (auc - middle) / Z_95;
		if (off * off > hanley_variance(middle, positives, negatives))
			outside = middle;
		else
			inside = middle;
	}
	return outside;
}

static double
mean_variance(double sum, double squares, double n)
{
	return (squares - sum * sum / n) / (n - 1) / n;
}

static struct interval
interval_of_auc(const struct descent *at, double auc)
{
	double p = (double)at->positives, n = (double)at->negatives;
	double wrong = (double)at->twice_wrong;
	double variance = NAN;
	if (at->positives > 1 && at->negatives > 1)
		variance = mean_variance(wrong, at->above_squares, p) / (4 * n * n) +
			   mean_variance(wrong, at->below_squares, n) / (4 * p * p);
	double slope = auc * (1 - auc), spread = Z_95 * sqrt(variance) / slope;
	if (!(variance > 0 && slope > 0))
		return (struct interval){hanley_limit(auc, 0, p, n), hanley_limit(auc, 1, p, n)};
	double odds = log(auc / (1 - auc));
	return (struct interval){1 / (1 + exp(spread - odds)), 1 / (1 + exp(-spread - odds))};
}

static struct quality_rank
finish(const struct descent *at)
{
	static const struct interval undefined = {NAN, NAN};
	struct quality_rank rank = {NAN, undefined, undefined, NAN, undefined, NAN};
	if (at->positives == 0)
		return rank;
	rank.average_precision = at->precision_sum / (double)at->positives;
	rank.average_precision_binning =
	    (struct interval){rank.average_precision, rank.average_precision};
	rank.pr_auc_trapezoid = at->trapezoid_sum / (double)at->positives;
	if (at->negatives == 0)
		return rank;
	double pairs = (double)at->positives * (double)at->negatives;
	rank.roc_auc = (2 * pairs - (double)at->twice_wrong) / (2 * pairs);
	rank.roc_auc_binning = (struct interval){rank.roc_auc, rank.roc_auc};
	rank.roc_auc_interval = interval_of_auc(at, rank.roc_auc);
	return rank;
}

struct quality_rank
quality_rank_exact(const double *scores, const int8_t *labels, size_t n)
{
	double *sorted = mem_grow(NULL, n, sizeof(*sorted));
	int8_t *truth = mem_grow(NULL, n, sizeof(*truth));
	size_t used = 0;
	struct descent at = {0};
	for (size_t i = 0; i < n; i++) {
		if ((labels[i] != 0 && labels[i] != 1) || isnan(scores[i]))
			continue;
		sorted[used] = scores[i];
		truth[used++] = labels[i];
		at.all_positives += labels[i] == 1;
	}
	sort_labelled(sorted, truth, used);
	for (size_t i = used; i > 0;) {
		double score = sorted[i - 1];
		size_t first = i;
		uint64_t positives = 0;
		do
			positives += (uint64_t)truth[--i];
		while (i > 0 && sorted[i - 1] == score);
		descend(&at, positives, first - i - positives);
	}
	free(sorted);
	free(truth);
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

double
quality_bin_floor(size_t bin)
{
	if (bin == 0)
		return 0;
	if (bin >= QUALITY_BINS)
		return 1;
	double odds =
	    (double)(bin - 1) * (2 * LOG_ODDS_LIMIT / (QUALITY_BINS - 2)) - LOG_ODDS_LIMIT;
	return 1 / (1 + exp(-odds));
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

/* The bounds of average precision: what the best and the worst order of each bin give. */
static struct interval
average_precision_bound(const uint64_t *positives, const uint64_t *negatives, size_t bins)
{
	uint64_t above = 0, positives_above = 0;
	double best = 0, worst = 0;
	for (size_t i = bins; i-- > 0;) {
		uint64_t p = positives[i], n = negatives[i];
		uint64_t negatives_above = above - positives_above;
		if (p > 0) {
			best += (double)p * (double)(positives_above + p) / (double)(above + p);
			worst += (double)p -
				 (double)(negatives_above + n) * harmonic_stretch(above + n, p);
		}
		positives_above += p;
		above += p + n;
	}
	return (struct interval){worst / (double)positives_above, best / (double)positives_above};
}

struct quality_rank
quality_rank_binned(const uint64_t *positives, const uint64_t *negatives, size_t bins)
{
	struct descent at = {0};
	double tied = 0;
	for (size_t i = 0; i < bins; i++) {
		at.all_positives += positives[i];
		tied += (double)positives[i] * (double)negatives[i];
	}
	for (size_t i = bins; i-- > 0;) {
		if (positives[i] + negatives[i] > 0)
			descend(&at, positives[i], negatives[i]);
	}
	struct quality_rank rank = finish(&at);
	if (at.positives > 0)
		rank.average_precision_binning =
		    average_precision_bound(positives, negatives, bins);
	if (at.positives == 0 || at.negatives == 0)
		return rank;
	double hidden = tied / ((double)at.positives * (double)at.negatives) / 2;
	rank.roc_auc_binning.low -= hidden;
	rank.roc_auc_binning.high += hidden;
	rank.roc_auc_interval.low = fmax(0, rank.roc_auc_interval.low - hidden);
	rank.roc_auc_interval.high = fmin(1, rank.roc_auc_interval.high + hidden);
	return rank;
}
