/* csv.h: the rows of a CSV text in memory, by RFC 4180. For core/ingest alone.
 *
 * Lines end in LF or CRLF; empty lines are passed over. A quote that does not begin its field is an
 * ordinary character. The text is not changed and not read past its end. */
#ifndef FRAUDTOP_INGEST_CSV_H
#define FRAUDTOP_INGEST_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct csv_field {
	const char *text; /* without its quotes; valid until the next row */
	size_t length;
};

struct csv {
	const char *at, *end;
	uint64_t next_line; /* the number of the line at `at` */
	/* The row last read. */
	const char *row;
	uint64_t line;
	struct csv_field *fields;
	size_t count, capacity;
	const char *reason; /* why the row is broken and its fields are not to be used, or NULL */
	struct buf unquoted; /* fields that held doubled quotes */
};

void csv_begin(struct csv *csv, const char *text, size_t length);
/* Reads the next row, broken or not. False: there is none. */
bool csv_next(struct csv *csv);
/* Stands at a row read before, so that csv_next reads it again; line numbers are wrong from then
 * on. */
void csv_seek(struct csv *csv, const char *row);
void csv_free(struct csv *csv);

#endif
