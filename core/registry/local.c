/* local.c: the local registry, one SQLite file shared by services, dashboards and commands.
 *
 * An alias changes only by `UPDATE ... WHERE epoch = ?`, in one transaction with its row of
 * alias_history, which triggers keep append-only. Times are RFC 3339 text; a number is read as
 * seconds since 1970, since rows may come from another hand. A file of another program is never
 * written to. */
#include "core/registry/registry_driver.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/db.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { SCHEMA_VERSION = 1, OPEN_TRIES = 20, OPEN_PAUSE_US = 100000 };

struct local {
	sqlite3 *db; /* NULL: it could not be opened anew */
	char *path;
	bool still; /* db sees no later changes */
};

static const char schema[] =
    "CREATE TABLE model_version("
    " model TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " threshold REAL, metadata TEXT NOT NULL DEFAULT '{}', created_at TEXT NOT NULL,"
    " created_by TEXT NOT NULL, PRIMARY KEY(model, version));"
    "CREATE TABLE alias("
    " model TEXT NOT NULL, alias TEXT NOT NULL, version TEXT NOT NULL, epoch INTEGER NOT NULL,"
    " changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY(model, alias));"
    "CREATE TABLE alias_history("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, alias TEXT NOT NULL,"
    " from_version TEXT, to_version TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL,"
    " by TEXT NOT NULL, reason TEXT NOT NULL);"
    "CREATE INDEX alias_history_target ON alias_history(model, alias, seq);"
    "CREATE TRIGGER alias_history_no_update BEFORE UPDATE ON alias_history BEGIN"
    " SELECT RAISE(ABORT, 'alias_history is append-only'); END;"
    "CREATE TRIGGER alias_history_no_delete BEFORE DELETE ON alias_history BEGIN"
    " SELECT RAISE(ABORT, 'alias_history is append-only'); END;";

#define VERSION_COLUMNS "model, version, path, sha256, threshold, created_at, created_by"
#define ALIAS_COLUMNS "model, alias, version, epoch, changed_at, changed_by, reason"
#define CHANGE_COLUMNS "seq, model, alias, from_version, to_version, epoch, at, by, reason"

/* --- opening --- */

static sqlite3 *
open_file(const char *path, bool create, struct err *err)
{
	if (access(path, F_OK) != 0) {
		if (create)
			return db_open(path, schema, SCHEMA_VERSION, err);
		err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (create && db_is_blank(path))
		return db_open(path, schema, SCHEMA_VERSION, err);
	/* Read-only first: db_open would make tables in any SQLite file whose user_version is 0. */
	sqlite3 *db = db_open(path, NULL, SCHEMA_VERSION, err);
	if (db == NULL || access(path, W_OK) != 0)
		return db;
	db_close(db);
	return db_open(path, schema, SCHEMA_VERSION, err);
}

static void *
local_open(const char *location, bool create, struct err *err)
{
	struct err last = {0};
	sqlite3 *db = open_file(location, create, &last);
	/* SQLite does not wait for its turn while a file is switched to WAL. */
	for (int i = 0; db == NULL && last.code == ERR_TEMP && i < OPEN_TRIES; i++) {
		usleep(OPEN_PAUSE_US);
		db = open_file(location, create, &last);
	}
	bool still = db == NULL && !create && access(location, W_OK) != 0;
	if (still)
		db = db_open_still(location, SCHEMA_VERSION);
	if (db == NULL) {
		err_set(err, last.code, "%s", last.text);
		return NULL;
	}
	struct local *local = mem_alloc(sizeof(*local));
	local->db = db;
	local->still = still;
	local->path = realpath(location, NULL);
	if (local->path == NULL)
		local->path = mem_string(location);
	return local;
}

static void
local_close(void *state)
{
	struct local *local = state;
	db_close(local->db);
	free(local->path);
	free(local);
}

static const char *
local_location(const void *state)
{
	return ((const struct local *)state)->path;
}

/* --- reading --- */

/* A file that could only be opened as it stood is opened again before each look. */
static bool
fresh(struct local *local, struct err *err)
{
	if (!local->still)
		return true;
	db_close(local->db);
	local->db = db_open_still(local->path, SCHEMA_VERSION);
	if (local->db == NULL) {
		local->db = open_file(local->path, false, err);
		local->still = local->db == NULL;
	}
	return local->db != NULL;
}

static void
column_text(sqlite3_stmt *statement, int column, char *dst, size_t size)
{
	const char *text = db_text(statement, column);
	text_scrub(dst, size, text, (size_t)sqlite3_column_bytes(statement, column));
}

static wall_us
column_time(sqlite3_stmt *statement, int column)
{
	wall_us time = 0;
	int type = sqlite3_column_type(statement, column);
	if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
		return (wall_us)(sqlite3_column_double(statement, column) * (double)CLOCK_SECOND);
	const char *text = db_text(statement, column);
	int64_t seconds;
	/* A number put into a column of text comes back as text. */
	if (text_to_int64(text, &seconds) && seconds < INT64_MAX / CLOCK_SECOND && seconds >= 0)
		return seconds * CLOCK_SECOND;
	return clock_parse(text, strlen(text), &time) ? time : 0;
}

static void
read_version(sqlite3_stmt *statement, void *row)
{
	struct registry_version *out = row;
	column_text(statement, 0, out->model, sizeof(out->model));
	column_text(statement, 1, out->version, sizeof(out->version));
	column_text(statement, 2, out->path, sizeof(out->path));
	column_text(statement, 3, out->sha256, sizeof(out->sha256));
	out->threshold = sqlite3_column_type(statement, 4) == SQLITE_NULL
			     ? NAN
			     : sqlite3_column_double(statement, 4);
	out->created_at = column_time(statement, 5);
	column_text(statement, 6, out->created_by, sizeof(out->created_by));
}

static void
read_alias(sqlite3_stmt *statement, void *row)
{
	struct registry_alias *out = row;
	column_text(statement, 0, out->model, sizeof(out->model));
	column_text(statement, 1, out->alias, sizeof(out->alias));
	column_text(statement, 2, out->version, sizeof(out->version));
	out->epoch = sqlite3_column_int64(statement, 3);
	out->changed_at = column_time(statement, 4);
	column_text(statement, 5, out->changed_by, sizeof(out->changed_by));
	column_text(statement, 6, out->reason, sizeof(out->reason));
}

static void
read_change(sqlite3_stmt *statement, void *row)
{
	struct registry_change *out = row;
	out->seq = sqlite3_column_int64(statement, 0);
	column_text(statement, 1, out->model, sizeof(out->model));
	column_text(statement, 2, out->alias, sizeof(out->alias));
	column_text(statement, 3, out->from_version, sizeof(out->from_version));
	column_text(statement, 4, out->to_version, sizeof(out->to_version));
	out->epoch = sqlite3_column_int64(statement, 5);
	out->at = column_time(statement, 6);
	column_text(statement, 7, out->by, sizeof(out->by));
	column_text(statement, 8, out->reason, sizeof(out->reason));
}

/* Ends the statement and returns its rows, `size` bytes each, through *list (a pointer to the
 * array). */
static bool
collect(struct local *local, sqlite3_stmt *statement, size_t size,
    void (*read)(sqlite3_stmt *, void *), void *list, size_t *count, struct err *err)
{
	char *rows = NULL;
	size_t capacity = 0, found = 0;
	int code = SQLITE_DONE;
	if (statement == NULL)
		return false;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		mem_reserve(&rows, &capacity, found + 1, size);
		memset(rows + found * size, 0, size);
		read(statement, rows + found++ * size);
	}
	if (code != SQLITE_DONE) {
		db_error(local->db, err, local->path);
		sqlite3_finalize(statement);
		free(rows);
		return false;
	}
	sqlite3_finalize(statement);
	memcpy(list, &rows, sizeof(rows));
	*count = found;
	return true;
}

static bool
local_versions(
    void *state, const char *model, struct registry_version **list, size_t *count, struct err *err)
{
	struct local *local = state;
	if (!fresh(local, err))
		return false;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT " VERSION_COLUMNS " FROM model_version WHERE ?1 IS NULL OR model = ?1"
	    " ORDER BY created_at DESC, rowid DESC",
	    "s", model);
	return collect(
	    local, statement, sizeof(struct registry_version), read_version, list, count, err);
}

static bool
local_aliases(
    void *state, const char *model, struct registry_alias **list, size_t *count, struct err *err)
{
	struct local *local = state;
	if (!fresh(local, err))
		return false;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT " ALIAS_COLUMNS " FROM alias WHERE ?1 IS NULL OR model = ?1"
	    " ORDER BY changed_at DESC, rowid DESC",
	    "s", model);
	return collect(
	    local, statement, sizeof(struct registry_alias), read_alias, list, count, err);
}

static bool
local_history(void *state, const char *model, const char *alias, size_t limit,
    struct registry_change **list, size_t *count, struct err *err)
{
	struct local *local = state;
	if (!fresh(local, err))
		return false;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT " CHANGE_COLUMNS " FROM alias_history WHERE model = ? AND alias = ?"
	    " ORDER BY seq DESC LIMIT ?",
	    "ssi", model, alias, (int64_t)(limit < INT64_MAX ? limit : INT64_MAX));
	return collect(
	    local, statement, sizeof(struct registry_change), read_change, list, count, err);
}

/* Ends the statement; true if it had a row, which was read into `row`. *failed: it is not known. */
static bool
read_one(struct local *local, sqlite3_stmt *statement, void (*read)(sqlite3_stmt *, void *),
    void *row, bool *failed, struct err *err)
{
	int code = statement != NULL ? sqlite3_step(statement) : SQLITE_ERROR;
	if (code == SQLITE_ROW)
		read(statement, row);
	else if (statement != NULL && code != SQLITE_DONE)
		db_error(local->db, err, local->path);
	sqlite3_finalize(statement);
	*failed = code != SQLITE_ROW && code != SQLITE_DONE;
	return code == SQLITE_ROW;
}

static bool
find_alias(struct local *local, const char *model, const char *alias, struct registry_alias *out,
    bool *failed, struct err *err)
{
	*failed = !fresh(local, err);
	if (*failed)
		return false;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT " ALIAS_COLUMNS " FROM alias WHERE model = ? AND alias = ?", "ss", model,
	    alias);
	return read_one(local, statement, read_alias, out, failed, err);
}

static bool
local_get_alias(
    void *state, const char *model, const char *alias, struct registry_alias *out, struct err *err)
{
	bool failed = false;
	if (find_alias(state, model, alias, out, &failed, err))
		return true;
	if (failed)
		return false;
	return err_set(err, ERR_NO_INPUT, "the model %s has no alias %s", model, alias);
}

static bool
local_get_version(void *state, const char *model, const char *version, struct registry_version *out,
    struct err *err)
{
	struct local *local = state;
	bool failed = false;
	if (!fresh(local, err))
		return false;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT " VERSION_COLUMNS " FROM model_version WHERE model = ? AND version = ?", "ss",
	    model, version);
	if (read_one(local, statement, read_version, out, &failed, err))
		return true;
	if (failed)
		return false;
	return err_set(err, ERR_NO_INPUT, "the model %s has no version %s", model, version);
}

static void
read_metadata(sqlite3_stmt *statement, void *row)
{
	const char *text = db_text(statement, 0);
	*(char **)row = mem_string(text[0] != '\0' ? text : "{}");
}

static char *
local_metadata(void *state, const char *model, const char *version, struct err *err)
{
	struct local *local = state;
	bool failed = false;
	char *metadata = NULL;
	if (!fresh(local, err))
		return NULL;
	sqlite3_stmt *statement = db_query(local->db, err,
	    "SELECT metadata FROM model_version WHERE model = ? AND version = ?", "ss", model,
	    version);
	if (!read_one(local, statement, read_metadata, &metadata, &failed, err) && !failed)
		err_set(err, ERR_NO_INPUT, "the model %s has no version %s", model, version);
	return metadata;
}

/* --- writing --- */

static bool
begin(struct local *local, struct err *err)
{
	if (local->still || sqlite3_db_readonly(local->db, "main") == 1)
		return err_set(err, ERR_PERMISSION, "%s may be read only by you", local->path);
	return db_exec(local->db, "BEGIN IMMEDIATE", err);
}

/* Ends a transaction. After a failed COMMIT it may still be open: then nothing of it may stay. */
static bool
end(struct local *local, bool good, struct err *err)
{
	good = good && db_exec(local->db, "COMMIT", err);
	if (!good && sqlite3_get_autocommit(local->db) == 0)
		db_exec(local->db, "ROLLBACK", NULL);
	return good;
}

static bool
insert_version(
    struct local *local, const struct registry_version *row, const char *metadata, struct err *err)
{
	struct registry_version old;
	struct err missing = {0};
	char at[32];
	if (local_get_version(local, row->model, row->version, &old, &missing))
		return err_set(err, ERR_FAILED, "the model %s has a version %s already (%s)",
		    row->model, row->version, old.path);
	if (missing.code != ERR_NO_INPUT)
		return err_set(err, missing.code, "%s", missing.text);
	return db_run(local->db, NULL, err,
	    "INSERT INTO model_version(model, version, path, sha256, threshold, metadata,"
	    " created_at, created_by) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	    "ssssdsss", row->model, row->version, row->path, row->sha256, row->threshold, metadata,
	    clock_format(at, sizeof(at), row->created_at), row->created_by);
}

static bool
local_add_version(
    void *state, const struct registry_version *row, const char *metadata, struct err *err)
{
	struct local *local = state;
	return begin(local, err) && end(local, insert_version(local, row, metadata, err), err);
}

static bool
changed_error(const struct registry_move *move, bool exists, const struct registry_alias *now,
    struct err *err)
{
	char at[32];
	if (!exists)
		return err_set(err, ERR_CHANGED, "the model %s has no alias %s (any more)",
		    move->model, move->alias);
	return err_set(err, ERR_CHANGED,
	    "%s of %s was moved to %s by %s at %s (epoch %lld, expected %lld)", move->alias,
	    move->model, now->version, now->changed_by,
	    clock_format(at, sizeof(at), now->changed_at), (long long)now->epoch,
	    (long long)move->expect_epoch);
}

static bool
write_alias(struct local *local, const struct registry_move *move, const char *at, int *changes,
    struct err *err)
{
	if (move->expect_epoch == 0)
		return db_run(local->db, changes, err,
		    "INSERT INTO alias(model, alias, version, epoch, changed_at, changed_by, "
		    "reason)"
		    " VALUES(?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING",
		    "ssssss", move->model, move->alias, move->version, at, move->by, move->reason);
	return db_run(local->db, changes, err,
	    "UPDATE alias SET version = ?, epoch = epoch + 1, changed_at = ?, changed_by = ?,"
	    " reason = ? WHERE model = ? AND alias = ? AND epoch = ?",
	    "ssssssi", move->version, at, move->by, move->reason, move->model, move->alias,
	    move->expect_epoch);
}

static bool
move_alias(struct local *local, const struct registry_move *move, struct err *err)
{
	struct registry_alias now = {0};
	struct registry_version version;
	bool failed = false;
	char at[32];
	int changes = 0;
	bool exists = find_alias(local, move->model, move->alias, &now, &failed, err);
	if (failed || !local_get_version(local, move->model, move->version, &version, err))
		return false;
	clock_format(at, sizeof(at), clock_wall());
	if (!write_alias(local, move, at, &changes, err))
		return false;
	if (changes != 1)
		return changed_error(move, exists, &now, err);
	return db_run(local->db, NULL, err,
	    "INSERT INTO alias_history(model, alias, from_version, to_version, epoch, at, by,"
	    " reason) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	    "ssssisss", move->model, move->alias, exists ? now.version : NULL, move->version,
	    move->expect_epoch + 1, at, move->by, move->reason);
}

static bool
local_set_alias(void *state, const struct registry_move *move, int64_t *epoch, struct err *err)
{
	struct local *local = state;
	if (!begin(local, err) || !end(local, move_alias(local, move, err), err))
		return false;
	*epoch = move->expect_epoch + 1;
	return true;
}

const struct registry_driver registry_local = {
    .kind = "local",
    .open = local_open,
    .close = local_close,
    .location = local_location,
    .versions = local_versions,
    .aliases = local_aliases,
    .history = local_history,
    .get_alias = local_get_alias,
    .get_version = local_get_version,
    .metadata = local_metadata,
    .add_version = local_add_version,
    .set_alias = local_set_alias,
};
