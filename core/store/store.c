/* store.c: two tables: the one checkpoint's print, and its values with their SHA-256, since SQLite
 * finds no bit that is wrong within a value. The lock stands in a file of its own, so that it is
 * held whatever becomes of the database. */
#include "core/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/db.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/mem.h"

enum { SCHEMA_VERSION = 1, ASIDE_MOST = 1000 };

static const char schema[] =
    "CREATE TABLE checkpoint(print TEXT NOT NULL, made_at TEXT NOT NULL);"
    "CREATE TABLE value(name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes BLOB NOT NULL);";

struct store {
	char *folder, *path;
	struct lock *lock;
	sqlite3 *db;
	bool begun, failed; /* a checkpoint; a part of it could not be written */
	struct err why; /* it failed */
};

static struct lock *
take_lock(const char *folder, struct err *err)
{
	char at[32];
	struct err held = {0};
	char *path = mem_printf("%s/lock", folder);
	char *holder = mem_printf(
	    "process %ld since %s", (long)getpid(), clock_format(at, sizeof(at), clock_wall()));
	struct lock *lock = lock_file(path, holder, &held);
	if (lock == NULL && held.code == ERR_GATE)
		err_set(err, ERR_UNAVAILABLE, "%s is in use: %s", folder, held.text);
	else if (lock == NULL)
		err_set(err, held.code, "%s", held.text);
	free(holder);
	free(path);
	return lock;
}

static void
move(const char *from, const char *to, const char *ending)
{
	char *old = mem_printf("%s%s", from, ending), *new = mem_printf("%s%s", to, ending);
	rename(old, new); /* the log of changes need not be there */
	free(old);
	free(new);
}

/* Under a name that is free; its log of changes goes with it. */
static bool
put_aside(const char *path, const char *reason, struct err *err)
{
	char *aside = NULL;
	for (int i = 1; i <= ASIDE_MOST; i++) {
		free(aside);
		aside = mem_printf("%s.aside-%d", path, i);
		if (access(aside, F_OK) != 0)
			break;
	}
	bool moved = rename(path, aside) == 0;
	if (moved) {
		move(path, aside, "-wal");
		move(path, aside, "-shm");
		err_set(err, ERR_DATA, "%s; it was put aside as %s", reason, aside);
	} else {
		err_set(err, ERR_CREATE, "%s: %s; it cannot be put aside: %s", path, reason,
		    strerror(errno));
	}
	free(aside);
	return moved;
}

/* Somebody else's, who has given it no version. */
static bool
is_foreign(const char *path)
{
	sqlite3 *db = db_open(path, NULL, 0, NULL);
	db_close(db);
	return db != NULL && !db_is_blank(path);
}

static bool
has_tables(sqlite3 *db)
{
	sqlite3_stmt *statement = db_query(db, NULL,
	    "SELECT c.print, c.made_at, v.name, v.sha256, v.bytes FROM checkpoint c, value v", "");
	bool has = statement != NULL;
	sqlite3_finalize(statement);
	return has;
}

static sqlite3 *
open_ours(const char *path, struct err *err)
{
	sqlite3 *db = is_foreign(path) ? NULL : db_open(path, schema, SCHEMA_VERSION, err);
	if (db != NULL && has_tables(db))
		return db;
	if (db != NULL || err->code == ERR_NONE)
		err_set(err, ERR_DATA, "%s: not a store of checkpoints", path);
	db_close(db);
	return NULL;
}

/* With err of ERR_DATA: what was there is aside. */
static bool
open_file(struct store *store, struct err *err)
{
	struct err why = {0};
	store->db = open_ours(store->path, &why);
	if (store->db != NULL)
		return true;
	if (why.code != ERR_DATA)
		return err_set(err, why.code, "%s", why.text);
	if (!put_aside(store->path, why.text, err))
		return false;
	why = (struct err){0};
	store->db = open_ours(store->path, &why);
	return store->db != NULL || err_set(err, ERR_CREATE, "%s", why.text);
}

struct store *
store_open(const char *folder, struct err *err)
{
	struct err local = {0};
	if (!files_make_folder(folder, err))
		return NULL;
	struct lock *lock = take_lock(folder, err);
	if (lock == NULL)
		return NULL;
	struct store *store = mem_alloc(sizeof(*store));
	store->lock = lock;
	store->folder = mem_string(folder);
	store->path = mem_printf("%s/store.db", folder);
	bool opened = open_file(store, &local);
	if (local.code != ERR_NONE)
		err_set(err, local.code, "%s", local.text);
	if (opened)
		return store;
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	db_close(store->db);
	lock_release(store->lock);
	free(store->folder);
	free(store->path);
	free(store);
}

const char *
store_folder(const struct store *store)
{
	return store->folder;
}

/* What is there can be read no more: it goes aside and an empty one takes its place, if one can be
 * had. Returns false. */
static bool
begin_anew(struct store *store, const char *reason, struct err *err)
{
	db_close(store->db);
	store->db = NULL;
	struct err why = {0};
	if (put_aside(store->path, reason, err))
		store->db = open_ours(store->path, &why);
	return false;
}

bool
store_begin(struct store *store, const char *print, struct err *err)
{
	char at[32];
	clock_format(at, sizeof(at), clock_wall());
	if (store->db == NULL)
		return err_set(err, ERR_IO, "%s: cannot be used", store->path);
	if (!db_exec(store->db, "BEGIN IMMEDIATE", err))
		return err_prefix(err, "%s", store->path);
	store->begun = true;
	store->why = (struct err){0};
	store->failed =
	    !db_exec(store->db, "DELETE FROM checkpoint; DELETE FROM value", &store->why) ||
	    !db_run(store->db, NULL, &store->why,
		"INSERT INTO checkpoint(print, made_at) VALUES(?, ?)", "ss", print, at);
	return true;
}

void
store_put(struct store *store, const char *name, const struct buf *bytes)
{
	if (!store->begun || store->failed)
		return;
	char hex[HASH_HEX_SIZE];
	hash_sha256(bytes->data, bytes->length, hex);
	sqlite3_stmt *statement = db_query(store->db, &store->why,
	    "INSERT INTO value(name, sha256, bytes) VALUES(?, ?, ?)", "ss", name, hex);
	store->failed = statement == NULL;
	if (statement == NULL)
		return;
	int bound = bytes->length > 0 ? sqlite3_bind_blob64(
					    statement, 3, bytes->data, bytes->length, SQLITE_STATIC)
				      : sqlite3_bind_zeroblob(statement, 3, 0);
	if (bound != SQLITE_OK || sqlite3_step(statement) != SQLITE_DONE) {
		db_error(store->db, &store->why, "SQLite");
		store->failed = true;
	}
	sqlite3_finalize(statement);
}

bool
store_commit(struct store *store, struct err *err)
{
	if (!store->begun)
		return err_set(err, ERR_INTERNAL, "no checkpoint was begun");
	store->begun = false;
	bool done = !store->failed && db_exec(store->db, "COMMIT", &store->why);
	if (done)
		return true;
	db_exec(store->db, "ROLLBACK", NULL);
	if (store->why.code == ERR_DATA)
		return begin_anew(store, store->why.text, err);
	return err_set(err, store->why.code, "%s: %s", store->path, store->why.text);
}

/* Steps to the value and copies it. ERR_DATA: it is broken. */
static bool
take_value(
    sqlite3 *db, sqlite3_stmt *statement, const char *name, struct buf *bytes, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	int code = sqlite3_step(statement);
	if (code == SQLITE_DONE)
		return false;
	if (code != SQLITE_ROW)
		return db_error(db, err, "SQLite");
	const void *blob = sqlite3_column_blob(statement, 1);
	size_t length = (size_t)sqlite3_column_bytes(statement, 1);
	if (blob == NULL && length > 0)
		return db_error(db, err, "SQLite");
	buf_append(bytes, blob, length);
	hash_sha256(bytes->data, bytes->length, hex);
	if (strcmp(hex, db_text(statement, 0)) == 0)
		return true;
	buf_clear(bytes);
	return err_set(err, ERR_DATA, "its value `%s` is not what was written", name);
}

bool
store_get(
    struct store *store, const char *print, const char *name, struct buf *bytes, struct err *err)
{
	struct err why = {0};
	buf_clear(bytes);
	if (store->db == NULL)
		return err_set(err, ERR_IO, "%s: cannot be used", store->path);
	sqlite3_stmt *statement = db_query(store->db, &why,
	    "SELECT sha256, bytes FROM value WHERE name = ? AND (SELECT print FROM checkpoint) = ?",
	    "ss", name, print);
	bool found = statement != NULL && take_value(store->db, statement, name, bytes, &why);
	sqlite3_finalize(statement);
	if (found || why.code == ERR_NONE)
		return found;
	err_prefix(&why, "%s", store->path);
	if (why.code == ERR_DATA)
		return begin_anew(store, why.text, err);
	return err_set(err, why.code, "%s", why.text);
}

bool
store_has_other(struct store *store, const char *print)
{
	sqlite3_stmt *statement =
	    store->db != NULL
		? db_query(store->db, NULL, "SELECT 1 FROM checkpoint WHERE print != ?", "s", print)
		: NULL;
	bool other = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return other;
}
