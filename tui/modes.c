/* modes.c: keys while something is asked: the command line, the filter, the reason for arming, the
 * action sheet. Enter on the sheet is the one place that confirms; Esc leaves each of them. */
#include <string.h>

#include "core/base/text.h"
#include "tui/app.h"
#include "tui/app_parts.h"
#include "tui/colon.h"
#include "tui/keymap.h"
#include "tui/term.h"

/* True if the key changed the prompt. */
static bool
edit(struct prompt *prompt, uint32_t code)
{
	static const struct {
		uint32_t code;
		enum prompt_key key;
	} edits[] = {{TERM_LEFT, PROMPT_LEFT}, {TERM_RIGHT, PROMPT_RIGHT}, {TERM_HOME, PROMPT_HOME},
	    {TERM_END, PROMPT_END}, {TERM_BACKSPACE, PROMPT_BACKSPACE}, {8, PROMPT_BACKSPACE},
	    {127, PROMPT_BACKSPACE}, {TERM_DELETE, PROMPT_DELETE}, {21, PROMPT_KILL_LINE},
	    {23, PROMPT_KILL_WORD}, {TERM_UP, PROMPT_UP}, {TERM_DOWN, PROMPT_DOWN}};
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		if (edits[i].code == code) {
			prompt_key(prompt, edits[i].key);
			return true;
		}
	}
	if (code < ' ' || code >= TERM_BASE)
		return false;
	prompt_insert(prompt, code);
	return true;
}

static void
key_command(struct app *app, uint32_t code)
{
	char line[PROMPT_MAX];
	struct err err = {0};
	if (code == TERM_ESCAPE) {
		app->mode = MODE_NORMAL;
	} else if (code == TERM_TAB) {
		text_copy(line, sizeof(line), app->command.text);
		colon_complete(app, line, sizeof(line));
		prompt_set(&app->command, line);
	} else if (code == TERM_ENTER) {
		text_copy(line, sizeof(line), app->command.text);
		prompt_remember(&app->command);
		app->mode = MODE_NORMAL; /* a command may open another */
		if (!colon_run(app, line, &err))
			app_hint(app, ROLE_WARN, "%s", err.text);
	} else {
		edit(&app->command, code);
	}
}

static void
key_filter(struct app *app, uint32_t code)
{
	if (code == TERM_ESCAPE) {
		app->mode = MODE_NORMAL;
		app_set_filter(app, "");
	} else if (code == TERM_ENTER) {
		app->mode = MODE_NORMAL;
		app_set_filter(app, app->filter.text);
		prompt_remember(&app->filter);
	} else if (edit(&app->filter, code)) {
		app_set_filter(app, app->filter.text);
	}
}

static void
key_reason(struct app *app, uint32_t code)
{
	struct actions_scene scene = app_scene(app);
	struct err err = {0};
	if (code == TERM_ESCAPE) {
		app->mode = MODE_NORMAL;
		app_hint(app, ROLE_MUTED, "not armed");
		return;
	}
	if (code != TERM_ENTER) {
		edit(&app->reason, code);
		return;
	}
	if (!actions_arm(&app->actions, &scene, ACTIONS_ARM_US, app->reason.text, &err)) {
		app_hint(app, ROLE_WARN, "%s", err.text);
		return;
	}
	prompt_remember(&app->reason);
	app_open_sheet(app, &app->actions.wish);
}

static void
key_sheet(struct app *app, uint32_t code)
{
	struct sheet *sheet = &app->actions.sheet;
	struct actions_scene scene = app_scene(app);
	struct err err = {0};
	if (code == TERM_ESCAPE) {
		actions_close(&app->actions);
		app->mode = MODE_NORMAL;
		app_hint(app, ROLE_MUTED, "nothing was changed");
	} else if (code == TERM_ENTER) {
		if (actions_confirm(&app->actions, &scene, &err))
			app->mode = MODE_NORMAL;
	} else if (sheet->ready && edit(&sheet->name, code)) {
		sheet->refused[0] = '\0';
	}
}

void
app_key(struct app *app, uint32_t code)
{
	static void (*const modes[])(struct app * app, uint32_t code) = {
	    [MODE_NORMAL] = key_dispatch,
	    [MODE_COMMAND] = key_command,
	    [MODE_FILTER] = key_filter,
	    [MODE_REASON] = key_reason,
	    [MODE_SHEET] = key_sheet,
	};
	if (code == TERM_NONE || code == TERM_RESIZE)
		return;
	app->dirty = true;
	app->hint[0] = '\0';
	const struct key *key = key_find(code);
	if (app->mode != MODE_NORMAL && key != NULL &&
	    (key->action == ACTION_QUIT || key->action == ACTION_SUSPEND ||
		key->action == ACTION_REPAINT)) {
		key_dispatch(app, code);
		return;
	}
	modes[app->mode](app, code);
	/* The sheet may have gone from under the mode: by :disarm there is none to return to. */
	if (app->mode == MODE_SHEET && !app->actions.sheet.open)
		app->mode = MODE_NORMAL;
}
