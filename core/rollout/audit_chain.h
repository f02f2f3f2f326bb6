/* audit_chain.h: what audit.c and audit_verify.c share. */
#ifndef FRAUDTOP_ROLLOUT_AUDIT_CHAIN_H
#define FRAUDTOP_ROLLOUT_AUDIT_CHAIN_H

#include <sqlite3.h>

#include "core/rollout/audit.h"

#define AUDIT_COLUMNS                                                                              \
	"seq, at, action_id, event, operation, registry, model, alias, from_version, to_version,"  \
	" epoch, actor, origin, reason, outcome, detail, prev_hash, hash"

struct audit {
	sqlite3 *db;
	char *path;
};

/* A row of `SELECT AUDIT_COLUMNS`, cleaned. */
void audit_read_row(sqlite3_stmt *statement, struct audit_row *row);

/* SHA-256(prev_hash || canonical JSON). */
void audit_row_hash(const struct audit_row *row, char hash[65]);

#endif
