/* intake_state.h: the inside of the intake, shared by its files.
 *
 * Locks, in the order in which they may be taken: `monitor_lock` guards the monitor and what the
 * files have come to; `mutex` the slots' states, the workers and the list of files. The sources,
 * the tellers and the paces are his who takes the next stretch: the one worker that has set
 * `taking`, or without workers the caller. */
#ifndef FRAUDTOP_MONITOR_INTAKE_STATE_H
#define FRAUDTOP_MONITOR_INTAKE_STATE_H

#include "core/base/turnlock.h"
#include "core/monitor/intake_slot.h"

enum { INTAKE_WORKERS = 64 };

struct intake {
	struct intake *whole; /* whose newest it reads; NULL: what is configured */
	size_t whole_seen; /* so many of its files are known */
	const struct config *config;
	struct monitor *monitor;
	struct turnlock monitor_lock;
	struct sources *sources;
	struct intake_kind *kinds;
	size_t kinds_count;
	struct intake_context **contexts;
	size_t contexts_count;
	struct stretch told; /* a line that a teller is asked about */
	struct intake_pace *paces;
	size_t paces_count;
	struct intake_item **items;
	size_t items_count;
	struct intake_progress progress;
	struct intake_saved *saved; /* what a checkpoint told of files that were not met yet */
	size_t saved_count;
	mono_us rated_at; /* and the bytes that were read then */
	uint64_t rated_bytes;
	void (*take_line)(
	    const struct intake_file *file, const struct line_view *line, void *context);
	void *line_context;

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_t threads[INTAKE_WORKERS];
	unsigned threads_count, running;
	struct slot *slots;
	size_t slots_count;
	uint64_t next_turn, commit_turn;
	bool taking, committing, stopping, ended;
	bool look; /* who takes next looks for new files first */
};

/* intake.c */
void intake_look_now(struct intake *intake); /* by who takes */
struct intake *intake_make(const struct config *config, struct monitor *monitor);
/* A path of a service, read by its format; `newest` is source_options'. NULL and err: a format that
 * is none. */
struct intake_context *intake_add(struct intake *intake, const struct config_service *service,
    const char *path, bool labels, uint64_t newest, struct err *err);

/* intake_newest.c */
void intake_look_newest(struct intake *intake); /* what `whole` has found since */

/* intake_line.c: a record as the log panel shows it. */
void intake_line_fill(struct line_view *view, const struct intake_context *context,
    const struct decoded_record *record, bool rejected);

#endif
