/* dbrows.c: see dbrows.h. */
#include "core/source/dbrows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/dbrow.h"
#include "core/source/origin.h"

#define ROWS_AT_ONCE 256
#define BYTES_AT_ONCE (256 * 1024)
#define RETRY_US CLOCK_SECOND /* of what cannot be read */

struct dbrows {
	char *path, *table;
	sqlite3 *db;
	sqlite3_stmt *rows, *ahead;
	dev_t device;
	ino_t inode;
	int64_t rowid; /* of the last row that was read */
	int64_t newest; /* there is */
	uint64_t bytes, count, emptied;
	struct buf made; /* lines not handed over */
	size_t handed;
	mono_us failed_at;
	bool failed, at_end, begins;
	char error[256];
};

struct dbrows *
dbrows_new(const char *path, const char *table)
{
	struct dbrows *dbrows = mem_alloc(sizeof(*dbrows));
	dbrows->path = mem_string(path);
	dbrows->table = mem_string(table);
	dbrows->rowid = INT64_MIN;
	return dbrows;
}

static void
close_db(struct dbrows *dbrows)
{
	sqlite3_finalize(dbrows->rows);
	sqlite3_finalize(dbrows->ahead);
	sqlite3_close(dbrows->db);
	dbrows->rows = dbrows->ahead = NULL;
	dbrows->db = NULL;
}

static void
free_self(void *self)
{
	struct dbrows *dbrows = self;
	close_db(dbrows);
	buf_free(&dbrows->made);
	free(dbrows->path);
	free(dbrows->table);
	free(dbrows);
}

static bool
fail(struct dbrows *dbrows, const char *reason)
{
	char text[sizeof(dbrows->error)];
	int length = snprintf(text, sizeof(text), "%.100s: %.150s", dbrows->path, reason);
	if ((size_t)length >= sizeof(text))
		length = sizeof(text) - 1;
	text_scrub(dbrows->error, sizeof(dbrows->error), text, (size_t)length);
	close_db(dbrows);
	dbrows->failed = true;
	dbrows->failed_at = clock_mono();
	return false;
}

/* --- opening -------------------------------------------------------------------------------------
 */

/* There is no such table: which are there? */
static bool
fail_table(struct dbrows *dbrows)
{
	static const char sql[] = "SELECT group_concat(name, ', ') FROM (SELECT name FROM "
				  "sqlite_master WHERE type = 'table' AND name NOT LIKE "
				  "'sqlite\\_%' ESCAPE '\\' ORDER BY name)";
	sqlite3_stmt *names = NULL;
	const char *list = NULL;
	if (sqlite3_prepare_v2(dbrows->db, sql, -1, &names, NULL) == SQLITE_OK &&
	    sqlite3_step(names) == SQLITE_ROW)
		list = (const char *)sqlite3_column_text(names, 0);
	char *reason = list != NULL
			   ? mem_printf("no table `%s`; there are: %s", dbrows->table, list)
			   : mem_printf("no table `%s`, nor any other", dbrows->table);
	sqlite3_finalize(names);
	fail(dbrows, reason);
	free(reason);
	return false;
}

static int
find_table(struct dbrows *dbrows)
{
	sqlite3_stmt *find = NULL;
	int code = sqlite3_prepare_v2(dbrows->db,
	    "SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'", -1, &find, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_text(find, 1, dbrows->table, -1, SQLITE_STATIC);
		code = sqlite3_step(find);
	}
	sqlite3_finalize(find);
	return code;
}

/* The rowid goes by three names, any of which a column may have taken. */
static const char *
rowid_name(struct dbrows *dbrows)
{
	static const char *const names[] = {"_rowid_", "oid", "rowid"};
	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *find = NULL;
		bool taken = false;
		if (sqlite3_prepare_v2(dbrows->db,
			"SELECT 1 FROM pragma_table_info(?) WHERE lower(name) = ?", -1, &find,
			NULL) == SQLITE_OK) {
			sqlite3_bind_text(find, 1, dbrows->table, -1, SQLITE_STATIC);
			sqlite3_bind_text(find, 2, names[i], -1, SQLITE_STATIC);
			taken = sqlite3_step(find) == SQLITE_ROW;
		}
		sqlite3_finalize(find);
		if (!taken)
			return names[i];
	}
	return names[2];
}

static bool
prepare(struct dbrows *dbrows, sqlite3_stmt **statement, const char *rowid, const char *format)
{
	char *sql = sqlite3_mprintf(format, rowid, dbrows->table, rowid, rowid);
	if (sql == NULL)
		mem_die("out of memory");
	int code = sqlite3_prepare_v2(dbrows->db, sql, -1, statement, NULL);
	sqlite3_free(sql);
	return code == SQLITE_OK;
}

static bool
is_busy(const struct dbrows *dbrows)
{
	int code = sqlite3_errcode(dbrows->db);
	return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

static bool
prepare_all(struct dbrows *dbrows)
{
	int found = find_table(dbrows);
	if (found == SQLITE_DONE)
		return fail_table(dbrows);
	if (found != SQLITE_ROW) {
		if (is_busy(dbrows))
			close_db(dbrows); /* the next look will tell */
		else
			fail(dbrows, sqlite3_errmsg(dbrows->db));
		return false;
	}
	const char *rowid = rowid_name(dbrows);
	if (prepare(dbrows, &dbrows->rows, rowid,
		"SELECT %s, * FROM \"%w\" WHERE %s > ? ORDER BY %s LIMIT ?") &&
	    prepare(dbrows, &dbrows->ahead, rowid, "SELECT max(%s) FROM \"%w\""))
		return true;
	if (is_busy(dbrows)) {
		close_db(dbrows);
		return false;
	}
	char *reason = mem_printf("table `%s` has no rowid to follow", dbrows->table);
	fail(dbrows, strstr(sqlite3_errmsg(dbrows->db), "rowid") != NULL
			 ? reason
			 : sqlite3_errmsg(dbrows->db));
	free(reason);
	return false;
}

static bool
open_db(struct dbrows *dbrows)
{
	struct stat status;
	if (dbrows->failed && clock_mono() - dbrows->failed_at < RETRY_US)
		return false;
	if (stat(dbrows->path, &status) != 0)
		return fail(dbrows, "is not there yet");
	if (!S_ISREG(status.st_mode))
		return fail(dbrows, "not a regular file");
	if (sqlite3_open_v2(dbrows->path, &dbrows->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return fail(
		    dbrows, dbrows->db != NULL ? sqlite3_errmsg(dbrows->db) : "cannot be opened");
	if (!prepare_all(dbrows))
		return false;
	/* Another file than the one whose rows were read. */
	if (dbrows->inode != 0 &&
	    (dbrows->inode != status.st_ino || dbrows->device != status.st_dev)) {
		dbrows->rowid = INT64_MIN;
		dbrows->begins = true;
	}
	dbrows->device = status.st_dev;
	dbrows->inode = status.st_ino;
	dbrows->failed = false;
	dbrows->error[0] = '\0';
	return true;
}

static void
look(void *self)
{
	struct dbrows *dbrows = self;
	struct stat status;
	if (dbrows->db != NULL && stat(dbrows->path, &status) == 0 &&
	    (status.st_ino != dbrows->inode || status.st_dev != dbrows->device))
		close_db(dbrows);
}

/* --- rows ----------------------------------------------------------------------------------------
 */

/* The newest rows were deleted, or a VACUUM has numbered all anew: those that are there were read,
 * but for what came since the last look. */
static void
step_back(struct dbrows *dbrows)
{
	char text[sizeof(dbrows->error)];
	int length = snprintf(text, sizeof(text),
	    "%.100s: its newest rowid fell from %lld to %lld (rows deleted, or a VACUUM): read on "
	    "from there",
	    dbrows->path, (long long)dbrows->rowid, (long long)dbrows->newest);
	text_scrub(dbrows->error, sizeof(dbrows->error), text, (size_t)length);
	dbrows->rowid = dbrows->newest;
}

/* What is the newest rowid? Of an emptied table none is, and it begins anew. */
static void
look_ahead(struct dbrows *dbrows)
{
	if (sqlite3_step(dbrows->ahead) == SQLITE_ROW) {
		bool empty = sqlite3_column_type(dbrows->ahead, 0) == SQLITE_NULL;
		dbrows->newest = sqlite3_column_int64(dbrows->ahead, 0);
		if (empty && dbrows->rowid != INT64_MIN) {
			dbrows->rowid = INT64_MIN;
			dbrows->begins = true;
			dbrows->emptied++;
		} else if (!empty && dbrows->newest < dbrows->rowid) {
			step_back(dbrows);
		}
	}
	sqlite3_reset(dbrows->ahead);
}

/* Makes the lines of the next rows. False: there are none now. */
static bool
make_lines(struct dbrows *dbrows)
{
	int code = SQLITE_DONE, rows = 0;
	buf_clear(&dbrows->made);
	dbrows->handed = 0;
	sqlite3_bind_int64(dbrows->rows, 1, dbrows->rowid);
	sqlite3_bind_int(dbrows->rows, 2, ROWS_AT_ONCE);
	while (dbrows->made.length < BYTES_AT_ONCE &&
	       (code = sqlite3_step(dbrows->rows)) == SQLITE_ROW) {
		const char *blob = dbrow_write(&dbrows->made, dbrows->rows);
		dbrows->rowid = sqlite3_column_int64(dbrows->rows, 0);
		rows++;
		if (blob != NULL && dbrows->error[0] == '\0') {
			char text[sizeof(dbrows->error)];
			int length = snprintf(text, sizeof(text),
			    "%.100s: column %.60s holds blobs, which are not read", dbrows->path,
			    blob);
			text_scrub(dbrows->error, sizeof(dbrows->error), text, (size_t)length);
		}
	}
	sqlite3_reset(dbrows->rows);
	dbrows->count += (uint64_t)rows;
	if (code != SQLITE_ROW && code != SQLITE_DONE && code != SQLITE_BUSY &&
	    code != SQLITE_LOCKED)
		fail(dbrows, sqlite3_errmsg(dbrows->db));
	if (rows == 0 && code == SQLITE_DONE)
		look_ahead(dbrows);
	else if (dbrows->newest < dbrows->rowid && dbrows->db != NULL)
		look_ahead(dbrows);
	return rows > 0;
}

static enum got
dbrows_read(void *self, char *dst, size_t room, size_t *length)
{
	struct dbrows *dbrows = self;
	dbrows->at_end = false;
	if (dbrows->handed == dbrows->made.length) {
		bool came = (dbrows->db != NULL || open_db(dbrows)) && !dbrows->begins &&
			    make_lines(dbrows);
		if (dbrows->begins) {
			dbrows->begins = false;
			*length = 0;
			return GOT_BORDER;
		}
		dbrows->at_end = !came;
		if (!came)
			return GOT_NOTHING;
	}
	size_t left = dbrows->made.length - dbrows->handed;
	*length = left < room ? left : room;
	memcpy(dst, dbrows->made.data + dbrows->handed, *length);
	dbrows->handed += *length;
	dbrows->bytes += *length;
	return GOT_BYTES;
}

/* --- as an origin --------------------------------------------------------------------------------
 */

/* As many bytes as the rows that are ahead may have, by those that were read. */
static uint64_t
bytes_ahead(const struct dbrows *dbrows)
{
	uint64_t left = dbrows->made.length - dbrows->handed;
	if (dbrows->count == 0 || dbrows->newest <= dbrows->rowid)
		return left;
	uint64_t rows = (uint64_t)dbrows->newest - (uint64_t)dbrows->rowid;
	return left + (uint64_t)((double)rows * (double)dbrows->bytes / (double)dbrows->count);
}

static void
tell(const void *self, struct source_stats *stats)
{
	const struct dbrows *dbrows = self;
	stats->bytes = dbrows->bytes;
	stats->size = dbrows->bytes + bytes_ahead(dbrows);
	stats->truncations = dbrows->emptied;
	stats->present = dbrows->db != NULL;
	stats->at_end = dbrows->at_end;
	text_copy(stats->error, sizeof(stats->error), dbrows->error);
}

#define ROW_BYTES 512 /* of JSON, about */

static uint64_t
skip(void *self, uint64_t bytes, struct buf *head)
{
	struct dbrows *dbrows = self;
	(void)head;
	if (dbrows->db == NULL && !open_db(dbrows))
		return 0;
	look_ahead(dbrows);
	int64_t rows = bytes / ROW_BYTES < INT64_MAX ? (int64_t)(bytes / ROW_BYTES) : INT64_MAX;
	if (dbrows->newest > rows)
		dbrows->rowid = dbrows->newest - rows;
	return 0;
}

static void
save(const void *self, struct buf *pack)
{
	const struct dbrows *dbrows = self;
	size_t left = dbrows->made.length - dbrows->handed;
	pack_u64(pack, (uint64_t)dbrows->device);
	pack_u64(pack, (uint64_t)dbrows->inode);
	pack_i64(pack, dbrows->rowid);
	pack_u64(pack, dbrows->bytes);
	pack_u64(pack, dbrows->count);
	pack_u64(pack, left);
	pack_bytes(pack, left > 0 ? dbrows->made.data + dbrows->handed : "", left);
}

static void
load(void *self, struct unpack *unpack)
{
	struct dbrows *dbrows = self;
	dbrows->device = (dev_t)unpack_u64(unpack);
	dbrows->inode = (ino_t)unpack_u64(unpack);
	dbrows->rowid = unpack_i64(unpack);
	dbrows->bytes = unpack_u64(unpack);
	dbrows->count = unpack_u64(unpack);
	size_t left = unpack_count(unpack, (size_t)(unpack->end - unpack->at));
	if (unpack->failed)
		return;
	buf_append(&dbrows->made, unpack->at, left);
	unpack->at += left;
}

const struct origin origin_dbrows = {.read = dbrows_read,
    .look = look,
    .skip = skip,
    .tell = tell,
    .free = free_self,
    .save = save,
    .load = load};
