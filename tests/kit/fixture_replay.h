/* fixture_replay.h: what version 12 would have said of what fraud-apac flags under 13, a replay
 * that cannot be made and one that has begun, and a prediction that was asked about. */
#ifndef FRAUDTOP_TESTS_KIT_FIXTURE_REPLAY_H
#define FRAUDTOP_TESTS_KIT_FIXTURE_REPLAY_H

#include "core/monitor/snapshot.h"

/* Of a service that serves `logged`. */
struct replay_view *fixture_replay(struct snapshot *snapshot, enum replay_progress progress,
    const char *logged, const char *other);
void fixture_asked(struct asked_view *asked);

#endif
