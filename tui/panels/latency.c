/* latency.c: latency of every service; curves and the histogram of the selected one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/histogram.h"

enum column {
	SERVICE,
	STATE,
	RPS,
	ERRORS,
	MEAN,
	P50,
	P90,
	P95,
	P99,
	MAX,
	SAMPLES,
	PROBE,
	SOURCE,
	COLUMNS
};

static const struct panel_sort sorts[] = {
    {"configured", false, -1},
    {"name", false, SERVICE},
    {"rate", true, RPS},
    {"errors", true, ERRORS},
    {"p50", true, P50},
    {"p95", true, P95},
    {"p99", true, P99},
    {NULL, false, 0},
};

/* What stands in a column, from the log where it has it, else from what the service view says. */
static struct metric
figure_of(const struct service_view *service, int column)
{
	const struct series_view *series = service->all;
	bool logged = series != NULL && service->latency_source == SOURCE_LOG;
	switch ((enum column)column) {
	case RPS:
		return service->rps;
	case ERRORS:
		return service->error_rate;
	case P50:
		return service->p50_ms;
	case P95:
		return service->p95_ms;
	case P99:
		return service->p99_ms;
	case MEAN:
		return logged ? series->latency.mean : metric_none();
	case P90:
		return logged ? series->latency.p90 : metric_none();
	case MAX:
		return logged ? series->latency.max : metric_none();
	case PROBE:
		return service->rtt_ms;
	default:
		return metric_none();
	}
}

static enum severity
severity_of(const struct service_view *service, enum column column)
{
	if (service->all == NULL)
		return SEVERITY_OK;
	if (column == P99)
		return service->all->latency_severity;
	return column == ERRORS ? service->all->error_severity : SEVERITY_OK;
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct rows *rows = context;
	const struct service_view *service = rows->list[row].item;
	struct metric metric = figure_of(service, (int)column);
	char text[FIGURE_SIZE];
	switch ((enum column)column) {
	case SERVICE:
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, service->name);
		break;
	case STATE:
		canvas_text(canvas, area, 0, 0, figure_state_role(service->state),
		    snapshot_state_name(service->state));
		break;
	case SOURCE:
		canvas_text(
		    canvas, area, 0, 0, ROLE_MUTED, snapshot_source_name(service->latency_source));
		break;
	case SAMPLES:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    metric_known(&service->p99_ms) ? figure_count(text, service->p99_ms.n) : "-");
		break;
	default:
		figure_draw(canvas, area, &metric,
		    (struct figure_style){.scale = column == ERRORS ? 100 : 1,
			.decimals = column == ERRORS ? 2 : 1,
			.marks = column == P99 || column == ERRORS ? 3 : 0,
			.severity = severity_of(service, (enum column)column)});
		break;
	}
}

static const struct table_column columns[COLUMNS] = {
    [SERVICE] = {"SERVICE", NULL, 0, false, false, 0},
    [STATE] = {"STATE", NULL, 7, false, false, 2},
    [RPS] = {"REQ/S", NULL, 7, true, false, 3},
    [ERRORS] = {"ERR %", NULL, 8, true, false, 4, 3},
    [MEAN] = {"MEAN", NULL, 6, true, false, 7},
    [P50] = {"P50", NULL, 6, true, false, 1},
    [P90] = {"P90", NULL, 6, true, false, 6},
    [P95] = {"P95", NULL, 6, true, false, 1},
    [P99] = {"P99 ms", NULL, 9, true, false, 0, 3},
    [MAX] = {"MAX", NULL, 7, true, false, 5},
    [SAMPLES] = {"N", NULL, 8, true, false, 5},
    [PROBE] = {"PROBE ms", NULL, 8, true, false, 8},
    [SOURCE] = {"FROM", NULL, 7, false, false, 4},
};

static const struct service_table services = {.sorts = sorts,
    .figure = figure_of,
    .columns = columns,
    .columns_count = COLUMNS,
    .cell = draw_cell};

static void
list_services(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	parts_list_services(view, state, &services, rows);
}

static void
draw_histogram(struct canvas *canvas, struct area area, const struct latency_view *latency)
{
	double shares[48];
	char labels[48][24];
	uint64_t total = 0;
	size_t first = 0, last = latency->histogram_bins;
	for (size_t i = 0; i < latency->histogram_bins; i++)
		total += latency->histogram_count[i];
	if (total == 0)
		return;
	while (latency->histogram_count[first] == 0)
		first++;
	while (latency->histogram_count[last - 1] == 0)
		last--;
	for (size_t i = first; i < last; i++) {
		shares[i - first] = (double)latency->histogram_count[i] / (double)total;
		snprintf(
		    labels[i - first], sizeof(labels[0]), "%.3g", latency->histogram_low_ms[i]);
	}
	canvas_text(canvas, area, 4, 0, ROLE_MUTED, "share of answers by latency, ms");
	const struct histogram histogram = {
	    .current = shares, .bins = last - first, .labels = labels, .current_role = ROLE_GRAPH1};
	histogram_draw(canvas, area_inset(area, 0, 1, 0, 0), &histogram);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct service_view *service = view_service(view);
	const struct series_view *series = service != NULL ? service->all : NULL;
	struct area rest = parts_draw_services(canvas, area, view, state, &services);
	if (rest.height < 5)
		return;
	parts_title(canvas, rest, 0, view, "latency in ms");
	rest = area_inset(rest, 2, 1, 1, 0);
	if (series == NULL) {
		canvas_text(canvas, rest, 0, 0, ROLE_MUTED, "nothing has been logged by it yet");
		return;
	}
	struct area left = rest, right = rest;
	if (rest.width >= 90) {
		left.width = rest.width * 3 / 5;
		right.x += left.width + 3;
		right.width = rest.width - left.width - 3;
		draw_histogram(canvas, right, &series->latency);
	} else if (rest.height >= 18) {
		left.height = rest.height / 2;
		right = area_inset(rest, 0, left.height, 0, 0);
		draw_histogram(canvas, right, &series->latency);
	}
	parts_latency_curves(canvas, left, view, &series->latency);
}

static enum severity
alarm(const struct service_view *service)
{
	if (service->state == SERVICE_DOWN || service->state == SERVICE_FAILING)
		return SEVERITY_CRITICAL;
	return service->state == SERVICE_SLOW ? SEVERITY_WARNING : SEVERITY_OK;
}

const struct panel panel_latency = {
    .name = "latency",
    .title = "Latency",
    .short_title = "Lat",
    .help = "latency of every service, curves and histogram of the selected one",
    .subject = SUBJECT_SERVICE,
    .opens = "drift",
    .sorts = sorts,
    .rows = list_services,
    .draw = draw,
    .alarm = alarm,
};
