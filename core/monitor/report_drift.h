/* report_drift.h: the drift blocks of a report. Inside the report only. */
#ifndef FRAUDTOP_MONITOR_REPORT_DRIFT_H
#define FRAUDTOP_MONITOR_REPORT_DRIFT_H

#include "core/base/jsonw.h"
#include "core/monitor/report.h"

struct rows {
	size_t *list;
	size_t count;
};

/* Writes `drift` and `prediction_drift`. */
void report_write_drift(
    struct jsonw *json, const struct report_input *input, const struct rows *rows);

/* 1 flagged, 0 not, -1 unknown: as logged, else by the row's threshold, else by the input's. */
int report_decision(const struct report_input *input, const struct dataset *data, size_t row);

#endif
