/* dashed.h: the dashboard on the fixture with a frozen clock, its keys, and what it asks its host.
 */
#ifndef FRAUDTOP_TESTS_KIT_DASHED_H
#define FRAUDTOP_TESTS_KIT_DASHED_H

#include "tui/app.h"

/* What the host was asked, since the test began. */
extern struct dashed_said {
	int asks, replays, catchups;
	bool stop;
	char service[SNAPSHOT_NAME], other[SNAPSHOT_NAME], request_id[64];
} dashed_said;

/* Free it with app_free. */
struct app *dashed_app(enum symbols symbols);
/* `\n` is Enter, `~` is Esc; it is drawn before and after each. */
void dashed_press(struct app *app, struct canvas *canvas, const char *keys);

#endif
