/* quality_view.h: how right a model is: realised on labels, estimated without, and over time. Part
 * of a snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_QUALITY_VIEW_H
#define FRAUDTOP_MONITOR_QUALITY_VIEW_H

#include "core/base/clock.h"
#include "core/monitor/drift_view.h"
#include "core/monitor/metric.h"
#include "core/stats/change.h"
#include "core/stats/quality.h"

#define SNAPSHOT_CURVE 168 /* points of a quality curve over the quality window, oldest first */

struct quality_view {
	uint64_t predictions, labelled, positives;
	uint32_t
	    sample; /* one prediction in so many is counted here (memory.join_sample); 1: all */
	uint64_t assumed; /* negatives by assume_negative_after, among the labelled */
	struct metric maturity; /* labelled / predictions */
	struct metric threshold; /* the logged one, of the newest record */
	uint64_t tp, fp, tn, fn; /* labelled records, by the logged decision */
	struct metric precision, recall, f1, fpr, specificity;
	struct metric roc_auc; /* low..high: 95 % (stats/quality.h), and the bins' bound */
	struct metric average_precision; /* low..high: the bound of the bins */
	struct metric brier, log_loss, ece, ece_count, observed_expected;
	double precision_curve[SNAPSHOT_CURVE], recall_curve[SNAPSHOT_CURVE];
	double maturity_curve[SNAPSHOT_CURVE];
	size_t curve_points;
	bool mature; /* enough labels to judge; if not, draw muted and never alarm */
	struct metric label_lag_s, label_lag_p90_s; /* time from prediction to label */
	struct metric early_positives; /* positive share among the earliest tenth of the labels */
	struct quality_scores *scores; /* labelled, by score: for what-if at any threshold; NULL in
					  a view over all versions of a service */
	char reason[SNAPSHOT_WORDS]; /* why it is (not) judged, and against what baseline */
};

/* CBPE: quality from scores alone. `if fraud behaves as it did`. */
struct estimate_view {
	bool calibrated; /* by a map of the reference; else the scores are taken as they are */
	bool muted; /* the scores have left the reference's support: worth nothing */
	uint64_t n;
	struct metric precision, recall, f1, fpr, roc_auc, average_precision;
	double precision_curve[SNAPSHOT_CURVE], recall_curve[SNAPSHOT_CURVE];
	char assumption[SNAPSHOT_WORDS]; /* what it assumes, or why it is muted or absent */
};

enum concept_stream { CONCEPT_ERROR, CONCEPT_DECISION_RATE, CONCEPT_SCORE_MEAN, CONCEPT_STREAMS };

/* A change detector on one stream. Only a rise of the error is `worse`. */
struct concept_view {
	const char *stream; /* "label error", "decision rate", "score mean" */
	const char *detector; /* "ADWIN", "Page-Hinkley", "DDM", or why there is none */
	uint64_t n; /* values fed */
	struct metric mean; /* of the detector's window; n is its width */
	double smallest_change; /* that it could see now; NaN unknown */
	uint64_t changes;
	wall_us changed_at,
	    changed_prediction; /* of the last change: when it was seen (labels: their
				   arrival), the time of the prediction; 0 none */
	double before, after;
	enum change_direction direction;
	bool worse;
	enum severity severity; /* warning for a day after a worse one, else ok */
};

/* Drift of the feature attributions that a log bears. */
struct attribution_view {
	struct metric ndcg; /* none: the log or the reference bears none */
	uint64_t n;
	struct {
		char name[SNAPSHOT_NAME];
		int rank_reference, rank; /* from 1 */
	} moved[5]; /* the largest changes of rank */
	size_t moved_count;
	enum severity severity;
};

#endif
