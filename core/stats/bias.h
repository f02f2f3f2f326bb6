/* bias.h: do groups fare alike (METRICS.md 1.12). `Selected` is flagged: an adverse outcome.
 *
 * Differences are max - min, the ratio min / max, over groups with a defined rate and at least
 * `least` rows: decided ones for the shares flagged, labelled ones for recall and the wrongly
 * flagged. Fewer than two such groups: NaN. Intervals are of the two extreme groups as if those had
 * been chosen beforehand: Newcombe for a difference, the log-normal one for the ratio. An alarm
 * stands only when the whole interval is beyond the limit. */
#ifndef FRAUDTOP_STATS_BIAS_H
#define FRAUDTOP_STATS_BIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/stats/quality.h"

#define BIAS_LEAST 100
#define BIAS_FOUR_FIFTHS 0.8

struct bias_group {
	uint64_t decided, flagged; /* all rows with a decision */
	struct quality_confusion counts; /* labelled ones */
};

struct bias_figure {
	double value, low, high;
	size_t most, least; /* the groups that make it; undefined with a NaN */
};

struct bias {
	struct bias_figure demographic_parity_difference; /* of flagged shares */
	struct bias_figure disparate_impact; /* of flagged shares; nobody flagged: NaN */
	struct bias_figure equal_opportunity_difference; /* of recalls */
	struct bias_figure fpr_difference; /* wrongly flagged */
	double equalized_odds_difference; /* the larger of the two above that are defined */
};

struct bias bias_of(const struct bias_group *groups, size_t count, uint64_t least);
/* Is the ratio at least 4/5, as US employment practice asks; false too where it is undefined. */
bool bias_four_fifths(const struct bias *bias);
/* Is the whole interval beyond the limit: a difference above it; the ratio below it. */
bool bias_above(const struct bias_figure *difference, double limit);
bool bias_below(const struct bias_figure *ratio, double limit);

#endif
