/* app.h: the dashboard without a terminal: state, keys in, a canvas out. dashboard.c joins it to
 * the terminal and the collector; tests drive it by hand.
 *
 * The app holds two snapshots: the newest, on which actions are judged, and the one shown, which
 * stands still while the view is frozen. */
#ifndef FRAUDTOP_TUI_APP_H
#define FRAUDTOP_TUI_APP_H

#include "core/config/config.h"
#include "tui/actions.h"
#include "tui/panel.h"

enum app_mode { MODE_NORMAL, MODE_COMMAND, MODE_FILTER, MODE_REASON, MODE_SHEET };

enum { APP_BACK = 16 };

/* What the app asks of whoever runs it; any may be NULL. */
struct app_host {
	void (*refresh)(void *context);
	void (*repaint)(void *context);
	void (*suspend)(void *context);
	void (*copy)(void *context, const char *text);
	bool (*theme)(void *context, const char *name, struct err *err);
	/* As collector_replay, collector_ask and collector_ask_request. */
	bool (*replay)(void *context, const char *service, const char *other, struct err *err);
	void (*ask)(void *context, const char *service, const char *version, const char *request_id,
	    wall_us ts);
	bool (*ask_request)(void *context, const char *request_id, struct err *err);
	/* Stops catching up, or goes on with it. */
	bool (*catchup)(void *context, bool stop, struct err *err);
	void *context;
};

struct app {
	const struct config *config; /* NULL: defaults */
	struct app_host host;
	struct view view;
	enum symbols symbols;
	struct panel_state states[PANEL_COUNT];
	int panel, back[APP_BACK], back_count;
	enum app_mode mode;
	struct prompt command, filter, reason;
	char hint[256];
	enum role hint_role;
	struct snapshot *newest, *shown; /* each held */
	struct actions actions;
	int page; /* rows of the panel as last drawn */
	bool full, quit, quit_asked, dirty;
};

/* config NULL: all defaults. driver: what carries actions out. */
struct app *app_new(const struct config *config, const struct driver *driver, bool readonly);
void app_free(struct app *app); /* NULL is fine */
/* Takes a hold of its own. */
void app_set_snapshot(struct app *app, struct snapshot *snapshot);
void app_key(struct app *app, uint32_t code); /* as of term_key */
/* Which rows the panel shows, as --filter and --sort say; NULL: as they were. */
bool app_set_rows(struct app *app, const char *filter, const char *sort, struct err *err);
void app_draw(struct app *app, struct canvas *canvas);
/* To be called a few times a second: countdowns end, actions in flight are followed. */
void app_tick(struct app *app);

/* For keymap.c, begin.c, modes.c, colon.c and layout.c. */
void app_hint(struct app *app, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void app_open_panel(struct app *app, int panel, bool remember);
void app_move(struct app *app, int by, bool wrap);
void app_move_to(struct app *app, bool last);
void app_select_service(struct app *app, int by);
/* Asks why the selected line has its score. */
void app_ask(struct app *app);
void app_freeze(struct app *app);
void app_set_filter(struct app *app, const char *text); /* "" clears */
bool app_set_sort(struct app *app, const char *name, struct err *err);
void app_try_quit(struct app *app);
struct actions_scene app_scene(const struct app *app);
/* Does this panel show whose model R and P would move? */
bool app_can_begin(const struct app *app);
/* Opens the action sheet on a wish, or says why not. */
void app_open_sheet(struct app *app, const struct actions_wish *wish);
/* Begins a rollback or promote of what is selected; version NULL: as the panel says. */
void app_begin(struct app *app, const char *operation, const char *version);

#endif
