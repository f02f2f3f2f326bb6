/* sheet.h: the action sheet that is open, and the line at the top that follows an action. Both are
 * only told and drawn here; actions.c opens, confirms and ends them. */
#ifndef FRAUDTOP_TUI_SHEET_H
#define FRAUDTOP_TUI_SHEET_H

#include "core/monitor/snapshot.h"
#include "core/rollout/rollout.h"
#include "widgets/canvas.h"
#include "widgets/prompt.h"

struct sheet {
	bool open;
	struct rollout_plan plan;
	struct snapshot *facts; /* held: the snapshot it was opened on */
	struct rollout_check checks[ROLLOUT_MAX_CHECKS];
	unsigned checks_count;
	bool ready; /* rollout_prepare passed */
	char problem[512]; /* why not */
	char refused[512]; /* why the last Enter did nothing */
	struct prompt name;
	mono_us opened;
	bool visible; /* the last frame had room for all of it */
};

enum follow_state { FOLLOW_NONE, FOLLOW_RUNNING, FOLLOW_GOOD, FOLLOW_WARN, FOLLOW_BAD };

struct follow { /* the line at the top */
	enum follow_state state;
	char action_id[40], operation[16], title[260], from[SNAPSHOT_NAME], to[SNAPSHOT_NAME],
	    text[640];
	wall_us verified_at;
	int64_t seq;
};

struct view;
/* Draws the open sheet over the canvas, and notes whether all of it could be seen. */
void sheet_draw(struct canvas *canvas, const struct view *view, struct sheet *sheet);

#endif
