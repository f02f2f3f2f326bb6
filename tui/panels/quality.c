/* quality.c: precision, recall and their kin of every service, each with its interval and with how
 * many of its labels are in, and below one of the details of the selected one. What has too few
 * labels is muted and bears no mark. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"

enum column {
	SERVICE,
	VERSION,
	LABELLED,
	MATURITY,
	PRECISION,
	RECALL,
	F1,
	AUC,
	AP,
	LAG,
	ESTIMATED_PRECISION,
	ESTIMATED_RECALL,
	COLUMNS
};

static const struct panel_sort sorts[] = {
    {"configured", false, -1},
    {"name", false, SERVICE},
    {"precision", false, PRECISION},
    {"recall", false, RECALL},
    {"f1", false, F1},
    {"auc", false, AUC},
    {"maturity", false, MATURITY},
    {NULL, false, 0},
};

static struct metric
figure_of(const struct service_view *service, int column)
{
	const struct quality_view *quality =
	    service->current == NULL ? NULL : &service->current->quality;
	if (quality == NULL)
		return metric_none();
	switch ((enum column)column) {
	case MATURITY:
		return quality->maturity;
	case PRECISION:
		return quality->precision;
	case RECALL:
		return quality->recall;
	case F1:
		return quality->f1;
	case AUC:
		return quality->roc_auc;
	case AP:
		return quality->average_precision;
	default:
		return metric_none();
	}
}

static void
draw_figure(
    struct canvas *canvas, struct area area, const struct service_view *service, enum column column)
{
	const struct series_view *series = service->current;
	struct metric metric = figure_of(service, column);
	struct figure_style style = {.scale = 100, .decimals = 1};
	if (column == PRECISION || column == RECALL)
		style.interval = true, style.marks = 3;
	if (column == AUC || column == AP || column == F1)
		style.scale = 1, style.decimals = 3;
	if (column == MATURITY)
		style.decimals = 0;
	if (series != NULL && column != MATURITY) {
		style.immature = !series->quality.mature;
		style.severity = column == PRECISION ? series->precision_severity
				 : column == RECALL  ? series->recall_severity
						     : SEVERITY_OK;
	}
	figure_draw(canvas, area, &metric, style);
}

/* Muted always: it is no measurement; and not at all once the scores have left the reference. */
static void
draw_estimate(
    struct canvas *canvas, struct area area, const struct service_view *service, bool recall)
{
	const struct series_view *series = service->current;
	struct metric metric = metric_none();
	if (series != NULL && !series->estimated.muted)
		metric = recall ? series->estimated.recall : series->estimated.precision;
	figure_draw(canvas, area, &metric,
	    (struct figure_style){.scale = 100, .decimals = 1, .immature = true});
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct rows *rows = context;
	const struct service_view *service = rows->list[row].item;
	const struct quality_view *quality =
	    service->current == NULL ? NULL : &service->current->quality;
	char text[FIGURE_SIZE];
	switch ((enum column)column) {
	case SERVICE:
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, service->name);
		break;
	case VERSION:
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT,
		    service->version[0] != '\0' ? service->version : "-");
		break;
	case LABELLED:
		canvas_text_right(canvas, area, area.width, 0, ROLE_DEFAULT,
		    quality == NULL ? "-" : figure_count(text, quality->labelled));
		break;
	case ESTIMATED_PRECISION:
	case ESTIMATED_RECALL:
		draw_estimate(canvas, area, service, column == ESTIMATED_RECALL);
		break;
	case LAG:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    quality == NULL ? "-" : figure_age(text, &quality->label_lag_s));
		break;
	default:
		draw_figure(canvas, area, service, (enum column)column);
		break;
	}
}

static const struct table_column columns[COLUMNS] = {
    [SERVICE] = {"SERVICE", NULL, 0, false, false, 0},
    [VERSION] = {"VERSION", "VER", 7, false, false, 2},
    [LABELLED] = {"LABELLED", NULL, 8, true, false, 3},
    [MATURITY] = {"LABELS IN %", "IN %", 4, true, false, 1},
    [PRECISION] = {"PRECISION %", "PREC %", 14, true, false, 0, 3},
    [RECALL] = {"RECALL %", NULL, 14, true, false, 0, 3},
    [F1] = {"F1", NULL, 5, true, false, 4},
    [AUC] = {"AUC", NULL, 5, true, false, 5},
    [AP] = {"AP", NULL, 5, true, false, 6},
    [LAG] = {"LABEL LAG", "LAG", 6, true, false, 7},
    [ESTIMATED_PRECISION] = {"EST. PREC", NULL, 9, true, false, 8},
    [ESTIMATED_RECALL] = {"EST. RECALL", NULL, 11, true, false, 8},
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

extern const struct panel panel_quality;

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct series_view *series = view_series(view);
	struct area rest = parts_draw_services(canvas, area, view, state, &services);
	if (rest.height < 4)
		return;
	parts_title(canvas, rest, 0, view,
	    series == NULL || series->quality.mature ? "at the logged threshold"
						     : "too few labels to judge");
	detail_draw_titles(canvas, area_inset(rest, 2, 0, 1, 0), 1, &panel_quality, state, series);
	rest = area_inset(rest, 2, 2, 1, 0);
	if (series == NULL) {
		canvas_text(canvas, rest, 0, 0, ROLE_MUTED, "nothing has been logged by it yet");
		return;
	}
	detail_shown(&panel_quality, state, series)->draw(canvas, rest, view, series, state);
}

static enum severity
alarm(const struct service_view *service)
{
	const struct series_view *series = service->current;
	enum severity worst = SEVERITY_INSUFFICIENT;
	if (series != NULL && series->quality.mature)
		worst = series->quality_severity;
	for (size_t i = 0; series != NULL && details_of_quality[i] != NULL; i++) {
		if (details_of_quality[i]->alarm != NULL)
			worst = severity_worse(worst, details_of_quality[i]->alarm(series));
	}
	return worst;
}

const struct panel panel_quality = {
    .name = "quality",
    .title = "Quality",
    .short_title = "Qual",
    .help = "realised quality with intervals and maturity, the estimate, what-if, groups, change",
    .subject = SUBJECT_SERVICE,
    .opens = "models",
    .sorts = sorts,
    .rows = list_services,
    .draw = draw,
    .details = details_of_quality,
    .alarm = alarm,
};
