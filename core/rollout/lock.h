/* lock.h: one active rollout a target, on this host. A file lock in the state folder: it vanishes
 * with its process. Other hosts and other users are kept apart by the registry's compare-and-set
 * alone. */
#ifndef FRAUDTOP_ROLLOUT_LOCK_H
#define FRAUDTOP_ROLLOUT_LOCK_H

#include "core/base/files.h"

/* Takes the lock of a target beside the audit log at `audit_path`. NULL with ERR_GATE if another
 * process has it; err then quotes what that one wrote as `holder`. lock_release ends it. */
struct lock *lock_take(const char *audit_path, const char *registry_location, const char *model,
    const char *alias, const char *holder, struct err *err);

#endif
