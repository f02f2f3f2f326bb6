/* quality.c: precision, recall and their kin, each with its interval and with how many of its
 * labels are in. What has too few labels is muted and bears no mark. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/bar.h"
#include "widgets/table.h"

enum column { SERVICE, VERSION, LABELLED, MATURITY, PRECISION, RECALL, F1, AUC, AP, LAG, COLUMNS };

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
list_services(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	parts_list_services(view, state, sorts, figure_of, rows);
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
	case LAG:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    quality == NULL ? "-" : figure_age(text, &quality->label_lag_s));
		break;
	default:
		draw_figure(canvas, area, service, (enum column)column);
		break;
	}
}

static int
draw_table(
    struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	struct rows rows = {0};
	int name = 7;
	list_services(view, state, &rows);
	for (size_t i = 0; i < rows.count; i++) {
		int width = canvas_width(rows.list[i].id);
		name = width > name ? width : name;
	}
	const struct table_column columns[COLUMNS] = {
	    [SERVICE] = {"SERVICE", NULL, name > 28 ? 28 : name, false, false, 0},
	    [VERSION] = {"VERSION", "VER", 7, false, false, 2},
	    [LABELLED] = {"LABELLED", NULL, 8, true, false, 3},
	    [MATURITY] = {"LABELS IN %", "IN %", 4, true, false, 1},
	    [PRECISION] = {"PRECISION %", "PREC %", 14, true, false, 0, 3},
	    [RECALL] = {"RECALL %", NULL, 14, true, false, 0, 3},
	    [F1] = {"F1", NULL, 5, true, false, 4},
	    [AUC] = {"AUC", NULL, 5, true, false, 5},
	    [AP] = {"AP", NULL, 5, true, false, 6},
	    [LAG] = {"LABEL LAG", "LAG", 6, true, false, 7},
	};
	const struct table table = {.columns = columns,
	    .columns_count = COLUMNS,
	    .rows = rows.count,
	    .selected = rows_find(&rows, view->selected[SUBJECT_SERVICE]),
	    .top = &state->top,
	    .sort = sorts[state->sort].column,
	    .cell = draw_cell,
	    .context = &rows,
	    .sort_descending = sorts[state->sort].descending != state->inverted};
	int used = table_draw(canvas, area, &table);
	rows_free(&rows);
	return used;
}

/* Four counts: what was decided across, what was true down. */
static int
draw_confusion(struct canvas *canvas, struct area area, const struct quality_view *quality)
{
	const uint64_t counts[2][2] = {{quality->tp, quality->fn}, {quality->fp, quality->tn}};
	static const char *const truths[] = {"fraud", "honest"};
	char text[FIGURE_SIZE];
	canvas_text(canvas, area, 0, 0, ROLE_HEADING, "IN TRUTH");
	canvas_text_right(canvas, area, 22, 0, ROLE_HEADING, "FLAGGED");
	canvas_text_right(canvas, area, 34, 0, ROLE_HEADING, "PASSED");
	for (int truth = 0; truth < 2; truth++) {
		canvas_text(canvas, area, 0, 1 + truth, ROLE_DEFAULT, truths[truth]);
		for (int decision = 0; decision < 2; decision++)
			canvas_text_right(canvas, area, decision == 0 ? 22 : 34, 1 + truth,
			    truth == decision ? ROLE_OK : ROLE_DEFAULT,
			    figure_count(text, counts[truth][decision]));
	}
	canvas_printf(canvas, area, 0, 3, ROLE_MUTED, "threshold %s",
	    figure_metric(text, &quality->threshold, 1, 3));
	return 4;
}

static int
draw_bound(struct canvas *canvas, struct area area, int y, enum role role, const char *label,
    const struct metric *metric, double scale, int decimals, bool mature)
{
	char text[FIGURE_SIZE], low[FIGURE_SIZE], high[FIGURE_SIZE];
	canvas_text(canvas, area, 0, y, role, label);
	int end = 26;
	canvas_text_right(canvas, area, end, y,
	    mature ? figure_role(metric, SEVERITY_OK) : ROLE_MUTED,
	    figure_metric(text, metric, scale, decimals));
	if (metric_known(metric) && isfinite(metric->low) && isfinite(metric->high))
		canvas_printf(canvas, area, end + 2, y, ROLE_MUTED, "%s to %s",
		    figure_number(low, metric->low * scale, decimals),
		    figure_number(high, metric->high * scale, decimals));
	return 1;
}

static void
draw_labels(struct canvas *canvas, struct area area, int y, const struct view *view,
    const struct quality_view *quality)
{
	const struct join_view *join = &view->snapshot->join;
	char text[FIGURE_SIZE], more[FIGURE_SIZE];
	canvas_printf(canvas, area, 0, y, ROLE_MUTED, "labels in %s %%",
	    figure_metric(text, &quality->maturity, 100, 1));
	struct area bar = {area.x + 18, area.y + y, area.width - 18 < 16 ? area.width - 18 : 16, 1};
	if (bar.width > 0)
		bar_draw(canvas, bar, quality->mature ? ROLE_OK : ROLE_WARN,
		    metric_known(&quality->maturity) ? quality->maturity.value : NAN);
	canvas_printf(canvas, area, 0, y + 1, ROLE_MUTED, "of %s predictions; median label lag %s",
	    figure_count(more, quality->predictions), figure_age(text, &quality->label_lag_s));
	canvas_printf(canvas, area, 0, y + 2, ROLE_MUTED, "join: %s wait for a label, %s joined",
	    figure_count(text, join->pending), figure_count(more, join->joined));
	canvas_printf(canvas, area, 0, y + 3, ROLE_MUTED, "      %s labels wait, %s duplicate",
	    figure_count(text, join->waiting_labels), figure_count(more, join->duplicates));
	canvas_printf(canvas, area, 0, y + 4,
	    join->expired + join->evicted > 0 ? ROLE_WARN : ROLE_MUTED,
	    "      %s expired, %s put out for lack of room", figure_count(text, join->expired),
	    figure_count(more, join->evicted));
}

static void
draw_numbers(struct canvas *canvas, struct area area, const struct view *view,
    const struct quality_view *quality)
{
	int y = draw_confusion(canvas, area, quality) + 1;
	const struct {
		const char *label;
		const struct metric *metric;
		double scale;
		int decimals;
		enum role role; /* as its curve's, which may have no room for a name */
	} rows[] = {
	    {"precision %", &quality->precision, 100, 1, ROLE_GRAPH1},
	    {"recall %", &quality->recall, 100, 1, ROLE_GRAPH2},
	    {"false alarms %", &quality->fpr, 100, 2, ROLE_MUTED},
	    {"F1", &quality->f1, 1, 3, ROLE_MUTED},
	    {"ROC AUC", &quality->roc_auc, 1, 4, ROLE_MUTED},
	    {"average precision", &quality->average_precision, 1, 4, ROLE_MUTED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		y += draw_bound(canvas, area, y, rows[i].role, rows[i].label, rows[i].metric,
		    rows[i].scale, rows[i].decimals, quality->mature);
	draw_labels(canvas, area, y + 1, view, quality);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct series_view *series = view_series(view);
	struct area top = area;
	if (area.height > 16)
		top.height = area.height / 2;
	int used = draw_table(canvas, top, view, state);
	struct area rest = area_inset(area, 0, used, 0, 0);
	if (rest.height < 4)
		return;
	parts_title(canvas, rest, 0, view,
	    series == NULL || series->quality.mature ? "at the logged threshold"
						     : "too few labels to judge");
	rest = area_inset(rest, 2, 1, 1, 0);
	if (series == NULL) {
		canvas_text(canvas, rest, 0, 0, ROLE_MUTED, "nothing has been logged by it yet");
		return;
	}
	struct area left = rest, right = rest;
	left.width = rest.width >= 76 ? 44 : rest.width;
	right.x += left.width + 2;
	right.width = rest.width - left.width - 2;
	draw_numbers(canvas, left, view, &series->quality);
	if (right.width >= 24)
		parts_quality_curves(canvas, right, view, &view_service(view)->all->quality);
}

static enum severity
alarm(const struct service_view *service)
{
	const struct series_view *series = service->current;
	return series != NULL && series->quality.mature ? series->quality_severity
							: SEVERITY_INSUFFICIENT;
}

const struct panel panel_quality = {
    .name = "quality",
    .title = "Quality",
    .short_title = "Qual",
    .help = "confusion matrix, precision and recall with intervals, label maturity",
    .subject = SUBJECT_SERVICE,
    .opens = "models",
    .sorts = sorts,
    .rows = list_services,
    .draw = draw,
    .alarm = alarm,
};
