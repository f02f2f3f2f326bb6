/* csv.h: the rows of a CSV, in memory or as it comes, by RFC 4180. For core/ingest alone.
 *
 * Lines end in LF or CRLF; empty lines are passed over. A quote that does not begin its field is an
 * ordinary character. A text in memory is not changed and not read past its end; of one that comes
 * piece by piece as much is held as the longest row needs. */
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

/* Puts up to `room` bytes into dst and returns how many; 0 at the end. */
typedef size_t csv_more(void *context, char *dst, size_t room);

struct csv {
	csv_more *more; /* NULL: the whole text is there */
	void *context;
	char delimiter; /* `,` from the beginning */
	size_t step; /* bytes that are asked for at a time */
	struct buf held; /* what has come and is not read yet */
	const char *at, *end;
	uint64_t next_line; /* the number of the line at `at` */
	/* The row last read. */
	uint64_t line;
	const char *row; /* its first byte */
	struct csv_field *fields;
	size_t count, capacity;
	const char *reason; /* why the row is broken and its fields are not to be used, or NULL */
	struct buf unquoted; /* fields that held doubled quotes */
};

void csv_begin(struct csv *csv, const char *text, size_t length);
/* The same, with the memory and the delimiter of a csv that was begun before (or is zeroed). */
void csv_again(struct csv *csv, const char *text, size_t length);
/* The same of a text that `more` hands over. */
void csv_begin_stream(struct csv *csv, csv_more *more, void *context);
/* Reads the next row, broken or not. False: there is none. */
bool csv_next(struct csv *csv);
void csv_free(struct csv *csv);

#endif
