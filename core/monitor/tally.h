/* tally.h: how often a name (service, model, version) came, also while its series is folded: what
 * room.c goes by. `recent` is halved at every TALLY_HALF of event time, so that it follows from the
 * records and their order alone. */
#ifndef FRAUDTOP_MONITOR_TALLY_H
#define FRAUDTOP_MONITOR_TALLY_H

#include <stdint.h>

#include "core/base/clock.h"

#define TALLY_HALF (5 * CLOCK_MINUTE)
enum { TALLY_LEAD = 16 }; /* records that make a name more than noise */

struct tally {
	uint64_t all, recent;
	wall_us until; /* when it is halved next */
	wall_us began; /* of the newest TALLY_LEAD or fewer */
};

static inline uint64_t
tally_recent(const struct tally *tally, wall_us now)
{
	if (now < tally->until)
		return tally->recent;
	wall_us halves = (now - tally->until) / TALLY_HALF + 1;
	return halves < 64 ? tally->recent >> halves : 0;
}

static inline void
tally_add(struct tally *tally, wall_us ts)
{
	if (ts >= tally->until) {
		tally->recent = tally_recent(tally, ts);
		tally->until = (clock_stretch(ts, TALLY_HALF) + 1) * TALLY_HALF;
	}
	if (tally->all++ % TALLY_LEAD == 0)
		tally->began = ts;
	tally->recent++;
}

#endif
