/* audit_verify.c: walks the chain from the first row to the last.
 *
 * Read rows are scrubbed and cut to their fields, so a stored byte that does not survive that is
 * itself evidence: audit_append never writes one. Rows cut off at the end show by SQLite's own
 * counter. */
#include "core/rollout/audit_chain.h"

#include <string.h>

#include "core/base/db.h"
#include "core/base/text.h"

enum { COLUMN_SEQ = 0, COLUMN_EPOCH = 10, COLUMNS = 18 };

/* Asked before the columns are read: reading a blob as text makes it text. */
static bool
has_types(sqlite3_stmt *statement)
{
	for (int i = 0; i < COLUMNS; i++) {
		bool number = i == COLUMN_SEQ || i == COLUMN_EPOCH;
		if (sqlite3_column_type(statement, i) != (number ? SQLITE_INTEGER : SQLITE_TEXT))
			return false;
	}
	return true;
}

/* Is what stands in the file, byte for byte, what the row was read as? */
static bool
is_exact(sqlite3_stmt *statement, const struct audit_row *row)
{
	char at[32];
	const char *const texts[COLUMNS] = {NULL, clock_format(at, sizeof(at), row->at),
	    row->action_id, row->event, row->operation, row->registry, row->model, row->alias,
	    row->from_version, row->to_version, NULL, row->actor, row->origin, row->reason,
	    row->outcome, row->detail, row->prev_hash, row->hash};
	for (int i = 0; i < COLUMNS; i++) {
		if (texts[i] == NULL)
			continue;
		size_t length = strlen(texts[i]);
		if ((size_t)sqlite3_column_bytes(statement, i) != length ||
		    memcmp(db_text(statement, i), texts[i], length) != 0)
			return false;
	}
	return true;
}

static bool
check_row(sqlite3_stmt *statement, int64_t expected, char head[65], struct err *err)
{
	struct audit_row row;
	char hash[65];
	bool typed = has_types(statement);
	audit_read_row(statement, &row);
	if (row.seq != expected)
		return err_set(err, ERR_DATA, "row %lld is missing: after it comes row %lld",
		    (long long)expected, (long long)row.seq);
	if (strcmp(row.prev_hash, head) != 0)
		return err_set(err, ERR_DATA,
		    "row %lld does not follow the row before it: the chain is broken there",
		    (long long)row.seq);
	audit_row_hash(&row, hash);
	if (!typed || !is_exact(statement, &row) || strcmp(hash, row.hash) != 0)
		return err_set(err, ERR_DATA, "row %lld was changed: its hash does not fit",
		    (long long)row.seq);
	text_copy(head, 65, hash);
	return true;
}

/* The highest seq that there ever was. */
static bool
last_seq(struct audit *audit, int64_t *seq, struct err *err)
{
	sqlite3_stmt *statement = db_query(audit->db, err,
	    "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)", "");
	bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
	if (found)
		*seq = sqlite3_column_int64(statement, 0);
	else if (statement != NULL)
		db_error(audit->db, err, audit->path);
	sqlite3_finalize(statement);
	return found;
}

static bool
walk(struct audit *audit, int64_t *rows, struct err *err)
{
	char head[65];
	int64_t last = 0;
	int code = SQLITE_DONE;
	bool good = true;
	memset(head, '0', 64);
	head[64] = '\0';
	sqlite3_stmt *statement =
	    db_query(audit->db, err, "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY seq", "");
	if (statement == NULL)
		return false;
	while (good && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		good = check_row(statement, *rows + 1, head, err);
		*rows += good;
	}
	if (good && (code == SQLITE_CORRUPT || code == SQLITE_NOTADB))
		good = err_set(err, ERR_DATA, "after row %lld: %s", (long long)*rows,
		    sqlite3_errmsg(audit->db));
	else if (good && code != SQLITE_DONE)
		good = db_error(audit->db, err, audit->path);
	sqlite3_finalize(statement);
	if (!good || !last_seq(audit, &last, err))
		return false;
	if (last != *rows)
		return err_set(err, ERR_DATA, "row %lld is missing: the log once reached row %lld",
		    (long long)*rows + 1, (long long)last);
	return true;
}

bool
audit_verify(struct audit *audit, int64_t *rows, struct err *err)
{
	*rows = 0;
	/* One transaction: rows that others append meanwhile must not look like rows cut off. */
	if (!db_exec(audit->db, "BEGIN", err))
		return false;
	bool good = walk(audit, rows, err);
	db_exec(audit->db, "ROLLBACK", NULL);
	return good;
}
