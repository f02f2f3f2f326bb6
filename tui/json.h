/* json.h: the snapshot as JSON, schema fraudtop/1 (DESIGN.md section 6). Every number that may be
 * unknown is
 * {"value", "state", "n"} with "low" and "high" where it has an interval. */
#ifndef FRAUDTOP_TUI_JSON_H
#define FRAUDTOP_TUI_JSON_H

#include "core/base/buf.h"
#include "core/monitor/snapshot.h"
#include "core/rollout/audit.h"

/* actions: the newest rows of the audit log, oldest first; may be NULL. One object and a newline.
 */
void json_snapshot(const struct snapshot *snapshot, const struct audit_row *actions,
    size_t actions_count, bool pretty, struct buf *out);

#endif
