/* decode_parts.h: the inside of a decoder: its place in the stretch, and what each kind of layout
 * needs. For core/format alone. */
#ifndef FRAUDTOP_FORMAT_DECODE_PARTS_H
#define FRAUDTOP_FORMAT_DECODE_PARTS_H

#include "core/ingest/columns.h"
#include "core/format/decode.h"
#include "core/format/events.h"
#include "core/format/exchange.h"
#include "core/format/mapping_parts.h"
#include "core/format/unwrap.h"

/* LAYOUT_LINES. */
struct lines {
	const struct mapping *mapping;
	struct record_reader *reader;
	struct record_reader *flat; /* of records without features; or NULL */
	/* Where the mapping names the elements of lists. */
	struct feature_value features[RECORD_MAX_FEATURES];
	const char *names[RECORD_MAX_FEATURES]; /* of the last shape; NULL: its own */
	uint64_t shape;
};

/* LAYOUT_TABLE. */
struct table {
	struct csv csv;
	struct columns columns; /* of this header: */
	struct buf header;
	struct err broken; /* why it is none */
	unsigned *roles; /* of each column: enum record_field, or more */
	size_t of_field[RECORD_FIELDS]; /* the column of a field, or COLUMN_NONE */
	uint64_t shape;
	char *arena; /* of one row's texts */
	size_t used, arena_capacity;
	struct feature_value features[RECORD_MAX_FEATURES];
};

struct decoder {
	const struct mapping *mapping;
	bool labels;
	struct stretch stretch; /* borrowed */
	struct unwrap *unwrap; /* the lines are made of its; or NULL */
	const char *at, *end; /* what is still to be read of it */
	uint64_t line; /* the number of the line at `at` */
	struct lines *lines; /* of these three one */
	struct table *table;
	struct exchange *exchange;
	struct events *events; /* those that wait for their other half */
	struct flags flags; /* which words it met */
	struct picked picked[MAPPING_FIELDS];
	struct pick_memory *memory; /* of an exchange's records */
	enum { EMIT_NOTHING, EMIT_PREDICTIONS, EMIT_LABELS } emit; /* more of the last record */
	struct decoded_record place; /* of that record: where it is */
	struct event *pair; /* the half that waited, of that record */
};

struct lines *decode_lines_new(const struct mapping *mapping, bool labels, struct flags *flags);
void decode_lines_free(struct lines *lines); /* NULL is fine; likewise below */
/* Would the paths do? */
bool decode_check_lines(const struct mapping *mapping, struct err *err);
enum decoded decode_lines(struct decoder *decoder, struct decoded_record *record);

void decode_table_free(struct table *table);
void decode_table_begin(struct decoder *decoder);
enum decoded decode_table(struct decoder *decoder, struct decoded_record *record);

/* Takes the text of length bytes from `at` as the record that stands there; `next` is behind it. */
void decode_take(struct decoder *decoder, struct decoded_record *record, const char *at,
    size_t length, const char *next);
/* The next line that is not empty; false: there is none. */
bool decode_take_line(struct decoder *decoder, struct decoded_record *record);
enum decoded decode_exchange(struct decoder *decoder, struct decoded_record *record);
/* Says that the record is refused, and whether it ended in its middle. */
enum decoded decode_refuse(struct decoded_record *record);

/* What records before taught of those to come; the next one is read the long way. For tests. */
void decode_forget(struct decoder *decoder);

#endif
