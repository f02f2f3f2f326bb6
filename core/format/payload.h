/* payload.h: what a request or a response of a scoring server holds, as rows of named or numbered
 * values. For core/format alone.
 *
 * Read are, by what the text itself shows: CSV without a header; JSON: one object or list a row,
 * several one after the other (JSON lines), `instances`, `predictions`, `data` with `names` and
 * `ndarray` or `tensor` (Seldon), `dataframe_split` and `dataframe_records` (MLflow), `inputs` and
 * `outputs` as tensors of the Open Inference Protocol. Objects and lists in a row become values
 * named `outer.inner`; a list of one is its value; `features` is what is in it. */
#ifndef FRAUDTOP_FORMAT_PAYLOAD_H
#define FRAUDTOP_FORMAT_PAYLOAD_H

#include "core/base/buf.h"
#include "core/format/stencil.h"
#include "core/ingest/csv.h"
#include "core/ingest/intern.h"
#include "core/ingest/record.h"

#define PAYLOAD_NAMES 16384 /* different ones, ever */

/* The names that payloads gave, each one pointer for ever. */
struct payload_names {
	struct intern intern;
	uint32_t found; /* the one that was asked for last */
	size_t *last; /* the value that had the name last */
	size_t last_capacity;
};

struct payload_tensor;

struct payload_row {
	size_t first, count; /* of the values */
};

struct payload {
	struct payload_names *names;
	bool response, truth; /* else it is a request; truth: labels, laid out as either */
	bool whole; /* it is the record itself: no row, but for what is known to hold rows */
	bool same; /* rows, names and kinds are those of the text that was read before */
	struct feature_value *values; /* name NULL: it has none but its place */
	size_t count, capacity;
	struct payload_row *rows;
	size_t rows_count, rows_capacity;
	struct payload_tensor *tensors;
	size_t tensors_count, tensors_capacity;
	const char **heads; /* names given beside the values */
	size_t heads_count, heads_capacity;
	char *arena; /* of texts */
	size_t arena_used, arena_capacity;
	struct csv csv;
	char model[RECORD_MAX_TEXT + 1], version[RECORD_MAX_TEXT + 1]; /* if it names them */
	struct err *err;
	/* What was read last, for texts that are like it. */
	struct stencil stencil;
	struct payload_row first_row;
	size_t kept_rows, kept_arena;
	const char *text, *end; /* being read */
	bool odd; /* it is none to learn from */
};

/* Reads a text, which must outlive what was read. */
bool payload_read(struct payload *payload, const char *text, size_t length, struct err *err);
void payload_clear(struct payload *payload); /* no rows */
void payload_free(struct payload *payload);
void payload_names_free(struct payload_names *names);

/* Rows from `from` on that are one nameless value each become one row of all of them. */
void payload_join_rows(struct payload *payload, size_t from);
/* A row's values; NULL of none. */
const struct feature_value *payload_row(const struct payload *payload, size_t row);
/* Are all values of the row nameless texts, as of a CSV's header? */
bool payload_is_head(const struct payload *payload, size_t row);

#endif
