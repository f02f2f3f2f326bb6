#include "tui/dashboard.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/priority.h"
#include "core/base/text.h"
#include "core/monitor/collector.h"
#include "tui/app.h"
#include "tui/app_parts.h"
#include "tui/command.h"
#include "tui/entry.h"
#include "tui/executor.h"

enum { FOLLOW_US = 250000 };

struct dashboard {
	struct loop *loop;
	struct app *app;
	struct term *term;
	struct canvas *canvas;
	struct collector *collector;
	struct executor *executor;
	struct theme theme;
	struct loop_watch *input;
	wall_us drawn_second; /* of the clock on the screen */
	int signal; /* that ends it; 0: none */
	bool ended;
	char told[256]; /* of checkpoints */
};

static void
on_snapshot(void *context)
{
	struct dashboard *dash = context;
	const struct snapshot *snapshot = collector_snapshot(dash->collector);
	const char *reason = snapshot->checkpoint.reason;
	app_set_snapshot(dash->app, collector_snapshot(dash->collector));
	if (strcmp(reason, dash->told) == 0)
		return;
	text_copy(dash->told, sizeof(dash->told), reason);
	if (reason[0] != '\0')
		app_hint(dash->app, ROLE_WARN, "%s", reason);
}

static void
take_size(struct dashboard *dash)
{
	int width, height;
	term_size(dash->term, &width, &height);
	if (width != dash->canvas->width || height != dash->canvas->height)
		canvas_resize(dash->canvas, width, height);
	dash->app->dirty = true;
}

static void
on_input(void *context)
{
	struct dashboard *dash = context;
	uint32_t code;
	while (!dash->app->quit && (code = term_key(dash->term)) != TERM_NONE) {
		if (code == TERM_HANGUP) {
			dash->signal = SIGHUP;
			dash->ended = true;
			return;
		}
		if (code == TERM_RESIZE)
			take_size(dash);
		else
			app_key(dash->app, code);
	}
}

static void
draw(struct dashboard *dash)
{
	app_draw(dash->app, dash->canvas);
	term_draw(dash->term, dash->canvas);
	dash->drawn_second = clock_wall() / CLOCK_SECOND;
}

static void
host_suspend(void *context)
{
	struct dashboard *dash = context;
	term_suspend(dash->term);
	term_repaint(dash->term);
	take_size(dash);
	if (dash->collector != NULL) /* what was drawn before the stop is old */
		collector_refresh(dash->collector);
}

static void
on_signal(int number, void *context)
{
	struct dashboard *dash = context;
	if (number == SIGWINCH) {
		on_input(dash); /* the terminal looks for its size there */
	} else if (number == SIGTSTP) {
		host_suspend(dash);
	} else if (number == SIGINT) {
		app_try_quit(dash->app);
		if (dash->app->quit)
			dash->signal = SIGINT;
	} else {
		dash->signal = number;
		dash->ended = true;
	}
}

static void
on_tick(void *context)
{
	struct dashboard *dash = context;
	bool dirty = dash->app->dirty;
	bool in_flight = actions_in_flight(&dash->app->actions);
	app_tick(dash->app);
	/* An unchanged screen sends nothing; only the clock's second and an action are worth a
	 * frame. */
	if (!dirty && !in_flight && clock_wall() / CLOCK_SECOND == dash->drawn_second)
		dash->app->dirty = false;
}

static void
host_refresh(void *context)
{
	struct dashboard *dash = context;
	if (dash->collector != NULL)
		collector_refresh(dash->collector);
}

static void
host_repaint(void *context)
{
	struct dashboard *dash = context;
	term_repaint(dash->term);
}

static void
host_copy(void *context, const char *text)
{
	struct dashboard *dash = context;
	term_copy(dash->term, text);
}

static bool
host_theme(void *context, const char *name, struct err *err)
{
	struct dashboard *dash = context;
	struct theme theme;
	if (!theme_load(&theme, name, err))
		return false;
	dash->theme = theme;
	term_set_theme(dash->term, &dash->theme);
	return true;
}

static bool
host_replay(void *context, const char *service, const char *other, struct err *err)
{
	struct dashboard *dash = context;
	return dash->collector != NULL && collector_replay(dash->collector, service, other, err);
}

static void
host_ask(
    void *context, const char *service, const char *version, const char *request_id, wall_us ts)
{
	struct dashboard *dash = context;
	if (dash->collector != NULL)
		collector_ask(dash->collector, service, version, request_id, ts);
}

static bool
host_ask_request(void *context, const char *request_id, struct err *err)
{
	struct dashboard *dash = context;
	return dash->collector != NULL && collector_ask_request(dash->collector, request_id, err);
}

static bool
host_catchup(void *context, bool stop, struct err *err)
{
	struct dashboard *dash = context;
	if (dash->collector == NULL)
		return false;
	return stop ? collector_catchup_stop(dash->collector, err)
		    : collector_catchup_resume(dash->collector, err);
}

static bool
set_symbols(struct app *app, const char *name, struct err *err)
{
	static const char *const names[] = {"braille", "block", "ascii"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			app->symbols = entry_utf8() ? (enum symbols)i : SYMBOLS_ASCII;
			return true;
		}
	}
	return err_set(err, ERR_USAGE, "graph `%s`: braille, block or ascii", name);
}

static bool
set_start(struct app *app, const struct dashboard_options *options, struct err *err)
{
	int panel = options->panel != NULL ? panel_find(options->panel) : 0;
	if (panel < 0)
		return err_set(err, ERR_USAGE, "no panel `%s`", options->panel);
	app->panel = panel;
	return app_set_rows(app, options->filter, options->sort, err);
}

/* What can fail before the terminal is touched. */
static bool
prepare(struct dashboard *dash, const struct config *config,
    const struct dashboard_options *options, struct err *err)
{
	const char *theme = options->theme != NULL ? options->theme : config->theme;
	if (!theme_load(&dash->theme, theme[0] != '\0' ? theme : "default", err))
		return false;
	dash->executor = executor_new(config, options->argv0);
	const struct driver driver = executor_driver(dash->executor);
	dash->app = app_new(config, &driver, options->readonly);
	dash->app->host = (struct app_host){.refresh = host_refresh,
	    .repaint = host_repaint,
	    .suspend = host_suspend,
	    .copy = host_copy,
	    .theme = host_theme,
	    .replay = host_replay,
	    .ask = host_ask,
	    .ask_request = host_ask_request,
	    .catchup = host_catchup,
	    .context = dash};
	const char *graph = options->graph != NULL ? options->graph : config->graph;
	return set_symbols(dash->app, graph[0] != '\0' ? graph : "braille", err) &&
	       set_start(dash->app, options, err);
}

static bool
open_screen(struct dashboard *dash, const struct dashboard_options *options, struct err *err)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH};
	dash->term = term_open(&dash->theme, options->color, err);
	if (dash->term == NULL)
		return false;
	mem_set_die_hook(term_emergency_restore);
	dash->loop = loop_new();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_on_signal(dash->loop, signals[i], on_signal, dash);
	dash->canvas = canvas_new(0, 0, dash->app->symbols);
	take_size(dash);
	if (term_warning(dash->term) != NULL)
		app_hint(dash->app, ROLE_WARN, "%s", term_warning(dash->term));
	draw(dash); /* the first frame comes before anything is read or asked */
	return true;
}

static void
run(struct dashboard *dash)
{
	priority_come_first();
	dash->input = loop_watch_read(dash->loop, term_input_fd(dash->term), on_input, dash);
	struct loop_timer *tick = loop_timer_add(dash->loop, FOLLOW_US, FOLLOW_US, on_tick, dash);
	while (!dash->ended && !dash->app->quit) {
		if (dash->app->dirty)
			draw(dash);
		loop_run_once(dash->loop, -1);
	}
	loop_timer_cancel(dash->loop, tick);
	loop_unwatch(dash->loop, dash->input);
}

static void
close_all(struct dashboard *dash)
{
	mem_set_die_hook(NULL);
	term_close(dash->term);
	collector_free(dash->collector);
	canvas_free(dash->canvas);
	app_free(dash->app);
	executor_free(dash->executor);
	loop_free(dash->loop);
}

int
dashboard_run(const struct config *config, const struct dashboard_options *options)
{
	struct dashboard dash = {0};
	struct err err = {0};
	bool good = prepare(&dash, config, options, &err) && open_screen(&dash, options, &err);
	if (good) {
		dash.collector = collector_new(dash.loop, config, &err);
		good = dash.collector != NULL;
	}
	if (good) {
		collector_newest_first(dash.collector);
		collector_on_snapshot(dash.collector, on_snapshot, &dash);
		on_snapshot(&dash);
		run(&dash);
	}
	close_all(&dash);
	if (!good)
		return command_fail(&err);
	return dash.signal != 0 ? 128 + dash.signal : 0;
}
