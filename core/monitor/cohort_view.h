/* cohort_view.h: how a model treats groups of its records, and how far apart they are. Part of a
 * snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_COHORT_VIEW_H
#define FRAUDTOP_MONITOR_COHORT_VIEW_H

#include <stdint.h>

#include "core/monitor/drift_view.h"

struct cohort_view {
	char name[SNAPSHOT_NAME]; /* or `other`, or `missing`: records without the field */
	uint64_t n, decided, flagged, labelled;
	struct metric share; /* of the predictions */
	struct metric selection_rate, precision, recall, fpr;
};

struct bias_view {
	char by[SNAPSHOT_NAME]; /* the field the cohorts are of; "" none */
	struct metric demographic_parity_difference, disparate_impact;
	struct metric equal_opportunity_difference, fpr_difference;
	char extremes[4][2][32]; /* per figure: the groups that make it */
	enum severity severity;
	char reason[SNAPSHOT_WORDS];
};

#endif
