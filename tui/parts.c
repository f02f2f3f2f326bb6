#include "tui/parts.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/figure.h"
#include "widgets/graph.h"
#include "widgets/spark.h"

enum { BINS_MAX = 12, TREND_LEAST = 12 };

/* The column of services' names, and the most columns of a table of services. */
enum { NAME_LEAST = 7, NAME_MOST = 28, SERVICE_COLUMNS = 16 };

/* Columns before the small histogram, after the name. */
enum { FIGURES = 1 + 4 + 10 + 14 };

/* PSI over time where there is room: full height is the critical limit, or what is above it. */
static void
draw_trend(struct canvas *canvas, struct area area, int x, int y, const struct drift_view *feature)
{
	double top = feature->critical;
	struct area trend = {area.x + x, area.y + y, area.width - x, 1};
	if (trend.width < TREND_LEAST || feature->curve_points < 2)
		return;
	trend.width = trend.width > SNAPSHOT_SPARK / 2 ? SNAPSHOT_SPARK / 2 : trend.width;
	for (size_t i = 0; i < feature->curve_points; i++)
		top = fmax(top, feature->psi_curve[i]);
	spark_draw(canvas, trend, ROLE_GRAPH3, feature->psi_curve, feature->curve_points, top);
}

static int
draw_feature(struct canvas *canvas, struct area area, int y, const struct drift_view *feature,
    int name_width)
{
	enum role role = figure_role(&feature->psi, feature->severity);
	struct area name = {area.x, area.y + y, name_width, 1};
	char text[FIGURE_SIZE];
	canvas_text(canvas, name, 0, 0, ROLE_DEFAULT, feature->name);
	int x = name_width + 1;
	x += canvas_text(canvas, area, x, y, ROLE_MUTED, "PSI ");
	canvas_printf(canvas, area, x, y, role, "%5s %s", figure_metric(text, &feature->psi, 1, 2),
	    figure_mark(feature->severity));
	x += 10;
	if (isfinite(feature->chance))
		canvas_printf(canvas, area, x, y, ROLE_MUTED, "%5s%s chance",
		    figure_number(text, feature->chance, feature->chance < 10 ? 1 : 0),
		    figure_sign(canvas, SIGN_TIMES));
	x += 14;
	int bins = (int)feature->bins < BINS_MAX ? (int)feature->bins : BINS_MAX;
	bins = bins > area.width - x ? area.width - x : bins;
	struct area spark = {area.x + x, area.y + y, bins, 1};
	if (bins >= 2 && (bins >= 6 || bins == (int)feature->bins))
		spark_draw(canvas, spark, ROLE_GRAPH1, feature->current, feature->bins, 0);
	draw_trend(canvas, area, x + BINS_MAX + 2, y, feature);
	return 1;
}

enum severity
parts_drift_alarm(const struct series_view *series)
{
	return severity_worse(severity_worse(series->score_severity, series->drift_severity),
	    severity_worse(series->data_severity, series->decisions.severity));
}

void
parts_drift(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series)
{
	int y = 1, name = 5;
	char text[FIGURE_SIZE], reference[300];
	if (area.height < 1)
		return;
	parts_reference(view, series->model, false, reference, sizeof(reference));
	int x = canvas_printf(canvas, area, 0, 0, ROLE_HEADING,
	    area.width < 70 ? "DRIFT  n %s" : "DRIFT, worst first  n %s",
	    figure_count(text, series->worst_psi.n));
	for (size_t i = 0; i < series->features_count; i++) {
		int width = canvas_width(series->features[i].name);
		name = width > name ? width : name;
	}
	if (name > area.width - FIGURES)
		name = area.width - FIGURES;
	if (name < 8)
		name = 8;
	int trend = name + FIGURES + BINS_MAX + 2;
	int end = trend + SNAPSHOT_SPARK / 2 < area.width ? trend + SNAPSHOT_SPARK / 2 : area.width;
	struct area rest = {area.x, area.y, area.width, 1};
	if (end - trend >= TREND_LEAST)
		rest.width =
		    canvas_text_right(canvas, area, end, 0, ROLE_HEADING, "PSI over time") - 2;
	canvas_text(canvas, rest, x + 2, 0, ROLE_MUTED, reference);
	if (area.height > 2) /* the score has the last row */
		draw_feature(canvas, area,
		    series->features_count + 1 < (size_t)area.height - 1
			? (int)series->features_count + 1
			: area.height - 1,
		    &series->score, name);
	for (size_t i = 0; i < series->features_count && y < area.height - (area.height > 2); i++)
		y += draw_feature(canvas, area, y, &series->features[i], name);
}

void
parts_list_services(const struct view *view, const struct panel_state *state,
    const struct service_table *services, struct rows *rows)
{
	const struct snapshot *snapshot = view->snapshot;
	const struct panel_sort *sort = &services->sorts[state->sort];
	for (size_t i = 0; i < snapshot->services_count; i++) {
		const struct service_view *service = &snapshot->services[i];
		struct metric metric =
		    sort->column > 0 ? services->figure(service, sort->column) : metric_none();
		double key = sort->column < 0 ? (double)i : metric_or_nan(&metric);
		rows_add(
		    rows, state->filter, service->name, service->name, service, key, service->name);
	}
	rows_sort(rows, sort->descending != state->inverted);
}

int
parts_name_width(const struct snapshot *snapshot)
{
	int widest = NAME_LEAST;
	for (size_t i = 0; i < snapshot->services_count; i++) {
		int width = canvas_width(snapshot->services[i].name);
		widest = width > widest ? width : widest;
	}
	return widest < NAME_MOST ? widest : NAME_MOST;
}

struct table
parts_sorted(const struct panel_sort *sorts, struct panel_state *state)
{
	const struct panel_sort *sort = &sorts[state->sort];
	return (struct table){.top = &state->top,
	    .sort = sort->column,
	    .sort_descending = sort->descending != state->inverted};
}

struct area
parts_draw_services(struct canvas *canvas, struct area area, const struct view *view,
    struct panel_state *state, const struct service_table *services)
{
	struct rows rows = {0};
	struct table_column columns[SERVICE_COLUMNS];
	struct table table = parts_sorted(services->sorts, state);
	struct area top = area;
	if (area.height > 16)
		top.height = area.height / 2;
	assert(services->columns_count <= SERVICE_COLUMNS);
	memcpy(columns, services->columns, services->columns_count * sizeof(*columns));
	columns[0].width = parts_name_width(view->snapshot);
	parts_list_services(view, state, services, &rows);
	table.columns = columns;
	table.columns_count = services->columns_count;
	table.rows = rows.count;
	table.selected = rows_find(&rows, view->selected[SUBJECT_SERVICE]);
	table.cell = services->cell;
	table.context = &rows;
	int used = table_draw(canvas, top, &table);
	rows_free(&rows);
	return area_inset(area, 0, used, 0, 0);
}

static int
draw_share(struct canvas *canvas, struct area area, int x, int y, const char *label,
    const struct metric *metric, bool interval, bool mature, enum severity severity)
{
	char text[FIGURE_SIZE], half[FIGURE_SIZE];
	enum role role = mature ? figure_role(metric, severity) : ROLE_MUTED;
	x += canvas_text(canvas, area, x, y, ROLE_MUTED, label);
	x += canvas_text(canvas, area, x, y, role, figure_metric(text, metric, 100, 1));
	if (interval && metric_known(metric) && isfinite(metric->low) && isfinite(metric->high))
		x += canvas_printf(canvas, area, x, y, ROLE_MUTED, " %s%s",
		    figure_sign(canvas, SIGN_PLUS_MINUS),
		    figure_number(half, (metric->high - metric->low) * 50, 1));
	if (mature)
		x += canvas_printf(canvas, area, x, y, role, " %s", figure_mark(severity));
	return x;
}

/* `, estimate ····· 91.2 and 86.8`, as the curves are drawn; nothing where it does not fit. */
static void
draw_estimate(struct canvas *canvas, struct area area, int y, const struct estimate_view *estimated)
{
	char text[128], precision[FIGURE_SIZE], recall[FIGURE_SIZE];
	if (estimated->n == 0)
		return;
	if (estimated->muted)
		snprintf(text, sizeof(text), ", no estimate now");
	else
		snprintf(text, sizeof(text), ", estimate %s %s and %s",
		    canvas->symbols == SYMBOLS_ASCII ? ". . ." : "·····",
		    figure_metric(precision, &estimated->precision, 100, 1),
		    figure_metric(recall, &estimated->recall, 100, 1));
	if (canvas_width(text) <= area.width)
		canvas_text(
		    canvas, area, 0, y, estimated->muted ? ROLE_MUTED : ROLE_REFERENCE, text);
}

int
parts_quality_line(struct canvas *canvas, struct area area, const struct series_view *series)
{
	const struct quality_view *quality = &series->quality;
	char maturity[FIGURE_SIZE], count[FIGURE_SIZE];
	bool interval = area.width >= 58; /* narrower, it would push the marks off the screen */
	int x = canvas_text(canvas, area, 0, 0, ROLE_HEADING, "QUALITY % ");
	x = draw_share(canvas, area, x, 0, " precision ", &quality->precision, interval,
		quality->mature, series->precision_severity) +
	    1;
	x = draw_share(canvas, area, x, 0, " recall ", &quality->recall, interval, quality->mature,
		series->recall_severity) +
	    2;
	bool estimated = series->estimated.n > 0 && !series->estimated.muted;
	int y = area.width < (estimated ? 108 : 76); /* on a row of its own */
	char text[128];
	snprintf(text, sizeof(text), "labels in %s %%%s",
	    figure_metric(maturity, &quality->maturity, 100, 0),
	    quality->mature ? "" : ": too few to judge");
	x = y > 0 ? 0 : x;
	x += canvas_text(canvas, area, x, y, ROLE_MUTED, text);
	snprintf(text, sizeof(text), ", n %s", figure_count(count, quality->labelled));
	if (x + canvas_width(text) <= area.width)
		x += canvas_text(canvas, area, x, y, ROLE_MUTED, text);
	snprintf(text, sizeof(text), ", 1 in %u", quality->sample);
	if (quality->sample > 1 && x + canvas_width(text) <= area.width)
		x += canvas_text(canvas, area, x, y, ROLE_MUTED, text);
	draw_estimate(canvas, area_inset(area, x, 0, 0, 0), y, &series->estimated);
	return y + 1;
}

/* Where the curve's untrusted end begins, as a share of its length; 2: nowhere. */
static double
immature_from(const struct view *view, const struct quality_view *quality)
{
	size_t points = quality->curve_points;
	size_t from = points;
	while (from > 0 && !(quality->maturity_curve[from - 1] >= view->maturity))
		from--;
	/* A point stands at i / (points - 1); the muted part begins after the last trusted one. */
	if (from >= points || points < 2)
		return from >= points ? 2 : 0;
	return from == 0 ? 0 : ((double)from - 0.5) / (double)(points - 1);
}

int
parts_wrap(
    struct canvas *canvas, struct area area, int y, enum role role, const char *text, int most)
{
	char line[512];
	int rows = 0;
	while (text[0] != '\0' && rows < most && y < area.height) {
		size_t end = strlen(text);
		text_copy(line, sizeof(line), text);
		while (rows + 1 < most && canvas_width(line) > area.width) {
			size_t blank = end;
			while (blank > 0 && (text[blank - 1] != ' ' || text[blank] == '%'))
				blank--; /* a number keeps its unit */
			if (blank < 2) /* one word that is longer than the row */
				break;
			end = blank - 1;
			text_copy(line, end + 1 < sizeof(line) ? end + 1 : sizeof(line), text);
		}
		canvas_text(canvas, area, 0, y++, role, line);
		rows++;
		text += end;
		text += strspn(text, " ");
	}
	return rows;
}

void
parts_duration(char *dst, size_t size, int64_t us)
{
	static const struct {
		int64_t us;
		const char *name;
	} units[] = {
	    {CLOCK_DAY, "d"}, {CLOCK_HOUR, "h"}, {CLOCK_MINUTE, "min"}, {CLOCK_SECOND, "s"}};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (us % units[i].us == 0 || i + 1 == sizeof(units) / sizeof(units[0])) {
			snprintf(
			    dst, size, "%lld %s", (long long)(us / units[i].us), units[i].name);
			return;
		}
	}
}

void
parts_span(const struct view *view, int64_t span_us, char left[32], char right[32])
{
	wall_us end = view->snapshot->clock;
	left[0] = right[0] = '\0';
	if (end <= 0)
		return;
	view_minute(view, left, end - span_us);
	view_minute(view, right, end);
}

size_t
parts_marks(const struct view *view, int64_t span_us, struct graph_mark *marks, size_t size)
{
	const struct snapshot *snapshot = view->snapshot;
	size_t count = 0;
	for (size_t i = 0; i < snapshot->events_count && count < size && span_us > 0; i++) {
		const struct event_view *event = &snapshot->events[i];
		double at = 1 - (double)(snapshot->clock - event->at) / (double)span_us;
		if (event->kind != EVENT_VERSION || at < 0 || at > 1 ||
		    strcmp(event->service, view->selected[SUBJECT_SERVICE]) != 0)
			continue;
		marks[count++] = (struct graph_mark){.at = at, .text = event->text};
	}
	return count;
}

/* The foot of the quality axis: 0.6, or the fifth below what is lower. In steps, so that the curves
 * have room and the axis keeps still. */
static double
quality_foot(const struct graph *graph)
{
	double low = 0.6;
	for (size_t i = 0; i < graph->curves_count; i++) {
		for (size_t j = 0; j < graph->curves[i].count; j++)
			low = fmin(low, graph->curves[i].points[j]); /* fmin passes over NaN */
	}
	return floor(low * 5 + 1e-9) / 5;
}

void
parts_quality_curves(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, bool all_estimates)
{
	const struct service_view *service = view_service(view);
	const struct series_view *all =
	    service != NULL && service->all != NULL ? service->all : series;
	const struct quality_view *quality = &all->quality;
	const struct estimate_view *estimated =
	    all->estimated.n > 0 ? &all->estimated : &series->estimated;
	enum role role = estimated->muted ? ROLE_MUTED : ROLE_REFERENCE;
	size_t points = quality->curve_points;
	double muted_from = immature_from(view, quality), precision[SNAPSHOT_CURVE],
	       recall[SNAPSHOT_CURVE];
	char left[32], right[32];
	if (area.height < 3)
		return;
	for (size_t i = 0; i < points; i++) {
		bool shown = all_estimates || (double)i >= muted_from * (double)(points - 1);
		precision[i] = shown ? estimated->precision_curve[i] : NAN;
		recall[i] = shown ? estimated->recall_curve[i] : NAN;
	}
	if (points < 2) {
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "no labelled stretch yet");
		return;
	}
	parts_span(view, view->snapshot->quality_us, left, right);
	struct graph_mark marks[4];
	struct graph graph = {.marks = marks,
	    .marks_count = parts_marks(view, view->snapshot->quality_us, marks, 4),
	    .curves = {{quality->precision_curve, points, ROLE_GRAPH1, "precision", false},
		{quality->recall_curve, points, ROLE_GRAPH2, "recall", false},
		{precision, points, role, "prec. est.", true},
		{recall, points, role, "recall est.", true}},
	    .curves_count = estimated->n > 0 ? 4 : 2,
	    .high = 1,
	    .unit = "",
	    .decimals = 1,
	    .muted_from = muted_from,
	    .left_label = left,
	    .right_label = right};
	graph.low = quality_foot(&graph);
	graph_draw(canvas, area, &graph);
}

void
parts_latency_curves(struct canvas *canvas, struct area area, const struct view *view,
    const struct latency_view *latency)
{
	struct graph_mark marks[4];
	char left[32], right[32];
	if (latency->curve_points < 3) {
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "no curve yet");
		return;
	}
	/* The last point is still open: the quick answers are in it, the slow ones are to come. */
	size_t points = latency->curve_points - 1;
	parts_span(view, view->snapshot->comparison_us, left, right);
	const struct graph graph = {.curves = {{latency->p50_curve, points, ROLE_GRAPH1, "p50"},
					{latency->p95_curve, points, ROLE_GRAPH2, "p95"},
					{latency->p99_curve, points, ROLE_GRAPH3, "p99"}},
	    .curves_count = 3,
	    .marks = marks,
	    .marks_count = parts_marks(view, view->snapshot->comparison_us, marks, 4),
	    .low = NAN,
	    .high = NAN,
	    .unit = "ms",
	    .muted_from = 2,
	    .left_label = left,
	    .right_label = right};
	graph_draw(canvas, area, &graph);
}

static const enum role event_roles[] = {
    [SEVERITY_INSUFFICIENT] = ROLE_MUTED,
    [SEVERITY_OK] = ROLE_DEFAULT,
    [SEVERITY_WARNING] = ROLE_WARN,
    [SEVERITY_CRITICAL] = ROLE_CRIT,
};

void
parts_events(
    struct canvas *canvas, struct area area, const struct view *view, const char *title, int kind)
{
	const struct snapshot *snapshot = view->snapshot;
	char time[32];
	int name = 7, y = 1;
	for (size_t i = 0; i < snapshot->events_count; i++) {
		int width = canvas_width(snapshot->events[i].service);
		name = width > name ? width : name;
	}
	name = name > 24 ? 24 : name;
	for (size_t i = 0; i < snapshot->events_count && y < area.height; i++) {
		const struct event_view *event = &snapshot->events[i];
		if (kind >= 0 && event->kind != (enum event_kind)kind)
			continue;
		if (y == 1)
			canvas_rule(canvas, area, 0, title);
		struct area service = {area.x + 2, area.y + y, name, 1};
		view_minute(view, time, event->at);
		int width = canvas_width(time);
		canvas_text(canvas, area, 2, y, ROLE_MUTED, time);
		service.x += width + 2;
		canvas_text(canvas, service, 0, 0, ROLE_DEFAULT, event->service);
		canvas_printf(canvas, area, service.x - area.x + name + 2, y,
		    event_roles[event->severity], "%s%s%s", figure_mark(event->severity),
		    event->severity >= SEVERITY_WARNING ? " " : "", event->text);
		y++;
	}
}

void
parts_reference(const struct view *view, const char *model, bool whole, char *dst, size_t size)
{
	const struct reference_view *reference = view_reference(view, model);
	char count[FIGURE_SIZE];
	if (reference == NULL || reference->origin[0] == '\0') {
		snprintf(dst, size, "reference: none yet");
		return;
	}
	/* Of a path the last part; the whole is in 5 Models. */
	const char *slash = whole ? NULL : strrchr(reference->origin, '/');
	snprintf(dst, size, "reference: %s%s", slash != NULL ? "profile " : "",
	    slash != NULL ? slash + 1 : reference->origin);
	if (!reference->ready)
		text_append(
		    dst, size, " (warming, %s so far)", figure_count(count, reference->records));
}

void
parts_title(
    struct canvas *canvas, struct area area, int y, const struct view *view, const char *after)
{
	const struct service_view *service = view_service(view);
	const char *dot = figure_sign(canvas, SIGN_DOT);
	char title[900];
	if (service == NULL)
		snprintf(title, sizeof(title), "no service is selected");
	else
		snprintf(title, sizeof(title), "%s %s %s %s%s%s%s", service->name, dot,
		    service->model, service->version, after[0] != '\0' ? " " : "",
		    after[0] != '\0' ? dot : "", after[0] != '\0' ? " " : "");
	text_append(title, sizeof(title), "%s", after);
	canvas_rule(canvas, area, y, title);
}
