/* theme.h: what each role looks like. Theme files are lines `role = fg [on bg] [bold dim underline
 * reverse]`, colours `default`, an ANSI name, 0 to 255 or #rrggbb (nearest of 256 is taken), `$name
 * = ...` definitions and `#` comments. A bad line is refused with file:line. The default theme is
 * compiled in from themes/default.theme and read by the same parser. A `mono` look (attributes
 * only) always works. */
#ifndef FRAUDTOP_TUI_THEME_H
#define FRAUDTOP_TUI_THEME_H

#include "core/base/err.h"
#include "widgets/canvas.h"

enum theme_attribute { THEME_BOLD = 1, THEME_DIM = 2, THEME_UNDERLINE = 4, THEME_REVERSE = 8 };

struct theme_style {
	short foreground, background; /* -1: the terminal's default, else 0..255 */
	unsigned attributes;
};

struct theme {
	struct theme_style styles[ROLE_COUNT];
};

/* name: "default", "mono", "light", "high-contrast", "deuteranopia" (compiled in), a NAME.theme in
 * the user's or the system's theme folders (UX.md 1.4), or a path. */
bool theme_load(struct theme *theme, const char *name, struct err *err);
bool theme_parse(
    struct theme *theme, const char *text, size_t length, const char *file, struct err *err);
/* How a cell looks with 256, 16 or 8 colours, or 0: then without any colour. */
struct theme_style theme_style(const struct theme *theme, const struct cell *cell, int colors);
/* One of the 16 colours nearest to an indexed one, for poor terminals. */
short theme_to_16(short colour);

#endif
