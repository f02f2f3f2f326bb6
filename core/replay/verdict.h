/* verdict.h: which of two models is better, and the sentence that says so. For core/replay alone.
 */
#ifndef FRAUDTOP_REPLAY_VERDICT_H
#define FRAUDTOP_REPLAY_VERDICT_H

#include "core/replay/replay.h"

/* Sets better and verdict from all that stands in the result. */
void replay_judge(struct replay_result *result, const char *logged, const char *other);

#endif
