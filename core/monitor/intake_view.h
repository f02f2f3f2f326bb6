/* intake_view.h: how far an intake is, what has come of each of its files, and its newest lines. */
#ifndef FRAUDTOP_MONITOR_INTAKE_VIEW_H
#define FRAUDTOP_MONITOR_INTAKE_VIEW_H

#include "core/config/config.h"
#include "core/ingest/refusals.h"
#include "core/monitor/event_view.h"
#include "core/source/sources.h"

enum { INTAKE_LINES = 200 }; /* of a stretch, that are handed to who asks for lines */

struct intake;

struct intake_file { /* what came of one file */
	const struct source_stats *source; /* as of what is in the monitor */
	const struct config_service *service;
	uint64_t accepted, late, sampled_out; /* sampled_out: not read, by services.sample */
	wall_us newest;
	struct refusals refusals;
};

struct intake_progress {
	uint64_t bytes, total; /* read, and in all as far as known, since the program began */
	double bytes_s; /* lately */
	int64_t left_us; /* at that rate; -1 unknown */
	wall_us oldest; /* the first time that was read; 0: none yet */
	bool caught_up; /* every source was once at its end */
};

/* With the lock held, or no workers running: */
size_t intake_files(const struct intake *intake);
const struct intake_file *intake_file(const struct intake *intake, size_t number);
struct intake_progress intake_progress(const struct intake *intake);

/* Called with each of the newest lines of a log, at most INTAKE_LINES a stretch, on the thread
 * that commits, lock held. */
void intake_on_line(struct intake *intake,
    void (*take)(const struct intake_file *file, const struct line_view *line, void *context),
    void *context);

#endif
