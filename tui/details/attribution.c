/* attribution.c: whether the features that drive the scores keep their order. */
#include <stdio.h>

#include "tui/detail.h"
#include "tui/figure.h"

static bool
exists(const struct series_view *series)
{
	return metric_known(&series->attribution.ndcg);
}

static enum severity
alarm(const struct series_view *series)
{
	return series->attribution.severity;
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	(void)view;
	(void)state;
	const struct attribution_view *attribution = &series->attribution;
	char text[FIGURE_SIZE];
	int x = canvas_text(canvas, area, 0, 0, ROLE_MUTED, "NDCG of the features' order ");
	x += canvas_printf(canvas, area, x, 0,
	    figure_role(&attribution->ndcg, attribution->severity), "%s %s",
	    figure_metric(text, &attribution->ndcg, 1, 4), figure_mark(attribution->severity));
	canvas_printf(canvas, area, x + 1, 0, ROLE_MUTED, "n %s; 1 is the reference's order",
	    figure_count(text, attribution->n));
	if (attribution->moved_count == 0) {
		canvas_text(canvas, area, 0, 2, ROLE_MUTED, "no feature has changed its rank");
		return;
	}
	canvas_text(canvas, area, 0, 2, ROLE_HEADING, "FEATURE");
	canvas_text_right(canvas, area, 44, 2, ROLE_HEADING, "RANK, REFERENCE");
	canvas_text_right(canvas, area, 52, 2, ROLE_HEADING, "NOW");
	for (size_t i = 0; i < attribution->moved_count; i++) {
		struct area name = {area.x, area.y + 3 + (int)i, 28, 1};
		if (3 + (int)i >= area.height)
			break;
		canvas_text(canvas, name, 0, 0, ROLE_DEFAULT, attribution->moved[i].name);
		canvas_text_right(canvas, area, 44, 3 + (int)i, ROLE_MUTED,
		    figure_number(text, attribution->moved[i].rank_reference, 0));
		canvas_text_right(canvas, area, 52, 3 + (int)i, ROLE_DEFAULT,
		    figure_number(text, attribution->moved[i].rank, 0));
	}
}

const struct detail detail_attribution = {
    .name = "attribution",
    .title = "Drivers",
    .help = "attribution drift: whether what drives the scores keeps its order",
    .exists = exists,
    .alarm = alarm,
    .draw = draw,
};
