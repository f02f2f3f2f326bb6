/* look.h: the options of how the screen looks, for every command that opens one. */
#ifndef FRAUDTOP_TUI_LOOK_H
#define FRAUDTOP_TUI_LOOK_H

#include "core/config/config.h"
#include "tui/command.h"
#include "tui/term.h"

/* Rows of a command's table of options. */
#define LOOK_OPTIONS                                                                               \
	{"theme", 0, "NAME", "default, light, mono, high-contrast, deuteranopia, or a file"},      \
	    {"color", 0, "WHEN", "auto, never, mono, 16 or 256"},                                  \
	    {"no-color", 'C', NULL, "the same as --color=never"},                                  \
	    {"graph", 0, "KIND", "how graphs are drawn: braille, block or ascii"},                 \
	{                                                                                          \
		"ascii", 0, NULL, "nothing but ASCII on the screen"                                \
	}

/* --theme, --graph and --ascii over the file's settings. */
bool look_override(const struct args *args, struct config *config, struct err *err);
/* --color and --no-color. */
bool look_color(const struct args *args, enum term_color *color, struct err *err);

#endif
