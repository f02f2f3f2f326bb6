#include "tui/reasons.h"

#include <math.h>
#include <stdio.h>

#include "tui/figure.h"
#include "tui/parts.h"
#include "widgets/bar.h"

enum { BAR = 8, TEXT = BAR + 1 };

static void
draw_score(struct canvas *canvas, struct area area, const struct why_view *why)
{
	char score[FIGURE_SIZE], threshold[FIGURE_SIZE];
	int x = canvas_text(canvas, area, 0, 0, ROLE_TITLE, why->version);
	x += canvas_printf(
	    canvas, area, x, 0, ROLE_DEFAULT, " gives %s", figure_number(score, why->score, 4));
	if (!isnan(why->threshold))
		canvas_printf(canvas, area, x, 0, ROLE_MUTED, ", threshold %s: %s",
		    figure_number(threshold, why->threshold, 3),
		    why->score >= why->threshold ? "FLAG" : "pass");
}

static void
draw_reason(
    struct canvas *canvas, struct area area, int y, const struct reason *reason, double largest)
{
	struct area bar = {area.x, area.y + y, BAR, 1};
	if (bar.width > area.width)
		bar.width = area.width;
	if (largest > 0)
		bar_draw(canvas, bar, reason->contribution > 0 ? ROLE_WARN : ROLE_OK,
		    fabs(reason->contribution) / largest);
	canvas_text(canvas, area, TEXT, y, ROLE_DEFAULT, reason->text);
}

static void
draw_sum(struct canvas *canvas, struct area area, int y, const struct why_view *why)
{
	char text[3][FIGURE_SIZE], words[4 * FIGURE_SIZE + 64];
	snprintf(words, sizeof(words), "margin %s, on average %s; all else: %s%s",
	    figure_number(text[0], why->why.margin, 2), figure_number(text[1], why->why.base, 2),
	    why->why.rest >= 0 ? "+" : "", figure_number(text[2], why->why.rest, 2));
	canvas_text(canvas, area, TEXT, y, ROLE_MUTED, words);
}

int
reasons_draw(struct canvas *canvas, struct area area, const struct why_view *why)
{
	int y = 1;
	if (!why->known) {
		canvas_text(canvas, area, 0, 0, ROLE_TITLE, why->version);
		return 1 + parts_wrap(canvas, area, 1, ROLE_MUTED, why->problem, 2);
	}
	draw_score(canvas, area, why);
	if (why->problem[0] != '\0')
		return y + parts_wrap(canvas, area, y, ROLE_MUTED, why->problem, 2);
	double largest = why->why.count > 0 ? fabs(why->why.reasons[0].contribution) : 0;
	for (size_t i = 0; i < why->why.count && y < area.height; i++)
		draw_reason(canvas, area, y++, &why->why.reasons[i], largest);
	if (y < area.height)
		draw_sum(canvas, area, y++, why);
	return y;
}
