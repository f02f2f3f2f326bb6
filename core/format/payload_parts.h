/* payload_parts.h: the inside of a payload, for core/format/payload*.c alone.
 *
 * What is read is noted as holes of a stencil, in the order of the text: the values, and texts and
 * numbers that are passed over. What is not noted decides what the rows are made of: a text in
 * which it differs is read the long way. */
#ifndef FRAUDTOP_FORMAT_PAYLOAD_PARTS_H
#define FRAUDTOP_FORMAT_PAYLOAD_PARTS_H

#include "core/format/payload.h"
#include "core/ingest/jsonscan.h"

struct payload_tensor {
	const char *name;
	size_t rows, width, first;
	size_t hole; /* of its first value */
};

/* Begins a row of the values that follow. */
void payload_begin_row(struct payload *payload);
/* Adds a value to the last row; NULL is no name. False: too many values or names. */
struct feature_value *payload_add(struct payload *payload, const char *name);
/* The pointer that stands for a clean name, or NULL after an error. */
const char *payload_name(struct payload *payload, const char *name, size_t length);
/* Reads the scalar that scan stands at. */
bool payload_scalar(
    struct payload *payload, struct jsonscan *scan, struct feature_value *value, unsigned depth);
/* Passes over the value that scan stands at. */
bool payload_skip(struct payload *payload, struct jsonscan *scan, unsigned depth);
/* The last row's values are none of it. */
void payload_drop_values(struct payload *payload);
bool payload_json(struct payload *payload, const char *text, size_t length);
/* The list of tensors that scan stands at, as rows. */
bool payload_tensors(struct payload *payload, struct jsonscan *scan);
/* {"shape": [...], "values": [...]}, as rows. */
bool payload_tensor(struct payload *payload, struct jsonscan *scan);

#endif
