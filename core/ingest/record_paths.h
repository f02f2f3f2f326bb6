/* record_paths.h: where in a JSON object the fields of a record are.
 *
 * A path is like `$.response.score`, `$.rows[0].id` or `$["a.b"]`; of several, separated by ` | `,
 * the first that is there and not null counts. NULL: none. */
#ifndef FRAUDTOP_INGEST_RECORD_PATHS_H
#define FRAUDTOP_INGEST_RECORD_PATHS_H

#include <stdbool.h>

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

struct flags;

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

#endif
