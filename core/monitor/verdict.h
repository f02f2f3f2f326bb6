/* verdict.h: from numbers to a verdict, one rule for the live windows and for `report`.
 *
 * Drift is an effect (PSI at or over its limit) that is also significant: the adjusted p is at most
 * alpha, and PSI is above its 99 % no-drift level. The p of a column is chi-square's on its PSI
 * bins (live), or twice the lesser of chi-square's and KS's (report, whole numeric columns). It is
 * adjusted by Benjamini and Hochberg over the columns of one window. Fewer than min_samples on a
 * side: insufficient. A live verdict then wants `confirm` of the last `of` windows. */
#ifndef FRAUDTOP_MONITOR_VERDICT_H
#define FRAUDTOP_MONITOR_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/config.h"
#include "core/monitor/metric.h"

#define VERDICT_WINDOWS 8 /* the most that `of` may be */

struct verdict_limits {
	double warning, critical; /* PSI */
	double alpha;
	uint64_t min_samples;
};

/* As configured; `own` is what is configured of the feature, or NULL. */
struct verdict_limits verdict_limits_feature(
    const struct config *config, const struct config_feature *own);
struct verdict_limits verdict_limits_score(const struct config *config);

struct verdict_evidence {
	double psi, null_level; /* NaN: not comparable */
	double p_chi2, p_ks; /* NaN: none */
	double n_reference; /* in season: the effective number */
	uint64_t n_current;
};

/* The p of one column, unadjusted; NaN if it has none, or too few samples to be judged. */
double verdict_p(const struct verdict_evidence *evidence, const struct verdict_limits *limits);
/* The verdict on one window, p_adjusted by multiple_bh over its columns' verdict_p. */
enum severity verdict_of(const struct verdict_evidence *evidence, double p_adjusted,
    const struct verdict_limits *limits);
/* The worst severity that at least `confirm` of the windows (newest first) reach; insufficient if
 * the newest is. */
enum severity verdict_confirmed(const enum severity *windows, size_t count, unsigned confirm);

/* Nulls: warning at a significant (z-test, p <= alpha) rise of `rise` or more, critical if the
 * share is then over `most`. */
enum severity verdict_nulls(uint64_t missing_reference, uint64_t n_reference,
    uint64_t missing_current, uint64_t n_current, double alpha, double rise, double most,
    uint64_t min_samples);

/* The verdict on a flagged share, with its words: significantly off (p <= alpha) by half as much
 * again is a warning, by as much again critical, up or down. n_reference need not be whole. */
enum severity verdict_rate(double reference, double n_reference, double current, uint64_t n_current,
    double p, double alpha, uint64_t min_samples, char *dst, size_t size);

/* The chance that one window of a calm column warns: P(chi2 with bins-1 > warning / (1/n + 1/m)),
 * and of alpha / columns, whichever is less (a bound: both must hold). */
double verdict_false_alarm(const struct verdict_limits *limits, size_t bins, double n_reference,
    double n_current, size_t columns);

/* The verdict in words: `PSI 0.18, 15 times what chance gives at n = 1,812`, with what keeps it
 * from an alarm where something does (`too few to judge: 400 of the 1,000 needed`, `significant,
 * but small`, `over in 1 of 3 windows, alarms at 2`). confirmed is the verdict after the windows.
 */
void verdict_words(const struct verdict_evidence *evidence, double p_adjusted,
    const struct verdict_limits *limits, const enum severity *windows, size_t count,
    unsigned confirm, char *dst, size_t size);

#endif
