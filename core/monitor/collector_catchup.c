/* collector_catchup.c: how the logs that are there at the start come in.
 *
 * What is small is read on the loop's thread, a slice at a time, as is all that comes later. Before
 * a large one is read by workers from its beginning (into the main monitor), the newest window is
 * read into a preview, which is shown and goes on live until the main monitor has everything. Then
 * that one is shown, from one snapshot to the next, and the preview is dropped. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/monitor/collector_parts.h"
#include "core/monitor/collector_replay.h"
#include "core/monitor/intake_view.h"

enum {
	BACKLOG_BYTES = 64 * 1024 * 1024, /* more is for workers */
	PREVIEW_JOIN_MIB = 8,
	PREVIEW_WINDOWS = 4, /* it has so many-th of the windows' memory */
	MOST_WORKERS = 4
};

static bool
load_profiles(struct monitor *monitor, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->references_count; i++) {
		const struct config_reference *reference = &config->references[i];
		struct profile *profile = profile_read(reference->profile, err);
		if (profile == NULL)
			return false;
		monitor_set_profile(monitor, reference->model, reference->profile, profile);
	}
	return true;
}

static bool
load_suites(struct monitor *monitor, const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->expectations_count; i++) {
		const struct config_expectations *held = &config->expectations[i];
		struct suite *suite = suite_read(held->suite, err);
		if (suite == NULL)
			return false;
		monitor_add_suite(monitor, held->model, suite);
	}
	return true;
}

static void
take_line(const struct intake_file *file, const struct line_view *line, void *context)
{
	struct collector_feed *feed = context;
	(void)file;
	log_lines_add(&feed->lines, line);
}

bool
collector_feed_open(
    struct collector_feed *feed, const struct config *config, struct intake *whole, struct err *err)
{
	*feed = (struct collector_feed){.monitor = monitor_new(config)};
	log_lines_init(&feed->lines);
	if (!load_profiles(feed->monitor, config, err) || !load_suites(feed->monitor, config, err))
		return false;
	feed->intake = whole != NULL ? intake_new_newest(config, feed->monitor, whole)
				     : intake_new(config, feed->monitor, err);
	if (feed->intake == NULL)
		return false;
	intake_on_line(feed->intake, take_line, feed);
	return true;
}

void
collector_feed_anew(struct collector_feed *feed, const struct config *config)
{
	struct collector_feed broken = *feed;
	*feed = (struct collector_feed){.monitor = monitor_new(config)};
	log_lines_init(&feed->lines);
	monitor_take_references(feed->monitor, broken.monitor);
	feed->intake = intake_new_again(broken.intake, feed->monitor);
	intake_on_line(feed->intake, take_line, feed);
	collector_feed_close(&broken);
}

void
collector_feed_close(struct collector_feed *feed)
{
	intake_free(feed->intake);
	monitor_free(feed->monitor);
	log_lines_free(&feed->lines);
	mem_trim();
	*feed = (struct collector_feed){0};
}

struct collector_feed *
collector_shown(struct collector *collector)
{
	return collector->preview.intake != NULL ? &collector->preview : &collector->main;
}

void
collector_lock(struct collector *collector)
{
	if (collector->locks++ > 0)
		return;
	intake_lock(collector->main.intake);
	if (collector->preview.intake != NULL)
		intake_lock(collector->preview.intake);
}

/* Workers read into one of them at a time. */
bool
collector_try_lock(struct collector *collector)
{
	struct intake *whole = collector->main.intake, *preview = collector->preview.intake;
	if (collector->locks == 0) {
		if (!intake_try_lock(whole))
			return false;
		if (preview != NULL && !intake_try_lock(preview)) {
			intake_unlock(whole);
			return false;
		}
	}
	collector->locks++;
	return true;
}

void
collector_unlock(struct collector *collector)
{
	if (--collector->locks > 0)
		return;
	if (collector->preview.intake != NULL)
		intake_unlock(collector->preview.intake);
	intake_unlock(collector->main.intake);
}

bool
collector_is_filling(struct collector *collector)
{
	return intake_running(collector_shown(collector)->intake);
}

static unsigned
count_workers(const struct config *config)
{
	if (config->workers > 0)
		return (unsigned)config->workers;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores < 1 ? 1 : cores > MOST_WORKERS ? MOST_WORKERS : (unsigned)cores;
}

static uint64_t
bytes_behind(struct intake *intake)
{
	intake_lock(intake);
	struct intake_progress progress = intake_progress(intake);
	intake_unlock(intake);
	return progress.total - progress.bytes;
}

static void
read_history(struct collector *collector)
{
	intake_start(collector->main.intake, count_workers(collector->config));
	collector->phase = PHASE_HISTORY;
}

/* A small monitor of the newest window; without one, if it cannot be made, everything comes in as
 * it is read. */
static void
read_newest(struct collector *collector)
{
	collector->preview_config = *collector->config;
	if (collector->preview_config.join_memory > PREVIEW_JOIN_MIB)
		collector->preview_config.join_memory = PREVIEW_JOIN_MIB;
	int64_t windows = collector->config->windows_memory;
	collector->preview_config.windows_memory = windows / PREVIEW_WINDOWS;
	if (!collector_feed_open(
		&collector->preview, &collector->preview_config, collector->main.intake, NULL)) {
		collector_feed_close(&collector->preview);
		read_history(collector);
		return;
	}
	monitor_limit_windows(collector->main.monitor, windows - windows / PREVIEW_WINDOWS);
	collector->monitor = collector->preview.monitor;
	intake_start(collector->preview.intake, count_workers(collector->config));
	collector->phase = PHASE_NEWEST;
}

static bool
begin(struct collector *collector)
{
	if (!collector_checkpoint_begin(collector))
		return false;
	intake_look(collector->main.intake);
	collector->phase = PHASE_LIVE;
	if (bytes_behind(collector->main.intake) < BACKLOG_BYTES)
		return true;
	if (collector->newest_first)
		read_newest(collector);
	else
		read_history(collector);
	return true;
}

/* There is something to see, and to replay. */
static void
note_read(struct collector *collector)
{
	if (collector->read_once)
		return;
	collector->read_once = true;
	collector->read_at = clock_mono();
	collector_update(collector);
}

/* The main monitor has everything: it is what is shown from now on. */
static void
take_over(struct collector *collector)
{
	intake_stop(collector->main.intake);
	collector->phase = PHASE_LIVE;
	if (collector->preview.intake == NULL)
		return;
	struct collector_feed preview = collector->preview;
	collector->preview = (struct collector_feed){0};
	collector->monitor = collector->main.monitor;
	monitor_limit_windows(collector->monitor, collector->config->windows_memory);
	collector_services_moved(collector);
	collector_replay_moved(collector);
	collector_feed_close(&preview);
	collector_update(collector);
}

static bool
read_live(struct collector *collector, size_t max_bytes)
{
	struct intake *intake = collector->main.intake;
	bool more = intake_read(intake, max_bytes);
	if (more && bytes_behind(intake) > BACKLOG_BYTES) {
		read_history(collector); /* something large came, or came faster than it was read */
		return false;
	}
	if (!more && intake_progress(intake).caught_up)
		note_read(collector);
	return more;
}

/* That which workers read into. */
static struct collector_feed *
worked(struct collector *collector)
{
	return collector->phase == PHASE_NEWEST ? &collector->preview : &collector->main;
}

/* The workers have ended as they were asked to. */
static void
end_pause(struct collector *collector)
{
	enum collector_pause pause = collector->pausing;
	collector->pausing = PAUSE_NONE;
	intake_stop(worked(collector)->intake);
	if (pause == PAUSE_KEEP)
		collector_checkpoint_save(collector);
	if (pause != PAUSE_KEEP)
		note_read(collector);
	if (pause != PAUSE_STOP) {
		read_history(collector);
		return;
	}
	collector->phase = PHASE_STOPPED;
	collector_update(collector);
}

void
collector_catchup_keep(struct collector *collector)
{
	struct intake *intake = collector->main.intake;
	if (collector->pausing != PAUSE_NONE || !collector_checkpoint_due(collector))
		return;
	if (intake_running(intake)) {
		intake_pause(intake);
		collector->pausing = PAUSE_KEEP;
	} else {
		collector_checkpoint_save(collector);
	}
}

bool
collector_catchup_read(struct collector *collector, size_t max_bytes)
{
	struct intake *preview = collector->preview.intake;
	switch (collector->phase) {
	case PHASE_BEGIN:
		return begin(collector);
	case PHASE_NEWEST:
		if (intake_running(preview))
			return false;
		if (collector->pausing != PAUSE_NONE) {
			end_pause(collector);
			return true;
		}
		intake_stop(preview);
		note_read(collector);
		read_history(collector);
		return true;
	case PHASE_HISTORY:
		if (!intake_running(collector->main.intake)) {
			if (collector->pausing != PAUSE_NONE)
				end_pause(collector);
			else
				take_over(collector);
			return true;
		}
		return preview != NULL && intake_read(preview, max_bytes);
	case PHASE_STOPPED:
		return preview != NULL && intake_read(preview, max_bytes);
	case PHASE_LIVE:
		break;
	}
	return read_live(collector, max_bytes);
}

void
collector_newest_first(struct collector *collector)
{
	collector->newest_first = true;
}

bool
collector_catchup_stop(struct collector *collector, struct err *err)
{
	if (collector->phase == PHASE_STOPPED || collector->pausing == PAUSE_STOP)
		return err_set(err, ERR_USAGE, "it is stopped already; :catchup resume goes on");
	if (collector->phase != PHASE_NEWEST && collector->phase != PHASE_HISTORY)
		return err_set(err, ERR_USAGE, "there is nothing to catch up with");
	intake_pause(worked(collector)->intake);
	collector->pausing = PAUSE_STOP;
	return true;
}

bool
collector_catchup_resume(struct collector *collector, struct err *err)
{
	if (collector->pausing == PAUSE_STOP) { /* and is not yet */
		collector->pausing = PAUSE_RESUME;
		return true;
	}
	if (collector->phase != PHASE_STOPPED)
		return err_set(err, ERR_USAGE, "it is not stopped");
	collector->phase = PHASE_HISTORY;
	collector_update(collector); /* before they hold it */
	read_history(collector);
	return true;
}

/* The data's clock less the first time that was read. */
static int64_t
newest_span(struct collector *collector)
{
	wall_us oldest = intake_progress(collector->preview.intake).oldest;
	wall_us clock = monitor_clock(collector->monitor);
	return oldest != 0 && clock > oldest ? clock - oldest : 1;
}

void
collector_catchup_view(struct collector *collector, struct snapshot *snapshot)
{
	struct catchup_view *view = &snapshot->catchup;
	struct intake *whole = collector->main.intake;
	bool preview = collector->preview.intake != NULL;
	view->state = collector->phase == PHASE_LIVE || collector->phase == PHASE_BEGIN
			  ? CATCHUP_DONE
		      : collector->phase == PHASE_STOPPED ? CATCHUP_STOPPED
							  : CATCHUP_RUNNING;
	struct intake_progress progress = intake_progress(whole);
	view->bytes = progress.bytes;
	view->total = progress.total;
	view->bytes_s = progress.bytes_s;
	view->left_us = progress.left_us;
	view->newest_us = preview ? newest_span(collector) : 0;
	snapshot->checkpoint = collector->kept;
}
