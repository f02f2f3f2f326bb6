/* series_view.h: all that is known of one (service, model, version) in its windows. Part of a
 * snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_SERIES_VIEW_H
#define FRAUDTOP_MONITOR_SERIES_VIEW_H

#include "core/expect/suite.h"
#include "core/monitor/cohort_view.h"
#include "core/monitor/drift_view.h"
#include "core/monitor/quality_view.h"

struct latency_view {
	struct metric p50, p90, p95, p99, max, mean; /* ms */
	double p50_curve[SNAPSHOT_SPARK], p95_curve[SNAPSHOT_SPARK], p99_curve[SNAPSHOT_SPARK];
	size_t curve_points; /* NaN where a bucket is empty; the last is still open */
	size_t histogram_bins; /* log-spaced, for the latency panel */
	double histogram_low_ms[48];
	uint64_t histogram_count[48];
};

/* One (service, model, version), or one (model, version) over all services (service ""). */
struct series_view {
	char service[SNAPSHOT_NAME], model[SNAPSHOT_NAME], version[SNAPSHOT_NAME];
	uint64_t records; /* in the comparison window */
	double weight; /* that each of them stands for, on average: 1 unless they are a sample */
	wall_us first_ts, last_ts; /* event times ever seen; 0 if none */
	struct metric rps /* of all that they stand for */, error_rate,
	    rejected_rate; /* errors: >= 500 and time-outs; rejected: 4xx */
	struct metric decision_rate;
	struct rate_view decisions, volume; /* against the reference */
	struct metric duplicates; /* share of records whose request id came before */
	struct metric recent_error_rate, recent_p95,
	    recent_p99; /* of the newest twelfth of the window */
	struct latency_view latency;
	struct drift_view *features; /* worst first */
	size_t features_count;
	struct drift_view score;
	struct metric drift_share; /* share of features that are warning or worse */
	struct metric worst_psi;
	char worst_feature[SNAPSHOT_NAME];
	enum severity drift_severity, score_severity, latency_severity, error_severity;
	enum severity precision_severity, recall_severity;
	enum severity quality_severity; /* the worse of the two */
	enum severity duplicates_severity;
	enum severity data_severity; /* the worst of the features' data, volume and duplicates */
	enum severity concept_severity;
	struct quality_view quality;
	struct estimate_view estimated;
	struct concept_view concept[CONCEPT_STREAMS];
	struct cohort_view *cohorts; /* by volume, `other` last */
	size_t cohorts_count;
	struct bias_view bias;
	struct attribution_view attribution;
	struct expectation_view *expectations;
	size_t expectations_count;
};

#endif
