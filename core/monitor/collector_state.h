/* collector_state.h: the inside of the collector, shared by its files. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_STATE_H
#define FRAUDTOP_MONITOR_COLLECTOR_STATE_H

#include <sys/types.h>

#include "core/base/http.h"
#include "core/source/follow.h"
#include "core/source/stretch.h"
#include "core/monitor/collector.h"
#include "core/monitor/monitor.h"
#include "core/poll/poller.h"
#include "core/registry/registry.h"

enum { COLLECTOR_LINES = 200, COLLECTOR_LINE_BYTES = 16384, COLLECTOR_EVENTS = 64 };

struct collector_file { /* a file, whatever it is called */
	dev_t device;
	ino_t inode; /* 0: none */
};

struct collector_source { /* a log or a label feed */
	struct collector *collector;
	char path[1024];
	struct collector_file file; /* that stood there at the last look */
	char service[SNAPSHOT_NAME], model[SNAPSHOT_NAME]; /* for records that name none */
	bool labels, more; /* more: it was not at its end when it was last read */
	struct follow *follow;
	size_t number; /* the monitor's */
	uint64_t accepted, rejected, late;
	wall_us newest;
	wall_us turn; /* where in time its next lines are, as far as is known; 0: not */
	char last_reason[256];
};

struct collector_line { /* a line of a log as it came, or its beginning, for the log panel */
	const struct collector_source *source;
	uint16_t length;
	bool rejected;
	char text[COLLECTOR_LINE_BYTES + STRETCH_PAD];
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
	struct monitor *monitor;
	struct record_reader *reader;
	struct collector_source **sources;
	size_t sources_count, sources_capacity;
	struct collector_file
	    *known; /* followed once, and still found by a glob under another name */
	size_t known_count;
	struct collector_service *services;
	size_t services_count;
	struct collector_target *targets;
	size_t targets_count, targets_capacity;
	struct collector_registry *registries;
	size_t registries_count;
	struct collector_told *told; /* collector_metadata.c */
	size_t told_count, told_capacity;
	struct collector_line *lines; /* ring */
	uint64_t lines_count;
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

/* collector_sources.c */
/* Opens what is configured; called again now and then, it finds what a glob has come to name. */
void collector_sources_look(struct collector *collector);
bool collector_sources_read(struct collector *collector, size_t max_bytes); /* more to read? */
void collector_sources_view(struct collector *collector, struct snapshot *snapshot);
void collector_sources_close(struct collector *collector);

/* collector_lines.c */
void collector_lines_keep(struct collector *collector, const struct collector_source *source,
    const char *text, size_t length, bool rejected);
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

#endif
