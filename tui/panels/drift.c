/* drift.c: the selected service's features and score against the reference; the selected one's two
 * distributions, and its PSI over time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/graph.h"
#include "widgets/histogram.h"
#include "widgets/spark.h"
#include "widgets/table.h"

enum column {
	FEATURE,
	SEVERITY,
	PSI,
	CHANCE,
	PVALUE,
	JS,
	KS,
	NULLS_REFERENCE,
	NULLS,
	SAMPLES,
	TREND,
	COLUMNS
};

static const struct panel_sort sorts[] = {
    {"severity", true, SEVERITY},
    {"name", false, FEATURE},
    {"psi", true, PSI},
    {"chance", true, CHANCE},
    {"js", true, JS},
    {"ks", true, KS},
    {"nulls", true, NULLS},
    {NULL, false, 0},
};

static double
value_of(const struct metric *metric)
{
	return metric_known(metric) ? metric->value : NAN;
}

static double
sort_key(const struct drift_view *feature, int column)
{
	double psi = value_of(&feature->psi);
	switch (column) {
	case SEVERITY:
		return feature->severity * 1e6 + (isnan(psi) ? 0 : psi);
	case PSI:
		return psi;
	case CHANCE:
		return feature->chance;
	case JS:
		return value_of(&feature->js);
	case KS:
		return value_of(&feature->ks);
	case NULLS:
		return value_of(&feature->data.nulls);
	default:
		return NAN;
	}
}

static void
list_features(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	const struct series_view *series = view_series(view);
	int column = sorts[state->sort].column;
	if (series == NULL)
		return;
	for (size_t i = 0; i < series->features_count; i++) {
		const struct drift_view *feature = &series->features[i];
		rows_add(rows, state->filter, feature->name, feature->name, feature,
		    sort_key(feature, column), feature->name);
	}
	rows_add(rows, state->filter, "score", VIEW_SCORE, &series->score,
	    sort_key(&series->score, column), "score");
	rows_sort(rows, sorts[state->sort].descending != state->inverted);
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct rows *rows = context;
	const struct drift_view *feature = rows->list[row].item;
	char text[FIGURE_SIZE];
	switch ((enum column)column) {
	case FEATURE:
		if (strcmp(rows->list[row].id, VIEW_SCORE) == 0)
			canvas_text(canvas, area, 0, 0, ROLE_TITLE, "score");
		else
			canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, feature->name);
		break;
	case SEVERITY:
		canvas_text(canvas, area, 0, 0,
		    feature->severity == SEVERITY_OK ? ROLE_OK
						     : figure_severity_role(feature->severity),
		    severity_name(feature->severity));
		break;
	case PSI:
		figure_draw(canvas, area, &feature->psi,
		    (struct figure_style){
			.decimals = 3, .marks = 3, .severity = feature->severity});
		break;
	case CHANCE:
		figure_draw_number(canvas, area, feature->chance, 1, ROLE_DEFAULT);
		break;
	case PVALUE:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    figure_p_value(text, feature->p_value));
		break;
	case JS:
	case KS:
		figure_draw(canvas, area, column == JS ? &feature->js : &feature->ks,
		    (struct figure_style){.decimals = 3});
		break;
	case NULLS_REFERENCE:
	case NULLS:
		figure_draw(canvas, area,
		    column == NULLS ? &feature->data.nulls : &feature->data.nulls_reference,
		    (struct figure_style){.scale = 100, .decimals = 1});
		break;
	case SAMPLES:
		canvas_text_right(
		    canvas, area, area.width, 0, ROLE_MUTED, figure_count(text, feature->psi.n));
		break;
	default:
		spark_draw(canvas, area, ROLE_GRAPH1, feature->psi_curve, feature->curve_points, 0);
		break;
	}
}

static int
draw_table(struct canvas *canvas, struct area area, const struct view *view,
    struct panel_state *state, struct rows *rows)
{
	int name = 12;
	for (size_t i = 0; i < rows->count; i++) {
		const struct drift_view *feature = rows->list[i].item;
		int width = canvas_width(feature->name);
		name = width > name ? width : name;
	}
	const struct table_column columns[COLUMNS] = {
	    [FEATURE] = {"FEATURE", NULL, name > 32 ? 32 : name, false, false, 0},
	    [SEVERITY] = {"SEVERITY", NULL, 12, false, false, 2},
	    [PSI] = {"PSI", NULL, 9, true, false, 0, 3},
	    [CHANCE] = {canvas->symbols == SYMBOLS_ASCII ? "x CHANCE" : "× CHANCE", NULL, 8, true,
		false, 1},
	    [PVALUE] = {canvas->symbols == SYMBOLS_ASCII ? "chi2 p" : "χ² p", NULL, 7, true, false,
		3},
	    [JS] = {"JS", NULL, 6, true, false, 4},
	    [KS] = {"KS", NULL, 6, true, false, 5},
	    [NULLS_REFERENCE] = {"NULLS REF %", NULL, 11, true, false, 7},
	    [NULLS] = {"NOW %", NULL, 6, true, false, 6},
	    [SAMPLES] = {"N", NULL, 7, true, false, 5},
	    [TREND] = {"PSI OVER TIME", NULL, 13, false, true, 8},
	};
	const struct table table = {.columns = columns,
	    .columns_count = COLUMNS,
	    .rows = rows->count,
	    .selected = rows_find(rows, view->selected[SUBJECT_FEATURE]),
	    .top = &state->top,
	    .sort = sorts[state->sort].column,
	    .cell = draw_cell,
	    .context = rows,
	    .sort_descending = sorts[state->sort].descending != state->inverted};
	return table_draw(canvas, area, &table);
}

static void
draw_facts(struct canvas *canvas, struct area area, const struct drift_view *feature)
{
	char psi[FIGURE_SIZE], times[FIGURE_SIZE], p[FIGURE_SIZE], n[FIGURE_SIZE];
	int x =
	    canvas_text(canvas, area, 0, 0, figure_role(&feature->psi, feature->severity), "PSI ");
	x += canvas_printf(canvas, area, x, 0, figure_role(&feature->psi, feature->severity),
	    "%s%s%s", figure_metric(psi, &feature->psi, 1, 3),
	    feature->severity >= SEVERITY_WARNING ? " " : "", figure_mark(feature->severity));
	if (isfinite(feature->chance))
		x += canvas_printf(canvas, area, x, 0, ROLE_DEFAULT,
		    ", %s%s what chance gives at n = %s",
		    figure_number(times, feature->chance, feature->chance < 10 ? 1 : 0),
		    figure_sign(canvas, SIGN_TIMES), figure_count(n, feature->psi.n));
	else
		x += canvas_printf(
		    canvas, area, x, 0, ROLE_MUTED, ", n = %s", figure_count(n, feature->psi.n));
	if (feature->severity == SEVERITY_INSUFFICIENT)
		x += canvas_text(canvas, area, x, 0, ROLE_MUTED, ": too few to judge");
	if (!isnan(feature->p_value))
		canvas_printf(canvas, area, x, 0, ROLE_MUTED, "   %s p %s",
		    figure_sign(canvas, SIGN_CHI_SQUARED), figure_p_value(p, feature->p_value));
}

static void
draw_graph(struct canvas *canvas, struct area area, const struct view *view,
    const struct drift_view *feature, bool score)
{
	struct graph_mark marks[4];
	double warning, critical;
	char left[32], right[32];
	bool any = false;
	for (size_t i = 0; i < feature->curve_points; i++)
		any = any || isfinite(feature->psi_curve[i]);
	if (!any) {
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "PSI over time: too few records yet");
		return;
	}
	parts_span(view, view->snapshot->comparison_us, left, right);
	view_limits(view, score ? NULL : feature->name, &warning, &critical);
	const struct graph graph = {
	    .levels = {{warning, ROLE_WARN, "warning"}, {critical, ROLE_CRIT, "critical"}},
	    .levels_count = 2,
	    .curves = {{feature->psi_curve, feature->curve_points, ROLE_GRAPH1, "PSI"}},
	    .curves_count = 1,
	    .marks = marks,
	    .marks_count = parts_marks(view, view->snapshot->comparison_us, marks, 4),
	    .low = NAN,
	    .high = NAN,
	    .unit = "",
	    .decimals = 2,
	    .muted_from = 2,
	    .left_label = left,
	    .right_label = right};
	graph_draw(canvas, area, &graph);
}

static void
draw_selected(struct canvas *canvas, struct area area, const struct view *view,
    const struct drift_view *feature, bool score)
{
	char title[400];
	snprintf(title, sizeof(title), "%s %s %s %s %s", score ? "score" : feature->name,
	    figure_sign(canvas, SIGN_DOT), feature->categorical ? "categorical" : "numeric",
	    figure_sign(canvas, SIGN_DOT), severity_name(feature->severity));
	canvas_rule(canvas, area, 0, title);
	struct area body = area_inset(area, 2, 1, 1, 0);
	draw_facts(canvas, body, feature);
	body = area_inset(body, 0, 1, 0, 0);
	bool both = body.width >= 90;
	struct area left = body, right = body;
	if (both) {
		left.width = body.width / 2 - 2;
		right.x += left.width + 4;
		right.width = body.width - left.width - 4;
		draw_graph(canvas, right, view, feature, score);
	}
	const struct histogram histogram = {.reference = feature->reference,
	    .current = feature->current,
	    .bins = feature->bins,
	    .labels = feature->labels,
	    .current_role = ROLE_GRAPH1};
	if (feature->bins > 0)
		histogram_draw(canvas, left, &histogram);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct series_view *series = view_series(view);
	struct rows rows = {0};
	char reference[400], share[FIGURE_SIZE];
	parts_reference(
	    view, series != NULL ? series->model : "", false, reference, sizeof(reference));
	if (series != NULL && metric_known(&series->drift_share))
		text_append(reference, sizeof(reference), " %s %s %% of features drifted",
		    figure_sign(canvas, SIGN_DOT),
		    figure_metric(share, &series->drift_share, 100, 0));
	parts_title(canvas, area, 0, view, reference);
	if (series == NULL) {
		canvas_text(canvas, area, 2, 1, ROLE_MUTED,
		    "nothing has been logged by this service yet; Left and Right choose another");
		return;
	}
	list_features(view, state, &rows);
	struct area top = area_inset(area, 0, 1, 0, 0);
	int wanted = (int)rows.count + 1, most = top.height > 14 ? top.height - 13 : top.height;
	if (wanted > most)
		wanted = most;
	top.height = wanted;
	int used = 1 + draw_table(canvas, top, view, state, &rows);
	int at = rows_find(&rows, view->selected[SUBJECT_FEATURE]);
	struct area rest = area_inset(area, 0, used, 0, 0);
	if (at >= 0 && rest.height >= 4)
		draw_selected(canvas, rest, view, rows.list[at].item,
		    strcmp(rows.list[at].id, VIEW_SCORE) == 0);
	rows_free(&rows);
}

static enum severity
alarm(const struct service_view *service)
{
	const struct series_view *series = service->current;
	if (series == NULL)
		return SEVERITY_INSUFFICIENT;
	return series->score_severity > series->drift_severity ? series->score_severity
							       : series->drift_severity;
}

const struct panel panel_drift = {
    .name = "drift",
    .title = "Drift",
    .short_title = "Drift",
    .help = "features and score of the selected service against the reference",
    .subject = SUBJECT_FEATURE,
    .sorts = sorts,
    .rows = list_features,
    .draw = draw,
    .alarm = alarm,
};
