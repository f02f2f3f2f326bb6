/* dbrow.h: one row of a table as a line of JSON. */
#ifndef FRAUDTOP_SOURCE_DBROW_H
#define FRAUDTOP_SOURCE_DBROW_H

#include <sqlite3.h>

#include "core/base/buf.h"

/* Appends the row the statement stands at, but for its first column (the rowid). Returns the name
 * of a column whose value was a blob, or NULL. */
const char *dbrow_write(struct buf *out, sqlite3_stmt *row);

#endif
