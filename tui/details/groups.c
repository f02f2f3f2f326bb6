/* groups.c: quality by cohort, and how far the groups are apart. */
#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/parts.h"
#include "widgets/table.h"

enum column { COHORT, COUNT, SHARE, SELECTED, PRECISION, RECALL, FPR, LABELLED, COLUMNS };

static bool
exists(const struct series_view *series)
{
	return series->cohorts_count > 0;
}

static enum severity
alarm(const struct series_view *series)
{
	return series->bias.severity;
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	const struct series_view *series = context;
	const struct cohort_view *cohort = &series->cohorts[row];
	const struct metric *const metrics[COLUMNS] = {[SHARE] = &cohort->share,
	    [SELECTED] = &cohort->selection_rate,
	    [PRECISION] = &cohort->precision,
	    [RECALL] = &cohort->recall,
	    [FPR] = &cohort->fpr};
	char text[FIGURE_SIZE];
	if (column == COHORT)
		canvas_text(canvas, area, 0, 0, ROLE_DEFAULT, cohort->name);
	else if (column == COUNT || column == LABELLED)
		canvas_text_right(canvas, area, area.width, 0,
		    column == COUNT ? ROLE_DEFAULT : ROLE_MUTED,
		    figure_count(text, column == COUNT ? cohort->n : cohort->labelled));
	else
		figure_draw(canvas, area, metrics[column],
		    (struct figure_style){.scale = 100,
			.decimals = column == SELECTED || column == FPR ? 2 : 1,
			.interval = column != SHARE,
			.immature = column >= PRECISION && !series->quality.mature});
}

static void
draw_cohorts(struct canvas *canvas, struct area area, const struct series_view *series)
{
	int name = 8, top = 0;
	for (size_t i = 0; i < series->cohorts_count; i++) {
		int width = canvas_width(series->cohorts[i].name);
		name = width > name ? width : name;
	}
	const struct table_column columns[COLUMNS] = {
	    [COHORT] = {"GROUP", NULL, name > 24 ? 24 : name, false, false, 0},
	    [COUNT] = {"N", NULL, 8, true, false, 1},
	    [SHARE] = {"SHARE %", NULL, 7, true, false, 4},
	    [SELECTED] = {"FLAGGED %", NULL, 12, true, false, 0},
	    [PRECISION] = {"PRECISION %", NULL, 12, true, false, 2},
	    [RECALL] = {"RECALL %", NULL, 12, true, false, 0},
	    [FPR] = {"FALSE ALARMS %", "FALSE AL. %", 12, true, false, 1},
	    [LABELLED] = {"LABELLED", NULL, 8, true, false, 5},
	};
	union {
		const struct series_view *in;
		void *out;
	} context = {.in = series};
	const struct table table = {.columns = columns,
	    .columns_count = COLUMNS,
	    .rows = series->cohorts_count,
	    .selected = -1,
	    .top = &top,
	    .sort = -1,
	    .cell = draw_cell,
	    .context = context.out};
	table_draw(canvas, area, &table);
}

static void
draw_difference(struct canvas *canvas, struct area area, int y, const char *label,
    const struct metric *metric, double scale, const char groups[2][32])
{
	int decimals = scale > 1 ? 2 : 3;
	char text[FIGURE_SIZE];
	canvas_text(canvas, area, 0, y, ROLE_MUTED, label);
	canvas_text_right(canvas, area, 34, y, figure_role(metric, SEVERITY_OK),
	    figure_metric(text, metric, scale, decimals));
	canvas_text(canvas, area, 36, y, ROLE_MUTED, figure_between(text, metric, scale, decimals));
	if (groups[0][0] != '\0')
		canvas_printf(canvas, area, 54, y, ROLE_MUTED, "%s, %s", groups[0], groups[1]);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)view;
	(void)state;
	const struct bias_view *bias = &series->bias;
	char heading[SNAPSHOT_NAME + SNAPSHOT_WORDS];
	snprintf(heading, sizeof(heading), "BETWEEN THE GROUPS OF %s",
	    bias->by[0] != '\0' ? bias->by : "the log");
	canvas_text(canvas, area, 0, 0, ROLE_HEADING, heading);
	if (bias->severity >= SEVERITY_WARNING)
		snprintf(
		    heading, sizeof(heading), "%s %s", figure_mark(bias->severity), bias->reason);
	else
		snprintf(heading, sizeof(heading), "%s", bias->reason);
	int y = 1;
	y += parts_wrap(canvas, area, y,
	    bias->severity >= SEVERITY_WARNING ? figure_severity_role(bias->severity) : ROLE_MUTED,
	    heading, 2);
	draw_difference(canvas, area, y++, "flagged, difference %",
	    &bias->demographic_parity_difference, 100, bias->extremes[0]);
	draw_difference(canvas, area, y++, "flagged, ratio (impact)", &bias->disparate_impact, 1,
	    bias->extremes[1]);
	draw_difference(canvas, area, y++, "recall, difference %",
	    &bias->equal_opportunity_difference, 100, bias->extremes[2]);
	draw_difference(canvas, area, y++, "false alarms, difference %", &bias->fpr_difference, 100,
	    bias->extremes[3]);
	y += area.height > y + 6;
	struct area table = area_inset(area, 0, y, 0, 0);
	table.x -= 2; /* it keeps two columns for a pointer that it has not */
	table.width += 2;
	draw_cohorts(canvas, table, series);
}

const struct detail detail_groups = {
    .name = "groups",
    .title = "Groups",
    .help = "quality by cohort, and how far the groups are apart (bias)",
    .exists = exists,
    .alarm = alarm,
    .draw = draw,
};
