/* db.h: how this program opens and uses SQLite: WAL, full synchronisation, a busy timeout, and
 * errors as `struct err`. The registry, the audit log and the history each have a file and tables
 * of their own. */
#ifndef FRAUDTOP_BASE_DB_H
#define FRAUDTOP_BASE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

/* Opens (creating it, mode 0600, if `schema` is not NULL and the file is not there) and runs
 * `schema` in one transaction if the file's user_version is 0, then sets it to `version`. A file of
 * another version is refused with both numbers. schema NULL: open read-only, never create. */
sqlite3 *db_open(const char *path, const char *schema, int version, struct err *err);
/* Is this an SQLite file with nothing in it yet, as one left by a process killed while making it?
 */
bool db_is_blank(const char *path);
/* Reads a WAL file that nobody has open from a folder that may not be written, where db_open has to
 * fail; later changes are not seen, so open it anew for each look. NULL if it cannot be, or if a
 * log of changes lies beside it. */
sqlite3 *db_open_still(const char *path, int version);
void db_close(sqlite3 *db); /* NULL is fine */

bool db_exec(sqlite3 *db, const char *sql, struct err *err);

/* Prepares one statement and binds its parameters by `types`: s text (NULL is SQL NULL), i int64_t,
 * d double, one char each. NULL on failure. Step it with sqlite3_step, end it with
 * sqlite3_finalize. */
sqlite3_stmt *db_query(sqlite3 *db, struct err *err, const char *sql, const char *types, ...);

/* Runs a statement that returns no row; sets *changes (NULL is fine) to the rows it changed. */
bool db_run(sqlite3 *db, int *changes, struct err *err, const char *sql, const char *types, ...);

/* Column text, never NULL. */
const char *db_text(sqlite3_stmt *statement, int column);

/* Fills err from the connection's last failure: ERR_TEMP another process is in the way, ERR_DATA
 * the file is broken or none of SQLite's, else ERR_IO. Returns false. */
bool db_error(sqlite3 *db, struct err *err, const char *doing);

#endif
