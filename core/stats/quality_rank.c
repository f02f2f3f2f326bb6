/* quality_rank.c: ROC AUC and average precision in one walk down the scores, equal ones as one
 * step. Rows and bins walk alike: a bin is a step of which the order is not known.
 *
 * Bounds of bins: AUC takes ties within a bin as 1/2, so it may be off by half of
 * sum(p_i n_i)/(PN). Average precision takes a bin as one step; it is at most what the best order
 * of each bin gives (its positives as one step, then its negatives), at least what the worst does
 * (its negatives, then its positives one by one).
 *
 * The interval of AUC is that of DeLong, DeLong and Clarke-Pearson (Biometrics 1988), computed as
 * Sun and Xu do (IEEE Signal Processing Letters 2014): a row's rank among all less its rank among
 * its own is its placement among the others, which here is counted on the way. It is taken on the
 * logit of AUC, which keeps it in [0,1]. Its variance is found from the rows that are out of order;
 * with fewer than five rows' worth of them in the smaller class it is far too narrow (30 positives
 * at AUC 0.99: 40 to 85 % coverage). There each limit is the wider of DeLong's and of Hanley and
 * McNeil's (Radiology 1982), whose variance is a function of AUC alone: those AUC that the one
 * found does not refute, as Wilson has it for a proportion. That alone stands where DeLong's is not
 * defined: a single positive or negative, or a perfect order. */
#include "core/stats/quality.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/stats/delong.h"
#include "core/stats/gaps.h"
#include "core/stats/log_about.h"
#include "core/stats/sort.h"

#define DELONG_LEAST 5
#define FEW 20 /* a class this many times smaller than the other alone is sorted */
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
		double middle = (inside + outside) / 2, off = (auc - middle) / PROPORTION_Z95;
		if (off * off > hanley_variance(middle, positives, negatives))
			outside = middle;
		else
			inside = middle;
	}
	return outside;
}

static struct interval
delong_interval(const struct descent *at, double auc)
{
	static const struct interval undefined = {NAN, NAN};
	struct delong_sums sums = {(double)at->twice_wrong, at->above_squares, at->below_squares};
	double variance = delong_variance(&sums, (double)at->positives, (double)at->negatives);
	double slope = auc * (1 - auc);
	if (!(variance > 0 && slope > 0))
		return undefined;
	double odds = log(auc / (1 - auc)), spread = PROPORTION_Z95 * sqrt(variance) / slope;
	return (struct interval){1 / (1 + exp(spread - odds)), 1 / (1 + exp(-spread - odds))};
}

static struct interval
interval_of_auc(const struct descent *at, double auc)
{
	double p = (double)at->positives, n = (double)at->negatives;
	struct interval interval = delong_interval(at, auc);
	if (!isnan(interval.low) && fmin(p, n) * fmin(auc, 1 - auc) >= DELONG_LEAST)
		return interval;
	/* fmin and fmax take the other where one is NaN. */
	interval.low = fmin(interval.low, hanley_limit(auc, 0, p, n));
	interval.high = fmax(interval.high, hanley_limit(auc, 1, p, n));
	return interval;
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

static bool
is_usable(double score, int8_t label)
{
	return (label == 0 || label == 1) && !isnan(score);
}

static void
descend_sorted(
    struct descent *at, const double *positives, size_t p, const double *negatives, size_t q)
{
	while (p > 0) {
		double score = positives[p - 1];
		size_t above = q, first = p;
		while (q > 0 && negatives[q - 1] > score)
			q--;
		if (above > q)
			descend(at, 0, above - q);
		size_t tied = q;
		while (p > 0 && positives[p - 1] == score)
			p--;
		while (q > 0 && negatives[q - 1] == score)
			q--;
		descend(at, first - p, tied - q);
	}
	if (q > 0)
		descend(at, 0, q);
}

/* Both classes are sorted. Each has room for one more, so that parting them needs no branch: what
 * does not belong is overwritten by the next. */
static void
rank_sorted(struct descent *at, const double *scores, const int8_t *labels, size_t n)
{
	size_t counts[2] = {0, 0};
	double *positives = mem_grow(NULL, n + 2, sizeof(double));
	double *negatives = positives + at->all_positives + 1;
	for (size_t i = 0; i < n; i++) {
		bool usable = is_usable(scores[i], labels[i]);
		positives[counts[1]] = scores[i];
		negatives[counts[0]] = scores[i];
		counts[1] += usable && labels[i] == 1;
		counts[0] += usable && labels[i] == 0;
	}
	sort_doubles(positives, counts[1]);
	sort_doubles(negatives, counts[0]);
	descend_sorted(at, positives, counts[1], negatives, counts[0]);
	free(positives);
}

/* One class is sorted, of the other only the place among it is found. */
static void
rank_few(struct descent *at, const double *scores, const int8_t *labels, size_t n, int8_t few,
    size_t count)
{
	struct gaps gaps;
	double *values = mem_grow(NULL, count, sizeof(*values));
	for (size_t i = 0, used = 0; used < count; i++) {
		if (labels[i] == few && !isnan(scores[i]))
			values[used++] = scores[i];
	}
	gaps_init(&gaps, values, count);
	for (size_t i = 0; i < n; i++) {
		if (labels[i] == !few && !isnan(scores[i]))
			gaps_add(&gaps, scores[i]);
	}
	for (size_t i = gaps.count + 1; i-- > 0;) {
		uint64_t steps[2] = {0, 0};
		if (i < gaps.count) {
			steps[few] = gaps.own[i];
			steps[!few] = gaps.tied[i];
			descend(at, steps[1], steps[0]);
		}
		steps[few] = 0;
		steps[!few] = gaps.below[i];
		if (gaps.below[i] > 0)
			descend(at, steps[1], steps[0]);
	}
	gaps_free(&gaps);
}

struct quality_rank
quality_rank_exact(const double *scores, const int8_t *labels, size_t n)
{
	size_t counts[2] = {0, 0};
	for (size_t i = 0; i < n; i++) {
		counts[1] += labels[i] == 1 && !isnan(scores[i]);
		counts[0] += labels[i] == 0 && !isnan(scores[i]);
	}
	struct descent at = {.all_positives = counts[1]};
	int8_t few = counts[1] <= counts[0];
	if (counts[few] > 0 && counts[few] <= counts[!few] / FEW)
		rank_few(&at, scores, labels, n, few, counts[few]);
	else
		rank_sorted(&at, scores, labels, n);
	return finish(&at);
}

static double
place_of(double log_odds)
{
	return (log_odds + LOG_ODDS_LIMIT) * ((QUALITY_BINS - 2) / (2 * LOG_ODDS_LIMIT));
}

/* By the logarithm itself only where an approximate one leaves it open. */
size_t
quality_bin(double score)
{
	if (!(score > 0))
		return 0;
	if (score >= 1)
		return QUALITY_BINS - 1;
	double odds = score / (1 - score), about = place_of(log_about(odds));
	if (about > 0 && about < QUALITY_BINS - 2) {
		size_t bin = (size_t)about;
		if (fabs(about - (double)bin - 0.5) < 0.4999)
			return 1 + bin;
	}
	double place = place_of(log(odds));
	if (place < 0)
		return 0;
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
