/* bias.c: rates by group, and the two groups that are furthest apart. */
#include "core/stats/bias.h"

#include <math.h>

enum rate { FLAGGED, RECALL, WRONGLY_FLAGGED };

struct share {
	uint64_t k, n;
};

/* The rate of a group as a share; n = 0 where it is undefined or of too few rows. */
static struct share
share_of(const struct bias_group *group, enum rate rate, uint64_t least)
{
	const struct quality_confusion *c = &group->counts;
	uint64_t labelled = c->tp + c->fp + c->tn + c->fn;
	if ((rate == FLAGGED ? group->decided : labelled) < least)
		return (struct share){0, 0};
	switch (rate) {
	case FLAGGED:
		return (struct share){group->flagged, group->decided};
	case RECALL:
		return (struct share){c->tp, c->tp + c->fn};
	case WRONGLY_FLAGGED:
		return (struct share){c->fp, c->fp + c->tn};
	}
	return (struct share){0, 0};
}

/* Finds the groups with the highest and the lowest rate. False with fewer than two rates. */
static bool
find_extremes(const struct bias_group *groups, size_t count, enum rate rate, uint64_t least,
    struct bias_figure *figure)
{
	size_t defined = 0;
	double most = 0, fewest = 0;
	*figure = (struct bias_figure){.value = NAN, .low = NAN, .high = NAN};
	for (size_t i = 0; i < count; i++) {
		struct share share = share_of(&groups[i], rate, least);
		if (share.n == 0)
			continue;
		double value = (double)share.k / (double)share.n;
		if (defined == 0 || value > most) {
			most = value;
			figure->most = i;
		}
		/* Of equals the last: two groups that fare alike are still two. */
		if (defined == 0 || value <= fewest) {
			fewest = value;
			figure->least = i;
		}
		defined++;
	}
	return defined >= 2;
}

static struct bias_figure
difference(const struct bias_group *groups, size_t count, enum rate rate, uint64_t least)
{
	struct bias_figure figure;
	if (!find_extremes(groups, count, rate, least, &figure))
		return figure;
	struct share a = share_of(&groups[figure.most], rate, least);
	struct share b = share_of(&groups[figure.least], rate, least);
	struct interval interval = proportion_difference(a.k, a.n, b.k, b.n);
	figure.value = (double)a.k / (double)a.n - (double)b.k / (double)b.n;
	figure.low = interval.low;
	figure.high = interval.high;
	return figure;
}

static struct bias_figure
disparate_impact(const struct bias_group *groups, size_t count, uint64_t least)
{
	struct bias_figure figure;
	if (!find_extremes(groups, count, FLAGGED, least, &figure))
		return figure;
	struct share a = share_of(&groups[figure.least], FLAGGED, least);
	struct share b = share_of(&groups[figure.most], FLAGGED, least);
	struct interval interval = proportion_ratio(a.k, a.n, b.k, b.n);
	if (b.k > 0)
		figure.value = (double)a.k / (double)a.n / ((double)b.k / (double)b.n);
	figure.low = interval.low;
	figure.high = interval.high;
	return figure;
}

struct bias
bias_of(const struct bias_group *groups, size_t count, uint64_t least)
{
	struct bias bias = {
	    .demographic_parity_difference = difference(groups, count, FLAGGED, least),
	    .disparate_impact = disparate_impact(groups, count, least),
	    .equal_opportunity_difference = difference(groups, count, RECALL, least),
	    .fpr_difference = difference(groups, count, WRONGLY_FLAGGED, least),
	};
	/* fmax takes the other where one is NaN. */
	bias.equalized_odds_difference =
	    fmax(bias.equal_opportunity_difference.value, bias.fpr_difference.value);
	return bias;
}

bool
bias_four_fifths(const struct bias *bias)
{
	return bias->disparate_impact.value >= BIAS_FOUR_FIFTHS;
}

bool
bias_above(const struct bias_figure *figure, double limit)
{
	return figure->low > limit;
}

bool
bias_below(const struct bias_figure *figure, double limit)
{
	return figure->high < limit;
}
