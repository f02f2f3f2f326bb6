/* theme_style.c: how a cell looks on a given terminal. On the selected row a role keeps its own
 * colour (a warning stays one) on the row's background; what has none takes the row's. */
#include "tui/theme.h"

/* With 16 colours the nearest; with 8, where there is no grey, ordinary text made dim. */
static short
poorer(short color, int colors, bool background, unsigned *attributes)
{
	if (colors >= 256 || color < 0)
		return color;
	color = theme_to_16(color);
	if (colors >= 16 || color < 8)
		return color;
	if (color == 8 && !background) {
		*attributes |= THEME_DIM;
		return -1;
	}
	return (short)(color - 8);
}

struct theme_style
theme_style(const struct theme *theme, const struct cell *cell, int colors)
{
	struct theme_style style =
	    theme->styles[cell->role < ROLE_COUNT ? cell->role : ROLE_DEFAULT];
	if (cell->reverse &&
	    cell->role == ROLE_INPUT) { /* the cursor of a prompt: always a block */
		style.attributes ^= THEME_REVERSE;
	} else if (cell->reverse) {
		const struct theme_style *selected = &theme->styles[ROLE_SELECTED];
		if (style.foreground < 0)
			style.foreground = selected->foreground;
		if (selected->background >= 0)
			style.background = selected->background;
		style.attributes |= selected->attributes;
	}
	if (colors < 8) {
		style.foreground = style.background = -1;
		return style;
	}
	style.foreground = poorer(style.foreground, colors, false, &style.attributes);
	style.background = poorer(style.background, colors, true, &style.attributes);
	if (style.foreground >= 0 && style.foreground == style.background) /* greys become one */
		style.foreground = style.background == 7 || style.background == 15 ? 0 : 7;
	return style;
}
