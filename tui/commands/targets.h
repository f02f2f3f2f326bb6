/* targets.h: what the operating commands work on: the configuration, a registry, an alias, and the
 * services that follow it. Shared by models, rollback, promote. */
#ifndef FRAUDTOP_TUI_COMMANDS_TARGETS_H
#define FRAUDTOP_TUI_COMMANDS_TARGETS_H

#include "core/config/config.h"
#include "core/registry/registry.h"
#include "core/rollout/rollout.h"
#include "tui/command.h"

struct targets_registry {
	char name[1024], kind[32], location[1024];
};

/* The configuration of -c, or the one that is found, or the defaults. NULL: err is filled, and all
 * of the file's errors but the first are on stderr already. */
struct config *targets_config(const struct args *args, struct err *err);

/* --registry (a configured name, or a local registry's path: with a `/`, or ending in .db); without
 * it the one that the model's services follow, or the only one there is. ERR_USAGE if that is not
 * one. */
bool targets_find_registry(const struct config *config, const char *named, const char *model,
    struct targets_registry *found, struct err *err);
/* The same from a name in the audit log. NULL if it is not known any more. */
struct registry *targets_open_named(const char *name, void *config);

/* --alias; without it the one that the model's services in this registry follow, or `production`.
 * ERR_USAGE with the list if there are several. */
bool targets_find_alias(const struct config *config, const char *named,
    const struct targets_registry *registry, const char *model, char alias[128], struct err *err);

/* The configured services of the plan's registry, model and alias, and those of --service-url
 * ([NAME=]URL,...). The plan points into config and into *memory, which the caller frees. */
bool targets_find_services(const struct config *config, const char *urls, struct rollout_plan *plan,
    char **memory, struct err *err);

#endif
