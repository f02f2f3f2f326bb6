/* keymap.h: what keys do. keys.def is the one list; dispatch, the help panel, the footer and the
 * man page come from it. */
#ifndef FRAUDTOP_TUI_KEYMAP_H
#define FRAUDTOP_TUI_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

struct app;

enum action {
	ACTION_HELP,
	ACTION_COMMAND,
	ACTION_FILTER,
	ACTION_NEXT_MATCH,
	ACTION_PREVIOUS_MATCH,
	ACTION_DOWN,
	ACTION_UP,
	ACTION_TOP,
	ACTION_BOTTOM,
	ACTION_PAGE_DOWN,
	ACTION_PAGE_UP,
	ACTION_HALF_DOWN,
	ACTION_HALF_UP,
	ACTION_NEXT_SERVICE,
	ACTION_PREVIOUS_SERVICE,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_CLOSE,
	ACTION_QUIT,
	ACTION_NEXT_PANEL,
	ACTION_PREVIOUS_PANEL,
	ACTION_PANEL,
	ACTION_FULL,
	ACTION_SORT,
	ACTION_SORT_PREVIOUS,
	ACTION_SORT_NEXT,
	ACTION_INVERT,
	ACTION_DETAIL,
	ACTION_DETAIL_BEFORE,
	ACTION_CURSOR_HOME,
	ACTION_FREEZE,
	ACTION_REFRESH,
	ACTION_REPAINT,
	ACTION_SYMBOLS,
	ACTION_ZONE,
	ACTION_COPY,
	ACTION_SUSPEND,
	ACTION_ROLLBACK,
	ACTION_PROMOTE
};

enum key_flags {
	KEY_FOOTER = 1, /* shown in the footer */
	KEY_WRITES = 2, /* leads to a write: goes through actions.c, never anywhere else */
	KEY_CONFIRM = 4 /* acts only after the model's name was typed */
};

struct key {
	uint32_t code;
	const char *label;
	enum action action;
	const char *word; /* for the footer, or "" */
	const char *help;
	unsigned flags;
};

const struct key *key_list(size_t *count);
const struct key *key_find(uint32_t code); /* NULL: the key does nothing */
/* Does what a key without a prompt open does; an unknown key gives a hint. */
void key_dispatch(struct app *app, uint32_t code);

#endif
