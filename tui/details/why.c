/* why.c: why the selected one of the largest changes has its score, by the version that serves and
 * by the other. Side by side where there is room. */
#include "tui/detail.h"
#include "tui/reasons.h"

enum { WIDE = 150 };

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	const struct replay_change_view *change = view_change(view);
	struct area first = area, second = area;
	(void)series;
	(void)state;
	if (change == NULL) {
		canvas_text(
		    canvas, area, 0, 0, ROLE_MUTED, "select one of the largest changes below");
		return;
	}
	if (area.width >= WIDE) {
		first.width = second.width = area.width / 2 - 1;
		second.x += area.width / 2 + 1;
		reasons_draw(canvas, first, &change->logged);
		reasons_draw(canvas, second, &change->other);
		return;
	}
	first.height = (area.height + 1) / 2;
	int used = reasons_draw(canvas, first, &change->logged);
	reasons_draw(canvas, area_inset(area, 0, used, 0, 0), &change->other);
}

const struct detail detail_why = {
    .name = "why",
    .title = "Why",
    .help = "what gave the selected prediction its score, by both versions",
    .draw = draw,
};
