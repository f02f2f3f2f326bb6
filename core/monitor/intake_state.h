/* intake_state.h: the inside of the intake, shared by its files.
 *
 * Locks, in the order in which they may be taken: `monitor_lock` guards the monitor and what the
 * files have come to; `mutex` the slots' states, the workers and the list of files. The sources,
 * the tellers and the paces are his who takes the next stretch: the one worker that has set
 * `taking`, or without workers the caller. A slot's inside is its worker's alone from its taking to
 * its commit. */
#ifndef FRAUDTOP_MONITOR_INTAKE_STATE_H
#define FRAUDTOP_MONITOR_INTAKE_STATE_H

#include "core/format/decode.h"
#include "core/base/turnlock.h"
#include "core/monitor/intake.h"

enum { INTAKE_WORKERS = 64 };

struct intake_kind { /* a format, of logs or of label feeds */
	struct mapping *mapping;
	const char *format;
	bool labels, alone; /* alone: its records depend on each other, one decoder reads all */
	struct decoder *decoder; /* that one; else the caller's thread's */
	struct decoder
	    *teller; /* that is asked for the time of a line; NULL: half of one tells none */
};

struct intake_context { /* of what is configured: handed back with each of its files */
	struct intake *intake;
	const struct config_service *service;
	const char *path;
	size_t kind;
	uint64_t most; /* the highest hash of an id that is read */
};

struct intake_item { /* a file */
	struct intake_file file;
	struct source_stats source;
	const struct intake_context *context;
	char path[1024]; /* as found; it and the context never change */
	size_t number; /* the monitor's */
	uint64_t too_long; /* of the source's, that are among the refused */
};

struct intake_saved {
	char path[1024];
	uint64_t labels, accepted, late, sampled_out, too_long, number;
	wall_us newest;
	struct refusals refusals;
};

struct intake_pace { /* how much time a file's bytes are, as far as it was read */
	double us_byte; /* 0: not known */
};

struct intake_line {
	uint64_t offset;
	struct line_view view;
};

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_DECODING, SLOT_DECODED };

struct slot { /* a stretch on its way */
	enum slot_state state;
	uint64_t turn;
	struct stretch stretch;
	struct source_stats source; /* after it */
	uint64_t behind;
	wall_us oldest; /* of its first record, if it is the file's first stretch */
	struct intake_item *item;
	bool keep, show; /* its rows, its lines */
	struct batch *batch;
	struct refusals refusals, refused; /* by the decoder, by the monitor */
	uint64_t sampled_out;
	struct intake_line *lines; /* a ring */
	size_t lines_count;
};

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

/* intake_read.c */
void slot_init(struct slot *slot);
void slot_clear(struct slot *slot);
enum intake_taken {
	TAKEN_NOTHING, /* there is nothing to read now */
	TAKEN_LATER, /* nothing yet, but there is more: ask again */
	TAKEN_STRETCH
};
/* Takes the next stretch. */
enum intake_taken intake_take(struct intake *intake, struct slot *slot, size_t max_bytes);
void intake_decode(struct intake *intake, struct slot *slot, struct decoder *decoder);
void intake_commit(struct intake *intake, struct slot *slot); /* lock held */
/* Where the source is, and what it passed over as too long, which is refused. Likewise. */
void intake_source(struct intake_item *item, const struct source_stats *source);
void intake_adopt(struct intake *intake); /* files that are new; lock held */
/* Takes over how the sources stand, where nothing is on its way. Lock held. */
void intake_settle(struct intake *intake);
/* The time of a record, by way of `told`; 0: it does not tell. */
wall_us intake_tell(
    struct stretch *told, struct intake_kind *kind, const struct source_record *record);
/* What sources_on_time asks. */
wall_us intake_ask(const struct source_record *record, void *file_context);

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
