/* prompt.h: a line that the operator edits: insert, delete, move, Ctrl-U, Ctrl-W, history up and
 * down. */
#ifndef FRAUDTOP_WIDGETS_PROMPT_H
#define FRAUDTOP_WIDGETS_PROMPT_H

#include "widgets/canvas.h"

#define PROMPT_MAX 256
#define PROMPT_HISTORY 32

struct prompt {
	char text[PROMPT_MAX]; /* valid UTF-8 */
	size_t cursor; /* byte offset, at a character's start */
	char history[PROMPT_HISTORY][PROMPT_MAX];
	int history_count, history_at;
	char draft[PROMPT_MAX]; /* the line being typed while history is looked through */
};

enum prompt_key {
	PROMPT_LEFT,
	PROMPT_RIGHT,
	PROMPT_HOME,
	PROMPT_END,
	PROMPT_BACKSPACE,
	PROMPT_DELETE,
	PROMPT_KILL_LINE,
	PROMPT_KILL_WORD,
	PROMPT_UP,
	PROMPT_DOWN
};

void prompt_set(struct prompt *prompt, const char *text);
void prompt_insert(struct prompt *prompt, uint32_t code); /* controls are passed over */
void prompt_key(struct prompt *prompt, enum prompt_key key);
void prompt_remember(struct prompt *prompt); /* puts the text into the history and empties it */
/* Draws label and text with a visible cursor cell. */
void prompt_draw(struct canvas *canvas, struct area area, int x, int y, const char *label,
    const struct prompt *prompt);

#endif
