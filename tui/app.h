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

#endif
