/* decode_parts.h: the inside of a decoder: its place in the stretch, and what each kind of layout
 * needs. For core/ingest alone. */
#ifndef FRAUDTOP_INGEST_DECODE_PARTS_H
#define FRAUDTOP_INGEST_DECODE_PARTS_H

#include "core/ingest/decode.h"
#include "core/ingest/events.h"
#include "core/ingest/exchange.h"
#include "core/ingest/mapping_parts.h"

struct decoder {
	const struct mapping *mapping;
	bool labels;
	struct stretch stretch; /* borrowed */
	const char *at, *end; /* what is still to be read of it */
	uint64_t line; /* the number of the line at `at` */
	struct record_reader *reader; /* LAYOUT_LINES */
	struct exchange *exchange; /* LAYOUT_EXCHANGES */
	struct events *events; /* those that wait for their other half */
	struct picked picked[MAPPING_FIELDS];
	enum { EMIT_NOTHING, EMIT_PREDICTIONS, EMIT_LABELS } emit; /* more of the last record */
	struct decoded_record place; /* of that record: where it is */
	struct event *pair; /* the half that waited, of that record */
};

/* Takes the text of length bytes from `at` as the record that stands there; `next` is behind it. */
void decode_take(struct decoder *decoder, struct decoded_record *record, const char *at,
    size_t length, const char *next);
/* The next line that is not empty; false: there is none. */
bool decode_take_line(struct decoder *decoder, struct decoded_record *record);
enum decoded decode_exchange(struct decoder *decoder, struct decoded_record *record);
/* Says that the record is refused, and whether it ended in its middle. */
enum decoded decode_refuse(struct decoded_record *record);

#endif
