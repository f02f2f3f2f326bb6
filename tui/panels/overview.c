/* overview.c: one row a service, then what is known of the selected one, then what changed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "tui/words.h"
#include "widgets/graph.h"
#include "widgets/spark.h"
#include "widgets/table.h"

enum column {
	SERVICE,
	STATE,
	VERSION,
	RPS,
	ERRORS,
	P50,
	P95,
	P99,
	CURVE,
	DRIFT,
	PRECISION,
	RECALL,
	AGE,
	COLUMNS
};

enum { WIDE = 118, LINES_MAX = 512 };

/* Rows as drawn: a service, or the reason below it. */
struct lines {
	const struct service_view *service[LINES_MAX];
	bool reason[LINES_MAX];
	size_t count;
	bool wide;
	const struct view *view;
};

static const struct panel_sort sorts[] = {
    {"configured", false, -1},
    {"name", false, SERVICE},
    {"state", true, STATE},
    {"rate", true, RPS},
    {"errors", true, ERRORS},
    {"p99", true, P99},
    {"drift", true, DRIFT},
    {"precision", false, PRECISION},
    {"recall", false, RECALL},
    {"age", true, AGE},
    {NULL, false, 0},
};

static double
sort_key(const struct service_view *service, int column, size_t at)
{
	const struct series_view *series = service->current;
	switch (column) {
	case -1:
		return (double)at;
	case STATE:
		return service->state;
	case RPS:
		return metric_or_nan(&service->rps);
	case ERRORS:
		return metric_or_nan(&service->error_rate);
	case P99:
		return metric_or_nan(&service->p99_ms);
	case DRIFT:
		return series == NULL ? NAN : metric_or_nan(&series->worst_psi);
	case PRECISION:
		return series == NULL ? NAN : metric_or_nan(&series->quality.precision);
	case RECALL:
		return series == NULL ? NAN : metric_or_nan(&series->quality.recall);
	case AGE:
		return metric_or_nan(&service->age_s);
	default:
		return NAN;
	}
}

static void
list_services(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	const struct snapshot *snapshot = view->snapshot;
	for (size_t i = 0; i < snapshot->services_count; i++) {
		const struct service_view *service = &snapshot->services[i];
		char text[4 * SNAPSHOT_NAME];
		snprintf(text, sizeof(text), "%s %s %s %s", service->name,
		    snapshot_state_name(service->state), service->version, service->model);
		rows_add(rows, state->filter, text, service->name, service,
		    sort_key(service, sorts[state->sort].column, i), service->name);
	}
	rows_sort(rows, sorts[state->sort].descending != state->inverted);
}

/* The series of the row, or one in which everything is unknown. */
static void
draw_judged(struct canvas *canvas, struct area area, const struct series_view *series,
    enum column column, bool wide)
{
	int marks = wide ? 3 : 2;
	struct metric none = metric_none();
	const struct metric *metric = &none;
	struct figure_style style = {.scale = 100, .decimals = 1, .marks = marks, .interval = wide};
	if (column == DRIFT) {
		style = (struct figure_style){.decimals = 2, .marks = marks};
		if (series != NULL) {
			metric = &series->worst_psi;
			style.severity = series->drift_severity;
			style.mark = parts_drift_alarm(series);
		}
	} else if (series != NULL) {
		metric = column == PRECISION ? &series->quality.precision : &series->quality.recall;
		style.severity =
		    column == PRECISION ? series->precision_severity : series->recall_severity;
		style.immature = !series->quality.mature;
	}
	figure_draw(canvas, area, metric, style);
}

/* All rows have one scale, so that they can be compared: up to the limit, or beyond it if one is.
 */
static void
draw_curve(struct canvas *canvas, struct area area, const struct view *view,
    const struct service_view *service)
{
	double top = view->config != NULL ? view->config->p99_warning_ms : 200;
	for (size_t i = 0; i < service->curve_points; i++)
		top = fmax(top, service->p99_curve[i]);
	spark_draw(canvas, area, service->state == SERVICE_DOWN ? ROLE_STALE : ROLE_GRAPH1,
	    service->p99_curve, service->curve_points, top);
}

/* Rate, errors and latency: of all versions. */
static void
draw_traffic(struct canvas *canvas, struct area area, const struct service_view *service,
    enum column column, int marks)
{
	const struct series_view *all = service->all;
	const struct metric *metric = column == RPS	 ? &service->rps
				      : column == ERRORS ? &service->error_rate
				      : column == P50	 ? &service->p50_ms
				      : column == P95	 ? &service->p95_ms
							 : &service->p99_ms;
	struct figure_style style = {.decimals = 1};
	if (column == ERRORS)
		style = (struct figure_style){.scale = 100,
		    .decimals = 2,
		    .marks = marks,
		    .severity = all != NULL ? all->error_severity : SEVERITY_OK};
	else if (column == P99)
		style = (struct figure_style){.decimals = 1,
		    .marks = marks,
		    .severity = all != NULL ? all->latency_severity : SEVERITY_OK};
	figure_draw(canvas, area, metric, style);
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct lines *lines = context;
	const struct service_view *service = lines->service[row];
	char text[FIGURE_SIZE];
	if (lines->reason[row]) {
		area.width = canvas->width - area.x;
		if (column == SERVICE)
			canvas_printf(canvas, area, 1, 0, figure_state_role(service->state),
			    "%s %s", figure_sign(canvas, SIGN_CORNER), service->reason);
		return;
	}
	switch ((enum column)column) {
	case SERVICE:
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, service->name);
		break;
	case STATE:
		canvas_text(canvas, area, 0, 0, figure_state_role(service->state),
		    snapshot_state_name(service->state));
		break;
	case VERSION:
		canvas_text(canvas, area, 0, 0,
		    service->version[0] != '\0' ? ROLE_DEFAULT : ROLE_MUTED,
		    service->version[0] != '\0' ? service->version : "-");
		break;
	case RPS:
	case ERRORS:
	case P50:
	case P95:
	case P99:
		draw_traffic(canvas, area, service, (enum column)column, lines->wide ? 3 : 2);
		break;
	case CURVE:
		draw_curve(canvas, area, lines->view, service);
		break;
	case AGE:
		canvas_text_right(canvas, area, area.width, 0,
		    figure_role(&service->age_s, SEVERITY_OK), figure_age(text, &service->age_s));
		break;
	default:
		draw_judged(canvas, area, service->current, (enum column)column, lines->wide);
		break;
	}
}

static void
set_columns(struct table_column columns[COLUMNS], const struct snapshot *snapshot, int room,
    const char *curve)
{
	bool wide = room >= WIDE;
	int version = room > 132 ? 7 : 3, marks = wide ? 3 : 2;
	for (size_t i = 0; i < snapshot->services_count; i++) {
		int width = canvas_width(snapshot->services[i].version);
		version = width > version ? width : version;
	}
	const struct table_column all[COLUMNS] = {
	    [SERVICE] = {"SERVICE", NULL, parts_name_width(snapshot), false, false, 0},
	    [STATE] = {"STATE", NULL, 7, false, false, 0},
	    [VERSION] = {"VERSION", "VER", version > 14 ? 14 : version, false, false, 1},
	    [RPS] = {"REQ/S", NULL, 7, true, false, 2},
	    [ERRORS] = {"ERR %", NULL, 5 + marks, true, false, 4, marks},
	    [P50] = {"P50", NULL, 6, true, false, 8},
	    [P95] = {"P95", NULL, 6, true, false, 7},
	    [P99] = {"P99 ms", NULL, 6 + marks, true, false, 1, marks},
	    [CURVE] = {curve, "P99",
		room > 190   ? SNAPSHOT_SPARK
		: room > 132 ? 14
			     : 8,
		false, room <= 190, 9},
	    [DRIFT] = {"DRIFT", NULL, 5 + marks, true, false, 1, marks},
	    [PRECISION] = {"PRECISION", "PREC", wide ? 13 : 7, true, false, 2, marks},
	    [RECALL] = {"RECALL", NULL, wide ? 13 : 7, true, false, 3, marks},
	    [AGE] = {"AGE", NULL, 6, true, false, 5},
	};
	memcpy(columns, all, sizeof(all));
}

/* Returns the rows used. */
static int
draw_services(
    struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	struct lines lines = {.view = view, .wide = area.width >= WIDE};
	struct table_column columns[COLUMNS];
	struct rows rows = {0};
	char span[16], curve[32];
	int selected = -1;
	list_services(view, state, &rows);
	for (size_t i = 0; i < rows.count && lines.count + 2 < LINES_MAX; i++) {
		const struct service_view *service = rows.list[i].item;
		if (strcmp(rows.list[i].id, view->selected[SUBJECT_SERVICE]) == 0)
			selected = (int)lines.count;
		lines.service[lines.count++] = service;
		if (service->reason[0] == '\0')
			continue;
		lines.reason[lines.count] = true;
		lines.service[lines.count++] = service;
	}
	rows_free(&rows);
	parts_duration(span, sizeof(span), view->snapshot->comparison_us);
	snprintf(curve, sizeof(curve), "P99, %s", span);
	set_columns(columns, view->snapshot, area.width, curve);
	struct table table = parts_sorted(sorts, state);
	table.columns = columns;
	table.columns_count = COLUMNS;
	table.rows = lines.count;
	table.selected = selected;
	table.cell = draw_cell;
	table.context = &lines;
	return table_draw(canvas, area, &table);
}

static void
draw_title(struct canvas *canvas, struct area area, const struct view *view,
    const struct service_view *service)
{
	const struct target_view *target = view_target(view, service);
	const char *dot = figure_sign(canvas, SIGN_DOT);
	char title[900], time[32];
	snprintf(title, sizeof(title), "%s %s %s", service->name, dot,
	    service->model[0] != '\0' ? service->model : "no model named");
	if (service->version[0] != '\0')
		text_append(title, sizeof(title), " %s", service->version);
	if (service->alias[0] != '\0')
		text_append(title, sizeof(title), " %s %s", dot, service->alias);
	if (target != NULL && !target->known)
		text_append(title, sizeof(title), " (%s)", target->error);
	else if (target != NULL && target->changed_at > 0) {
		text_append(title, sizeof(title), " since %s (%s",
		    view_minute(view, time, target->changed_at), target->changed_by);
		if (target->reason[0] != '\0')
			text_append(title, sizeof(title), ", \"%s\"", target->reason);
		text_append(title, sizeof(title), ")");
	}
	canvas_rule(canvas, area, 0, title);
}

/* What else is wrong, in words; never so much that nothing else is seen. Returns the rows used. */
static int
draw_words(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series)
{
	struct words words[WORDS_MOST];
	size_t count = words_of_series(view, series, words);
	int most = area.height < 12 ? 1 : area.height / 6, y = 0;
	for (size_t i = 0; i < count && y < most; i++, y++) {
		enum role role = figure_severity_role(words[i].severity);
		bool more = y + 1 == most && i + 1 < count;
		int x = canvas_printf(canvas, area, 0, y, role, "%-2s %s",
		    figure_mark(words[i].severity), words[i].text);
		if (more)
			canvas_printf(
			    canvas, area, x + 1, y, ROLE_MUTED, "and %zu more", count - i - 1);
	}
	return y;
}

static void
draw_details(struct canvas *canvas, struct area area, const struct view *view)
{
	const struct service_view *service = view_service(view);
	if (service == NULL || area.height < 2)
		return;
	draw_title(canvas, area, view, service);
	struct area body = area_inset(area, 2, 1, 0, 0);
	if (service->current != NULL)
		body = area_inset(body, 0, draw_words(canvas, body, view, service->current), 0, 0);
	if (service->current == NULL) {
		canvas_printf(canvas, body, 0, 0, figure_state_role(service->state), "%s%s%s",
		    snapshot_state_name(service->state), service->reason[0] != '\0' ? ": " : "",
		    service->reason);
		canvas_printf(canvas, body, 0, 1, ROLE_MUTED, "%s", service->url);
		canvas_text(canvas, body, 0, 2, ROLE_MUTED, "nothing has been logged by it yet");
		return;
	}
	if (area.width < 100) {
		int used = parts_quality_line(canvas, body, service->current);
		parts_drift(canvas, area_inset(body, 0, used, 0, 0), view, service->current);
		return;
	}
	struct area left = {body.x, body.y, body.width / 2 - 2, body.height};
	struct area right = {
	    body.x + body.width / 2, body.y, body.width - body.width / 2, body.height};
	int features = (int)service->current->features_count + 3;
	if (left.height >= features + 9) { /* room for one more thing that matters */
		struct area below = area_inset(left, 0, features, 0, 0);
		canvas_text(canvas, below, 0, 0, ROLE_HEADING, "LATENCY ms");
		parts_latency_curves(
		    canvas, area_inset(below, 0, 1, 0, 0), view, &service->all->latency);
		left.height = features;
	}
	parts_drift(canvas, left, view, service->current);
	right.y += parts_quality_line(canvas, right, service->current);
	right.height -= right.y - body.y;
	parts_quality_curves(canvas, right, view, service->current, false);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct snapshot *snapshot = view->snapshot;
	if (snapshot->services_count == 0) {
		canvas_text(canvas, area, 2, 0, ROLE_MUTED,
		    "No service is configured, or nothing was heard yet.");
		canvas_text(canvas, area, 2, 1, ROLE_MUTED,
		    "`fraudtop demo` shows a working screen; `man fraudtop` the configuration.");
		return;
	}
	struct area top = area;
	if (area.height > 14)
		top.height = area.height / 2;
	int used = draw_services(canvas, top, view, state);
	struct area rest = area_inset(area, 0, used, 0, 0);
	int events = rest.height >= 24 ? rest.height / 3 : rest.height / 3 + (rest.height > 6);
	if (events > (int)snapshot->events_count + 1)
		events = (int)snapshot->events_count + 1;
	if (events < 2 || rest.height < 4)
		events = 0;
	struct area details = {rest.x, rest.y, rest.width, rest.height - events};
	struct area strip = {rest.x, rest.y + details.height, rest.width, events};
	draw_details(canvas, details, view);
	parts_events(canvas, strip, view, "What changed", -1);
}

const struct panel panel_overview = {
    .name = "overview",
    .title = "Overview",
    .short_title = "Over",
    .help = "every service, what is known of the selected one, what changed",
    .subject = SUBJECT_SERVICE,
    .opens = "drift",
    .sorts = sorts,
    .rows = list_services,
    .draw = draw,
};
