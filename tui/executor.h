/* executor.h: the real driver of actions: the audit log, the registry, and the executor, which is
 * this program itself started in a session of its own, so that it outlives the screen. */
#ifndef FRAUDTOP_TUI_EXECUTOR_H
#define FRAUDTOP_TUI_EXECUTOR_H

#include "core/config/config.h"
#include "tui/actions.h"

struct executor;

/* config must outlive it. argv0: how the program was called, for systems without /proc. */
struct executor *executor_new(const struct config *config, const char *argv0);
void executor_free(struct executor *executor); /* leaves a started process alone; NULL is fine */
struct driver executor_driver(struct executor *executor);

/* The command line of a plan: `fraudtop rollback --to=V ... -- MODEL`, NULL-terminated; free it
 * with executor_argv_free. Values are joined to their options by `=`, so that none is taken for an
 * option. */
char **executor_argv(
    const struct config *config, const char *argv0, const struct rollout_plan *plan);
void executor_argv_free(char **argv);

#endif
