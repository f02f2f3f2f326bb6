/* expectations.c: the Great Expectations suite on the window; what failed first, and what this
 * version cannot check named, never passed over. */
#include <stdio.h>

#include "tui/detail.h"
#include "tui/figure.h"

static bool
exists(const struct series_view *series)
{
	return series->expectations_count > 0;
}

static size_t
count(const struct series_view *series, enum expectation_state state)
{
	size_t found = 0;
	for (size_t i = 0; i < series->expectations_count; i++)
		found += series->expectations[i].state == state;
	return found;
}

static enum severity
alarm(const struct series_view *series)
{
	return count(series, EXPECTATION_FAILED) > 0 ? SEVERITY_WARNING : SEVERITY_OK;
}

static void
draw_one(struct canvas *canvas, struct area area, int y, const struct expectation_view *one)
{
	static const struct {
		const char *word;
		enum role role;
	} states[] = {[EXPECTATION_NONE] = {"no data", ROLE_MUTED},
	    [EXPECTATION_MET] = {"met", ROLE_OK},
	    [EXPECTATION_FAILED] = {"failed !", ROLE_WARN},
	    [EXPECTATION_UNKNOWN] = {"unknown", ROLE_MUTED}};
	canvas_text(canvas, area, 0, y, states[one->state].role, states[one->state].word);
	int x = 10 + canvas_text(canvas, area, 10, y, ROLE_DEFAULT, one->type);
	if (one->column[0] != '\0')
		x += canvas_printf(canvas, area, x, y, ROLE_TITLE, " %s", one->column);
	if (one->arguments[0] != '\0')
		x += canvas_printf(canvas, area, x, y, ROLE_MUTED, " %s", one->arguments);
	if (one->observed[0] != '\0')
		canvas_printf(canvas, area, x, y,
		    one->state == EXPECTATION_FAILED ? ROLE_WARN : ROLE_MUTED, ": %s",
		    one->observed);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	static const enum expectation_state order[] = {
	    EXPECTATION_FAILED, EXPECTATION_UNKNOWN, EXPECTATION_MET, EXPECTATION_NONE};
	(void)view;
	(void)state;
	size_t failed = count(series, EXPECTATION_FAILED), shown = 0;
	int x = canvas_printf(
	    canvas, area, 0, 0, ROLE_MUTED, "%zu met, ", count(series, EXPECTATION_MET));
	x += canvas_printf(
	    canvas, area, x, 0, failed > 0 ? ROLE_WARN : ROLE_MUTED, "%zu failed", failed);
	x += canvas_printf(canvas, area, x, 0, ROLE_MUTED, ", %zu that cannot be checked",
	    count(series, EXPECTATION_UNKNOWN));
	if (count(series, EXPECTATION_NONE) > 0)
		canvas_printf(canvas, area, x, 0, ROLE_MUTED, ", %zu without data yet",
		    count(series, EXPECTATION_NONE));
	int y = 1, last = area.height - (series->expectations_count + 1 > (size_t)area.height);
	for (size_t kind = 0; kind < sizeof(order) / sizeof(order[0]); kind++) {
		for (size_t i = 0; i < series->expectations_count && y < last; i++) {
			if (series->expectations[i].state != order[kind])
				continue;
			draw_one(canvas, area, y++, &series->expectations[i]);
			shown++;
		}
	}
	if (shown < series->expectations_count)
		canvas_printf(canvas, area, 0, area.height - 1, ROLE_MUTED,
		    "and %zu more; f makes room", series->expectations_count - shown);
}

const struct detail detail_expectations = {
    .name = "expectations",
    .title = "Expectations",
    .help = "the Great Expectations suite on the window: met, failed, unknown",
    .exists = exists,
    .alarm = alarm,
    .draw = draw,
};
