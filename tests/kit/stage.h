/* stage.h: an app on the fixture with a driver that only records: any call of its `start` is a
 * write. */
#ifndef FRAUDTOP_TESTS_KIT_STAGE_H
#define FRAUDTOP_TESTS_KIT_STAGE_H

#include "tui/app.h"

struct recorder {
	int arms, prepares, starts;
	struct audit_row armed;
	struct rollout_plan started;
	char first_service[SNAPSHOT_NAME]; /* the plan's own pointers end with the sheet */
	bool arm_fails, prepare_fails, start_fails, ended;
	struct audit_row rows[8];
	size_t rows_count;
};

struct stage {
	struct recorder recorder;
	struct app *app;
	struct snapshot *snapshot;
	struct canvas *canvas;
};

struct stage *stage_new(bool readonly);
void stage_free(struct stage *stage);

void stage_press(struct stage *stage, uint32_t code);
/* `\n` is Enter. */
void stage_type(struct stage *stage, const char *keys);
/* Is the text on the screen? If not, the screen is told. */
bool stage_shows(struct stage *stage, const char *text);

/* A fresh snapshot that the test may change before it is shown. */
void stage_renew(struct stage *stage);

#endif
