/* record.h: one prediction or one label, as a reader of a log hands it over.
 *
 * Strings are clean, NUL-terminated, "" where absent, and belong to the reader until its next call.
 * Numbers that are absent are NaN. See DESIGN.md section 4. */
#ifndef FRAUDTOP_INGEST_RECORD_H
#define FRAUDTOP_INGEST_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
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

#endif
