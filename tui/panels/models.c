/* models.c: the versions of every model side by side, and where each alias points. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/compare.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/table.h"

enum column {
	MODEL,
	VERSION,
	STAGE,
	REGISTERED,
	BY,
	SHA256,
	RECORDS,
	P99,
	ERRORS,
	PRECISION,
	RECALL,
	DRIFT,
	COLUMNS
};

static const struct panel_sort sorts[] = {{"newest", false, -1}, {"version", false, VERSION},
    {"records", true, RECORDS}, {"p99", true, P99}, {"precision", false, PRECISION},
    {"drift", true, DRIFT}, {NULL, false, 0}};

static struct metric
figure_of(const struct version_view *version, enum column column)
{
	const struct series_view *series = version->series;
	if (series == NULL)
		return metric_none();
	switch (column) {
	case P99:
		return series->latency.p99;
	case ERRORS:
		return series->error_rate;
	case PRECISION:
		return series->quality.precision;
	case RECALL:
		return series->quality.recall;
	case DRIFT:
		return series->worst_psi;
	default:
		return metric_none();
	}
}

static double
sort_key(const struct version_view *version, int column, size_t at)
{
	struct metric metric;
	if (column < 0)
		return (double)at;
	if (column == RECORDS)
		return version->series != NULL ? (double)version->series->records : NAN;
	metric = figure_of(version, (enum column)column);
	return metric_known(&metric) ? metric.value : NAN;
}

static void
list_versions(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	const struct snapshot *snapshot = view->snapshot;
	size_t at = 0;
	for (size_t i = 0; i < snapshot->models_count; i++) {
		const struct model_view *model = &snapshot->models[i];
		for (size_t k = 0; k < model->versions_count; k++, at++) {
			const struct version_view *version = &model->versions[k];
			char id[VIEW_ID], text[3 * SNAPSHOT_NAME + 256];
			view_version_id(id, model->model, version->version);
			snprintf(text, sizeof(text), "%s %s %s %s", model->model, version->version,
			    version->aliases, version->created_by);
			rows_add(rows, state->filter, text, id, version,
			    sort_key(version, sorts[state->sort].column, at), version->version);
		}
	}
	rows_sort(rows, sorts[state->sort].descending != state->inverted);
}

struct lines {
	const struct view *view;
	struct rows rows;
};

static void
draw_figure(
    struct canvas *canvas, struct area area, const struct version_view *version, enum column column)
{
	const struct series_view *series = version->series;
	struct metric metric = figure_of(version, column);
	struct figure_style style = {.decimals = 1, .marks = 3};
	if (column == ERRORS)
		style.scale = 100, style.decimals = 2;
	if (column == PRECISION || column == RECALL)
		style.scale = 100, style.interval = true;
	if (column == DRIFT)
		style.decimals = 2;
	if (series != NULL) {
		style.severity = column == P99	    ? series->latency_severity
				 : column == ERRORS ? series->error_severity
				 : column == DRIFT  ? series->drift_severity
				 : column == RECALL ? series->recall_severity
						    : series->precision_severity;
		style.immature = style.interval && !series->quality.mature;
	}
	figure_draw(canvas, area, &metric, style);
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct lines *lines = context;
	const struct version_view *version = lines->rows.list[row].item;
	char model[SNAPSHOT_NAME], name[SNAPSHOT_NAME], text[64];
	switch ((enum column)column) {
	case MODEL:
		view_version_split(lines->rows.list[row].id, model, name);
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, model);
		break;
	case VERSION:
		canvas_text(canvas, area, 0, 0, ROLE_TITLE, version->version);
		break;
	case STAGE:
		canvas_text(canvas, area, 0, 0, version->aliases[0] != '\0' ? ROLE_OK : ROLE_MUTED,
		    version->aliases[0] != '\0' ? version->aliases
		    : !version->registered	? "not registered"
		    : version->last_live > 0	? "retired"
						: "-");
		break;
	case REGISTERED:
		canvas_text(canvas, area, 0, 0, ROLE_MUTED,
		    view_minute(lines->view, text, version->created_at));
		break;
	case BY:
		canvas_text(canvas, area, 0, 0, ROLE_MUTED,
		    version->created_by[0] != '\0' ? version->created_by : "-");
		break;
	case SHA256:
		canvas_printf(canvas, area, 0, 0, ROLE_MUTED, "%.8s",
		    version->sha256[0] != '\0' ? version->sha256 : "-");
		break;
	case RECORDS:
		canvas_text_right(canvas, area, area.width, 0, ROLE_MUTED,
		    version->series == NULL ? "-" : figure_count(text, version->series->records));
		break;
	default:
		draw_figure(canvas, area, version, (enum column)column);
		break;
	}
}

static int
draw_versions(
    struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	struct lines lines = {.view = view};
	int name = 16;
	for (size_t i = 0; i < view->snapshot->models_count; i++) {
		int width = canvas_width(view->snapshot->models[i].model);
		name = width > name ? width : name;
	}
	const struct table_column columns[COLUMNS] = {
	    [MODEL] = {"MODEL", NULL, name > 32 ? 32 : name, false, false, 1},
	    [VERSION] = {"VERSION", "VER", 5, false, false, 0},
	    [STAGE] = {"STAGE", NULL, 15, false, true, 0},
	    [REGISTERED] = {"REGISTERED", NULL, 16, false, false, 7},
	    [BY] = {"BY", NULL, 12, false, false, 6},
	    [SHA256] = {"SHA-256", NULL, 8, false, false, 8},
	    [RECORDS] = {"N", NULL, 7, true, false, 5},
	    [P99] = {"P99 ms", NULL, 9, true, false, 2, 3},
	    [ERRORS] = {"ERR %", NULL, 8, true, false, 4, 3},
	    [PRECISION] = {"PRECISION %", "PREC %", 14, true, false, 1, 3},
	    [RECALL] = {"RECALL %", NULL, 14, true, false, 5, 3},
	    [DRIFT] = {"DRIFT", NULL, 8, true, false, 3, 3},
	};
	list_versions(view, state, &lines.rows);
	struct table table = parts_sorted(sorts, state);
	table.columns = columns;
	table.columns_count = COLUMNS;
	table.rows = lines.rows.count;
	table.selected = rows_find(&lines.rows, view->selected[SUBJECT_VERSION]);
	table.cell = draw_cell;
	table.context = &lines;
	int used = table_draw(canvas, area, &table);
	rows_free(&lines.rows);
	return used;
}

enum target_column { ALIAS, POINTS, PREVIOUS, SINCE, CHANGED_BY, REASON, TARGET_COLUMNS };

static void
draw_target(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct view *view = context;
	const struct target_view *target = &view->snapshot->targets[row];
	char text[32];
	if (!target->known && column != ALIAS) {
		if (column == POINTS)
			canvas_text(canvas,
			    (struct area){area.x, area.y, canvas->width - area.x, 1}, 0, 0,
			    ROLE_CRIT, target->error);
		return;
	}
	switch ((enum target_column)column) {
	case ALIAS:
		canvas_printf(
		    canvas, area, 0, 0, ROLE_DEFAULT, "%s@%s", target->model, target->alias);
		break;
	case POINTS:
		canvas_text(canvas, area, 0, 0, ROLE_TITLE,
		    target->version[0] != '\0' ? target->version : "-");
		break;
	case PREVIOUS:
		canvas_text(canvas, area, 0, 0, ROLE_MUTED,
		    target->previous[0] != '\0' ? target->previous : "-");
		break;
	case SINCE:
		canvas_text(
		    canvas, area, 0, 0, ROLE_DEFAULT, view_minute(view, text, target->changed_at));
		break;
	case CHANGED_BY:
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT,
		    target->changed_by[0] != '\0' ? target->changed_by : "-");
		break;
	default:
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, target->reason);
		break;
	}
}

static void
draw_targets(struct canvas *canvas, struct area area, const struct view *view)
{
	int alias = 16, top = 0;
	for (size_t i = 0; i < view->snapshot->targets_count; i++) {
		const struct target_view *target = &view->snapshot->targets[i];
		int width = canvas_width(target->model) + 1 + canvas_width(target->alias);
		alias = width > alias ? width : alias;
	}
	const struct table_column columns[TARGET_COLUMNS] = {
	    [ALIAS] = {"ALIAS", NULL, alias > 48 ? 48 : alias, false, false, 0},
	    [POINTS] = {"POINTS AT", "AT", 9, false, false, 0},
	    [PREVIOUS] = {"BEFORE", NULL, 6, false, false, 1},
	    [SINCE] = {"SINCE", NULL, 11, false, false, 1},
	    [CHANGED_BY] = {"BY", NULL, 12, false, false, 2},
	    [REASON] = {"REASON", NULL, 16, false, true, 3},
	};
	union { /* the table hands its context back as it was given */
		const struct view *in;
		void *out;
	} context = {.in = view};
	const struct table table = {.columns = columns,
	    .columns_count = TARGET_COLUMNS,
	    .rows = view->snapshot->targets_count,
	    .selected = -1,
	    .top = &top,
	    .sort = -1,
	    .cell = draw_target,
	    .context = context.out};
	table_draw(canvas, area, &table);
}

static int
draw_pair(struct canvas *canvas, struct area area, int y, const char *label, const char *text)
{
	canvas_text(canvas, area, 0, y, ROLE_MUTED, label);
	canvas_text(canvas, area, 16, y, ROLE_DEFAULT, text[0] != '\0' ? text : "unknown");
	return y + 1;
}

static const struct version_view *
find_selected(const struct view *view, const struct model_view **model)
{
	char name[SNAPSHOT_NAME], version[SNAPSHOT_NAME];
	if (!view_version_split(view->selected[SUBJECT_VERSION], name, version))
		return NULL;
	*model = snapshot_model(view->snapshot, name);
	for (size_t i = 0; *model != NULL && i < (*model)->versions_count; i++) {
		if (strcmp((*model)->versions[i].version, version) == 0)
			return &(*model)->versions[i];
	}
	return NULL;
}

static int
draw_words(struct canvas *canvas, struct area area, int y, const char *label, const char *text)
{
	if (text[0] == '\0')
		return y;
	canvas_text(canvas, area, 0, y, ROLE_MUTED, label);
	return y + parts_wrap(canvas, area_inset(area, 16, 0, 0, 0), y, ROLE_DEFAULT, text, 2);
}

/* What its metadata tell of its training. */
static int
draw_told(struct canvas *canvas, struct area area, int y, const struct version_told *told)
{
	char text[VERSION_METRICS * 64 + sizeof(told->note)] = "";
	text_append(text, sizeof(text), "%s%s%s", told->trained_at,
	    told->trained_at[0] != '\0' && told->note[0] != '\0' ? ", " : "", told->note);
	y = draw_words(canvas, area, y, "trained", text);
	text[0] = '\0';
	for (size_t i = 0; i < told->metrics_count; i++)
		text_append(text, sizeof(text), "%s%s %.6g", i > 0 ? ", " : "",
		    told->metrics[i].name, told->metrics[i].value);
	return draw_words(canvas, area, y, "metrics then", text);
}

/* What the table has no room for. Returns the rows used. */
static int
draw_selected(struct canvas *canvas, struct area area, const struct view *view,
    const struct model_view *model, const struct version_view *version)
{
	char title[400], text[320], time[32];
	snprintf(title, sizeof(title), "%s %s", model->model, version->version);
	canvas_rule(canvas, area, 0, title);
	struct area body = area_inset(area, 2, 1, 1, 0);
	int y = draw_pair(canvas, body, 0, "aliases",
	    version->aliases[0] != '\0' ? version->aliases : "none points at it");
	snprintf(text, sizeof(text), "%s by %s", view_minute(view, time, version->created_at),
	    version->created_by[0] != '\0' ? version->created_by : "somebody unknown");
	y = draw_pair(canvas, body, y, "registered", version->registered ? text : "no");
	y = draw_pair(canvas, body, y, "last live",
	    version->last_live > 0 ? view_minute(view, time, version->last_live) : "");
	y = draw_pair(canvas, body, y, "threshold",
	    metric_known(&version->threshold) ? figure_metric(text, &version->threshold, 1, 4)
					      : "");
	y = draw_told(canvas, body, y, &version->told);
	y = draw_pair(canvas, body, y, "file", version->path);
	y = draw_pair(canvas, body, y, "SHA-256", version->sha256);
	parts_reference(view, model->model, true, text, sizeof(text));
	canvas_text(canvas, body, 0, y, ROLE_MUTED, text);
	return y + 2;
}

/* Below the tables: the selected version, another beside it, and what the aliases did, as far as
 * there is room for each. */
static void
draw_below(struct canvas *canvas, struct area area, const struct view *view)
{
	const struct model_view *model = NULL;
	const struct version_view *version = find_selected(view, &model), *other;
	if (area.height < 4 || version == NULL)
		return;
	area = area_inset(area, 0, draw_selected(canvas, area, view, model, version), 0, 0);
	other = compare_other(view->snapshot, model, version);
	if (area.height >= 8 && other != NULL)
		area = area_inset(area, 0, compare_draw(canvas, area, version, other), 0, 0);
	if (area.height >= 2)
		parts_events(canvas, area, view, "Aliases moved", EVENT_ALIAS);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct snapshot *snapshot = view->snapshot;
	int targets = (int)snapshot->targets_count + 2;
	if (snapshot->models_count == 0) {
		canvas_text(canvas, area, 2, 0, ROLE_MUTED,
		    "No model is known: no registry is configured, and nothing was logged yet.");
		return;
	}
	if (targets > area.height / 2)
		targets = area.height / 2;
	struct area top = {area.x, area.y, area.width, area.height - targets};
	int used = draw_versions(canvas, top, view, state);
	struct area rest = area_inset(area, 0, used, 0, 0);
	if (snapshot->targets_count > 0 && rest.height >= 3) {
		struct area below = rest;
		below.height = rest.height < targets ? rest.height : targets;
		canvas_rule(canvas, below, 0, "Aliases");
		draw_targets(canvas, area_inset(below, 0, 1, 0, 0), view);
		rest = area_inset(rest, 0, below.height, 0, 0);
	}
	draw_below(canvas, rest, view);
}

const struct panel panel_models = {
    .name = "models",
    .title = "Models",
    .short_title = "Models",
    .help = "versions side by side, aliases, who moved them and when",
    .subject = SUBJECT_VERSION,
    .sorts = sorts,
    .rows = list_versions,
    .draw = draw,
};
