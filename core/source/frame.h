/* frame.h: where the records in a run of bytes end.
 *
 * Both answers depend on the bytes from `text` on alone, which must be the border of a record: so
 * however a file comes in pieces, it is cut at the same places. 0: no record ends in it. */
#ifndef FRAUDTOP_SOURCE_FRAME_H
#define FRAUDTOP_SOURCE_FRAME_H

#include "core/source/stretch.h"

/* After the first and after the last record that ends in the text. Of a CSV a row ends as csv.h
 * says. Of values what is no object is a record up to the next object or the end of its line, and
 * an object that cannot go on so (a newline in a string, an object where none may stand) ends
 * there: so one that was cut costs none of those after it. */
size_t frame_first(enum frame frame, const char *text, size_t length);
size_t frame_last(enum frame frame, const char *text, size_t length);

/* A record that is too long: where it is better broken (a CSV's row whose quote never closes costs
 * one line), or 0. */
size_t frame_break(enum frame frame, const char *text, size_t length);
/* In a record that is passed over, of which `text` is a later part: where the next one begins, or
 * 0. A newline at the end of a part without it must be looked at again with the next one. */
size_t frame_resume(enum frame frame, const char *text, size_t length);

/* How many newlines. */
uint64_t frame_count_lines(const char *text, size_t length);

/* What stands between a CSV's fields; '\0': it is none. */
char frame_delimiter(enum frame frame);

/* Might a CSV's first row be a row of data (of a file that was truncated by someone else than its
 * writer)? A header has no field that is a number. */
bool frame_is_data(enum frame frame, const char *row, size_t length);

#endif
