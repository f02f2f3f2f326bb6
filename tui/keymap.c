#include "tui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/app.h"
#include "tui/app_parts.h"
#include "tui/colon.h"
#include "tui/detail.h"
#include "tui/term.h"

static const struct key keys[] = {
#define KEY(code, label, action, word, help, flags) {code, label, action, word, help, flags},
#include "tui/keys.def"
#undef KEY
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct key *
key_list(size_t *count)
{
	*count = KEYS;
	return keys;
}

const struct key *
key_find(uint32_t code)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].code == code)
			return &keys[i];
	}
	return NULL;
}

/* How a key is called in a hint: `x`, `Ctrl-X`, `a key that has no name`. */
static const char *
name_of(char dst[16], uint32_t code)
{
	char letter[4], clean[8];
	if (code > 0 && code < 27) {
		snprintf(dst, 16, "Ctrl-%c", (char)('A' + code - 1));
	} else if (code >= TERM_BASE || code < ' ') {
		text_copy(dst, 16, "that key");
	} else {
		text_scrub(clean, sizeof(clean), letter, text_encode(letter, code));
		snprintf(dst, 16, "%s", clean);
	}
	return dst;
}

static void
go_back(struct app *app)
{
	struct panel_state *state = &app->states[app->panel];
	enum follow_state follow = app->actions.follow.state;
	if (app->full)
		app->full = false;
	else if (panel_get(app->panel)->explains && app->view.asked != NULL &&
		 app->host.ask != NULL)
		app->host.ask(app->host.context, "", "", "", 0);
	else if (state->filter_text[0] != '\0')
		app_set_filter(app, "");
	else if (app->back_count > 0)
		app->panel = app->back[--app->back_count];
	else if (follow != FOLLOW_NONE && follow != FOLLOW_RUNNING)
		app->actions.follow.state = FOLLOW_NONE;
	else if (app->panel != 0)
		app_open_panel(app, 0, false);
	else
		app_hint(app, ROLE_MUTED, "this is the top; q quits");
}

static void
close_view(struct app *app)
{
	if (app->full)
		app->full = false;
	else if (app->back_count > 0)
		app->panel = app->back[--app->back_count];
	else
		app_try_quit(app);
}

static void
open_selected(struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	if (panel->opens != NULL)
		app_open_panel(app, panel_find(panel->opens), true);
	else if (panel->opens_detail != NULL)
		detail_choose(panel, &app->states[app->panel], panel->opens_detail);
	else if (panel->explains)
		app_ask(app);
	else
		app_hint(app, ROLE_MUTED, "nothing opens from here; Esc goes back");
}

static void
cycle_sort(struct app *app, int by)
{
	const struct panel *panel = panel_get(app->panel);
	struct panel_state *state = &app->states[app->panel];
	size_t count = 0;
	while (panel->sorts != NULL && panel->sorts[count].name != NULL)
		count++;
	if (count == 0) {
		app_hint(app, ROLE_MUTED, "%s has one order only", panel->title);
		return;
	}
	if (by == 0)
		state->inverted = !state->inverted;
	else
		state->inverted = false;
	state->sort = (state->sort + count + (size_t)by) % count;
	app_hint(app, ROLE_MUTED, "sorted by %s, %s", panel->sorts[state->sort].name,
	    panel_descending(panel, state) ? "highest first" : "lowest first");
}

/* True if what is shown has a cursor; by 0 sends it home. */
static bool
move_cursor(struct app *app, int by)
{
	struct panel_state *state = &app->states[app->panel];
	const struct detail *detail =
	    detail_shown(panel_get(app->panel), state, view_series(&app->view));
	if (detail == NULL || !detail->cursor)
		return false;
	state->cursor = by == 0 ? 0 : state->cursor + by;
	return true;
}

static void
cycle_detail(struct app *app, int by)
{
	if (!detail_step(
		panel_get(app->panel), &app->states[app->panel], view_series(&app->view), by))
		app_hint(app, ROLE_MUTED, "there are no details to choose from here");
}

static void
copy_selected(struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	const char *id = app->view.selected[panel->subject];
	const char *name = strchr(id, '\x1f') != NULL ? strchr(id, '\x1f') + 1 : id;
	if (name[0] == '\001') /* of a row that is no name: the score, a rate */
		name++;
	if (panel->subject == SUBJECT_NONE || name[0] == '\0' || app->host.copy == NULL) {
		app_hint(app, ROLE_MUTED, "nothing to copy here");
		return;
	}
	app->host.copy(app->host.context, name);
	app_hint(app, ROLE_MUTED, "copied: %s", name);
}

static void
open_prompt(struct app *app, enum app_mode mode, struct prompt *prompt, const char *text)
{
	app->mode = mode;
	prompt_set(prompt, text);
}

static void
move(struct app *app, enum action action)
{
	switch (action) {
	case ACTION_NEXT_MATCH:
	case ACTION_PREVIOUS_MATCH:
		app_move(app, action == ACTION_NEXT_MATCH ? 1 : -1, true);
		break;
	case ACTION_DOWN:
	case ACTION_UP:
		app_move(app, action == ACTION_DOWN ? 1 : -1, false);
		break;
	case ACTION_TOP:
	case ACTION_BOTTOM:
		app_move_to(app, action == ACTION_BOTTOM);
		break;
	case ACTION_PAGE_DOWN:
	case ACTION_PAGE_UP:
		app_move(app, action == ACTION_PAGE_DOWN ? app->page : -app->page, false);
		break;
	default:
		app_move(app, (action == ACTION_HALF_DOWN ? 1 : -1) * (app->page + 1) / 2, false);
		break;
	}
}

static void
ask_host(struct app *app, void (*what)(void *context))
{
	if (what != NULL)
		what(app->host.context);
}

/* Actions on the view and the screen. */
static void
act(struct app *app, enum action action)
{
	switch (action) {
	case ACTION_FULL:
		app->full = !app->full;
		break;
	case ACTION_SORT:
		open_prompt(app, MODE_COMMAND, &app->command, "sort ");
		break;
	case ACTION_SORT_PREVIOUS:
	case ACTION_SORT_NEXT:
		if (!move_cursor(app, action == ACTION_SORT_NEXT ? 1 : -1))
			cycle_sort(app, action == ACTION_SORT_NEXT ? 1 : -1);
		break;
	case ACTION_INVERT:
		cycle_sort(app, 0);
		break;
	case ACTION_DETAIL:
	case ACTION_DETAIL_BEFORE:
		cycle_detail(app, action == ACTION_DETAIL ? 1 : -1);
		break;
	case ACTION_CURSOR_HOME:
		if (!move_cursor(app, 0))
			app_hint(app, ROLE_MUTED, "= does nothing here");
		break;
	case ACTION_FREEZE:
		app_freeze(app);
		break;
	case ACTION_REFRESH:
		ask_host(app, app->host.refresh);
		break;
	case ACTION_REPAINT:
		ask_host(app, app->host.repaint);
		break;
	case ACTION_SUSPEND:
		ask_host(app, app->host.suspend);
		break;
	case ACTION_SYMBOLS:
		app->symbols = (enum symbols)((app->symbols + 1) % (SYMBOLS_ASCII + 1));
		break;
	case ACTION_ZONE:
		app->view.local_time = !app->view.local_time;
		break;
	case ACTION_COPY:
		copy_selected(app);
		break;
	default:
		move(app, action);
		break;
	}
}

/* Actions that go somewhere; the rest is handed on. */
static void
navigate(struct app *app, const struct key *key)
{
	switch (key->action) {
	case ACTION_HELP:
		app_open_panel(app, PANEL_help, true);
		break;
	case ACTION_COMMAND:
		open_prompt(app, MODE_COMMAND, &app->command, "");
		break;
	case ACTION_FILTER:
		open_prompt(app, MODE_FILTER, &app->filter, app->states[app->panel].filter_text);
		break;
	case ACTION_OPEN:
		open_selected(app);
		break;
	case ACTION_BACK:
		go_back(app);
		break;
	case ACTION_CLOSE:
		close_view(app);
		break;
	case ACTION_QUIT:
		app_try_quit(app);
		break;
	case ACTION_NEXT_PANEL:
		app_open_panel(app, (app->panel + 1) % PANEL_COUNT, false);
		break;
	case ACTION_PREVIOUS_PANEL:
		app_open_panel(app, (app->panel + PANEL_COUNT - 1) % PANEL_COUNT, false);
		break;
	case ACTION_PANEL:
		app_open_panel(app, (int)(key->code - '1'), false);
		break;
	case ACTION_NEXT_SERVICE:
	case ACTION_PREVIOUS_SERVICE:
		app_select_service(app, key->action == ACTION_NEXT_SERVICE ? 1 : -1);
		break;
	default:
		act(app, key->action);
		break;
	}
}

void
key_dispatch(struct app *app, uint32_t code)
{
	const struct key *key = key_find(code);
	char name[16];
	if (key == NULL) {
		app_hint(
		    app, ROLE_MUTED, "%s does nothing here; ? lists the keys", name_of(name, code));
		return;
	}
	if (key->action != ACTION_QUIT && key->action != ACTION_CLOSE)
		app->quit_asked = false;
	if (key->flags & KEY_WRITES)
		app_begin(app, key->action == ACTION_ROLLBACK ? "rollback" : "promote", NULL);
	else
		navigate(app, key);
}
