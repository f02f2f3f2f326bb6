/* drift.c: the selected service's features, score, decision rate and volume against the reference;
 * below, what is known of the selected one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/drift_selected.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/spark.h"
#include "widgets/table.h"

enum column {
	FEATURE,
	VERDICT,
	WINDOWS,
	PSI,
	LEVEL,
	CHANCE,
	PVALUE,
	DATA,
	SAMPLES,
	SEASON,
	JS,
	HELLINGER,
	KL,
	KS,
	WASSERSTEIN,
	NULLS,
	TREND,
	COLUMNS
};

static const struct panel_sort sorts[] = {
    {"severity", true, VERDICT},
    {"name", false, FEATURE},
    {"psi", true, PSI},
    {"times", true, CHANCE},
    {"p", false, PVALUE},
    {"data", true, DATA},
    {"js", true, JS},
    {"ks", true, KS},
    {"wasserstein", true, WASSERSTEIN},
    {"nulls", true, NULLS},
    {NULL, false, 0},
};

static double
sort_key(const struct drift_view *feature, int column)
{
	double psi = metric_or_nan(&feature->psi);
	switch (column) {
	case VERDICT:
		return feature->severity * 1e6 + (isnan(psi) ? 0 : psi);
	case PSI:
		return psi;
	case CHANCE:
		return feature->chance;
	case PVALUE:
		return feature->p_adjusted;
	case DATA:
		return feature->data.severity;
	case JS:
		return metric_or_nan(&feature->js);
	case WASSERSTEIN:
		return metric_or_nan(&feature->wasserstein_norm);
	case KS:
		return metric_or_nan(&feature->ks);
	case NULLS:
		return metric_or_nan(&feature->data.nulls);
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
	/* The rates are not columns of the data: they keep the last rows in any order. */
	rows_add(rows, state->filter, "decision rate", DRIFT_DECISIONS, &series->decisions, NAN,
	    "decision rate");
	rows_add(rows, state->filter, "volume", DRIFT_VOLUME, &series->volume, NAN, "volume");
}

static void
draw_numbers(
    struct canvas *canvas, struct area area, const struct drift_view *feature, enum column column)
{
	char text[FIGURE_SIZE];
	const struct metric *const metrics[COLUMNS] = {[JS] = &feature->js,
	    [HELLINGER] = &feature->hellinger,
	    [KL] = &feature->kl,
	    [KS] = &feature->ks,
	    [WASSERSTEIN] = &feature->wasserstein_norm};
	switch (column) {
	case PSI:
		figure_draw(canvas, area, &feature->psi,
		    (struct figure_style){
			.decimals = 3, .marks = 3, .severity = feature->severity});
		break;
	case LEVEL:
		figure_draw_number(canvas, area, feature->null_level, 3, ROLE_MUTED);
		break;
	case CHANCE:
		figure_draw_number(canvas, area, feature->chance, feature->chance < 1000 ? 1 : 0,
		    figure_role(&feature->psi, SEVERITY_OK));
		break;
	case PVALUE:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    figure_p_value(text, feature->p_adjusted));
		break;
	case NULLS:
		figure_draw(canvas, area, &feature->data.nulls,
		    (struct figure_style){.scale = 100, .decimals = 1});
		break;
	default:
		figure_draw(canvas, area, metrics[column], (struct figure_style){.decimals = 3});
		break;
	}
}

static void
draw_feature(
    struct canvas *canvas, struct area area, const struct drift_view *feature, enum column column)
{
	enum severity severity = column == DATA ? feature->data.severity : feature->severity;
	char text[FIGURE_SIZE];
	switch (column) {
	case VERDICT:
	case DATA:
		canvas_text(canvas, area, 0, 0,
		    severity == SEVERITY_OK ? ROLE_OK : figure_severity_role(severity),
		    severity_name(severity));
		break;
	case WINDOWS:
		drift_draw_windows(canvas, area, feature);
		break;
	case SAMPLES:
		canvas_text_right(
		    canvas, area, area.width, 0, ROLE_MUTED, figure_count(text, feature->psi.n));
		break;
	case SEASON:
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, drift_season(feature->season));
		break;
	case TREND:
		spark_draw(canvas, area, ROLE_GRAPH1, feature->psi_curve, feature->curve_points, 0);
		break;
	default:
		draw_numbers(canvas, area, feature, column);
		break;
	}
}

/* A rate has no bins: what it was and is stands where features have theirs. */
static void
draw_rate(struct canvas *canvas, struct area area, const struct rate_view *rate, bool share,
    enum column column)
{
	char text[160];
	if (column == VERDICT) {
		canvas_text(canvas, area, 0, 0,
		    rate->severity == SEVERITY_OK ? ROLE_OK : figure_severity_role(rate->severity),
		    severity_name(rate->severity));
	} else if (column == PSI) {
		area.width = canvas->width - area.x;
		drift_rate_words(canvas, rate, share, text, sizeof(text));
		int x = canvas_text(
		    canvas, area, 0, 0, figure_role(&rate->current, rate->severity), text);
		if (rate->severity == SEVERITY_INSUFFICIENT)
			canvas_printf(canvas, area, x, 0, ROLE_MUTED, ": %s", rate->reason);
	}
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct rows *rows = context;
	const struct row *one = &rows->list[row];
	bool decisions = strcmp(one->id, DRIFT_DECISIONS) == 0;
	bool rate = decisions || strcmp(one->id, DRIFT_VOLUME) == 0;
	if (column == FEATURE)
		canvas_text(canvas, area, 0, 0,
		    rate || strcmp(one->id, VIEW_SCORE) == 0 ? ROLE_TITLE : ROLE_DEFAULT,
		    one->word);
	else if (rate)
		draw_rate(canvas, area, one->item, decisions, (enum column)column);
	else if (column == DATA && strcmp(one->id, VIEW_SCORE) == 0)
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "-"); /* it is made, not logged */
	else
		draw_feature(canvas, area, one->item, (enum column)column);
}

static int
draw_table(struct canvas *canvas, struct area area, const struct view *view,
    struct panel_state *state, struct rows *rows)
{
	bool ascii = canvas->symbols == SYMBOLS_ASCII;
	bool seasons = false;
	int name = 13;
	for (size_t i = 0; i < rows->count; i++) {
		const struct drift_view *feature = rows->list[i].item;
		if (rows->list[i].id[0] != '\001')
			seasons = seasons || drift_season(feature->season)[0] != '-';
		int width = canvas_width(rows->list[i].word);
		name = width > name ? width : name;
	}
	const struct table_column columns[COLUMNS] = {
	    [FEATURE] = {"FEATURE", NULL, name > 32 ? 32 : name, false, false, 0},
	    [VERDICT] = {"VERDICT", NULL, 12, false, false, 0},
	    [WINDOWS] = {"LAST", NULL, 4, false, false, 2},
	    [PSI] = {"PSI", NULL, 9, true, false, 0, 3},
	    [LEVEL] = {"CHANCE", NULL, 6, true, false, 2},
	    [CHANCE] = {"TIMES", NULL, 6, true, false, 1},
	    [PVALUE] = {"p", NULL, 7, true, false, 3},
	    [DATA] = {"DATA", NULL, 12, false, false, 1},
	    [SAMPLES] = {"N", NULL, 7, true, false, 4},
	    [SEASON] = {"SEASON", NULL, 12, false, false, seasons ? 5 : 10},
	    [JS] = {"JS", NULL, 6, true, false, 6},
	    [HELLINGER] = {"HELL.", NULL, 6, true, false, 9},
	    [KL] = {"KL", NULL, 6, true, false, 9},
	    [KS] = {"KS", NULL, 6, true, false, 6},
	    [WASSERSTEIN] = {ascii ? "W/sd" : "W/σ", NULL, 6, true, false, 7},
	    [NULLS] = {"NULLS %", NULL, 7, true, false, 7},
	    [TREND] = {"PSI OVER TIME", NULL, 13, false, true, 8},
	};
	struct table table = parts_sorted(sorts, state);
	table.columns = columns;
	table.columns_count = COLUMNS;
	table.rows = rows->count;
	table.selected = rows_find(rows, view->selected[SUBJECT_FEATURE]);
	table.cell = draw_cell;
	table.context = rows;
	return table_draw(canvas, area, &table);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct series_view *series = view_series(view);
	struct rows rows = {0};
	char reference[400], title[480] = "", share[FIGURE_SIZE];
	parts_reference(
	    view, series != NULL ? series->model : "", false, reference, sizeof(reference));
	if (series != NULL && metric_known(&series->drift_share))
		snprintf(title, sizeof(title), "%s %% drifted %s %s",
		    figure_metric(share, &series->drift_share, 100, 0),
		    figure_sign(canvas, SIGN_DOT), reference);
	parts_title(canvas, area, 0, view, title[0] != '\0' ? title : reference);
	if (series == NULL) {
		canvas_text(canvas, area, 2, 1, ROLE_MUTED,
		    "nothing has been logged by this service yet; Left and Right choose another");
		return;
	}
	list_features(view, state, &rows);
	struct area top = area_inset(area, 0, 1, 0, 0);
	int wanted = (int)rows.count + 1,
	    most = top.height > 16 ? top.height - 11 - (top.height > 24 ? 4 : 0) : top.height;
	if (wanted > most)
		wanted = most;
	top.height = wanted;
	int used = 1 + draw_table(canvas, top, view, state, &rows);
	int at = rows_find(&rows, view->selected[SUBJECT_FEATURE]);
	struct area rest = area_inset(area, 0, used, 0, 0);
	if (at >= 0 && rest.height >= 4)
		drift_draw_selected(canvas, rest, view, &rows.list[at]);
	rows_free(&rows);
}

static enum severity
alarm(const struct service_view *service)
{
	return service->current == NULL ? SEVERITY_INSUFFICIENT
					: parts_drift_alarm(service->current);
}

const struct panel panel_drift = {
    .name = "drift",
    .title = "Drift",
    .short_title = "Drift",
    .help = "features, score and rates of the selected service against the reference",
    .subject = SUBJECT_FEATURE,
    .sorts = sorts,
    .rows = list_features,
    .draw = draw,
    .alarm = alarm,
};
