#include "tui/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/app_parts.h"
#include "tui/colon.h"
#include "tui/keymap.h"
#include "tui/term.h"

struct app *
app_new(const struct config *config, const struct driver *driver, bool readonly)
{
	struct app *app = mem_alloc(sizeof(*app));
	app->config = config;
	if (driver != NULL)
		app->actions.driver = *driver;
	app->actions.forbidden = readonly || (config != NULL && config->readonly);
	app->view.config = config;
	app->view.maturity = config != NULL ? config->maturity : 0.8;
	app->newest = snapshot_new();
	app->shown = snapshot_hold(app->newest);
	app->view.snapshot = app->shown;
	app->view.now = clock_wall();
	app->page = 10;
	for (int i = 0; i < PANEL_COUNT; i++)
		app->states[i].follow = panel_get(i)->follows;
	return app;
}

void
app_free(struct app *app)
{
	if (app == NULL)
		return;
	for (int i = 0; i < PANEL_COUNT; i++)
		filter_free(app->states[i].filter);
	actions_free(&app->actions);
	snapshot_free(app->newest);
	snapshot_free(app->shown);
	free(app);
}

/* A subject of which nothing was selected yet gets its first row. */
static void
select_first(struct app *app)
{
	for (int i = 0; i < PANEL_COUNT; i++) {
		const struct panel *panel = panel_get(i);
		struct rows rows = {0};
		if (panel->rows == NULL || app->view.selected[panel->subject][0] != '\0')
			continue;
		panel->rows(&app->view, &app->states[i], &rows);
		if (rows.count > 0)
			text_copy(app->view.selected[panel->subject], VIEW_ID,
			    rows.list[panel->follows ? rows.count - 1 : 0].id);
		rows_free(&rows);
	}
}

static void
show_newest(struct app *app)
{
	snapshot_free(app->shown);
	app->shown = snapshot_hold(app->newest);
	app->view.snapshot = app->shown;
	select_first(app);
	if (app->states[app->panel].follow)
		app_move_to(app, true);
}

void
app_set_snapshot(struct app *app, struct snapshot *snapshot)
{
	struct snapshot *old = app->newest;
	app->newest = snapshot_hold(snapshot);
	snapshot_free(old);
	app->view.asked = app->newest->asked;
	if (!app->view.frozen)
		show_newest(app);
	app->dirty = true;
}

void
app_freeze(struct app *app)
{
	app->view.frozen = !app->view.frozen;
	if (!app->view.frozen)
		show_newest(app);
	app_hint(
	    app, ROLE_MUTED, app->view.frozen ? "frozen; sampling goes on, Z resumes" : "live");
}

void
app_hint(struct app *app, enum role role, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(app->hint, sizeof(app->hint), format, args);
	va_end(args);
	app->hint_role = role;
	app->dirty = true;
}

struct actions_scene
app_scene(const struct app *app)
{
	return (struct actions_scene){.newest = app->newest, .frozen = app->view.frozen};
}

void
app_open_panel(struct app *app, int panel, bool remember)
{
	if (panel < 0 || panel >= PANEL_COUNT || panel == app->panel)
		return;
	if (remember) {
		if (app->back_count == APP_BACK)
			memmove(app->back, app->back + 1, sizeof(app->back[0]) * (APP_BACK - 1));
		else
			app->back_count++;
		app->back[app->back_count - 1] = app->panel;
	} else {
		app->back_count = 0;
	}
	app->panel = panel;
	app->quit_asked = false;
	select_first(app);
	if (app->states[panel].follow)
		app_move_to(app, true);
}

static void
select_row(struct app *app, const struct rows *rows, size_t at)
{
	const struct panel *panel = panel_get(app->panel);
	text_copy(app->view.selected[panel->subject], VIEW_ID, rows->list[at].id);
	app->states[app->panel].follow = panel->follows && at + 1 == rows->count;
}

void
app_move(struct app *app, int by, bool wrap)
{
	const struct panel *panel = panel_get(app->panel);
	struct rows rows = {0};
	if (panel->rows == NULL) {
		int top = app->states[app->panel].top + by;
		app->states[app->panel].top = top > 0 ? top : 0;
		return;
	}
	panel->rows(&app->view, &app->states[app->panel], &rows);
	int count = (int)rows.count;
	int at = rows_find(&rows, app->view.selected[panel->subject]);
	if (count > 0) {
		int next = at < 0 ? (by < 0 ? count - 1 : 0) : at + by;
		if (wrap)
			next = (next % count + count) % count;
		select_row(app, &rows, (size_t)(next < 0 ? 0 : next >= count ? count - 1 : next));
	}
	rows_free(&rows);
}

void
app_move_to(struct app *app, bool last)
{
	const struct panel *panel = panel_get(app->panel);
	struct rows rows = {0};
	if (panel->rows == NULL) {
		app->states[app->panel].top = last ? 1 << 20 : 0;
		return;
	}
	panel->rows(&app->view, &app->states[app->panel], &rows);
	if (rows.count > 0)
		select_row(app, &rows, last ? rows.count - 1 : 0);
	app->states[app->panel].follow = panel->follows && last;
	rows_free(&rows);
}

void
app_ask(struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	struct rows rows = {0};
	panel->rows(&app->view, &app->states[app->panel], &rows);
	int at = rows_find(&rows, app->view.selected[panel->subject]);
	const struct line_view *line = at >= 0 ? rows.list[at].item : NULL;
	if (line == NULL)
		app_hint(app, ROLE_MUTED, "no line is selected");
	else if (line->rejected || line->failed)
		app_hint(app, ROLE_MUTED, "this line has no score to explain");
	else if (app->host.ask != NULL) {
		app->states[app->panel].follow = false; /* the line asked about stays marked */
		app->host.ask(
		    app->host.context, line->service, line->version, line->request_id, line->ts);
	}
	rows_free(&rows);
}

void
app_select_service(struct app *app, int by)
{
	const struct snapshot *snapshot = app->view.snapshot;
	int count = (int)snapshot->services_count, at = -1;
	for (int i = 0; i < count; i++) {
		if (strcmp(snapshot->services[i].name, app->view.selected[SUBJECT_SERVICE]) == 0)
			at = i;
	}
	if (count == 0)
		return;
	at = at < 0 ? 0 : ((at + by) % count + count) % count;
	text_copy(app->view.selected[SUBJECT_SERVICE], VIEW_ID, snapshot->services[at].name);
	app_hint(app, ROLE_MUTED, "service %s", snapshot->services[at].name);
}

/* The operator hid what was selected: the first row that is left takes its place. */
static void
select_shown(struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	struct rows rows = {0};
	if (panel->rows == NULL)
		return;
	panel->rows(&app->view, &app->states[app->panel], &rows);
	if (rows.count > 0 && rows_find(&rows, app->view.selected[panel->subject]) < 0)
		select_row(app, &rows, 0);
	rows_free(&rows);
}

void
app_set_filter(struct app *app, const char *text)
{
	struct panel_state *state = &app->states[app->panel];
	struct filter *filter = NULL;
	struct err err = {0};
	bool empty = text[0] == '\0' || strcmp(text, "!") == 0;
	if (!empty && (filter = filter_new(text, &err)) == NULL) {
		app_hint(app, ROLE_WARN, "%s", err.text); /* the one before stays */
		return;
	}
	filter_free(state->filter);
	state->filter = filter;
	text_copy(state->filter_text, sizeof(state->filter_text), empty ? "" : text);
	app->hint[0] = '\0';
	if (state->follow)
		app_move_to(app, true);
	else
		select_shown(app);
}

bool
app_set_sort(struct app *app, const char *name, struct err *err)
{
	const struct panel *panel = panel_get(app->panel);
	struct panel_state *state = &app->states[app->panel];
	if (panel->sorts == NULL)
		return err_set(err, ERR_USAGE, "%s has one order only", panel->title);
	for (size_t i = 0; panel->sorts[i].name != NULL; i++) {
		if (strcmp(panel->sorts[i].name, name) == 0) {
			state->inverted = state->sort == i && !state->inverted;
			state->sort = i;
			app_hint(app, ROLE_MUTED, "sorted by %s, %s", name,
			    panel_descending(panel, state) ? "highest first" : "lowest first");
			return true;
		}
	}
	char names[256] = "";
	for (size_t i = 0; panel->sorts[i].name != NULL; i++)
		text_append(names, sizeof(names), "%s%s", i > 0 ? ", " : "", panel->sorts[i].name);
	return err_set(
	    err, ERR_USAGE, "%s cannot be sorted by `%s`, but by %s", panel->title, name, names);
}

bool
app_set_rows(struct app *app, const char *text, const char *sort, struct err *err)
{
	struct panel_state *state = &app->states[app->panel];
	if (text != NULL) {
		struct filter *filter = filter_new(text, err);
		if (filter == NULL)
			return err_prefix(err, "--filter");
		filter_free(filter);
		app_set_filter(app, text);
	}
	if (sort != NULL) {
		if (!app_set_sort(app, sort, err))
			return err_prefix(err, "--sort");
		state->inverted = false; /* a name given at the start is no second press */
	}
	app->hint[0] = '\0';
	return true;
}

void
app_try_quit(struct app *app)
{
	if (!actions_in_flight(&app->actions) || app->quit_asked) {
		app->quit = true;
		return;
	}
	app->quit_asked = true;
	app_hint(app, ROLE_WARN,
	    "%s %s is in flight; it goes on without the screen. Again, or :q!, quits",
	    app->actions.follow.operation, app->actions.follow.title);
}

void
app_tick(struct app *app)
{
	int64_t left;
	struct actions *actions = &app->actions;
	if (actions->armed_until > 0 && !actions_armed(actions, app->newest, &left)) {
		actions->armed_until = 0;
		app_hint(app, ROLE_MUTED, "armed no more");
	}
	actions_follow(actions);
	app->dirty = true;
}
