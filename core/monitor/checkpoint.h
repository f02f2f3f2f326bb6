/* checkpoint.h: what was read and counted, kept across restarts: one feed's intake, monitor,
 * join and newest lines, in a store of the state folder.
 *
 * checkpoints/<context>-<hash of the configuration's path> holds it; while another process has
 * that, checkpoints/...-2 and so on, each with a checkpoint and join files of its own. A checkpoint
 * is packed on the caller's thread, a few milliseconds, and written by a thread of its own; it is
 * the whole of one moment, so that what comes after it is read again, once. It belongs to one
 * configuration of sources and windows: after a change of those all is read anew. */
#ifndef FRAUDTOP_MONITOR_CHECKPOINT_H
#define FRAUDTOP_MONITOR_CHECKPOINT_H

#include "core/config/config.h"
#include "core/monitor/intake.h"
#include "core/monitor/log_lines.h"
#include "core/monitor/monitor.h"

struct checkpoint;

enum checkpoint_found {
	CHECKPOINT_NONE, /* there is none, or none of this configuration */
	CHECKPOINT_LOADED,
	CHECKPOINT_BROKEN /* what it was loaded into is good for freeing only; err says why */
};

/* NULL: there is none to be had; err says why, unless the configuration wants nothing kept. A
 * checkpoint and an err: what was there could not be used and has been put aside. */
struct checkpoint *checkpoint_open(const struct config *config, struct err *err);
/* False: only the join's files are, while the process runs. Standard input is another one each
 * time, and ingest.checkpoint may be 0. */
bool checkpoint_is_kept(const struct checkpoint *checkpoint);
/* Waits for the one that is being written. NULL is fine. */
void checkpoint_close(struct checkpoint *checkpoint);
/* For the files of the monitor's join (monitor_set_join_folder). */
const char *checkpoint_join_folder(const struct checkpoint *checkpoint);

/* Into a monitor whose profiles and suites are set, its new intake and no lines: all of it or
 * nothing. */
enum checkpoint_found checkpoint_load(struct checkpoint *checkpoint, struct monitor *monitor,
    struct intake *intake, struct log_lines *lines, struct err *err);

/* What comes into this monitor, which is empty, is going to be saved. */
void checkpoint_keep(struct checkpoint *checkpoint, struct monitor *monitor);

/* The rest with no workers running, or none that commits (intake_lock). */
/* Was anything read since the last one? Is it also time for another? */
bool checkpoint_is_behind(const struct checkpoint *checkpoint, const struct intake *intake);
bool checkpoint_due(const struct checkpoint *checkpoint, const struct intake *intake);
/* Packs one and begins to write it; one that is on its way is waited for. */
void checkpoint_save(struct checkpoint *checkpoint, struct monitor *monitor,
    const struct intake *intake, const struct log_lines *lines);
/* Takes note of one that has been written. False: it could not be (once for each reason). */
bool checkpoint_look(struct checkpoint *checkpoint, struct monitor *monitor, struct err *err);
/* The same, and waits for it. */
bool checkpoint_finish(struct checkpoint *checkpoint, struct monitor *monitor, struct err *err);
/* When the newest durable one was made; 0: none yet. */
wall_us checkpoint_made_at(const struct checkpoint *checkpoint);

#endif
