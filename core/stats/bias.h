/* bias.h: do groups fare alike (METRICS.md 1.12). `Selected` is flagged: an adverse outcome.
 *
 * Differences are max - min, the ratio min / max, over groups with a defined rate and at least
 * `least` rows; fewer than two such groups: NaN. Intervals are of the two extreme groups: Newcombe
 * for a difference, the log-normal one for the ratio. An alarm stands only when the whole interval
 * is beyond the limit. */
#ifndef FRAUDTOP_STATS_BIAS_H
#define FRAUDTOP_STATS_BIAS_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/quality.h"

#define BIAS_LEAST 100

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
	struct bias_figure disparate_impact; /* of flagged shares */
	struct bias_figure equal_opportunity_difference; /* of recalls */
	struct bias_figure fpr_difference; /* wrongly flagged */
	double equalized_odds_difference; /* the larger of the two above */
};

struct bias bias_of(const struct bias_group *groups, size_t count, uint64_t least);

#endif
