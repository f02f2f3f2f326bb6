/* entry.h: what the monitor needs of a prediction again when its label comes. */
#ifndef FRAUDTOP_JOIN_ENTRY_H
#define FRAUDTOP_JOIN_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/clock.h"

#define JOIN_ENTRY_BYTES 24 /* that one takes at most, in memory and in the file */

struct join_entry {
	wall_us ts; /* of the prediction; kept to the millisecond */
	wall_us label_ts; /* when its label became known; 0 if it has none, or bore it itself */
	double score; /* as join_score keeps it */
	uint32_t series; /* the monitor's number for (service, model, version), below 65,536 */
	uint8_t cohort; /* the series' number for it */
	int8_t decision; /* 0, 1, -1 unknown */
	int8_t label; /* -1 until known */
	bool assumed; /* out of join_label: the label it replaces was an assumption */
};

/* A score with the precision that is kept: 24 bits of its distance to 0 or to 1, whichever is
 * nearer. Who counts by an entry's score counts by this one from the beginning. */
double join_score(double score);

#endif
