/* stretch.h: a run of whole records' bytes of one file, as a source hands it over and a decoder
 * takes it.
 *
 * It begins and ends at the border of a record (a line; of a file of JSON values without lines, a
 * value), but for the last of a file that is over. Behind its text stand STRETCH_PAD bytes of 0
 * that may be read, so that whole vectors can be. It owns its buffer, which is used again. */
#ifndef FRAUDTOP_SOURCE_STRETCH_H
#define FRAUDTOP_SOURCE_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRETCH_PAD 64
#define STRETCH_MAX_RECORD (1024 * 1024) /* a longer line is passed over and counted */

struct record_place { /* in a file: where a record begins */
	uint64_t offset, line;
};
enum { STRETCH_LONG_ONES = 32 }; /* of the records that were too long: so many places are kept */

/* How records stand in a file. */
enum frame {
	FRAME_LINES, /* one a line; one CR before the LF is not part of it */
	FRAME_VALUES, /* JSON objects one after the other, over as many lines as they like; what
			 else stands between them comes with them */
	FRAME_CSV, /* rows of a CSV: a newline in quotes ends none; the first row is the header */
	FRAME_CSV_SEMICOLON, /* the same, with another delimiter */
	FRAME_CSV_TAB,
	FRAME_CSV_BAR
};

struct stretch {
	char *text;
	size_t length, capacity;
	size_t file; /* sources.h's number of the file */
	uint64_t offset; /* of the text in that file (of a compressed one: of what came out) */
	uint64_t line; /* the number of its first line there, from 1 */
	bool live; /* it reaches to the end of what there was */
	const char *header; /* of a CSV the file's first row, which stands in no stretch's text;
			       lives as long as the sources. Else NULL */
	size_t header_length;
};

/* Makes room for `length` bytes and the pad; what was in it is kept. */
void stretch_reserve(struct stretch *stretch, size_t length);
void stretch_free(struct stretch *stretch); /* what it owns */

#endif
