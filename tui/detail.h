/* detail.h: what a panel shows below its rows, one thing at a time; `d` goes to the next. One is
 * one file of tui/details/ that ends in a const record, and one line of details.def. Like a panel
 * it draws what the snapshot says and changes nothing. */
#ifndef FRAUDTOP_TUI_DETAIL_H
#define FRAUDTOP_TUI_DETAIL_H

#include "tui/panel.h"

struct detail {
	const char *name, *title, *help;
	bool cursor; /* `<` and `>` move something in it */
	/* Is there anything to show? NULL: always. */
	bool (*exists)(const struct series_view *series);
	/* NULL: it raises no alarm. */
	enum severity (*alarm)(const struct series_view *series);
	/* How many rows it has use for, its title's too; NULL: all there are. Asked for in 6 Log.
	 */
	int (*rows)(const struct snapshot *snapshot);
	/* series is never NULL in 4 Quality. May bound state->cursor. */
	void (*draw)(struct canvas *canvas, struct area area, const struct view *view,
	    const struct series_view *series, struct panel_state *state);
};

/* Those of details.def, ending with NULL. */
extern const struct detail *const details_of_quality[], *const details_of_log[],
							    *const details_of_replay[];

/* The one shown: the chosen one, or the first if that does not exist for this series. NULL: the
 * panel has none. */
const struct detail *detail_shown(
    const struct panel *panel, const struct panel_state *state, const struct series_view *series);
/* Goes to the next (by 1) or the one before (-1) that exists; false if the panel has none. */
bool detail_step(
    const struct panel *panel, struct panel_state *state, const struct series_view *series, int by);
bool detail_choose(const struct panel *panel, struct panel_state *state, const char *name);
/* Their titles in one row, the shown one marked, with `!` at what alarms. */
void detail_draw_titles(struct canvas *canvas, struct area area, int y, const struct panel *panel,
    const struct panel_state *state, const struct series_view *series);

#endif
