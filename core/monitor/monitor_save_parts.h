/* monitor_save_parts.h: the parts of a monitor's checkpoint. For monitor_save*.c alone. */
#ifndef FRAUDTOP_MONITOR_MONITOR_SAVE_PARTS_H
#define FRAUDTOP_MONITOR_MONITOR_SAVE_PARTS_H

#include "core/base/pack.h"
#include "core/monitor/state.h"

/* monitor_save_models.c: references, and where columns stand. Into a monitor whose profiles and
 * suites are set. */
void save_models(const struct monitor *monitor, struct buf *pack);
void load_models(struct monitor *monitor, struct unpack *unpack);

/* monitor_save_series.c: everything of a series but its names. */
void save_series(const struct monitor *monitor, const struct series *series, struct buf *pack);
void load_series(struct monitor *monitor, struct series *series, struct unpack *unpack);

/* monitor_save_quality.c */
void save_quality(const struct series_quality *quality, struct buf *pack);
void load_quality(struct series_quality *quality, struct unpack *unpack);

#endif
