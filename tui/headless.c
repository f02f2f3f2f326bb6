#include "tui/headless.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/monitor/collector.h"
#include "tui/app.h"
#include "tui/json.h"
#include "tui/words.h"

enum { ACTIONS_SHOWN = 20, TEXT_WIDTH = 120, TEXT_HEIGHT = 40 };

struct headless {
	const struct config *config;
	const struct headless_options *options;
	struct loop *loop;
	struct collector *collector;
	struct app *app; /* what the screen would be */
	int signal;
	bool failed; /* stdout is gone */
};

static void
signalled(int number, void *context)
{
	((struct headless *)context)->signal = number;
}

/* The newest rows of the audit log, if there is one. A reader makes no files. */
static struct audit_row *
read_actions(size_t *count, size_t *first)
{
	struct audit_row *rows = NULL;
	struct audit *audit = audit_open_read(NULL, NULL);
	*count = *first = 0;
	if (audit != NULL && audit_rows(audit, 0, NULL, &rows, count, NULL))
		*first = *count > ACTIONS_SHOWN ? *count - ACTIONS_SHOWN : 0;
	audit_close(audit);
	return rows;
}

static void
write_json(const struct snapshot *snapshot, bool pretty, struct buf *out)
{
	size_t count, first;
	struct audit_row *rows = read_actions(&count, &first);
	json_snapshot(snapshot, rows != NULL ? rows + first : NULL, count - first, pretty, out);
	free(rows);
}

/* The same panel as on the screen, on a canvas that no terminal sees. */
static void
write_text(const struct headless *headless, struct buf *out)
{
	const char *columns = getenv("COLUMNS"), *lines = getenv("LINES");
	int width = columns != NULL && atoi(columns) > 0 ? atoi(columns) : TEXT_WIDTH;
	int height = lines != NULL && atoi(lines) > 0 ? atoi(lines) : TEXT_HEIGHT;
	struct canvas *canvas = canvas_new(width < 400 ? width : 400, height < 400 ? height : 400,
	    headless->options->ascii ? SYMBOLS_ASCII : SYMBOLS_BRAILLE);
	app_draw(headless->app, canvas);
	canvas_dump(canvas, false, out);
	canvas_free(canvas);
}

static void
put_plain(struct buf *out, const char *name, const struct metric *metric, double scale,
    const char *unit, int decimals)
{
	if (metric_known(metric))
		buf_printf(out, ", %s %.*f%s%s", name, decimals, metric->value * scale, unit,
		    metric->state == METRIC_OK	    ? ""
		    : metric->state == METRIC_STALE ? " (as last known)"
						    : " (not yet sure)");
	else
		buf_printf(out, ", %s unknown", name);
}

/* How sure the figures are, and what else is wrong. */
static void
put_judged(struct buf *out, const struct view *view, const struct series_view *series)
{
	static const char *const names[] = {
	    [SEVERITY_WARNING] = "warning", [SEVERITY_CRITICAL] = "critical"};
	const struct estimate_view *estimated = &series->estimated;
	struct words words[WORDS_MOST + 1];
	put_plain(out, "labels in", &series->quality.maturity, 100, " %", 0);
	if (metric_known(&series->quality.maturity) && !series->quality.mature)
		buf_puts(out, " (too few to judge)");
	if (series->quality.sample > 1)
		buf_printf(out, " (of 1 in %u predictions)", series->quality.sample);
	if (estimated->n > 0 && estimated->muted)
		buf_printf(out, ", no estimate (%s)", estimated->assumption);
	else if (estimated->n > 0) {
		put_plain(out, "estimated precision", &estimated->precision, 100, " %", 1);
		put_plain(out, "estimated recall", &estimated->recall, 100, " %", 1);
		buf_printf(out, " (%s)",
		    estimated->assumption[0] != '\0' ? estimated->assumption
						     : "if fraud behaves as it did");
	}
	size_t first = words_of_drift(series, &words[0]);
	size_t count = first + words_of_series(view, series, words + first);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "; %s: %s", names[words[i].severity], words[i].text);
}

static void
write_sentence(
    const struct view *view, const struct service_view *service, const char *time, struct buf *out)
{
	buf_printf(out, "%s %s: %s", time, service->name, snapshot_state_name(service->state));
	if (service->reason[0] != '\0')
		buf_printf(out, " (%s)", service->reason);
	buf_printf(out, ", version %s", service->version[0] != '\0' ? service->version : "unknown");
	put_plain(out, "requests", &service->rps, 1, "/s", 1);
	put_plain(out, "errors", &service->error_rate, 100, " %", 2);
	put_plain(out, "p99", &service->p99_ms, 1, " ms", 1);
	if (service->current != NULL) {
		put_plain(out, "worst drift PSI", &service->current->worst_psi, 1, "", 2);
		put_plain(out, "precision", &service->current->quality.precision, 100, " %", 1);
		put_plain(out, "recall", &service->current->quality.recall, 100, " %", 1);
		put_judged(out, view, service->current);
	}
	buf_puts(out, "\n");
}

/* One line a service, in words, for a screen reader or a log. */
static void
write_plain(const struct headless *headless, const struct snapshot *snapshot, struct buf *out)
{
	char time[32];
	const struct app *app = headless->app;
	struct rows rows = {0};
	clock_format(time, sizeof(time), snapshot->made_at);
	panel_get(app->panel)->rows(&app->view, &app->states[app->panel], &rows);
	for (size_t i = 0; i < rows.count; i++)
		write_sentence(&app->view, rows.list[i].item, time, out);
	rows_free(&rows);
	if (snapshot->services_count == 0)
		buf_printf(out, "%s no service is configured\n", time);
}

static void
print_frame(struct headless *headless)
{
	struct buf out = {0};
	struct snapshot *snapshot = collector_snapshot(headless->collector);
	app_set_snapshot(headless->app, snapshot);
	switch (headless->options->format) {
	case HEADLESS_JSON:
		write_json(snapshot, headless->options->pretty, &out);
		break;
	case HEADLESS_PLAIN:
		write_plain(headless, snapshot, &out);
		break;
	case HEADLESS_TEXT:
		write_text(headless, &out);
		break;
	}
	if (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0)
		headless->failed = true;
	buf_free(&out);
}

static void
wait_until(struct headless *headless, mono_us end)
{
	for (mono_us now = clock_mono(); now < end && headless->signal == 0; now = clock_mono())
		loop_run_once(headless->loop, end - now < 100000 ? end - now : 100000);
}

/* A single frame is of all that is written to standard input. */
static void
wait_caught_up(struct headless *headless)
{
	bool whole = headless->options->iterations == 1;
	while ((!collector_caught_up(headless->collector) ||
		   (whole && collector_input_open(headless->collector))) &&
	       headless->signal == 0)
		loop_run_once(headless->loop, 100000);
}

static void
run(struct headless *headless)
{
	const struct headless_options *options = headless->options;
	if (options->after_us > 0)
		wait_until(headless, clock_mono() + options->after_us);
	else
		wait_caught_up(headless);
	for (long i = 0; headless->signal == 0 && !headless->failed &&
			 (options->iterations == 0 || i < options->iterations);
	     i++) {
		if (i > 0)
			wait_until(headless, clock_mono() + options->delay_us);
		collector_registry_refresh(headless->collector);
		collector_update(headless->collector);
		print_frame(headless);
	}
}

static bool
begin(struct headless *headless, struct err *err)
{
	const struct headless_options *options = headless->options;
	if (options->format == HEADLESS_JSON && (options->filter != NULL || options->sort != NULL))
		return err_set(err, ERR_USAGE,
		    "--filter and --sort choose the rows of text; --json has all of them");
	headless->app = app_new(headless->config, NULL, true);
	if (options->ascii)
		headless->app->symbols = SYMBOLS_ASCII;
	if (!app_set_rows(headless->app, options->filter, options->sort, err))
		return false;
	headless->collector = collector_new(headless->loop, headless->config, err);
	return headless->collector != NULL;
}

int
headless_run(const struct config *config, const struct headless_options *options)
{
	struct err err = {0};
	struct headless headless = {.config = config, .options = options, .loop = loop_new()};
	loop_on_signal(headless.loop, SIGINT, signalled, &headless);
	loop_on_signal(headless.loop, SIGTERM, signalled, &headless);
	int code = 0;
	if (!begin(&headless, &err)) {
		fprintf(stderr, "fraudtop: %s\n", err.text);
		code = err.code;
	} else {
		run(&headless);
		code = headless.signal != 0 ? 128 + headless.signal : headless.failed ? ERR_IO : 0;
	}
	app_free(headless.app);
	collector_free(headless.collector);
	loop_free(headless.loop);
	return code;
}
