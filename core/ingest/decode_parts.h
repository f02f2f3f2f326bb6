/* decode_parts.h: the inside of a decoder: its place in the stretch, and what each kind of layout
 * needs. For core/ingest alone. */
#ifndef FRAUDTOP_INGEST_DECODE_PARTS_H
#define FRAUDTOP_INGEST_DECODE_PARTS_H

#include "core/ingest/decode.h"
#include "core/ingest/mapping_parts.h"

struct decoder {
	const struct mapping *mapping;
	bool labels;
	struct stretch stretch; /* borrowed */
	const char *at, *end; /* what is still to be read of it */
	uint64_t line; /* the number of the line at `at` */
	struct record_reader *reader;
};

/* Takes the text of length bytes from `at` as the record that stands there; `next` is behind it. */
void decode_take(struct decoder *decoder, struct decoded_record *record, const char *at,
    size_t length, const char *next);
/* Says that the record is refused, and whether it ended in its middle. */
enum decoded decode_refuse(struct decoded_record *record);

#endif
