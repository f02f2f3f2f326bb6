/* collector_parts.h: what the collector's files do for each other; collector_replay.h: replays. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_PARTS_H
#define FRAUDTOP_MONITOR_COLLECTOR_PARTS_H

#include "core/monitor/collector_state.h"

/* collector.c */
/* Makes a snapshot now, or as soon as no worker commits: a key's thread waits for none. */
void collector_update_soon(struct collector *collector);

/* collector_events.c */
void collector_event(struct collector *collector, enum event_kind kind, enum severity severity,
    const char *service, wall_us at, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A change for the worse of the series' label error, unless it is no newer than *told. */
void collector_event_concept(struct collector *collector, const char *service,
    const struct series_view *series, wall_us at, wall_us *told);
/* Of a service with a log and nothing in the windows: why, in words. */
void collector_explain_silence(const struct config_service *config, const struct snapshot *snapshot,
    char *reason, size_t size);
/* That the join's files cannot be used, or can again. */
void collector_event_join(struct collector *collector, const struct join_view *join);
void collector_events_view(const struct collector *collector, struct snapshot *snapshot);

/* collector_catchup.c */
/* whole: the newest of what that one reads; NULL: everything. */
bool collector_feed_open(struct collector_feed *feed, const struct config *config,
    struct intake *whole, struct err *err);
/* Puts an empty feed in the place of one that was spoilt, with its profiles, suites and formats:
 * what they were read from may be other by now, or gone. */
void collector_feed_anew(struct collector_feed *feed, const struct config *config);
void collector_feed_close(struct collector_feed *feed);
struct collector_feed *collector_shown(struct collector *collector);
/* The monitors, and what has come of the files, are this thread's until the last unlock. */
void collector_lock(struct collector *collector);
/* The same without waiting. False: it is to be tried again, soon. */
bool collector_try_lock(struct collector *collector);
void collector_unlock(struct collector *collector);
/* Reads a slice, or sees how far the workers are. True: there is more to read at once. */
bool collector_catchup_read(struct collector *collector, size_t max_bytes);
/* Makes a checkpoint, if it is time. */
void collector_catchup_keep(struct collector *collector);
/* Do workers read into the shown monitor? */
bool collector_is_filling(struct collector *collector);
void collector_catchup_view(struct collector *collector, struct snapshot *snapshot);

/* collector_checkpoint.c */
/* Takes it up, before anything is read. False: not yet, it is being opened. */
bool collector_checkpoint_begin(struct collector *collector);
/* Takes note of the last one; is it time for another? */
bool collector_checkpoint_due(struct collector *collector);
void collector_checkpoint_save(struct collector *collector); /* no workers running */
void collector_checkpoint_end(struct collector *collector);

/* collector_sources.c */
void collector_sources_view(struct collector *collector, struct snapshot *snapshot);
void collector_lines_view(struct collector *collector, struct snapshot *snapshot);

/* collector_registry.c */
void collector_registry_open(struct collector *collector);
void collector_registry_read(struct collector *collector);
void collector_registry_view(struct collector *collector, struct snapshot *snapshot);
void collector_registry_close(struct collector *collector);
/* The metadata JSON of a version, or NULL; free() it. */
char *collector_registry_metadata(
    struct collector *collector, const char *registry, const char *model, const char *version);

/* collector_metadata.c */
/* Fills in what the version's metadata tell. */
void collector_metadata_view(struct collector *collector, const char *registry, const char *model,
    struct version_view *version);

/* collector_services.c */
void collector_services_open(struct collector *collector);
void collector_services_close(struct collector *collector); /* after the poller */
void collector_services_view(struct collector *collector, struct snapshot *snapshot);
/* The shown monitor is another one: what it found before now was told of the one before it. */
void collector_services_moved(struct collector *collector);

#endif
