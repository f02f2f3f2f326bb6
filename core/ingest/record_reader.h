/* record_reader.h: reads the lines of a log of JSON objects as records. */
#ifndef FRAUDTOP_INGEST_RECORD_READER_H
#define FRAUDTOP_INGEST_RECORD_READER_H

#include "core/base/err.h"
#include "core/ingest/record.h"
#include "core/ingest/record_paths.h"

struct record_reader;

/* The paths are compiled; NULL: the default log format. NULL and err (`in $.a[: ...`) if one makes
 * no sense. */
struct record_reader *record_reader_new_paths(const struct record_paths *paths, struct err *err);
struct record_reader *record_reader_new(void); /* of the default log format */
void record_reader_free(struct record_reader *reader); /* NULL is fine */

/* Read one line (without its newline). STRETCH_PAD bytes after it must be readable, whatever they
 * hold. On failure err holds the reason and the byte offset, and the outputs are undefined. A line
 * must be one JSON object by RFC 8259; unknown keys are passed over, of a key that stands twice the
 * last counts. Required: ts; and a score, or a status of 400 or more. A score outside [0,1] and a
 * ts that is no time are refused (a number is one, of seconds, ms, us or ns since 1970, by its
 * size, but not 0); so are a label or decision that is neither (flag.h), a negative latency, a
 * status that is not a whole number up to 999, a feature that is an object or a list, and an
 * attribution that is no number. null is as good as absent, and where a string is due a number is
 * taken as its text. */
bool record_read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err);
/* Required: request_id and label. */
bool record_read_label(struct record_reader *reader, const char *line, size_t length,
    struct label *label, struct err *err);

/* The same of a text of many lines: reads the line that begins at `at` and sets *next behind its
 * newline (or to the end), whether it could be read or not; *length is the line's. An empty line
 * is refused with err->code 0. */
bool record_next_prediction(struct record_reader *reader, const char *at, const char *end,
    const char **next, size_t *length, struct prediction *prediction, struct err *err);

#endif
