/* source.h: what is asked of one source, and what is known of each file it comes to. */
#ifndef FRAUDTOP_SOURCE_SOURCE_H
#define FRAUDTOP_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/source/stretch.h"

struct source_options {
	const char *path;
	const char *table; /* of the SQLite file at `path`; NULL or "": no table */
	enum frame frame;
	bool labels; /* a label feed */
	const struct buf *ahead; /* of standard input: what was read of it already; NULL: nothing */
	/* Not 0: of what it names at first, begins so many bytes before the end, at the border of a
	 * record: in the file that was written to last, or, if it is shorter, in the one before it,
	 * and so on; a table so many bytes' worth of rows before its last. Older files, packed ones
	 * and standard input are not read at all. Lines are counted from there. */
	uint64_t newest;
	void *context; /* handed back with each of its files */
};

struct source_record { /* as it stands in its file */
	const char *text;
	size_t length;
	const char *header; /* as a stretch's */
	size_t header_length;
};

struct source_stats { /* of one file */
	char path[1024]; /* as found: not clean */
	void *context; /* source_options' */
	bool labels;
	/* Lines handed over; bytes read (of a packed file: packed ones), and how many there are to
	 * read in all as far as is known: size - bytes are ahead. */
	uint64_t lines, bytes, size;
	/* Records; the n-th of them, from 0, began at long_ones[n % STRETCH_LONG_ONES]. */
	uint64_t too_long;
	struct record_place long_ones[STRETCH_LONG_ONES];
	uint64_t rotations, truncations;
	bool present, at_end;
	bool finished; /* nothing more will come: unpacked, or standard input closed */
	char error[256]; /* why it cannot be read, clean; or "" */
};

#endif
