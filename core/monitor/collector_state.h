/* collector_state.h: the inside of the collector, shared by its files. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_STATE_H
#define FRAUDTOP_MONITOR_COLLECTOR_STATE_H

#include "core/base/http.h"
#include "core/monitor/checkpoint.h"
#include "core/monitor/collector.h"
#include "core/monitor/intake.h"
#include "core/monitor/monitor.h"
#include "core/poll/poller.h"
#include "core/registry/registry.h"

enum { COLLECTOR_LINES = 200, COLLECTOR_EVENTS = 64 };

struct collector_feed { /* a monitor and what reads into it */
	struct monitor *monitor;
	struct intake *intake;
	struct line_view *lines; /* a ring, of the newest */
	uint64_t lines_count;
};

enum collector_phase {
	PHASE_BEGIN, /* it is to be seen how much there is */
	PHASE_NEWEST, /* workers read the newest window into the preview */
	PHASE_HISTORY, /* workers read everything into the main monitor */
	PHASE_STOPPED, /* they were stopped by the operator */
	PHASE_LIVE
};

enum collector_pause {
	PAUSE_NONE,
	PAUSE_KEEP, /* a checkpoint; then they go on */
	PAUSE_STOP, /* the operator */
	PAUSE_RESUME /* who has changed his mind before they had ended */
};

struct collector_service {
	char name[SNAPSHOT_NAME];
	const struct config_service *config; /* NULL: only seen in a log */
	size_t poll; /* the poller's number; SIZE_MAX if it has no URL */
	enum service_state state;
	wall_us since;
	char version[SNAPSHOT_NAME];
	bool drift_told, quality_told; /* critical was told, and it has not been ok since */
	wall_us concept_told; /* the newest change of the label error that was */
};

struct collector_target {
	struct target_view view;
	const struct config_registry *config;
	int64_t seen_seq; /* newest row of the alias's history that became an event */
};

struct collector_registry {
	const struct config_registry *config;
	struct registry *registry; /* NULL until it could be opened */
};

struct collector_replays; /* collector_replay.c */

struct collector {
	struct loop *loop;
	struct http *http;
	struct poller *poller;
	const struct config *config;
	/* Everything goes into `main`. While a large log is read into it, the screen has the
	 * preview, which began near the end; NULLs: there is none. */
	struct collector_feed main, preview;
	struct config preview_config;
	struct monitor *monitor; /* the one that is shown */
	enum collector_phase phase;
	struct checkpoint *checkpoint; /* of `main`; NULL: none is kept, or not yet */
	struct checkpoint_view kept;
	bool unkept; /* the newest attempt at a checkpoint failed */
	enum collector_pause pausing; /* what workers were asked to end for */
	bool newest_first;
	unsigned locks; /* held by this thread, see collector_lock */
	struct collector_service *services;
	size_t services_count;
	struct collector_target *targets;
	size_t targets_count, targets_capacity;
	struct collector_registry *registries;
	size_t registries_count;
	struct collector_told *told; /* collector_metadata.c */
	size_t told_count, told_capacity;
	struct event_view events[COLLECTOR_EVENTS]; /* ring */
	uint64_t events_count;
	struct snapshot *snapshot;
	uint64_t number;
	bool read_once; /* every source was read to its end once */
	mono_us read_at; /* when that was */
	struct collector_replays *replays;
	struct loop_timer *read_timer, *tick_timer, *look_timer, *replay_timer;
	void (*made)(void *context);
	void *made_context;
};

/* collector_events.c */
void collector_event(struct collector *collector, enum event_kind kind, enum severity severity,
    const char *service, wall_us at, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A change for the worse of the series' label error, unless it is no newer than *told. */
void collector_event_concept(struct collector *collector, const char *service,
    const struct series_view *series, wall_us at, wall_us *told);
void collector_events_view(const struct collector *collector, struct snapshot *snapshot);

/* collector_catchup.c */
/* whole: the newest of what that one reads; NULL: everything. before: a monitor that is good for
 * freeing only, whose profiles and suites it takes over; NULL: they are read. */
bool collector_feed_open(struct collector_feed *feed, const struct config *config,
    struct intake *whole, struct monitor *before, struct err *err);
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
/* Takes it up, before anything is read. */
void collector_checkpoint_begin(struct collector *collector);
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
void collector_services_view(struct collector *collector, struct snapshot *snapshot);
/* The shown monitor is another one: what it found before now was told of the one before it. */
void collector_services_moved(struct collector *collector);

/* collector_replay.c */
void collector_replay_open(struct collector *collector);
void collector_replay_close(struct collector *collector);
/* Asks the other models about new rows, for a few milliseconds at most. Returns how long to leave
 * it be: 0, there is more to ask; else microseconds. */
int64_t collector_replay_work(struct collector *collector);
/* Has each replay that can be made a result? */
bool collector_replay_settled(const struct collector *collector);
/* After the services and the registries: says what is compared with what, and how far it is. */
void collector_replay_view(struct collector *collector, struct snapshot *snapshot);
void collector_replay_forget(struct collector *collector); /* files that could not be read */
/* The shown monitor is another one: its rows are asked anew. */
void collector_replay_moved(struct collector *collector);

#endif
