/* change.c: what the change detectors say of label error, decision rate and score mean. */
#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/parts.h"

enum { MEAN = 36, WIDTH = 46, LEAST = 60, CHANGES = 70 };

static enum severity
alarm(const struct series_view *series)
{
	return series->concept_severity;
}

/* `2.10 → 6.02 %, worse; seen 13:52 in predictions of 13:20` */
static void
draw_last(struct canvas *canvas, struct area area, int y, const struct view *view,
    const struct concept_view *concept)
{
	char text[300], time[32], before[FIGURE_SIZE], after[FIGURE_SIZE];
	if (concept->changed_at == 0) {
		canvas_text(canvas, area, 2, y, ROLE_MUTED, "no change seen");
		return;
	}
	snprintf(text, sizeof(text), "%s %s %s %%%s",
	    figure_number(before, concept->before * 100, 2), figure_sign(canvas, SIGN_ARROW),
	    figure_number(after, concept->after * 100, 2),
	    concept->worse			? ", worse"
	    : concept->direction == CHANGE_UP	? ", up"
	    : concept->direction == CHANGE_DOWN ? ", down"
						: "");
	text_append(text, sizeof(text), "; seen %s", view_minute(view, time, concept->changed_at));
	if (concept->changed_prediction != 0 && concept->changed_prediction != concept->changed_at)
		text_append(text, sizeof(text), " in predictions of %s",
		    view_minute(view, time, concept->changed_prediction));
	canvas_printf(canvas, area, 2, y, figure_severity_role(concept->severity), "%s%s%s",
	    figure_mark(concept->severity), concept->severity >= SEVERITY_WARNING ? " " : "", text);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)state;
	char text[FIGURE_SIZE];
	canvas_text(canvas, area, 0, 0, ROLE_HEADING, "STREAM");
	canvas_text(canvas, area, 16, 0, ROLE_HEADING, "DETECTOR");
	canvas_text_right(canvas, area, MEAN, 0, ROLE_HEADING, "MEAN %");
	canvas_text_right(canvas, area, WIDTH, 0, ROLE_HEADING, "WIDTH");
	canvas_text_right(canvas, area, LEAST, 0, ROLE_HEADING, "COULD SEE %");
	canvas_text_right(canvas, area, CHANGES, 0, ROLE_HEADING, "CHANGES");
	int y = 1, step = area.height >= 12 ? 3 : 2;
	for (size_t i = 0; i < CONCEPT_STREAMS; i++, y += step) {
		const struct concept_view *concept = &series->concept[i];
		if (concept->stream == NULL)
			continue;
		canvas_text(canvas, area, 0, y, ROLE_DEFAULT, concept->stream);
		canvas_text(canvas, area, 16, y, ROLE_MUTED,
		    concept->detector != NULL ? concept->detector : "-");
		canvas_text_right(canvas, area, MEAN, y, figure_role(&concept->mean, SEVERITY_OK),
		    figure_metric(text, &concept->mean, 100, 2));
		canvas_text_right(
		    canvas, area, WIDTH, y, ROLE_MUTED, figure_count(text, concept->mean.n));
		if (isfinite(concept->smallest_change))
			canvas_printf(canvas, area, LEAST - 6, y, ROLE_MUTED, "%s%s",
			    figure_sign(canvas, SIGN_PLUS_MINUS),
			    figure_number(text, concept->smallest_change * 100, 2));
		else
			canvas_text_right(canvas, area, LEAST, y, ROLE_MUTED, "-");
		canvas_text_right(
		    canvas, area, CHANGES, y, ROLE_MUTED, figure_count(text, concept->changes));
		draw_last(canvas, area, y + 1, view, concept);
	}
	parts_wrap(canvas, area, y, ROLE_MUTED,
	    "WIDTH: how many values the mean rests on. COULD SEE: the smallest change it could see "
	    "now. Only a rise of the label error alarms.",
	    2);
}

const struct detail detail_change = {
    .name = "change",
    .title = "Change",
    .help = "concept drift: what watches label error, decision rate and score mean",
    .alarm = alarm,
    .draw = draw,
};
