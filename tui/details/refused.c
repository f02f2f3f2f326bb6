/* refused.c: the lines that could not be read: of each file how many, the first, the last and a
 * sample of those between, with their place and the reason. */
#include <stdlib.h>
#include <string.h>

#include "core/ingest/refusals.h"
#include "tui/detail.h"
#include "tui/figure.h"

enum { LEAST_ROWS = 3 }; /* of a file: its name, the first, the last */

static bool
has_refused(const struct source_view *source)
{
	return source->refusals != NULL && source->refusals->count > 0;
}

static void
draw_one(struct canvas *canvas, struct area area, int y, const char *which,
    const struct refusal *refusal)
{
	char line[FIGURE_SIZE], offset[FIGURE_SIZE];
	int x = 4;
	canvas_text(canvas, area, x, y, ROLE_MUTED, which);
	x += 6;
	x += canvas_printf(canvas, area, x, y, ROLE_DEFAULT, "line %s, byte %s",
	    figure_count(line, refusal->line), figure_count(offset, refusal->offset));
	x += canvas_printf(canvas, area, x, y, ROLE_WARN, "  %s", refusal->reason);
	canvas_printf(canvas, area, x, y, ROLE_MUTED, "  %s", refusal->text);
}

static void
draw_name(struct canvas *canvas, struct area area, int y, const struct source_view *source)
{
	const struct refusals *refusals = source->refusals;
	char count[FIGURE_SIZE];
	int x = 2;
	x += canvas_printf(canvas, area, x, y, ROLE_DEFAULT, "%s ", source->name);
	x += canvas_printf(canvas, area, x, y, ROLE_MUTED, "%s%s  ",
	    source->labels ? "labels " : "", source->path);
	x += canvas_printf(
	    canvas, area, x, y, ROLE_WARN, "%s refused", figure_count(count, refusals->count));
	if (refusals->cut > 0)
		canvas_printf(canvas, area, x, y, ROLE_WARN, ", %s of them cut short",
		    figure_count(count, refusals->cut));
}

static int
compare_places(const void *a, const void *b)
{
	const struct refusal *left = a, *right = b;
	return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* Is it neither the first nor the last, which have rows of their own? */
static bool
is_between(const struct refusals *refusals, const struct refusal *refusal)
{
	return refusal->offset != refusals->first.offset &&
	       refusal->offset != refusals->last.offset;
}

static int
count_rows(const struct snapshot *snapshot)
{
	int rows = 1;
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		const struct refusals *refusals = snapshot->sources[i].refusals;
		if (!has_refused(&snapshot->sources[i]))
			continue;
		rows += 2 + (refusals->last.offset != refusals->first.offset);
		for (size_t j = 0; j < refusals->sample_count; j++)
			rows += is_between(refusals, &refusals->sample[j]);
	}
	return rows > 1 ? rows : 2;
}

/* Returns the rows used, at most `most`. */
static int
draw_source(
    struct canvas *canvas, struct area area, int y, int most, const struct source_view *source)
{
	const struct refusals *refusals = source->refusals;
	struct refusal sample[REFUSALS_SAMPLE];
	int rows = 0;
	memcpy(sample, refusals->sample, sizeof(sample));
	qsort(sample, refusals->sample_count, sizeof(*sample), compare_places);
	draw_name(canvas, area, y + rows++, source);
	if (rows < most)
		draw_one(canvas, area, y + rows++, "first", &refusals->first);
	for (size_t i = 0; i < refusals->sample_count && rows + 1 < most; i++) {
		if (is_between(refusals, &sample[i]))
			draw_one(canvas, area, y + rows++, "", &sample[i]);
	}
	if (rows < most && refusals->last.offset != refusals->first.offset)
		draw_one(canvas, area, y + rows++, "last", &refusals->last);
	return rows;
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	const struct snapshot *snapshot = view->snapshot;
	int left = 0, y = 1;
	bool all = area.height >= count_rows(snapshot); /* else each file its share */
	(void)series;
	(void)state;
	canvas_rule(canvas, area, 0, "Refused lines");
	for (size_t i = 0; i < snapshot->sources_count; i++)
		left += has_refused(&snapshot->sources[i]);
	if (left == 0)
		canvas_text(canvas, area, 2, 1, ROLE_MUTED, "no line was refused");
	for (size_t i = 0; i < snapshot->sources_count && y < area.height; i++) {
		if (!has_refused(&snapshot->sources[i]))
			continue;
		int most = all ? area.height - y : (area.height - y) / left--;
		if (most < LEAST_ROWS)
			most = LEAST_ROWS;
		if (most > area.height - y)
			most = area.height - y;
		y += draw_source(canvas, area, y, most, &snapshot->sources[i]);
	}
}

const struct detail detail_refused = {
    .name = "refused",
    .title = "Refused lines",
    .help = "the first and last refused line of each file and a sample: where, and why",
    .rows = count_rows,
    .draw = draw,
};
