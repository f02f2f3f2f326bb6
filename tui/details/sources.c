/* sources.c: each file that is read, with what was made of it. */
#include <stdio.h>

#include "tui/detail.h"
#include "tui/figure.h"

/* What is out of the ordinary about where it stands. */
static int
draw_state(struct canvas *canvas, struct area area, int x, int y, const struct source_view *source)
{
	char text[FIGURE_SIZE];
	int start = x;
	if (source->kind == SOURCE_TABLE)
		x += canvas_printf(canvas, area, x, y, ROLE_MUTED, "table %s  ", source->table);
	else if (source->kind != SOURCE_FILE)
		x += canvas_printf(
		    canvas, area, x, y, ROLE_MUTED, "%s  ", snapshot_kind_name(source->kind));
	if (!source->present && !source->finished)
		x += canvas_text(canvas, area, x, y, ROLE_WARN, "not there  ");
	else if (source->behind > 0)
		x += canvas_printf(canvas, area, x, y, ROLE_WARN, "%s behind  ",
		    figure_bytes(text, (double)source->behind));
	else if (source->finished)
		x += canvas_text(canvas, area, x, y, ROLE_MUTED, "over  ");
	return x - start;
}

static void
draw_source(struct canvas *canvas, struct area area, int y, const struct source_view *source)
{
	char count[FIGURE_SIZE];
	int x = 2;
	x += canvas_printf(canvas, area, x, y, ROLE_DEFAULT, "%s ", source->name);
	x += canvas_printf(canvas, area, x, y, ROLE_MUTED, "%s%s  ",
	    source->labels ? "labels " : "", source->path);
	x += draw_state(canvas, area, x, y, source);
	x += canvas_printf(
	    canvas, area, x, y, ROLE_DEFAULT, "%s lines", figure_count(count, source->lines));
	if (source->sample > 1)
		x +=
		    canvas_printf(canvas, area, x, y, ROLE_WARN, ", 1 in %lld read, %s passed over",
			(long long)source->sample, figure_count(count, source->sampled_out));
	x += canvas_printf(canvas, area, x, y, source->rejected > 0 ? ROLE_WARN : ROLE_MUTED,
	    ", %s rejected", figure_count(count, source->rejected));
	x += canvas_printf(canvas, area, x, y, source->late > 0 ? ROLE_WARN : ROLE_MUTED,
	    ", %s late", figure_count(count, source->late));
	if (source->last_reason[0] != '\0')
		canvas_printf(canvas, area, x, y, ROLE_WARN, ": %s", source->last_reason);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	const struct snapshot *snapshot = view->snapshot;
	char title[400] = "Sources", time[32];
	(void)series;
	(void)state;
	if (snapshot->checkpoint.reason[0] != '\0')
		snprintf(title, sizeof(title), "Sources; %s", snapshot->checkpoint.reason);
	else if (snapshot->checkpoint.made_at != 0)
		snprintf(title, sizeof(title), "Sources; kept at %s",
		    view_time(view, time, snapshot->checkpoint.made_at));
	canvas_rule(canvas, area, 0, title);
	for (size_t i = 0; i < snapshot->sources_count && (int)i + 1 < area.height; i++)
		draw_source(canvas, area, (int)i + 1, &snapshot->sources[i]);
}

static int
count_rows(const struct snapshot *snapshot)
{
	return (int)snapshot->sources_count + 1;
}

const struct detail detail_sources = {
    .name = "sources",
    .title = "Sources",
    .help = "each file that is read, and what was made of it",
    .rows = count_rows,
    .draw = draw,
};
