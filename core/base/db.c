#include "core/base/db.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { BUSY_TIMEOUT_MS = 2000 };

bool
db_error(sqlite3 *db, struct err *err, const char *doing)
{
	int code = sqlite3_errcode(db), kind = ERR_IO;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		kind = ERR_TEMP;
	else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		kind = ERR_DATA;
	return err_set(err, kind, "%s: %s", doing, sqlite3_errmsg(db));
}

static int
user_version(sqlite3 *db)
{
	sqlite3_stmt *statement = db_query(db, NULL, "PRAGMA user_version", "");
	int version = -1;
	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

/* Two processes may open a new file at once: the transaction makes one of them the maker. */
static bool
make_tables(sqlite3 *db, const char *schema, int version, struct err *err)
{
	char pragma[48];
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version);
	if (!db_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	bool made = user_version(db) != 0 || (db_exec(db, schema, err) && db_exec(db, pragma, err));
	if (!made) {
		db_exec(db, "ROLLBACK", NULL);
		return false;
	}
	return db_exec(db, "COMMIT", err);
}

sqlite3 *
db_open(const char *path, const char *schema, int version, struct err *err)
{
	sqlite3 *db = NULL;
	int flags =
	    schema == NULL ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (schema != NULL) { /* made here, so that it is never readable by others */
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
		err_set(err, schema == NULL ? ERR_NO_INPUT : ERR_CREATE, "%s: %s", path,
		    db != NULL ? sqlite3_errmsg(db) : "out of memory");
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_extended_result_codes(db, 0);
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	bool good = schema == NULL ||
		    (db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err) &&
			(user_version(db) != 0 || make_tables(db, schema, version, err)));
	int found = good ? user_version(db) : 0;
	if (good && found != version) {
		good = found < 0
			   ? db_error(db, err, "reading the schema version")
			   : err_set(err, ERR_DATA,
				 "is of schema version %d, this program knows %d", found, version);
	}
	if (!good) {
		err_prefix(err, "%s", path);
		sqlite3_close(db);
		return NULL;
	}
	return db;
}

bool
db_is_blank(const char *path)
{
	sqlite3 *db = db_open(path, NULL, 0, NULL);
	sqlite3_stmt *statement =
	    db != NULL ? db_query(db, NULL, "SELECT count(*) FROM sqlite_master", "") : NULL;
	bool blank = statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
		     sqlite3_column_int(statement, 0) == 0;
	sqlite3_finalize(statement);
	db_close(db);
	return blank;
}

sqlite3 *
db_open_still(const char *path, int version)
{
	char *wal = mem_printf("%s-wal", path);
	bool busy = access(wal, F_OK) == 0;
	free(wal);
	if (busy)
		return NULL;
	struct buf uri = {0};
	sqlite3 *db = NULL;
	buf_puts(&uri, "file:");
	for (; *path != '\0'; path++)
		buf_printf(&uri, strchr("%?#", *path) != NULL ? "%%%02X" : "%c", *path);
	buf_puts(&uri, "?immutable=1");
	bool good = sqlite3_open_v2(uri.data, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) ==
			SQLITE_OK &&
		    user_version(db) == version;
	buf_free(&uri);
	if (good)
		return db;
	sqlite3_close(db);
	return NULL;
}

void
db_close(sqlite3 *db)
{
	sqlite3_close(db);
}

bool
db_exec(sqlite3 *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return db_error(db, err, "SQLite");
}

static sqlite3_stmt *
prepare(sqlite3 *db, struct err *err, const char *sql, const char *types, va_list args)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
		db_error(db, err, "SQLite");
		return NULL;
	}
	for (int i = 0; types[i] != '\0'; i++) {
		if (types[i] == 's')
			sqlite3_bind_text(
			    statement, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
		else if (types[i] == 'i')
			sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
		else if (types[i] == 'd')
			sqlite3_bind_double(statement, i + 1, va_arg(args, double));
		else
			mem_die("db_query: unknown type '%c'", types[i]);
	}
	return statement;
}

sqlite3_stmt *
db_query(sqlite3 *db, struct err *err, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(db, err, sql, types, args);
	va_end(args);
	return statement;
}

bool
db_run(sqlite3 *db, int *changes, struct err *err, const char *sql, const char *types, ...)
{
	va_list args;
	va_start(args, types);
	sqlite3_stmt *statement = prepare(db, err, sql, types, args);
	va_end(args);
	if (statement == NULL)
		return false;
	int code = sqlite3_step(statement);
	bool done = code == SQLITE_DONE || code == SQLITE_ROW;
	if (!done)
		db_error(db, err, "SQLite");
	else if (changes != NULL)
		*changes = sqlite3_changes(db);
	sqlite3_finalize(statement);
	return done;
}

const char *
db_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	return text != NULL ? (const char *)text : "";
}
