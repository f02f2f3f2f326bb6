/* checkpoint_opening.h: checkpoint_open by a thread of its own: a new store waits for the disk
 * several times, one after a crash for what it has to mend, and the screen must not. */
#ifndef FRAUDTOP_MONITOR_CHECKPOINT_OPENING_H
#define FRAUDTOP_MONITOR_CHECKPOINT_OPENING_H

#include "core/monitor/checkpoint.h"

struct checkpoint_opening;

struct checkpoint_opening *checkpoint_opening_start(const struct config *config);
bool checkpoint_opening_ended(const struct checkpoint_opening *opening);
/* What checkpoint_open gave, which is waited for. Frees the opening. */
struct checkpoint *checkpoint_opening_take(struct checkpoint_opening *opening, struct err *err);

#endif
