/* checkpoint_logs.h: are the logs still those that a checkpoint is of?
 *
 * A log is followed through rotation; but one that was written anew in the same place, with records
 * of the same times, would be counted twice, or be late against itself. So of each log its first
 * bytes, its first record's time and the bytes before its end are remembered. One that has changed
 * in them must go on where the other ended: its first record is newer than the other's first, and
 * no more than five seconds older than its newest. One that does not tell is taken as it is. */
#ifndef FRAUDTOP_MONITOR_CHECKPOINT_LOGS_H
#define FRAUDTOP_MONITOR_CHECKPOINT_LOGS_H

#include "core/base/pack.h"
#include "core/monitor/intake.h"

void checkpoint_logs_save(
    const struct config *config, const struct intake *intake, struct buf *pack);
/* False and err: one was written anew (its path), or the bytes make no sense. */
bool checkpoint_logs_check(const struct config *config, struct unpack *unpack, struct err *err);

#endif
