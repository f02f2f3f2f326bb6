/* audit.c: the audit log's file, its writing and its reading. The chain's proof is in
 * audit_verify.c.
 *
 * seq counts from 1 without a gap; a row's prev_hash is the hash of the row before it, 64 zeros for
 * the first. Time is kept as the text that is hashed, to the millisecond. */
#include "core/rollout/audit.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "core/base/db.h"
#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/config/places.h"
#include "core/rollout/actor.h"
#include "core/rollout/audit_chain.h"

enum { SCHEMA_VERSION = 1, BUSY_TIMEOUT_MS = 10000, OPEN_TRIES = 50, OPEN_PAUSE_US = 100000 };

static const char schema[] =
    "CREATE TABLE audit("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, action_id TEXT NOT NULL,"
    " event TEXT NOT NULL, operation TEXT NOT NULL, registry TEXT NOT NULL,"
    " model TEXT NOT NULL, alias TEXT NOT NULL, from_version TEXT NOT NULL,"
    " to_version TEXT NOT NULL, epoch INTEGER NOT NULL, actor TEXT NOT NULL,"
    " origin TEXT NOT NULL, reason TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,"
    " prev_hash TEXT NOT NULL, hash TEXT NOT NULL);"
    "CREATE INDEX audit_action ON audit(action_id, seq);"
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN"
    " SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN"
    " SELECT RAISE(ABORT, 'the audit log is append-only'); END;";

/* --- opening --- */

static char *
find_path(const char *path, bool make, struct err *err)
{
	char folder[1024];
	if (path != NULL)
		return mem_string(path);
	if (make ? !places_state_folder(folder, sizeof(folder), err)
		 : !places_state_path(folder, sizeof(folder), err))
		return NULL;
	return mem_printf("%s/audit.db", folder);
}

static struct audit *
open_as(const char *path, const char *tables, struct err *err)
{
	char *found = find_path(path, tables != NULL, err);
	struct err last = {0};
	if (found == NULL)
		return NULL;
	sqlite3 *db = db_open(found, tables, SCHEMA_VERSION, &last);
	/* SQLite does not wait for its turn while a file is switched to WAL. */
	for (int i = 0; db == NULL && last.code == ERR_TEMP && i < OPEN_TRIES; i++) {
		usleep(OPEN_PAUSE_US);
		db = db_open(found, tables, SCHEMA_VERSION, &last);
	}
	if (db == NULL && last.code == ERR_DATA && db_is_blank(found))
		err_set(&last, ERR_NO_INPUT, "%s: nothing was recorded in it yet", found);
	if (db == NULL) {
		err_set(err, last.code, "the audit log: %s", last.text);
		free(found);
		return NULL;
	}
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	struct audit *audit = mem_alloc(sizeof(*audit));
	audit->db = db;
	audit->path = found;
	return audit;
}

struct audit *
audit_open(const char *path, struct err *err)
{
	return open_as(path, schema, err);
}

struct audit *
audit_open_read(const char *path, struct err *err)
{
	return open_as(path, NULL, err);
}

void
audit_close(struct audit *audit)
{
	if (audit == NULL)
		return;
	db_close(audit->db);
	free(audit->path);
	free(audit);
}

const char *
audit_path(const struct audit *audit)
{
	return audit->path;
}

/* --- one row --- */

static void
row_members(struct jsonw *json, const struct audit_row *row)
{
	jsonw_int(json, "seq", row->seq);
	jsonw_time(json, "at", row->at);
	jsonw_string(json, "action_id", row->action_id);
	jsonw_string(json, "event", row->event);
	jsonw_string(json, "operation", row->operation);
	jsonw_string(json, "registry", row->registry);
	jsonw_string(json, "model", row->model);
	jsonw_string(json, "alias", row->alias);
	jsonw_string(json, "from_version", row->from_version);
	jsonw_string(json, "to_version", row->to_version);
	jsonw_int(json, "epoch", row->epoch);
	jsonw_string(json, "actor", row->actor);
	jsonw_string(json, "origin", row->origin);
	jsonw_string(json, "reason", row->reason);
	jsonw_string(json, "outcome", row->outcome);
	jsonw_string(json, "detail", row->detail);
}

void
audit_row_json(const struct audit_row *row, struct buf *out)
{
	struct jsonw json = {.out = out};
	jsonw_open_object(&json, NULL);
	row_members(&json, row);
	jsonw_string(&json, "prev_hash", row->prev_hash);
	jsonw_string(&json, "hash", row->hash);
	jsonw_close_object(&json);
}

void
audit_row_hash(const struct audit_row *row, char hash[65])
{
	struct buf text = {0};
	buf_puts(&text, row->prev_hash);
	struct jsonw json = {.out = &text};
	jsonw_open_object(&json, NULL);
	row_members(&json, row);
	jsonw_close_object(&json);
	hash_sha256(text.data, text.length, hash);
	buf_free(&text);
}

#define SCRUB(field) scrub(row->field, sizeof(row->field))

static void
scrub(char *text, size_t size)
{
	char clean[1024];
	size_t length = strnlen(text, size - 1);
	text_scrub(clean, size < sizeof(clean) ? size : sizeof(clean), text, length);
	text_copy(text, size, clean);
}

static void
fill_row(struct audit_row *row)
{
	SCRUB(action_id);
	SCRUB(event);
	SCRUB(operation);
	SCRUB(registry);
	SCRUB(model);
	SCRUB(alias);
	SCRUB(from_version);
	SCRUB(to_version);
	SCRUB(reason);
	SCRUB(outcome);
	SCRUB(detail);
	actor_describe(row->actor, sizeof(row->actor));
	actor_origin(row->origin, sizeof(row->origin));
	row->at = clock_wall() / 1000 * 1000;
}

/* --- appending --- */

/* Where the next row goes: behind the last one there ever was, so that a row cut off leaves a gap.
 */
static bool
find_head(struct audit *audit, struct audit_row *row, struct err *err)
{
	memset(row->prev_hash, '0', 64);
	row->prev_hash[64] = '\0';
	sqlite3_stmt *statement = db_query(audit->db, err,
	    "SELECT (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1),"
	    " max(ifnull((SELECT max(seq) FROM audit), 0),"
	    " ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0))",
	    "");
	if (statement == NULL)
		return false;
	bool found = sqlite3_step(statement) == SQLITE_ROW;
	if (found) {
		if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
			text_copy(row->prev_hash, sizeof(row->prev_hash), db_text(statement, 0));
		row->seq = sqlite3_column_int64(statement, 1) + 1;
	} else {
		db_error(audit->db, err, "reading the end of the audit log");
	}
	sqlite3_finalize(statement);
	return found;
}

static bool
insert_row(struct audit *audit, const struct audit_row *row, struct err *err)
{
	char at[32];
	return db_run(audit->db, NULL, err,
	    "INSERT INTO audit(seq, at, action_id, event, operation, registry, model, alias,"
	    " from_version, to_version, epoch, actor, origin, reason, outcome, detail, prev_hash,"
	    " hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "isssssssssisssssss", row->seq, clock_format(at, sizeof(at), row->at), row->action_id,
	    row->event, row->operation, row->registry, row->model, row->alias, row->from_version,
	    row->to_version, row->epoch, row->actor, row->origin, row->reason, row->outcome,
	    row->detail, row->prev_hash, row->hash);
}

static void
send_to_syslog(const struct audit_row *row)
{
	const char *wanted = getenv("FRAUDTOP_SYSLOG");
	struct buf text = {0};
	if (wanted != NULL && strcmp(wanted, "0") == 0)
		return;
	audit_row_json(row, &text);
	syslog(LOG_USER | LOG_NOTICE, "fraudtop audit %s", text.data);
	buf_free(&text);
}

bool
audit_append(struct audit *audit, struct audit_row *row, struct err *err)
{
	fill_row(row);
	if (!db_exec(audit->db, "BEGIN IMMEDIATE", err))
		return err_prefix(err, "%s", audit->path);
	bool written = find_head(audit, row, err);
	if (written) {
		audit_row_hash(row, row->hash);
		written = insert_row(audit, row, err) && db_exec(audit->db, "COMMIT", err);
	}
	if (!written) {
		if (sqlite3_get_autocommit(audit->db) == 0)
			db_exec(audit->db, "ROLLBACK", NULL);
		return err_prefix(err, "%s", audit->path);
	}
	send_to_syslog(row);
	return true;
}

/* --- reading --- */

#define TAKE(column, field)                                                                        \
	text_scrub(row->field, sizeof(row->field), db_text(statement, column),                     \
	    (size_t)sqlite3_column_bytes(statement, column))

void
audit_read_row(sqlite3_stmt *statement, struct audit_row *row)
{
	const char *at = db_text(statement, 1);
	memset(row, 0, sizeof(*row));
	row->seq = sqlite3_column_int64(statement, 0);
	if (!clock_parse(at, strlen(at), &row->at))
		row->at = 0;
	TAKE(2, action_id);
	TAKE(3, event);
	TAKE(4, operation);
	TAKE(5, registry);
	TAKE(6, model);
	TAKE(7, alias);
	TAKE(8, from_version);
	TAKE(9, to_version);
	row->epoch = sqlite3_column_int64(statement, 10);
	TAKE(11, actor);
	TAKE(12, origin);
	TAKE(13, reason);
	TAKE(14, outcome);
	TAKE(15, detail);
	TAKE(16, prev_hash);
	TAKE(17, hash);
}

bool
audit_rows(struct audit *audit, int64_t after, const char *action_id, struct audit_row **list,
    size_t *count, struct err *err)
{
	struct audit_row *rows = NULL;
	size_t capacity = 0, found = 0;
	int code;
	sqlite3_stmt *statement = db_query(audit->db, err,
	    "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq > ?1 AND (?2 IS NULL OR action_id = ?2)"
	    " ORDER BY seq",
	    "is", after, action_id);
	if (statement == NULL)
		return false;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		mem_reserve(&rows, &capacity, found + 1, sizeof(*rows));
		audit_read_row(statement, &rows[found++]);
	}
	if (code != SQLITE_DONE)
		db_error(audit->db, err, audit->path);
	sqlite3_finalize(statement);
	if (code != SQLITE_DONE) {
		free(rows);
		return false;
	}
	*list = rows;
	*count = found;
	return true;
}

void
audit_new_action_id(char id[40])
{
	unsigned char r[16];
	if (RAND_bytes(r, sizeof(r)) != 1)
		mem_die("no random numbers are to be had from OpenSSL");
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40); /* RFC 4122: version 4 */
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	snprintf(id, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	    r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
	    r[14], r[15]);
}
