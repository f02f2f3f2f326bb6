/* drift_view.h: how a column (a feature, the score) and a rate compare with the reference, and how
 * sound a feature's data is. Part of a snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_DRIFT_VIEW_H
#define FRAUDTOP_MONITOR_DRIFT_VIEW_H

#include "core/monitor/metric.h"
#include "core/reference/season.h"
#include "core/monitor/verdict.h"

#define SNAPSHOT_NAME 128 /* bytes for a service's, model's, version's or feature's name */
#define SNAPSHOT_SPARK 60 /* points of a curve over the comparison window, oldest first */
#define SNAPSHOT_WORDS 160 /* bytes for a verdict in words */
#define SNAPSHOT_UNSEEN 3

/* Soundness of one feature's data (METRICS.md 1.15). Shares are of the window's records. */
struct data_view {
	struct metric nulls_reference, nulls; /* missing or null */
	struct metric type_changed; /* a word where numbers were, or the reverse */
	struct metric nonfinite, out_of_range, unseen;
	bool constant; /* it was not in the reference, and is now */
	bool absent; /* of the reference, and not in one record */
	bool extra; /* not of the reference */
	char unseen_words[SNAPSHOT_UNSEEN][32]; /* the most common, "" */
	enum severity severity;
	char reason[SNAPSHOT_WORDS]; /* of the worst check; "" if all is well */
};

/* One feature, or the score. Bins are the reference's PSI bins; shares sum to 1 over the bins of
 * each side. With a season, psi, js and all that rests on bins compare with the same hours; ks and
 * wasserstein are none. */
struct drift_view {
	char name[SNAPSHOT_NAME];
	bool categorical;
	struct metric psi, js, hellinger, kl;
	struct metric ks, wasserstein; /* low..high is the bound of the binned one; else none */
	struct metric wasserstein_norm; /* wasserstein in deviations of the reference */
	double null_level; /* the 99 % no-drift level of psi; NaN unknown */
	double chance; /* psi / null_level */
	double p_value, p_adjusted; /* chi-square on the PSI bins; over the window's columns */
	bool
	    own_reference; /* the first records seen, for want of a profile that knows the column */
	double n_reference; /* in season: the effective number */
	enum season season; /* none, hour-of-day or hour-of-week */
	bool season_declared; /* by the configuration, not recognised */
	int64_t window_us; /* of this column */
	enum severity severity; /* confirmed by the last windows */
	enum severity windows[VERDICT_WINDOWS]; /* newest first */
	unsigned windows_count, windows_confirm; /* of how many, how many must agree */
	double warning, critical; /* its limits */
	char reason[SNAPSHOT_WORDS]; /* the verdict in words */
	size_t bins;
	char (*labels)[24]; /* what a bin holds: `<3.2`, `3.2..7`, a category, `unseen` */
	double *reference, *current; /* share per bin */
	double psi_curve[SNAPSHOT_SPARK]; /* PSI of each stretch of the window; NaN where too few */
	size_t curve_points;
	int64_t curve_span_us; /* how long each stretch is */
	double curve_null_level; /* the mean of their no-drift levels; NaN unknown */
	struct data_view data;
};

/* A rate against its reference, in season where the reference has hours: the decision rate
 * (z-test), or the volume in records a second. */
struct rate_view {
	struct metric reference, current;
	double statistic, p_value; /* z; NaN where there is none */
	enum season season;
	enum severity severity;
	char reason[SNAPSHOT_WORDS];
};

#endif
