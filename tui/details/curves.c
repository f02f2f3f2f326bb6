/* curves.c: realised quality beside the estimate without labels, as numbers and over time. The two
 * never share a number or a curve: the estimate is muted, dotted and named for what it assumes. */
#include <math.h>
#include <stdio.h>

#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/parts.h"
#include "widgets/bar.h"

enum { VALUE = 22, ESTIMATE = 38, WIDTH = ESTIMATE + 9 };

struct line {
	const char *label;
	const struct metric *realised, *estimate;
	double scale;
	int decimals;
	enum role role; /* as its curve's, which may have no room for a name */
};

/* A figure that ends at column x, and its half width after it. */
static void
draw_figure(struct canvas *canvas, struct area area, int x, int y, const struct line *line,
    const struct metric *metric, enum role role)
{
	char text[FIGURE_SIZE];
	canvas_text_right(
	    canvas, area, x, y, role, figure_metric(text, metric, line->scale, line->decimals));
	if (metric_known(metric) && isfinite(metric->high - metric->low))
		canvas_printf(canvas, area, x + 1, y, ROLE_MUTED, "%s%s",
		    figure_sign(canvas, SIGN_PLUS_MINUS),
		    figure_number(
			text, (metric->high - metric->low) / 2 * line->scale, line->decimals));
}

static void
draw_line(struct canvas *canvas, struct area area, int y, const struct line *line,
    const struct series_view *series)
{
	bool mature = series->quality.mature, muted = series->estimated.muted;
	canvas_text(canvas, area, 0, y, line->role, line->label);
	draw_figure(canvas, area, VALUE, y, line, line->realised,
	    mature ? figure_role(line->realised, SEVERITY_OK) : ROLE_MUTED);
	draw_figure(
	    canvas, area, ESTIMATE, y, line, line->estimate, muted ? ROLE_MUTED : ROLE_REFERENCE);
}

static int
draw_lines(struct canvas *canvas, struct area area, const struct series_view *series)
{
	const struct quality_view *quality = &series->quality;
	const struct estimate_view *estimated = &series->estimated;
	const struct line lines[] = {
	    {"precision %", &quality->precision, &estimated->precision, 100, 1, ROLE_GRAPH1},
	    {"recall %", &quality->recall, &estimated->recall, 100, 1, ROLE_GRAPH2},
	    {"false alarms %", &quality->fpr, &estimated->fpr, 100, 2, ROLE_MUTED},
	    {"F1", &quality->f1, &estimated->f1, 1, 3, ROLE_MUTED},
	    {"ROC AUC", &quality->roc_auc, &estimated->roc_auc, 1, 4, ROLE_MUTED},
	    {"avg precision", &quality->average_precision, &estimated->average_precision, 1, 4,
		ROLE_MUTED},
	};
	enum { LINES = sizeof(lines) / sizeof(lines[0]) };
	canvas_text_right(canvas, area, VALUE, 0, ROLE_HEADING, "REALISED");
	canvas_text_right(canvas, area, ESTIMATE, 0, estimated->muted ? ROLE_MUTED : ROLE_HEADING,
	    estimated->muted ? "(ESTIMATE)" : "ESTIMATE");
	for (int i = 0; i < LINES; i++)
		draw_line(canvas, area, 1 + i, &lines[i], series);
	return LINES + 1;
}

static void
draw_labels(struct canvas *canvas, struct area area, int y, const struct quality_view *quality)
{
	char text[FIGURE_SIZE], more[FIGURE_SIZE];
	canvas_printf(canvas, area, 0, y, ROLE_MUTED, "labels in %s %%",
	    figure_metric(text, &quality->maturity, 100, 1));
	struct area bar = {area.x + VALUE - 4, area.y + y,
	    area.width - VALUE + 4 < 16 ? area.width - VALUE + 4 : 16, 1};
	if (bar.width > 0)
		bar_draw(canvas, bar, quality->mature ? ROLE_OK : ROLE_WARN,
		    metric_known(&quality->maturity) ? quality->maturity.value : NAN);
	canvas_printf(canvas, area, 0, y + 1, ROLE_MUTED, "%s of %s; lag",
	    figure_count(text, quality->labelled), figure_count(more, quality->predictions));
	int x = canvas_width(text) + canvas_width(more) + 10;
	x += canvas_printf(
	    canvas, area, x, y + 1, ROLE_MUTED, "%s", figure_age(text, &quality->label_lag_s));
	canvas_printf(canvas, area, x, y + 1, ROLE_MUTED, ", p90 %s",
	    figure_age(text, &quality->label_lag_p90_s));
}

/* What each of the two stands on, over the whole width. Returns the rows kept for it. */
static int
draw_reasons(struct canvas *canvas, struct area area, const struct series_view *series)
{
	const char *reason = series->quality.reason, *assumption = series->estimated.assumption;
	char text[2][SNAPSHOT_WORDS + 64] = {"", ""};
	int rows = 0, used = 0;
	if (area.height < 10)
		return 0;
	if (series->quality.sample > 1)
		snprintf(text[0], sizeof(text[0]), "realised: of 1 in %u predictions%s%s",
		    series->quality.sample, reason[0] != '\0' ? "; " : "", reason);
	else if (reason[0] != '\0')
		snprintf(text[0], sizeof(text[0]), "realised: %s", reason);
	snprintf(text[1], sizeof(text[1]), "estimate%s%s", assumption[0] != '\0' ? ": " : ", ",
	    assumption[0] != '\0' ? assumption : "if fraud behaves as it did");
	for (int i = 0; i < 2; i++)
		rows += text[i][0] == '\0' ? 0 : canvas_width(text[i]) > area.width ? 2 : 1;
	struct area foot = area_inset(area, 0, area.height - rows, 0, 0);
	for (int i = 0; i < 2; i++)
		used += parts_wrap(canvas, foot, used, ROLE_MUTED, text[i], 2);
	return rows;
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)state;
	struct area left = area, right = area;
	left.height = right.height = area.height - draw_reasons(canvas, area, series);
	left.width = area.width >= WIDTH + 26 ? WIDTH : area.width;
	right.x += left.width + 2;
	right.width = area.width - left.width - 2;
	int y = draw_lines(canvas, left, series);
	y += left.height >= y + 3;
	if (y + 2 <= left.height)
		draw_labels(canvas, left, y, &series->quality);
	if (right.width >= 24)
		parts_quality_curves(canvas, right, view, series, true);
}

const struct detail detail_curves = {
    .name = "curves",
    .title = "Curves",
    .help = "realised quality and the estimate without labels, over time",
    .draw = draw,
};
