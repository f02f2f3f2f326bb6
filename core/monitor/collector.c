/* collector.c: timers that read, tick and make snapshots; the parts are in collector_*.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_parts.h"
#include "core/monitor/collector_replay.h"
#include "core/monitor/monitor_view.h"

enum { SLICE_BYTES = 128 * 1024 };
static const int64_t read_period_us = 100000, look_period_us = 500000;
static const int64_t pause_period_us = 5000, retry_us = 1000;
static const int64_t replay_patience_us = 3 * CLOCK_SECOND;

/* Locked. */
static struct snapshot *
make_snapshot(struct collector *collector)
{
	struct snapshot *snapshot = snapshot_new();
	snapshot->number = ++collector->number;
	snapshot->made_at = clock_wall();
	snapshot->readonly = collector->config->readonly;
	text_copy(snapshot->context, sizeof(snapshot->context), collector->config->context);
	monitor_tick(collector->monitor);
	monitor_view(collector->monitor, snapshot);
	collector_event_join(collector, &snapshot->join);
	collector_catchup_view(collector, snapshot);
	collector_sources_view(collector, snapshot);
	collector_lines_view(collector, snapshot);
	collector_services_view(collector, snapshot);
	collector_registry_view(collector, snapshot);
	collector_replay_view(collector, snapshot);
	collector_events_view(collector, snapshot);
	return snapshot;
}

/* Not locked. */
static void
show(struct collector *collector, struct snapshot *snapshot)
{
	snapshot_free(collector->snapshot);
	collector->snapshot = snapshot;
	if (collector->made != NULL)
		collector->made(collector->made_context);
}

void
collector_update(struct collector *collector)
{
	collector_lock(collector);
	struct snapshot *snapshot = make_snapshot(collector);
	collector_unlock(collector);
	show(collector, snapshot);
}

static void
read_due(void *context)
{
	struct collector *collector = context;
	bool more = collector_catchup_read(collector, SLICE_BYTES);
	/* Else after the next snapshot: a worker that commits is not waited for. */
	if (!intake_running(collector->main.intake) && !collector_is_filling(collector))
		collector_catchup_keep(collector);
	int64_t rest = collector->phase == PHASE_BEGIN	  ? retry_us
		       : collector->pausing != PAUSE_NONE ? pause_period_us
							  : read_period_us;
	collector->read_timer =
	    loop_timer_add(collector->loop, more ? 0 : rest, 0, read_due, collector);
}

/* However many series there are, snapshots take at most a fifth of the time: then they come less
 * often than was asked for. A worker that commits is not waited for: it may take long where others
 * have the processor or the disk, and a key may come. */
static void
tick_due(void *context)
{
	struct collector *collector = context;
	if (!collector_try_lock(collector)) {
		collector->tick_timer =
		    loop_timer_add(collector->loop, retry_us, 0, tick_due, collector);
		return;
	}
	mono_us began = clock_mono();
	struct snapshot *snapshot = make_snapshot(collector);
	if (intake_running(collector->main.intake))
		collector_catchup_keep(collector);
	collector_unlock(collector);
	show(collector, snapshot);
	int64_t cost = clock_mono() - began, rest = collector->config->delay_us - cost;
	collector->tick_timer = loop_timer_add(
	    collector->loop, rest > 4 * cost ? rest : 4 * cost, 0, tick_due, collector);
}

void
collector_update_soon(struct collector *collector)
{
	loop_timer_cancel(collector->loop, collector->tick_timer);
	tick_due(collector);
}

/* Not while logs are caught up with: what is read then is no news. Then at most a quarter of the
 * time.
 */
static void
replay_due(void *context)
{
	struct collector *collector = context;
	mono_us began = clock_mono();
	bool quiet = collector->read_once && !collector_is_filling(collector);
	int64_t rest = quiet ? collector_replay_work(collector) : read_period_us;
	int64_t least = 3 * (clock_mono() - began);
	collector->replay_timer =
	    loop_timer_add(collector->loop, rest > least ? rest : least, 0, replay_due, collector);
}

static void
look_due(void *context)
{
	struct collector *collector = context;
	collector_registry_read(collector);
	if (collector->phase != PHASE_BEGIN)
		intake_look(collector->main.intake);
	if (collector->preview.intake != NULL)
		intake_look(collector->preview.intake);
}

struct collector *
collector_new(struct loop *loop, const struct config *config, struct err *err)
{
	struct collector *collector = mem_alloc(sizeof(*collector));
	collector->loop = loop;
	collector->config = config;
	collector->http = http_new(loop);
	struct poller_options options = {.interval_us = config->poll_interval_us,
	    .timeout_us = config->poll_timeout_us,
	    .seed = (uint64_t)clock_mono()};
	collector->poller = poller_new(loop, collector->http, &options);
	if (!collector_feed_open(&collector->main, config, NULL, err)) {
		collector_free(collector);
		return NULL;
	}
	collector->monitor = collector->main.monitor;
	collector_services_open(collector);
	collector_registry_open(collector);
	collector_replay_open(collector);
	collector_update(collector);
	collector->read_timer = loop_timer_add(loop, 0, 0, read_due, collector);
	collector->tick_timer = loop_timer_add(loop, config->delay_us, 0, tick_due, collector);
	collector->look_timer = loop_timer_add(loop, 0, look_period_us, look_due, collector);
	collector->replay_timer = loop_timer_add(loop, 0, 0, replay_due, collector);
	return collector;
}

void
collector_free(struct collector *collector)
{
	if (collector == NULL)
		return;
	loop_timer_cancel(collector->loop, collector->read_timer);
	loop_timer_cancel(collector->loop, collector->tick_timer);
	loop_timer_cancel(collector->loop, collector->look_timer);
	loop_timer_cancel(collector->loop, collector->replay_timer);
	poller_free(collector->poller);
	http_free(collector->http);
	collector_registry_close(collector);
	collector_replay_close(collector);
	collector_checkpoint_end(collector);
	collector_feed_close(&collector->preview);
	collector_feed_close(&collector->main);
	checkpoint_close(collector->checkpoint);
	snapshot_free(collector->snapshot);
	collector_services_close(collector);
	free(collector);
}

void
collector_on_snapshot(struct collector *collector, void (*made)(void *context), void *context)
{
	collector->made = made;
	collector->made_context = context;
}

struct snapshot *
collector_snapshot(struct collector *collector)
{
	return collector->snapshot;
}

void
collector_refresh(struct collector *collector)
{
	for (size_t i = 0; i < collector->services_count; i++) {
		if (collector->services[i].poll != SIZE_MAX)
			poller_refresh(collector->poller, collector->services[i].poll);
	}
	collector_replay_forget(collector);
	collector_registry_read(collector);
}

void
collector_registry_refresh(struct collector *collector)
{
	collector_registry_read(collector);
}

bool
collector_caught_up(const struct collector *collector)
{
	if (!collector->read_once || collector->phase != PHASE_LIVE)
		return false;
	for (size_t i = 0; i < collector->services_count; i++) {
		size_t poll = collector->services[i].poll;
		if (poll == SIZE_MAX)
			continue;
		const struct poll_state *state = poller_service(collector->poller, poll);
		if (!state->answered && state->failures == 0)
			return false;
	}
	return collector_replay_settled(collector) ||
	       clock_mono() - collector->read_at > replay_patience_us;
}
