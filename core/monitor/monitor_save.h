/* monitor_save.h: everything the monitor knows, as bytes and back: windows, references, quality,
 * detectors, cohorts, watermarks, recent rows. The join saves itself (join.h).
 *
 * What comes back answers every question as the one that was saved would, and goes on alike, to the
 * bit. */
#ifndef FRAUDTOP_MONITOR_MONITOR_SAVE_H
#define FRAUDTOP_MONITOR_MONITOR_SAVE_H

#include "core/base/pack.h"
#include "core/monitor/monitor.h"

void monitor_save(const struct monitor *monitor, struct buf *pack);
/* Into a new monitor of the same configuration, its profiles and suites set, its sources not yet
 * added. False: the bytes make no sense; the monitor is then good for monitor_free only. */
bool monitor_load(struct monitor *monitor, struct unpack *unpack);

/* What the saved state depends on: the configuration's windows and limits of memory, the profiles'
 * and suites' contents, the layout of the structs. */
void monitor_print(const struct monitor *monitor, char hex[65]);

#endif
