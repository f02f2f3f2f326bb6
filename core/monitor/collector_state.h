/* collector_state.h: the inside of the collector, shared by its files. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_STATE_H
#define FRAUDTOP_MONITOR_COLLECTOR_STATE_H

#include "core/base/http.h"
#include "core/monitor/checkpoint_opening.h"
#include "core/monitor/collector.h"
#include "core/monitor/collector_rows.h"
#include "core/monitor/intake.h"
#include "core/monitor/log_lines.h"
#include "core/monitor/monitor.h"
#include "core/poll/poller.h"

enum { COLLECTOR_EVENTS = 64 };

struct collector_feed { /* a monitor and what reads into it */
	struct monitor *monitor;
	struct intake *intake;
	struct log_lines lines;
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

struct collector_replays; /* collector_replay.c */

struct collector {
	struct loop *loop;
	struct http *http;
	struct http_access **accesses; /* of config->access */
	struct poller *poller;
	const struct config *config;
	/* Everything goes into `main`. While a large log is read into it, the screen has the
	 * preview, which began near the end; NULLs: there is none. */
	struct collector_feed main, preview;
	struct config preview_config;
	struct monitor *monitor; /* the one that is shown */
	enum collector_phase phase;
	struct checkpoint_opening *opening; /* PHASE_BEGIN: the checkpoint is on its way */
	struct checkpoint *checkpoint; /* of `main`; NULL: none is kept, or not yet */
	struct checkpoint_view kept;
	char join_reason[160]; /* as it was told last */
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

#endif
