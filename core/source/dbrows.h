/* dbrows.h: a table of an SQLite file as a source: each row a JSON object on a line, the names of
 * the columns its keys, in the order of rowid.
 *
 * Read only, a few hundred rows at a time, with no transaction in between; a busy database is asked
 * again later. A text that is a JSON object or list stands in as that. A blob becomes
 * {"blob_bytes": N}, which no mapping reads as a value, and is told of. A table that was
 * emptied begins anew. Where the newest rowid has fallen (rows were deleted, or a VACUUM numbered
 * them anew), it goes on behind what is there then, and says so: who follows rows by a number of
 * their own (INTEGER PRIMARY KEY AUTOINCREMENT) loses none.
 */
#ifndef FRAUDTOP_SOURCE_DBROWS_H
#define FRAUDTOP_SOURCE_DBROWS_H

struct dbrows;

struct dbrows *dbrows_new(const char *path, const char *table);

#endif
