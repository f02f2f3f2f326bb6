/* cutter.h: cuts what is read of a file into stretches of whole records.
 *
 * It reads straight into the stretch; what is held over is what came after the last record's end.
 * A record longer than STRETCH_MAX_RECORD is passed over and counted, without being held. */
#ifndef FRAUDTOP_SOURCE_CUTTER_H
#define FRAUDTOP_SOURCE_CUTTER_H

#include "core/base/buf.h"
#include "core/base/pack.h"
#include "core/source/stretch.h"

enum got {
	GOT_BYTES, /* *length of them, at least one */
	GOT_NOTHING, /* for now */
	GOT_LATER, /* nothing yet, but there is more: ask again */
	GOT_BORDER, /* what came before was the last of its file; what comes begins at *length of
		       another */
	GOT_OVER /* there is nothing more and never will be; again and again */
};

typedef enum got cutter_read(void *source, char *dst, size_t room, size_t *length);

struct cutter {
	enum frame frame;
	cutter_read *read;
	void *source;
	struct stretch held; /* read and not handed over: its text and length alone */
	uint64_t offset, line; /* in the file, of the first byte held */
	bool skipping; /* in a record that is too long */
	bool ended; /* what is held is the last of its file */
	bool over; /* and of all */
	uint64_t next_offset; /* where the next file begins */
	bool busy; /* there is more to read, but much was passed over without a record in it */
	bool in_hole; /* nothing but NUL bytes came of this file yet: they are passed over */
	bool headed; /* FRAME_CSV: the header is known */
	size_t header; /* of `headers`, the one that counts, from 1; 0: none */
	struct buf *headers; /* each stands as long as the cutter */
	size_t headers_count, headers_capacity;
	uint64_t lines, too_long; /* lines handed over; see source_stats */
	struct record_place long_ones[STRETCH_LONG_ONES];
};

void cutter_init(struct cutter *cutter, enum frame frame, cutter_read *read, void *source);
void cutter_free(struct cutter *cutter); /* what it owns */

/* The next stretch's text, offset, line and header, of about max_bytes at most (and
 * STRETCH_MAX_RECORD). False: no record is whole yet. */
bool cutter_take(struct cutter *cutter, struct stretch *stretch, size_t max_bytes);
/* The first record of what would be taken next; NULL: none is whole yet. */
const char *cutter_peek(struct cutter *cutter, size_t *length);
/* Of a CSV the first row of the file that is cut now; else NULL. */
const char *cutter_header(const struct cutter *cutter, size_t *length);

/* Before anything is read: begins at the first record after this offset, which is where the source
 * stands; lines are counted from there. `header` is the file's first row, of a CSV. */
void cutter_begin(struct cutter *cutter, uint64_t offset, const char *header, size_t length);

/* Before anything is read of a file that is begun behind its first row: what it begins with. */
void cutter_head(struct cutter *cutter, const char *text, size_t length);

/* `from` was in a file that is read on by this one, which has read nothing yet: what it holds and
 * where it stands passes over, and it begins another file. */
void cutter_go_on(struct cutter *cutter, struct cutter *from);

/* Nothing more is read, and what is held is dropped. */
void cutter_end(struct cutter *cutter);

void cutter_save(const struct cutter *cutter, struct buf *pack);
void cutter_load(struct cutter *cutter, struct unpack *unpack);

#endif
