/* fixture_judged.h: what fixture.h judges its services by: verdicts, data, scores, the
 * estimate, change, groups, expectations. */
#ifndef FRAUDTOP_TESTS_KIT_FIXTURE_JUDGED_H
#define FRAUDTOP_TESTS_KIT_FIXTURE_JUDGED_H

#include "core/monitor/snapshot.h"

#define FIXTURE_NOW INT64_C(1769609164000000) /* 2026-01-28T14:06:04Z */

struct metric fixture_between(double value, double half, uint64_t n);
void fixture_verdict(struct drift_view *feature, double psi, enum severity severity, uint64_t n);
void fixture_data(struct data_view *data, bool categorical, double psi, uint64_t n);

/* bad: of the service whose new version went wrong. */
void fixture_judged(struct snapshot *snapshot, struct series_view *series, bool bad);

#endif
