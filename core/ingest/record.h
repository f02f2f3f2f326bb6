/* record.h: one prediction or one label, as a reader of JSON hands it over.
 *
 * Strings are clean, NUL-terminated, "" where absent, and belong to the reader until its next call.
 * Numbers that are absent are NaN. See DESIGN.md section 4. */
#ifndef FRAUDTOP_INGEST_RECORD_H
#define FRAUDTOP_INGEST_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/ingest/flag.h"

#define RECORD_MAX_FEATURES 512 /* more in one record: the record is refused */
#define RECORD_MAX_TEXT 256 /* bytes of any one string kept; the rest is cut */

enum value_kind { VALUE_MISSING, VALUE_NUMBER, VALUE_TEXT };

struct feature_value {
	const char
	    *name; /* of one reader: equal names are one pointer while the shape is the same */
	enum value_kind kind;
	double number; /* VALUE_NUMBER (a JSON true is 1, false 0); else NaN */
	const char *text; /* VALUE_TEXT; else "" */
};

struct prediction {
	wall_us ts;
	const char *request_id, *service, *model, *version, *segment;
	double score; /* [0,1], NaN when the request failed and nothing was scored */
	double threshold; /* NaN if not logged */
	int decision; /* 1 flagged, 0 not, -1 not logged */
	double latency_ms;
	int status; /* HTTP status, 0 if not logged */
	int label; /* 0, 1, or -1 unknown */
	const struct feature_value *features;
	size_t features_count;
	uint64_t shape; /* of one reader: equal and not 0, then the same names in the same order */
	const struct feature_value *attributions; /* what each feature gave to the score */
	size_t attributions_count;
};

struct label {
	wall_us ts; /* when it became known; 0 if the feed does not say */
	const char *request_id;
	int value; /* 0 or 1 */
};

/* Where in a JSON object the fields of a record are: paths like `$.response.score`, `$.rows[0].id`,
 * `$["a.b"]`; several, separated by ` | `: the first that is there and not null counts. NULL: none.
 */
enum record_field {
	RECORD_TS,
	RECORD_REQUEST_ID,
	RECORD_SERVICE,
	RECORD_MODEL,
	RECORD_VERSION,
	RECORD_SEGMENT,
	RECORD_SCORE,
	RECORD_THRESHOLD,
	RECORD_DECISION,
	RECORD_LATENCY,
	RECORD_STATUS,
	RECORD_LABEL,
	RECORD_FEATURES, /* an object: its members are features, but for those that a path of their
			  * own leads to or through; a list: named 0, 1, ... */
	RECORD_ATTRIBUTIONS, /* likewise */
	RECORD_FIELDS
};

struct record_paths {
	const char *fields[RECORD_FIELDS];
	const char *const *named; /* features of their own: name, path, name, path, ..., NULL */
	bool flat; /* members at the top that no path leads to or through, and are no object or
		      list, are features */
	const char *const *aside; /* names of such that are none all the same, ..., NULL */
	struct flags *flags; /* of labels and decisions; NULL: the common words */
	bool scoreless; /* a record without a score or a status of 400 is none the less one */
};

/* The default log's, for an initialiser of `fields`. */
/* clang-format off */
#define RECORD_DEFAULT_PATHS \
	[RECORD_TS] = "$.ts", \
	[RECORD_REQUEST_ID] = "$.request_id", \
	[RECORD_SERVICE] = "$.service", \
	[RECORD_MODEL] = "$.model", \
	[RECORD_VERSION] = "$.version", \
	[RECORD_SEGMENT] = "$.segment", \
	[RECORD_SCORE] = "$.score", \
	[RECORD_THRESHOLD] = "$.threshold", \
	[RECORD_DECISION] = "$.decision", \
	[RECORD_LATENCY] = "$.latency_ms", \
	[RECORD_STATUS] = "$.status", \
	[RECORD_LABEL] = "$.label", \
	[RECORD_FEATURES] = "$.features", \
	[RECORD_ATTRIBUTIONS] = "$.attributions"
/* clang-format on */

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
