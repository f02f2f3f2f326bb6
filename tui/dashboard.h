/* dashboard.h: the screen: one loop, the collector on it, the terminal at its front. */
#ifndef FRAUDTOP_TUI_DASHBOARD_H
#define FRAUDTOP_TUI_DASHBOARD_H

#include <stdbool.h>

#include "core/config/config.h"
#include "tui/term.h"

struct dashboard_options {
	bool readonly; /* forbids arming */
	const char *theme; /* NULL: config's */
	enum term_color color;
	const char *graph; /* "braille", "block", "ascii"; NULL: config's */
	const char *argv0;
	const char *panel; /* to begin with; NULL: the overview */
	const char *filter; /* of that panel; NULL: none */
	const char *sort; /* of that panel; NULL: its own */
};

/* Runs until the operator quits or a signal ends it; returns the exit code. Errors before the
 * screen opens are printed on stderr. config->delay_us is how often the picture is renewed. */
int dashboard_run(const struct config *config, const struct dashboard_options *options);

#endif
