/* intake.h: from sources through decoders into one monitor: on the caller's thread, a slice at a
 * time, or by workers of its own that read stretches side by side and commit them in order.
 *
 * The monitor is the workers' while they commit: who else looks at it holds intake_lock. A holder
 * is let in between two commits; who must not wait for one tries. What it has come to is told by
 * intake_view.h. */
#ifndef FRAUDTOP_MONITOR_INTAKE_H
#define FRAUDTOP_MONITOR_INTAKE_H

#include "core/config/config.h"
#include "core/monitor/monitor.h"

struct intake;

/* Reads what the configuration names into `monitor`; both must outlive it. NULL and err: a format
 * that is none. */
struct intake *intake_new(const struct config *config, struct monitor *monitor, struct err *err);
/* Reads, of the plain files that `whole` has found and that reach into the newest comparison
 * window, only that window's worth at their ends (at most 256 MiB in all), of tables their last
 * 32 MiB or so, and what is added to them; and all plain files that `whole` finds from now on. Both
 * must outlive it. NULL: there is none of these, but packed files or standard input. */
struct intake *intake_new_newest(
    const struct config *config, struct monitor *monitor, struct intake *whole);
/* Reads from the beginning what `before` was made to read, one of intake_new that has no workers
 * and is good for intake_free only from now on, before this one is freed. */
struct intake *intake_new_again(struct intake *before, struct monitor *monitor);
void intake_free(struct intake *intake); /* ends its workers; NULL is fine */

/* Reads about max_bytes on this thread. True: there is more. Not while workers run. */
bool intake_read(struct intake *intake, size_t max_bytes);
/* Starts so many workers; they end by themselves when all is read. */
void intake_start(struct intake *intake, unsigned workers);
bool intake_running(struct intake *intake);
/* Asks them to end; they have once intake_running is false. intake_stop or intake_start is next. */
void intake_pause(struct intake *intake);
/* Ends them at the border of a stretch, and waits for that. */
void intake_stop(struct intake *intake);
/* Looks what globs and folders name now, or has a worker do so. Not with the lock held. */
void intake_look(struct intake *intake);

void intake_lock(struct intake *intake);
/* Does not wait. False: someone commits, and no other begins before who tried, one thread, has
 * tried again, or locked, or ended the workers. */
bool intake_try_lock(struct intake *intake);
void intake_unlock(struct intake *intake);

/* No workers running: where it is, with all counts; and back, before anything is read. False: the
 * bytes make no sense, and it is good for intake_free only. */
void intake_save(const struct intake *intake, struct buf *pack);
bool intake_load(struct intake *intake, struct unpack *unpack);

#endif
