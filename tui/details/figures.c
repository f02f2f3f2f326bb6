/* figures.c: every quality figure of the window with its interval or bound and what it rests on. */
#include <math.h>
#include <stdio.h>

#include "tui/detail.h"
#include "tui/figure.h"

enum { VALUE = 26, NEXT = 43 };

struct line {
	const char *label;
	const struct metric *metric;
	double scale;
	int decimals;
};

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
	return 3;
}

static int
draw_lines(struct canvas *canvas, struct area area, int y, const struct line *lines, size_t count,
    bool mature)
{
	char text[FIGURE_SIZE];
	for (size_t i = 0; i < count && y < area.height; i++, y++) {
		const struct line *line = &lines[i];
		canvas_text(canvas, area, 0, y, ROLE_MUTED, line->label);
		canvas_text_right(canvas, area, VALUE, y,
		    mature ? figure_role(line->metric, SEVERITY_OK) : ROLE_MUTED,
		    figure_metric(text, line->metric, line->scale, line->decimals));
		if (figure_between(text, line->metric, line->scale, line->decimals)[0] == '\0')
			continue;
		if (area.width >= VALUE + 2 + canvas_width(text))
			canvas_text(canvas, area, VALUE + 2, y, ROLE_MUTED, text);
		else
			canvas_printf(canvas, area, VALUE + 1, y, ROLE_MUTED, "%s%s",
			    figure_sign(canvas, SIGN_PLUS_MINUS),
			    figure_number(text,
				(line->metric->high - line->metric->low) / 2 * line->scale,
				line->decimals));
	}
	return y;
}

static int
draw_labels(struct canvas *canvas, struct area area, int y, const struct quality_view *quality)
{
	char text[FIGURE_SIZE], more[FIGURE_SIZE];
	canvas_printf(canvas, area, 0, y, ROLE_MUTED, "threshold %s, as logged",
	    figure_metric(text, &quality->threshold, 1, 3));
	canvas_printf(canvas, area, 0, y + 1, ROLE_MUTED, "labels %s of %s predictions",
	    figure_count(text, quality->labelled), figure_count(more, quality->predictions));
	canvas_printf(canvas, area, 0, y + 2, ROLE_MUTED, "       %s fraud, %s assumed honest",
	    figure_count(text, quality->positives), figure_count(more, quality->assumed));
	canvas_printf(canvas, area, 0, y + 3, ROLE_MUTED, "fraud in the earliest tenth %s %%",
	    figure_metric(text, &quality->early_positives, 100, 1));
	return y + 4;
}

static void
draw_join(struct canvas *canvas, struct area area, int y, const struct join_view *join)
{
	char text[FIGURE_SIZE], more[FIGURE_SIZE];
	canvas_printf(canvas, area, 0, y, ROLE_MUTED, "join: %s wait, %s joined",
	    figure_count(text, join->pending), figure_count(more, join->joined));
	canvas_printf(canvas, area, 0, y + 1, ROLE_MUTED, "      %s labels wait, %s duplicate",
	    figure_count(text, join->waiting_labels), figure_count(more, join->duplicates));
	canvas_printf(canvas, area, 0, y + 2,
	    join->expired + join->evicted > 0 ? ROLE_WARN : ROLE_MUTED,
	    "      %s expired, %s put out", figure_count(text, join->expired),
	    figure_count(more, join->evicted));
	canvas_printf(canvas, area, 0, y + 3, ROLE_WARN, "%s", join->reason);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)state;
	const struct quality_view *quality = &series->quality;
	const struct line decided[] = {
	    {"precision %", &quality->precision, 100, 1},
	    {"recall %", &quality->recall, 100, 1},
	    {"false alarms %", &quality->fpr, 100, 2},
	    {"specificity %", &quality->specificity, 100, 2},
	    {"F1", &quality->f1, 1, 3},
	};
	const struct line scored[] = {
	    {"ROC AUC", &quality->roc_auc, 1, 4},
	    {"average precision", &quality->average_precision, 1, 4},
	    {"Brier", &quality->brier, 1, 5},
	    {"log loss", &quality->log_loss, 1, 5},
	    {"ECE, equal width", &quality->ece, 1, 4},
	    {"ECE, equal count", &quality->ece_count, 1, 4},
	    {"observed / expected", &quality->observed_expected, 1, 3},
	};
	struct area left = area, right = area_inset(area, NEXT, 0, 0, 0);
	bool two = right.width >= 30;
	left.width = two ? NEXT - 1 : area.width;
	int y = draw_confusion(canvas, left, quality);
	y = draw_lines(
	    canvas, left, y + 1, decided, sizeof(decided) / sizeof(decided[0]), quality->mature);
	if (two)
		draw_labels(canvas, left, y + (left.height > y + 4), quality);
	int end = draw_lines(canvas, two ? right : left, two ? 0 : y, scored,
	    sizeof(scored) / sizeof(scored[0]), quality->mature);
	if (two)
		draw_join(canvas, right, end + 1, &view->snapshot->join);
}

const struct detail detail_figures = {
    .name = "figures",
    .title = "Figures",
    .help = "confusion matrix and every quality figure with its interval; labels and their lag",
    .draw = draw,
};
