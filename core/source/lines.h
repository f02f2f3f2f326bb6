/* lines.h: cuts a stream of bytes into lines.
 *
 * Lines end in LF; one CR before it is dropped. A line longer than STRETCH_MAX_RECORD is passed
 * over and counted, without being held in memory. NUL bytes are bytes like any other. */
#ifndef FRAUDTOP_SOURCE_LINES_H
#define FRAUDTOP_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

/* Zero-initialised is the start of a stream. */
struct lines {
	uint64_t number; /* lines begun and ended, too long ones too; in the callback: this one's */
	uint64_t too_long; /* counted as soon as it is known */
	uint64_t too_long_at; /* the number of the last of them */
	struct buf partial; /* a last line without its newline */
	bool skipping; /* inside a line that is too long */
};

typedef void lines_callback(const char *line, size_t length, void *context);

void lines_feed(
    struct lines *lines, const char *bytes, size_t length, lines_callback *line, void *context);
/* The stream is over: a last line without newline is a line, and the next byte begins a new one. */
void lines_finish(struct lines *lines, lines_callback *line, void *context);
void lines_free(struct lines *lines);

#endif
