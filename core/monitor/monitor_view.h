/* monitor_view.h: what a monitor has come to. */
#ifndef FRAUDTOP_MONITOR_MONITOR_VIEW_H
#define FRAUDTOP_MONITOR_MONITOR_VIEW_H

#include "core/monitor/recent.h"
#include "core/monitor/snapshot.h"

struct monitor;

/* The newest rows of a series, those of the comparison window (and maybe a few older ones out of
 * order); NULL if there is no such series, or config->replay_rows is 0. */
struct recent *monitor_recent(
    const struct monitor *monitor, const char *service, const char *model, const char *version);

/* Fills snapshot->clock, series, models (references and the series over all services; their
 * versions are the caller's to extend) and join. */
void monitor_view(struct monitor *monitor, struct snapshot *snapshot);

/* Traffic and quality of a service over all its versions (drift is left empty). False if nothing is
 * known of it. And the names of the services seen, up to `room`. */
bool monitor_service(struct monitor *monitor, const char *service, struct series_view *view);
size_t monitor_services(const struct monitor *monitor, const char **names, size_t room);

#endif
