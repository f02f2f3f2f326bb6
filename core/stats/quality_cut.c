/* quality_cut.c: how many rows are above a threshold, exactly or as far as bins tell. */
#include "core/stats/quality_cut.h"

#include <math.h>

static double
log_odds(double score)
{
	return log(score / (1 - score));
}

/* What share of the rows of a bin is taken to be at or above a threshold that cuts it. */
static double
share_above(size_t bin, double threshold)
{
	double floor = quality_bin_floor(bin), ceiling = quality_bin_floor(bin + 1);
	double above = (ceiling - threshold) / (ceiling - floor);
	if (bin > 0 && bin < QUALITY_BINS - 1) {
		double top = log_odds(ceiling);
		above = (top - log_odds(threshold)) / (top - log_odds(floor));
	}
	return fmin(fmax(above, 0), 1);
}

/* The rows of a class that are at or above the threshold. */
static struct quality_bound
count_above(const uint32_t *counts, double threshold)
{
	double sure = 0;
	if (threshold > 1)
		return (struct quality_bound){0, 0, 0};
	size_t cut = threshold > 0 ? quality_bin(threshold) : 0;
	for (size_t i = cut + 1; i < QUALITY_BINS; i++)
		sure += counts[i];
	double all = sure + counts[cut];
	if (threshold <= 0)
		return (struct quality_bound){all, all, all};
	return (struct quality_bound){sure + counts[cut] * share_above(cut, threshold), sure, all};
}

static struct quality_bound
rest_of(const uint32_t *counts, struct quality_bound above)
{
	double all = 0;
	for (size_t i = 0; i < QUALITY_BINS; i++)
		all += counts[i];
	return (struct quality_bound){all - above.value, all - above.high, all - above.low};
}

struct quality_cut
quality_at_threshold(const struct quality_scores *scores, double threshold)
{
	static const struct quality_bound undefined = {NAN, NAN, NAN};
	if (isnan(threshold))
		return (struct quality_cut){undefined, undefined, undefined, undefined};
	struct quality_cut cut = {
	    .tp = count_above(scores->positives, threshold),
	    .fp = count_above(scores->negatives, threshold),
	};
	cut.fn = rest_of(scores->positives, cut.tp);
	cut.tn = rest_of(scores->negatives, cut.fp);
	return cut;
}

/* part / (part + other), where it is defined; the two are free within their bounds, it rises with
 * part and falls with other. */
static struct quality_bound
share(struct quality_bound part, struct quality_bound other)
{
	struct quality_bound share = {
	    part.value / (part.value + other.value),
	    part.low / (part.low + other.high),
	    part.high / (part.high + other.low),
	};
	if (isnan(share.value))
		return (struct quality_bound){NAN, NAN, NAN};
	if (isnan(share.low))
		share.low = 1;
	if (isnan(share.high))
		share.high = 0;
	return share;
}

static struct quality_bound
sum(struct quality_bound a, struct quality_bound b)
{
	return (struct quality_bound){a.value + b.value, a.low + b.low, a.high + b.high};
}

struct quality_bound
quality_cut_precision(const struct quality_cut *cut)
{
	return share(cut->tp, cut->fp);
}

struct quality_bound
quality_cut_recall(const struct quality_cut *cut)
{
	return share(cut->tp, cut->fn);
}

struct quality_bound
quality_cut_fpr(const struct quality_cut *cut)
{
	return share(cut->fp, cut->tn);
}

/* 2 tp / (2 tp + fp + fn). */
struct quality_bound
quality_cut_f1(const struct quality_cut *cut)
{
	struct quality_bound missed = sum(cut->fp, cut->fn);
	return share(sum(cut->tp, cut->tp), missed);
}

struct quality_bound
quality_cut_flag_rate(const struct quality_cut *cut)
{
	return share(sum(cut->tp, cut->fp), sum(cut->fn, cut->tn));
}

struct interval
quality_cut_interval(struct quality_bound share, double n)
{
	struct interval interval = {NAN, NAN};
	if (isnan(share.value) || !(n >= 1))
		return interval;
	uint64_t rows = (uint64_t)llround(n);
	interval.low = proportion_wilson((uint64_t)llround(share.low * (double)rows), rows).low;
	interval.high = proportion_wilson((uint64_t)llround(share.high * (double)rows), rows).high;
	return interval;
}

static size_t
bar_of(double score)
{
	size_t bar = 0;
	while (bar < QUALITY_BARS - 1 && score >= (double)(bar + 1) / QUALITY_BARS)
		bar++;
	return bar;
}

struct quality_bars
quality_bars_of(const double *scores, const int8_t *labels, size_t n)
{
	struct quality_bars bars = {{0}, {0}};
	for (size_t i = 0; i < n; i++) {
		if (isnan(scores[i]))
			continue;
		if (labels[i] == 1)
			bars.positives[bar_of(scores[i])]++;
		else if (labels[i] == 0)
			bars.negatives[bar_of(scores[i])]++;
	}
	return bars;
}

static void
fill_bars(struct quality_bound *bars, const uint32_t *counts)
{
	struct quality_bound above = count_above(counts, 0);
	for (size_t i = 0; i < QUALITY_BARS; i++) {
		struct quality_bound next = {0, 0, 0};
		if (i + 1 < QUALITY_BARS)
			next = count_above(counts, (double)(i + 1) / QUALITY_BARS);
		bars[i] = (struct quality_bound){
		    above.value - next.value, above.low - next.high, above.high - next.low};
		above = next;
	}
}

struct quality_bars_bound
quality_bars_binned(const struct quality_scores *scores)
{
	struct quality_bars_bound bars;
	fill_bars(bars.positives, scores->positives);
	fill_bars(bars.negatives, scores->negatives);
	return bars;
}
