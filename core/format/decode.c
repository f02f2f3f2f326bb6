/* decode.c: see decode.h. How a record is read is its layout's: decode_lines.c, decode_exchange.c,
 * decode_table.c. */
#include "core/format/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/decode_parts.h"
#include "core/ingest/jsonscan.h"

struct decoder *
decoder_new(const struct mapping *mapping, bool labels)
{
	struct decoder *decoder = mem_alloc(sizeof(*decoder));
	decoder->mapping = mapping;
	decoder->labels = labels;
	decoder->flags = mapping->flags;
	if (mapping->inside != NULL)
		decoder->unwrap = unwrap_new(mapping->inside, &mapping->inside_pick);
	/* The label feeds of events and tensors are lines of their own. */
	if (mapping->layout == LAYOUT_TABLE)
		decoder->table = mem_alloc(sizeof(*decoder->table));
	else if (mapping->layout == LAYOUT_EXCHANGES &&
		 (!labels || mapping->fields[MAPPING_TRUTH] != NULL))
		decoder->exchange = exchange_new(mapping, &decoder->flags);
	else
		decoder->lines = decode_lines_new(mapping, labels, &decoder->flags);
	if (decoder->exchange != NULL)
		decoder->memory = mem_alloc(sizeof(*decoder->memory));
	if (decoder->exchange != NULL && mapping->preset == PRESET_EVENTS)
		decoder->events = events_new();
	return decoder;
}

void
decoder_free(struct decoder *decoder)
{
	if (decoder == NULL)
		return;
	unwrap_free(decoder->unwrap);
	decode_lines_free(decoder->lines);
	decode_table_free(decoder->table);
	exchange_free(decoder->exchange);
	events_free(decoder->events);
	if (decoder->memory != NULL)
		pick_forget(decoder->memory);
	free(decoder->memory);
	free(decoder->pair);
	free(decoder);
}

void
decoder_begin(struct decoder *decoder, const struct stretch *stretch)
{
	decoder->stretch = *stretch;
	if (decoder->unwrap != NULL) {
		unwrap_stretch(decoder->unwrap, stretch);
		decoder->stretch.text = decoder->unwrap->text.data;
		decoder->stretch.length = decoder->unwrap->text.length;
	}
	decoder->at = decoder->stretch.text;
	decoder->end = decoder->at + decoder->stretch.length;
	decoder->line = stretch->line;
	decoder->emit = EMIT_NOTHING;
	if (decoder->table != NULL)
		decode_table_begin(decoder);
}

void
decode_take(struct decoder *decoder, struct decoded_record *record, const char *at, size_t length,
    const char *next)
{
	const struct unwrap *unwrap = decoder->unwrap;
	record->text = at;
	record->length = length;
	record->offset = decoder->stretch.offset +
			 (unwrap != NULL ? unwrap->begins[decoder->line - decoder->stretch.line]
					 : (uint64_t)(at - decoder->stretch.text));
	record->line = decoder->line;
	decoder->at = next;
}

void
decode_forget(struct decoder *decoder)
{
	if (decoder->exchange == NULL)
		return;
	for (size_t i = 0; i < PICK_KNOWN; i++)
		decoder->memory->known[i].stencil.whole = false;
	decoder->exchange->request.stencil.whole = false;
	decoder->exchange->response.stencil.whole = false;
	decoder->exchange->truth.stencil.whole = false;
	decoder->exchange->steady = false;
}

/* JSON that is broken nowhere but at its end was cut short. */
static bool
is_cut(const char *text, size_t length)
{
	struct jsonscan scan;
	struct err err;
	char where[64];
	jsonscan_begin(&scan, text, length, &err);
	if (jsonscan_peek(&scan) != '{' || jsonscan_skip(&scan, 0))
		return false;
	int digits = snprintf(where, sizeof(where), "offset %zu: ", length);
	return strncmp(err.text, where, (size_t)digits) == 0;
}

enum decoded
decode_refuse(struct decoded_record *record)
{
	record->cut = is_cut(record->text, record->length);
	if (record->cut)
		err_prefix(&record->err, "cut short");
	return DECODED_REFUSED;
}

bool
decode_take_line(struct decoder *decoder, struct decoded_record *record)
{
	while (decoder->at < decoder->end) {
		const char *at = decoder->at;
		const char *newline = memchr(at, '\n', (size_t)(decoder->end - at));
		const char *stop = newline != NULL ? newline : decoder->end;
		size_t length = (size_t)(stop - at);
		if (length > 0 && stop[-1] == '\r')
			length--;
		decode_take(decoder, record, at, length, newline != NULL ? stop + 1 : stop);
		decoder->line++;
		if (length > 0)
			return true;
	}
	return false;
}

enum decoded
decoder_next(struct decoder *decoder, struct decoded_record *record)
{
	record->cut = false;
	return decoder->lines != NULL	? decode_lines(decoder, record)
	       : decoder->table != NULL ? decode_table(decoder, record)
					: decode_exchange(decoder, record);
}

const struct flags *
decoder_flags(const struct decoder *decoder)
{
	return &decoder->flags;
}

uint64_t
decoder_waiting(const struct decoder *decoder)
{
	return decoder->events != NULL ? events_waiting(decoder->events) : 0;
}

uint64_t
decoder_orphans(const struct decoder *decoder)
{
	return decoder->events != NULL ? events_orphans(decoder->events) : 0;
}

void
decoder_save(const struct decoder *decoder, struct buf *pack)
{
	if (decoder->events != NULL)
		events_save(decoder->events, pack);
}

void
decoder_load(struct decoder *decoder, struct unpack *unpack)
{
	if (decoder->events != NULL)
		events_load(decoder->events, unpack);
}
