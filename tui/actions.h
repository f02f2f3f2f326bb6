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
#include "tui/driver.h"
#include "tui/sheet.h"

#define ACTIONS_ARM_US (5 * CLOCK_MINUTE)
#define ACTIONS_FRESH_US (10 * CLOCK_SECOND)
#define ACTIONS_SHEET_US CLOCK_MINUTE /* a sheet older than this must be opened again */

struct actions_scene { /* what is true at this moment */
	struct snapshot *newest;
	bool frozen;
};

struct actions_wish { /* an identity, not yet permitted; to "": the previous version */
	char operation[16], registry[SNAPSHOT_NAME], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME];
	char to[SNAPSHOT_NAME], service[SNAPSHOT_NAME];
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

#endif
