/* fixture.h: one snapshot made by hand, for golden screens and for the tests of actions: four
 * services like those of an ordinary bad afternoon. fraud-apac has drifted since its new version,
 * fraud-us is slow and its labels are few, fraud-eu is well, fraud-batch is down and was never
 * heard. The clock is frozen at 14:06:04, so that the same screen comes out each time. */
#ifndef FRAUDTOP_TESTS_KIT_FIXTURE_H
#define FRAUDTOP_TESTS_KIT_FIXTURE_H

#include "core/monitor/snapshot.h"
#include "tests/kit/fixture_judged.h"
#include "tests/kit/fixture_replay.h"

/* The clock must be frozen at FIXTURE_NOW by the caller. */
struct snapshot *fixture_snapshot(void);

#endif
