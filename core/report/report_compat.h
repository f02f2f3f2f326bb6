/* report_compat.h: what another tool's own test says of a column. Inside the report only. */
#ifndef FRAUDTOP_REPORT_REPORT_COMPAT_H
#define FRAUDTOP_REPORT_REPORT_COMPAT_H

#include "core/report/report_side.h"
#include "core/stats/compat.h"

/* The limit that NannyML takes from the reference itself: mean and three deviations of the metric
 * over its chunks, a tenth of the rows each and what is left, in the order of the rows. NaN if the
 * tool has a limit of its own, or there are fewer than ten rows. side: the whole reference. */
double report_compat_limit(enum compat_tool tool, const struct dataset_column *column,
    const struct dataset_values *values, size_t rows, const struct report_side *side);
/* Both sides are of one type. limit: as above. */
struct compat_verdict report_compat(enum compat_tool tool, const struct report_side *reference,
    const struct report_side *current, double limit);

#endif
