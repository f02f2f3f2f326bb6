/* panel.h: what a panel is. One panel is one file of tui/panels/ that ends in a const record, and
 * one line of panels.def. A panel draws a view and offers the rows that the cursor moves in; it
 * computes no figure, changes nothing in the snapshot, and knows no key. */
#ifndef FRAUDTOP_TUI_PANEL_H
#define FRAUDTOP_TUI_PANEL_H

#include "tui/view.h"
#include "widgets/canvas.h"
#include "widgets/prompt.h"

struct panel_state { /* what a panel remembers between two frames */
	char filter_text[PROMPT_MAX];
	struct filter *filter; /* NULL: none */
	int top; /* first row shown */
	size_t sort; /* place in panel->sorts */
	bool inverted; /* the other way than the column's own */
	bool follow; /* stay at the last row */
	size_t detail; /* place in panel->details */
	int cursor; /* steps that `<` and `>` moved in a detail that has a cursor */
};

struct panel_sort {
	const char *name; /* for `:sort NAME`; the list ends with NULL */
	bool descending; /* its own direction */
	int column; /* of the table, for the arrow; -1: none */
};

struct detail;

struct panel {
	const char *name, *title, *short_title, *help;
	enum subject subject; /* what its rows are */
	const char *opens; /* panel that Enter goes to, or NULL */
	const char *opens_detail; /* of its own, that Enter goes to, or NULL */
	bool explains; /* Enter asks why the selected line has its score */
	bool follows; /* starts at the last row and stays there */
	const struct panel_sort *sorts; /* the first is the default; NULL: cannot be sorted */
	/* Fills the rows, filtered and sorted. NULL: no list; moves scroll state->top, which draw
	 * bounds. */
	void (*rows)(const struct view *view, const struct panel_state *state, struct rows *rows);
	void (*draw)(struct canvas *canvas, struct area area, const struct view *view,
	    struct panel_state *state);
	/* What it can show below its rows, one at a time (detail.h); NULL-terminated, or NULL. */
	const struct detail *const *details;
	/* How bad what it shows of a service is, for the mark at its tab. NULL: it raises no alarm.
	 */
	enum severity (*alarm)(const struct service_view *service);
};

enum panel_id {
#define X(name) PANEL_##name,
#include "tui/panels.def"
#undef X
	PANEL_COUNT
};

const struct panel *panel_get(int id);
int panel_find(const char *name); /* -1: none of that name */
enum severity panel_alarm(const struct panel *panel, const struct snapshot *snapshot);
bool panel_descending(const struct panel *panel, const struct panel_state *state);

#endif
