/* fixture_reading.h: what is read, for the snapshot of fixture.h: a log of which a few lines were
 * refused, an old one that is packed, a table, and a large log that is being caught up with. */
#ifndef FRAUDTOP_TESTS_KIT_FIXTURE_READING_H
#define FRAUDTOP_TESTS_KIT_FIXTURE_READING_H

#include "core/monitor/snapshot.h"

/* Four files instead of two, and labels of a sample. */
void fixture_files(struct snapshot *snapshot);
void fixture_catchup(struct snapshot *snapshot, enum catchup_state state);

#endif
