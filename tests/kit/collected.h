/* collected.h: a collector on a loop of its own, over files in a folder of its own. */
#ifndef FRAUDTOP_TESTS_KIT_COLLECTED_H
#define FRAUDTOP_TESTS_KIT_COLLECTED_H

#include "core/monitor/collector.h"
#include "tests/kit/place.h"

struct collected {
	char folder[FOLDER_SIZE];
	struct loop *loop;
	struct config *config;
	struct collector *collector;
};

/* Of a configuration as place_config takes it, in a folder that is there. */
void collected_open(struct collected *collected, const char *yaml);
/* The next collector over the same, where the one before was freed: a restart. */
void collected_begin(struct collected *collected);
void collected_end(struct collected *collected); /* with the folder */

/* Turns the loop once, waiting for `us` at most, and updates. */
const struct snapshot *collected_turn(struct collected *collected, int64_t us);

#endif
