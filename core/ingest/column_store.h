/* column_store.h: one column's values on disk but for the last few, for a dataset that is over its
 * budget of memory. For core/ingest alone.
 *
 * Rows are set in ascending order; a row may be set again while it is among the last `room`. The
 * stores of one dataset share one scratch file, each in stretches of its own. */
#ifndef FRAUDTOP_INGEST_COLUMN_STORE_H
#define FRAUDTOP_INGEST_COLUMN_STORE_H

#include "core/ingest/scratch.h"

struct column_store;

/* Room is how many values are held in memory; width is the size of one. */
struct column_store *column_store_new(struct scratch *scratch, size_t width, size_t room);
void column_store_free(struct column_store *store); /* NULL is fine; the bytes on disk stay */

/* The place of a row's value: of one of the last rows, or of the one after them, which is then the
 * last. After a failure of the scratch file, the place is good and what is put there lost. */
void *column_store_cell(struct column_store *store, size_t row);
size_t column_store_bytes(const struct column_store *store); /* of all rows that were set */
/* Copies all rows that were set into dst. False: scratch->failure says why. */
bool column_store_load(const struct column_store *store, void *dst);

#endif
