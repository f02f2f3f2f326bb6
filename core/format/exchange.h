/* exchange.h: one request and its response as predictions, a row of the payloads each. For
 * core/format alone. */
#ifndef FRAUDTOP_FORMAT_EXCHANGE_H
#define FRAUDTOP_FORMAT_EXCHANGE_H

#include "core/format/mapping_parts.h"
#include "core/format/payload.h"

struct exchange {
	const struct mapping *mapping;
	struct flags *flags;
	struct payload_names names;
	struct payload request, response, truth;
	struct buf
	    texts[3]; /* of the payloads, where they do not stand as they are in the record */
	/* What every row has. */
	wall_us ts;
	double latency_ms;
	int status;
	char id[RECORD_MAX_TEXT + 1], service[RECORD_MAX_TEXT + 1], model[RECORD_MAX_TEXT + 1],
	    version[RECORD_MAX_TEXT + 1], segment[RECORD_MAX_TEXT + 1];
	/* The rows. */
	size_t row, rows;
	bool headed; /* the request's first row are the names */
	/* Of the response's values, or NULL. While `steady` they are where they were before. */
	bool steady;
	const struct feature_value *score, *decision, *threshold;
	char row_id[RECORD_MAX_TEXT + 32];
	struct feature_value features[RECORD_MAX_FEATURES]; /* where they are not the values */
	const char *shape_names[RECORD_MAX_FEATURES];
	size_t named_at[RECORD_MAX_FEATURES]; /* where the named ones are among the values */
	size_t shape_count;
	uint64_t shape;
	char (*numbered)[8]; /* f0, f1, ... */
};

struct exchange *exchange_new(const struct mapping *mapping, struct flags *flags);
void exchange_free(struct exchange *exchange); /* NULL is fine */

/* Takes what stands beside the payloads: values of mapping->pick. A time that is not there is 0. */
bool exchange_begin(struct exchange *exchange, const struct picked *values, struct err *err);
/* Reads a payload: a JSON value as it stands in a record; of a string what is in it, in this
 * encoding (a JSON value too; BASE64 or nothing in particular). Not there: no rows. */
bool exchange_payload(struct exchange *exchange, struct payload *payload,
    const struct picked *value, const struct picked *encoding, struct err *err);
/* After the payloads: do they belong together? */
bool exchange_match(struct exchange *exchange, struct err *err);
/* The next row. False with err->code 0: there is none. */
bool exchange_next(struct exchange *exchange, struct prediction *prediction, struct err *err);
/* The next label of the truth. The same. */
bool exchange_next_label(struct exchange *exchange, struct label *label, struct err *err);

/* The text of a payload, which lives until the next one of its kind. */
bool exchange_open(struct exchange *exchange, struct payload *payload, const struct picked *value,
    const struct picked *encoding, const char **text, size_t *length, struct err *err);
/* A JSON string or number, clean; "" if it is neither. */
void exchange_text(const struct picked *value, char dst[RECORD_MAX_TEXT + 1]);
/* A JSON string's whole inside, appended. */
void exchange_unescape(const struct picked *value, struct buf *out);

#endif
