/* driver.h: what carries out that which actions.c permitted. executor.c has the real one; tests
 * have recorders. A function that is missing means that it cannot be done here, and is refused. */
#ifndef FRAUDTOP_TUI_DRIVER_H
#define FRAUDTOP_TUI_DRIVER_H

#include "core/rollout/audit.h"
#include "core/rollout/rollout.h"

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

#endif
