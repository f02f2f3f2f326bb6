/* actions.h: the one way to anything that writes.
 *
 * actions_permit is asked before a sheet opens and again when it is confirmed; it refuses, with the
 * reason, in a read-only session, with a frozen view, on stale data, on a target that cannot be
 * read, and unless the session is armed; whatever it does not know it refuses. What a sheet will do
 * is copied into its plan when it opens (names, versions, epoch): later snapshots change what is
 * shown beside it, never what is sent. Only actions_confirm starts a write, and only once the
 * model's name is typed. */
#ifndef FRAUDTOP_TUI_ACTIONS_H
#define FRAUDTOP_TUI_ACTIONS_H

#include "core/monitor/snapshot.h"
#include "core/rollout/audit.h"
#include "core/rollout/rollout.h"
#include "widgets/canvas.h"
#include "widgets/prompt.h"

#define ACTIONS_ARM_US (5 * CLOCK_MINUTE)
#define ACTIONS_FRESH_US (10 * CLOCK_SECOND)
#define ACTIONS_SHEET_US CLOCK_MINUTE /* a sheet older than this must be opened again */
#define ACTIONS_CHECKS 16

struct driver { /* carries out what was permitted */
	/* Writes the ARM row. False: the session stays unarmed. */
	bool (*arm)(void *context, struct audit_row *row, struct err *err);
	/* rollout_prepare on the plan's registry. */
	bool (*prepare)(void *context, struct rollout_plan *plan, struct rollout_check *checks,
	    unsigned *count, struct err *err);
	/* Starts the executor in a session of its own. */
	bool (*start)(void *context, const struct rollout_plan *plan, struct err *err);
	bool (*rows)(void *context, const char *action_id, int64_t after, struct audit_row **list,
	    size_t *count, struct err *err);
	/* False once the started executor has ended; *code is its exit code. */
	bool (*running)(void *context, int *code);
	void *context;
};

struct actions_scene { /* what is true at this moment */
	struct snapshot *newest;
	bool frozen;
};

struct actions_wish { /* an identity, not yet permitted; to "": the previous version */
	char operation[16], registry[SNAPSHOT_NAME], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME];
	char to[SNAPSHOT_NAME], service[SNAPSHOT_NAME];
};

struct sheet {
	bool open;
	struct rollout_plan plan;
	struct snapshot *facts; /* held: the snapshot it was opened on */
	struct rollout_check checks[ACTIONS_CHECKS];
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

struct actions {
	struct driver driver;
	bool forbidden;
	mono_us armed_until; /* 0: not armed */
	char armed_context[SNAPSHOT_NAME], reason[256];
	struct actions_wish wish; /* what waits for arming; operation "": nothing */
	struct sheet sheet;
	struct follow follow;
};

/* False, and err says why, if a write to the wish's target must not be begun or confirmed now. */
bool actions_permit(const struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err);
/* The same but for being armed; wish NULL: about no target. */
bool actions_may_arm(const struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err);
/* Is the session armed for this context, and for how long still? */
bool actions_armed(const struct actions *actions, const struct snapshot *newest, int64_t *left_us);
bool actions_arm(struct actions *actions, const struct actions_scene *scene, int64_t us,
    const char *reason, struct err *err);
void actions_disarm(struct actions *actions);
/* Opens the sheet. */
bool actions_open(struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err);
void actions_close(struct actions *actions);
/* Enter on the sheet. True if the executor was started (the sheet is closed then). */
bool actions_confirm(struct actions *actions, const struct actions_scene *scene, struct err *err);
/* Reads the audit rows of the action in flight; true if the line at the top changed. */
bool actions_follow(struct actions *actions);
bool actions_in_flight(const struct actions *actions);
void actions_free(struct actions *actions);

struct view;
/* Draws the open sheet over the canvas, and notes whether all of it could be seen. */
void sheet_draw(struct canvas *canvas, const struct view *view, struct actions *actions);

#endif
