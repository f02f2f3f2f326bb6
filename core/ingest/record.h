/* record.h: one prediction or one label, as a reader hands it over.
 *
 * Strings are clean, NUL-terminated, "" where absent, and belong to the reader until its next call.
 * Numbers that are absent are NaN. See DESIGN.md section 4. */
#ifndef FRAUDTOP_INGEST_RECORD_H
#define FRAUDTOP_INGEST_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/base/err.h"

#define RECORD_MAX_FEATURES 512 /* more in one record: the record is refused */
#define RECORD_MAX_TEXT 256 /* bytes of any one string kept; the rest is cut */

enum value_kind { VALUE_MISSING, VALUE_NUMBER, VALUE_TEXT };

struct feature_value {
	const char *name;
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
	const struct feature_value *attributions; /* what each feature gave to the score */
	size_t attributions_count;
};

struct label {
	wall_us ts; /* when it became known; 0 if the feed does not say */
	const char *request_id;
	int value; /* 0 or 1 */
};

struct record_reader;

struct record_reader *record_reader_new(void);
void record_reader_free(struct record_reader *reader); /* NULL is fine */

/* Read one line of the default log format (without its newline). On failure err holds the reason
 * and the byte offset, and the outputs are undefined. A line must be one JSON object by RFC 8259;
 * unknown keys are passed over, of a key that stands twice the last counts. Required: ts; and a
 * score, or a status of 400 or more. A score outside [0,1] and a ts that is no time are refused; so
 * are a negative latency, a status that is not a whole number up to 999, a feature that is an
 * object or a list, and an attribution that is no number. null is as good as absent, and where a
 * string is due a number is taken as its text. */
bool record_read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err);
/* Required: request_id, and label as 0, 1, true or false. */
bool record_read_label(struct record_reader *reader, const char *line, size_t length,
    struct label *label, struct err *err);

#endif
