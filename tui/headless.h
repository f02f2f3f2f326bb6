/* headless.h: the dashboard's data without a screen: --once, --batch, --json, --plain, demo
 * --headless. */
#ifndef FRAUDTOP_TUI_HEADLESS_H
#define FRAUDTOP_TUI_HEADLESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config/config.h"

enum headless_format { HEADLESS_TEXT, HEADLESS_JSON, HEADLESS_PLAIN };

struct headless_options {
	enum headless_format format;
	long iterations; /* frames to print; 0: until a signal */
	int64_t delay_us; /* between frames */
	int64_t
	    after_us; /* run this long before the first frame; 0: until everything was read once */
	const char *filter, *sort; /* of the rows of text and sentences; NULL: all, as configured */
	bool pretty; /* JSON over several lines */
	bool ascii;
};

/* Prints frames to stdout. Returns the exit code: 0, 1, that of a wrong option, or 128 + the signal
 * that ended it. */
int headless_run(const struct config *config, const struct headless_options *options);

#endif
