/* threshold.c: what another threshold would have flagged, from the labelled scores of the window.
 * Only a question: no threshold is ever changed from here. The cursor moves in steps even in
 * log-odds, where fraud scores differ. */
#include <math.h>
#include <stdio.h>

#include "core/stats/quality_cut.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "widgets/histogram.h"

enum { ASKED = 22, LOGGED = 38 };

static const double farthest = 6.91; /* log-odds of 0.999 */

static const double edges[] = {
    0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97, 0.99, 0.997, 0.999, 1};

enum { BARS = sizeof(edges) / sizeof(edges[0]) - 1 };

/* The threshold under the cursor, which is kept where it means something. */
static double
threshold_at(const struct quality_view *quality, int *cursor)
{
	double logged = metric_known(&quality->threshold) ? quality->threshold.value : 0.5;
	double within = fmin(fmax(logged, 0.001), 0.999), odds = log(within / (1 - within));
	int most = (int)((farthest - odds) * 10), least = -(int)((farthest + odds) * 10);
	*cursor = *cursor > most ? most : *cursor < least ? least : *cursor;
	return *cursor == 0 ? logged : 1 / (1 + exp(-odds - 0.1 * *cursor));
}

/* A share of n labelled rows, with its interval, and what it is at the logged threshold. */
static void
draw_line(struct canvas *canvas, struct area area, int y, const char *label,
    struct quality_bound asked, double n, struct quality_bound logged, int decimals)
{
	char text[FIGURE_SIZE];
	struct interval interval = quality_cut_interval(asked, n);
	struct metric metric = metric_bounded(asked.value, interval.low, interval.high, 1);
	canvas_text(canvas, area, 0, y, ROLE_MUTED, label);
	canvas_text_right(canvas, area, ASKED, y, figure_role(&metric, SEVERITY_OK),
	    figure_metric(text, &metric, 100, decimals));
	if (isfinite(interval.high - interval.low))
		canvas_printf(canvas, area, ASKED + 1, y, ROLE_MUTED, "%s%s",
		    figure_sign(canvas, SIGN_PLUS_MINUS),
		    figure_number(text, (interval.high - interval.low) * 50, decimals));
	canvas_text_right(
	    canvas, area, LOGGED, y, ROLE_MUTED, figure_number(text, logged.value * 100, decimals));
}

static void
draw_numbers(
    struct canvas *canvas, struct area area, const struct quality_view *quality, double threshold)
{
	char flags[FIGURE_SIZE], right[FIGURE_SIZE], wrong[FIGURE_SIZE];
	double at = metric_known(&quality->threshold) ? quality->threshold.value : NAN;
	struct quality_cut asked = quality_at_threshold(quality->scores, threshold);
	struct quality_cut logged = quality_at_threshold(quality->scores, at);
	canvas_text_right(canvas, area, ASKED, 0, ROLE_HEADING, "ASKED");
	canvas_text_right(canvas, area, LOGGED, 0, ROLE_HEADING, "LOGGED");
	canvas_text(canvas, area, 0, 1, ROLE_MUTED, "threshold");
	canvas_text_right(canvas, area, ASKED, 1, ROLE_MARKER, figure_number(flags, threshold, 4));
	canvas_text_right(canvas, area, LOGGED, 1, ROLE_MUTED, figure_number(flags, at, 4));
	double flagged = asked.tp.value + asked.fp.value, frauds = asked.tp.value + asked.fn.value;
	double honest = asked.fp.value + asked.tn.value;
	draw_line(canvas, area, 2, "flagged %", quality_cut_flag_rate(&asked), frauds + honest,
	    quality_cut_flag_rate(&logged), 2);
	draw_line(canvas, area, 3, "precision %", quality_cut_precision(&asked), flagged,
	    quality_cut_precision(&logged), 1);
	draw_line(canvas, area, 4, "recall %", quality_cut_recall(&asked), frauds,
	    quality_cut_recall(&logged), 1);
	draw_line(canvas, area, 5, "false alarms %", quality_cut_fpr(&asked), honest,
	    quality_cut_fpr(&logged), 2);
	if (area.height < 8)
		return;
	figure_number(flags, flagged, 0);
	canvas_printf(canvas, area, 0, 7, ROLE_MUTED, "flags %s, %s of them honest;", flags,
	    figure_number(wrong, asked.fp.value, 0));
	canvas_printf(canvas, area, 0, 8, ROLE_MUTED, "catches %s frauds, misses %s",
	    figure_number(right, asked.tp.value, 0), figure_number(wrong, asked.fn.value, 0));
}

static void
draw_scores(
    struct canvas *canvas, struct area area, const struct quality_scores *scores, double threshold)
{
	double fraud[BARS] = {0}, honest[BARS] = {0}, frauds = 0, honests = 0, mark = 0;
	char labels[BARS][24];
	for (size_t i = 0; i < BARS; i++) {
		size_t last = i + 1 == BARS ? QUALITY_BINS : quality_bin(edges[i + 1]);
		for (size_t bin = i == 0 ? 0 : quality_bin(edges[i]); bin < last; bin++) {
			fraud[i] += scores->positives[bin];
			honest[i] += scores->negatives[bin];
		}
		frauds += fraud[i];
		honests += honest[i];
		snprintf(labels[i], sizeof(labels[i]), "%g", edges[i]);
		if (threshold >= edges[i] && threshold < edges[i + 1])
			mark = (double)i + (threshold - edges[i]) / (edges[i + 1] - edges[i]);
	}
	for (size_t i = 0; i < BARS; i++) {
		fraud[i] = frauds > 0 ? fraud[i] / frauds : 0;
		honest[i] = honests > 0 ? honest[i] / honests : 0;
	}
	const struct histogram histogram = {.reference = honest,
	    .current = fraud,
	    .bins = BARS,
	    .labels = labels,
	    .reference_name = "of honest",
	    .current_name = "of fraud",
	    .current_role = ROLE_GRAPH1,
	    .mark = mark};
	histogram_draw(canvas, area, &histogram);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)view;
	const struct quality_view *quality = &series->quality;
	struct area left = area, right = area;
	char text[FIGURE_SIZE];
	if (quality->scores == NULL || quality->labelled == 0) {
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "no labelled score yet");
		return;
	}
	double threshold = threshold_at(quality, &state->cursor);
	canvas_printf(canvas, area, 0, area.height - 1, ROLE_MUTED,
	    "< and > move the threshold asked, = back; nothing is changed. %s labelled%s",
	    figure_count(text, quality->labelled), quality->mature ? "" : ": too few to judge");
	left.height = area.height - 1;
	if (area.width >= LOGGED + 30) {
		left.width = LOGGED;
		right = area_inset(area, left.width + 2, 0, 0, 1);
	} else {
		right = area_inset(area, 0, 10, 0, 1); /* under the numbers and their words */
	}
	draw_numbers(canvas, left, quality, threshold);
	if (right.height >= 4)
		draw_scores(canvas, right, quality->scores, threshold);
}

const struct detail detail_threshold = {
    .name = "what-if",
    .title = "What-if",
    .help = "scores by label, and what another threshold would have flagged",
    .cursor = true,
    .draw = draw,
};
