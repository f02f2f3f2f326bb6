#include "tui/panel.h"

#include <string.h>

#define X(name) extern const struct panel panel_##name;
#include "tui/panels.def"
#undef X

static const struct panel *const panels[] = {
#define X(name) &panel_##name,
#include "tui/panels.def"
#undef X
};

const struct panel *
panel_get(int id)
{
	return panels[id];
}

int
panel_find(const char *name)
{
	for (int i = 0; i < PANEL_COUNT; i++) {
		if (strcmp(panels[i]->name, name) == 0)
			return i;
	}
	return -1;
}

bool
panel_descending(const struct panel *panel, const struct panel_state *state)
{
	return panel->sorts[state->sort].descending != state->inverted;
}

enum severity
panel_alarm(const struct panel *panel, const struct snapshot *snapshot)
{
	enum severity worst = SEVERITY_OK;
	for (size_t i = 0; panel->alarm != NULL && i < snapshot->services_count; i++) {
		enum severity severity = panel->alarm(&snapshot->services[i]);
		worst = severity > worst ? severity : worst;
	}
	return worst;
}
