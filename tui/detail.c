#include "tui/detail.h"

#include <string.h>

#include "tui/figure.h"

#define QUALITY(name) extern const struct detail detail_##name;
#define LOG(name) QUALITY(name)
#define REPLAY(name) QUALITY(name)
#include "tui/details.def"
#undef QUALITY
#undef LOG
#undef REPLAY

const struct detail *const details_of_quality[] = {
#define QUALITY(name) &detail_##name,
#define LOG(name)
#define REPLAY(name)
#include "tui/details.def"
#undef QUALITY
#undef LOG
#undef REPLAY
    NULL};

const struct detail *const details_of_log[] = {
#define QUALITY(name)
#define LOG(name) &detail_##name,
#define REPLAY(name)
#include "tui/details.def"
#undef QUALITY
#undef LOG
#undef REPLAY
    NULL};

const struct detail *const details_of_replay[] = {
#define QUALITY(name)
#define LOG(name)
#define REPLAY(name) &detail_##name,
#include "tui/details.def"
#undef QUALITY
#undef LOG
#undef REPLAY
    NULL};

static bool
exists(const struct detail *detail, const struct series_view *series)
{
	return detail->exists == NULL || (series != NULL && detail->exists(series));
}

static size_t
shown_at(
    const struct panel *panel, const struct panel_state *state, const struct series_view *series)
{
	return exists(panel->details[state->detail], series) ? state->detail : 0;
}

const struct detail *
detail_shown(
    const struct panel *panel, const struct panel_state *state, const struct series_view *series)
{
	return panel->details == NULL ? NULL : panel->details[shown_at(panel, state, series)];
}

bool
detail_step(
    const struct panel *panel, struct panel_state *state, const struct series_view *series, int by)
{
	size_t count = 0;
	if (panel->details == NULL)
		return false;
	while (panel->details[count] != NULL)
		count++;
	size_t at = shown_at(panel, state, series);
	do /* the first exists always */
		at = (at + count + (size_t)by) % count;
	while (!exists(panel->details[at], series));
	state->detail = at;
	return true;
}

bool
detail_choose(const struct panel *panel, struct panel_state *state, const char *name)
{
	for (size_t i = 0; panel->details[i] != NULL; i++) {
		if (strcmp(panel->details[i]->name, name) == 0) {
			state->detail = i;
			return true;
		}
	}
	return false;
}

void
detail_draw_titles(struct canvas *canvas, struct area area, int y, const struct panel *panel,
    const struct panel_state *state, const struct series_view *series)
{
	const struct detail *shown = detail_shown(panel, state, series);
	int x = canvas_text(canvas, area, 0, y, ROLE_KEY, "d") + 1;
	for (size_t i = 0; panel->details[i] != NULL; i++) {
		const struct detail *detail = panel->details[i];
		if (!exists(detail, series))
			continue;
		enum severity severity =
		    detail->alarm == NULL || series == NULL ? SEVERITY_OK : detail->alarm(series);
		x += canvas_text(canvas, area, x, y, detail == shown ? ROLE_TAB_ACTIVE : ROLE_TAB,
		    detail->title);
		if (severity >= SEVERITY_WARNING)
			x += canvas_printf(canvas, area, x, y, figure_severity_role(severity),
			    " %s", figure_mark(severity));
		x += 2;
	}
}
