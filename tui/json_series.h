/* json_series.h: the parts of schema fraudtop/1 that speak of one series: drift and quality. Keys
 * are only ever added. */
#ifndef FRAUDTOP_TUI_JSON_SERIES_H
#define FRAUDTOP_TUI_JSON_SERIES_H

#include "core/base/jsonw.h"
#include "core/monitor/snapshot.h"

/* {"value","state","n"} and, where it has an interval or a bound, "low" and "high". */
void json_metric(struct jsonw *json, const char *key, const struct metric *metric);
/* "" is null. */
const char *json_word(const char *text);
void json_drift(struct jsonw *json, const struct series_view *series);
void json_quality(struct jsonw *json, const struct series_view *series);

#endif
