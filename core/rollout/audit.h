/* audit.h: the append-only, hash-chained record of every operation (ROLLOUT.md 3 and 4).
 *
 * SQLite in the state folder, WAL, synchronous FULL; triggers refuse UPDATE and DELETE. A row's
 * hash is SHA-256(prev_hash || canonical JSON of the row). An appended row is durable when
 * audit_append returns. Several processes may append. The chain makes tampering evident, not
 * impossible: the file's owner can rewrite it whole; rows also go to syslog (user.notice;
 * FRAUDTOP_SYSLOG=0 turns that off). */
#ifndef FRAUDTOP_ROLLOUT_AUDIT_H
#define FRAUDTOP_ROLLOUT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/err.h"

struct audit;

struct audit_row {
	int64_t seq;
	wall_us at;
	char action_id[40];
	char event[24]; /* PLAN, PREFLIGHT, INTENT, RESULT, OBSERVE, STATE, REFUSED, ARM ... */
	char operation[16]; /* rollback, promote, arm */
	char registry[1024], model[128], alias[128], from_version[128], to_version[128];
	int64_t epoch; /* of the alias: before the write (PLAN, INTENT) or after it; 0: none */
	char actor[128]; /* login name (and uid, loginuid, SUDO_USER) */
	char origin[128]; /* SSH_CONNECTION or the tty, and the host */
	char reason[256];
	char outcome[24]; /* RESULT and STATE: ok, refused, changed, verified, unverified,
			     superseded */
	char detail[512]; /* one line for a person */
	char prev_hash[65], hash[65];
};

/* path NULL: ${XDG_STATE_HOME:-~/.local/state}/fraudtop/audit.db, folder made 0700, file 0600. */
struct audit *audit_open(const char *path, struct err *err);
/* The same for reading alone: a file that is not there is not made, but ERR_NO_INPUT. */
struct audit *audit_open_read(const char *path, struct err *err);
void audit_close(struct audit *audit); /* NULL is fine */
const char *audit_path(const struct audit *audit);

/* Fills seq, at, actor, origin and the hashes, scrubs the rest, writes the row, and returns when it
 * is on the disk. */
bool audit_append(struct audit *audit, struct audit_row *row, struct err *err);

/* Rows with seq > after, oldest first; action_id NULL for all. free() the list. */
bool audit_rows(struct audit *audit, int64_t after, const char *action_id, struct audit_row **list,
    size_t *count, struct err *err);

/* Walks the chain. False with ERR_DATA and the first bad seq if it is broken; *rows counted. */
bool audit_verify(struct audit *audit, int64_t *rows, struct err *err);

/* The row as one line of JSON without the newline. Without its last two members (prev_hash, hash)
 * it is the canonical JSON that the hash covers. */
void audit_row_json(const struct audit_row *row, struct buf *out);

void audit_new_action_id(char id[40]); /* random UUID */

#endif
