/* quality_cut.h: what-if at any threshold, and score histograms by label, from rows or from the
 * binned state (METRICS.md 1.9, 1.10).
 *
 * From bins a figure is a value with the bound low..high: a threshold cuts one bin, and how many of
 * that bin are above it is not known. The value takes its rows as spread evenly (in log-odds; in
 * the bins at both ends in score); low and high hold whatever the rows of the bin are. */
#ifndef FRAUDTOP_STATS_QUALITY_CUT_H
#define FRAUDTOP_STATS_QUALITY_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/proportion.h"
#include "core/stats/quality.h"

#define QUALITY_BARS 10

struct quality_bound {
	double value, low, high;
};

struct quality_cut {
	struct quality_bound tp, fp, fn, tn;
};

/* Scores are in [0,1]. NaN threshold: all NaN. */
struct quality_cut quality_at_threshold(const struct quality_scores *scores, double threshold);
/* Of whatever rows the bin hides, together: NaN where the value is undefined. */
struct quality_bound quality_cut_precision(const struct quality_cut *cut);
struct quality_bound quality_cut_recall(const struct quality_cut *cut);
struct quality_bound quality_cut_fpr(const struct quality_cut *cut);
struct quality_bound quality_cut_f1(const struct quality_cut *cut);
struct quality_bound quality_cut_flag_rate(const struct quality_cut *cut);
/* The 95 % interval of such a share of n rows: Wilson's, beyond whatever the bin hides. */
struct interval quality_cut_interval(struct quality_bound share, double n);

/* Bar i holds scores in [i/10, (i+1)/10), so that bars and `score >= threshold` agree; the last
 * holds 1 too, the first and last whatever is beyond. */
struct quality_bars {
	uint64_t positives[QUALITY_BARS], negatives[QUALITY_BARS];
};

struct quality_bars_bound {
	struct quality_bound positives[QUALITY_BARS], negatives[QUALITY_BARS];
};

struct quality_bars quality_bars_of(const double *scores, const int8_t *labels, size_t n);
struct quality_bars_bound quality_bars_binned(const struct quality_scores *scores);

#endif
