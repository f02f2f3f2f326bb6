/* replayed.c: the figures of two versions on the same predictions, and how sure their difference
 * is.
 */
#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "tui/compare.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/parts.h"

/* A figure's value ends at VALUE, its interval stands behind it. */
enum { LABEL = 14, VALUE = 6, FIGURE = 23, DIFFERENCE = 11 };
enum { TABLE = LABEL + 2 * FIGURE + DIFFERENCE };
enum { WORDS_LEAST = 44, WIDE = 150, STACKED = 12 };

struct line {
	const char *label;
	const struct metric *logged, *other;
	double scale;
	int decimals;
};

static void
draw_figure(
    struct canvas *canvas, struct area cell, const struct line *line, const struct metric *metric)
{
	char text[FIGURE_SIZE];
	enum role role = figure_role(metric, SEVERITY_OK);
	canvas_text_right(
	    canvas, cell, VALUE, 0, role, figure_metric(text, metric, line->scale, line->decimals));
	canvas_text(canvas, cell, VALUE + 1, 0, ROLE_MUTED,
	    figure_between(text, metric, line->scale, line->decimals));
}

static void
draw_heading(struct canvas *canvas, struct area area, const struct replay_view *replay)
{
	struct area cell = {area.x + LABEL, area.y, FIGURE - 1, 1};
	int width = canvas_width(replay->logged);
	canvas_text_right(
	    canvas, cell, width > VALUE ? width : VALUE, 0, ROLE_TITLE, replay->logged);
	cell.x += FIGURE;
	width = canvas_width(replay->other);
	canvas_text_right(
	    canvas, cell, width > VALUE ? width : VALUE, 0, ROLE_TITLE, replay->other);
	canvas_text_right(canvas, area, TABLE, 0, ROLE_HEADING, "DIFFERENCE");
}

static void
draw_line(struct canvas *canvas, struct area area, int y, const struct line *line)
{
	struct area cell = {area.x + LABEL, area.y + y, FIGURE - 1, 1};
	canvas_text(canvas, area, 0, y, ROLE_MUTED, line->label);
	draw_figure(canvas, cell, line, line->logged);
	cell.x += FIGURE;
	draw_figure(canvas, cell, line, line->other);
	cell = (struct area){area.x + TABLE - DIFFERENCE, area.y + y, DIFFERENCE, 1};
	compare_difference(canvas, cell, line->other, line->logged, line->scale, line->decimals);
}

static int
draw_table(struct canvas *canvas, struct area area, const struct replay_view *replay)
{
	const struct replay_figures *logged = &replay->logged_figures;
	const struct replay_figures *other = &replay->other_figures;
	const struct line lines[] = {
	    {"flagged %", &logged->flag_rate, &other->flag_rate, 100, 2},
	    {"precision %", &logged->precision, &other->precision, 100, 1},
	    {"recall %", &logged->recall, &other->recall, 100, 1},
	    {"ROC AUC", &logged->roc_auc, &other->roc_auc, 1, 3},
	    {"avg precision", &logged->average_precision, &other->average_precision, 1, 3},
	};
	enum { LINES = sizeof(lines) / sizeof(lines[0]) };
	draw_heading(canvas, area, replay);
	for (int i = 0; i < LINES; i++)
		draw_line(canvas, area, 1 + i, &lines[i]);
	return LINES + 1;
}

static void
describe_decisions(char *dst, size_t size, const struct replay_view *replay)
{
	const struct replay_result *result = &replay->result;
	char agreement[FIGURE_SIZE], flagged[FIGURE_SIZE], passed[FIGURE_SIZE];
	snprintf(dst, size, "agree on %s %%: %s flags %s that passed, passes %s that were flagged",
	    figure_metric(agreement, &replay->agreement, 100, 2), replay->other,
	    figure_count(flagged, result->to_flagged), figure_count(passed, result->to_passed));
}

static void
describe_mcnemar(char *dst, size_t size, const struct replay_view *replay)
{
	const struct paired_test *test = &replay->result.mcnemar;
	char first[FIGURE_SIZE], second[FIGURE_SIZE], p[FIGURE_SIZE];
	snprintf(dst, size, "%s alone is right on %s labelled, %s alone on %s; McNemar p %s",
	    replay->other, figure_count(second, test->only_second), replay->logged,
	    figure_count(first, test->only_first), figure_p_value(p, test->p_value));
}

static void
describe_delong(char *dst, size_t size, const struct replay_view *replay)
{
	const struct paired_test *test = &replay->result.delong;
	if (isnan(test->p_value) || replay->logged_figures.roc_auc.state != METRIC_OK) {
		text_copy(dst, size, "AUC: too few labels of one kind to compare");
		return;
	}
	char difference[FIGURE_SIZE], low[FIGURE_SIZE], high[FIGURE_SIZE], p[FIGURE_SIZE];
	snprintf(dst, size, "AUC differs by %s (95 %% %s to %s); DeLong p %s",
	    figure_number(difference, test->difference, 3),
	    figure_number(low, test->interval.low, 3), figure_number(high, test->interval.high, 3),
	    figure_p_value(p, test->p_value));
}

static void
draw_words(struct canvas *canvas, struct area area, const struct replay_view *replay)
{
	char text[700], psi[FIGURE_SIZE], chance[FIGURE_SIZE];
	int y = 0;
	describe_decisions(text, sizeof(text), replay);
	y += parts_wrap(canvas, area, y, ROLE_DEFAULT, text, area.height < 5 ? 1 : 2);
	describe_mcnemar(text, sizeof(text), replay);
	y += parts_wrap(canvas, area, y, ROLE_MUTED, text, area.height < 5 ? 1 : 2);
	describe_delong(text, sizeof(text), replay);
	y += parts_wrap(canvas, area, y, ROLE_MUTED, text, area.height < 5 ? 1 : 2);
	if (y < area.height)
		canvas_printf(canvas, area, 0, y, ROLE_MUTED,
		    "PSI of the two scores %s, by chance below %s",
		    figure_number(psi, replay->result.psi, 3),
		    figure_number(chance, replay->result.psi_null, 3));
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	const struct service_view *service = view_service(view);
	(void)series;
	(void)state;
	if (service == NULL || service->replay == NULL)
		return;
	bool fits = area.width >= TABLE + 3 + WORDS_LEAST;
	bool beside = fits && (area.height < STACKED || area.width >= WIDE);
	int used = draw_table(canvas, area, service->replay);
	draw_words(canvas, area_inset(area, beside ? TABLE + 3 : 0, beside ? 0 : used, 0, 0),
	    service->replay);
}

const struct detail detail_replayed = {
    .name = "figures",
    .title = "Figures",
    .help = "both versions on the same predictions, and how sure the difference is",
    .draw = draw,
};
