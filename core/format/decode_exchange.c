/* decode_exchange.c: the records that hold a request and its response (captures, tensors), or one
 * of them (events): which text is a record, and what comes of it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/decode_parts.h"
#include "core/source/frame.h"

_Static_assert(MAPPING_FIELDS <= PICK_FIELDS, "a memory holds every field");

/* --- which text is a record --- */

/* Passes white space between values, and counts its lines. */
static void
pass_blanks(struct decoder *decoder)
{
	for (; decoder->at < decoder->end; decoder->at++) {
		if (*decoder->at == '\n')
			decoder->line++;
		else if (*decoder->at != ' ' && *decoder->at != '\t' && *decoder->at != '\r')
			return;
	}
}

static void
count_lines(struct decoder *decoder, const char *at, const char *end)
{
	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		decoder->line++;
		at++;
	}
}

/* Text that is no object, up to the next one or the end of its line. False: it is only what stands
 * between the elements of a list. */
static bool
take_between(struct decoder *decoder, struct decoded_record *record)
{
	const char *at = decoder->at, *stop = at;
	bool plain = true;
	for (; stop < decoder->end && *stop != '{' && *stop != '\n'; stop++)
		plain = plain && strchr(",[] \t\r", *stop) != NULL && *stop != '\0';
	decode_take(decoder, record, at, (size_t)(stop - at), stop);
	err_set(&record->err, ERR_DATA, "text between the records");
	return !plain;
}

/* An object that is broken ends where the next record begins, as its source sees it. */
static enum decoded
refuse_value(struct decoder *decoder, struct decoded_record *record)
{
	const char *at = decoder->at;
	size_t length = frame_first(FRAME_VALUES, at, (size_t)(decoder->end - at));
	if (length == 0)
		length = (size_t)(decoder->end - at);
	const char *end = at + length;
	while (length > 0 && strchr(" \t\r\n", at[length - 1]) != NULL && at[length - 1] != '\0')
		length--;
	decode_take(decoder, record, at, length, end);
	count_lines(decoder, at, end);
	return decode_refuse(record);
}

/* The next JSON object, into decoder->picked. DECODED_PREDICTION: it is there. */
static enum decoded
take_value(struct decoder *decoder, struct decoded_record *record)
{
	for (;;) {
		pass_blanks(decoder);
		if (decoder->at == decoder->end)
			return DECODED_END;
		if (*decoder->at == '{')
			break;
		if (take_between(decoder, record))
			return DECODED_REFUSED;
	}
	struct jsonscan scan;
	const char *at = decoder->at;
	jsonscan_begin(&scan, at, (size_t)(decoder->end - at), &record->err);
	if (!pick_read(
		&decoder->mapping->pick, decoder->memory, &scan, decoder->picked, MAPPING_FIELDS))
		return refuse_value(decoder, record);
	decode_take(decoder, record, at, (size_t)(scan.at - at), scan.at);
	count_lines(decoder, at, scan.at);
	return DECODED_PREDICTION;
}

static enum decoded
take_object_line(struct decoder *decoder, struct decoded_record *record)
{
	struct jsonscan scan;
	if (!decode_take_line(decoder, record))
		return DECODED_END;
	jsonscan_begin(&scan, record->text, record->length, &record->err);
	if (jsonscan_peek(&scan) != '{' || scan.at == scan.end) {
		jsonscan_fail(&scan, scan.at, "expected an object");
		return DECODED_REFUSED;
	}
	if (pick_read(
		&decoder->mapping->pick, decoder->memory, &scan, decoder->picked, MAPPING_FIELDS) &&
	    jsonscan_finish(&scan))
		return DECODED_PREDICTION;
	return decode_refuse(record);
}

/* --- what comes of it --- */

static bool
begin_truth(struct decoder *decoder, struct err *err)
{
	return exchange_payload(decoder->exchange, &decoder->exchange->truth,
	    &decoder->picked[MAPPING_TRUTH], &decoder->picked[MAPPING_TRUTH_ENCODING], err);
}

/* A capture or an exchange of tensors, in decoder->picked. */
static bool
begin_exchange(struct decoder *decoder, const struct decoded_record *record, struct err *err)
{
	struct exchange *exchange = decoder->exchange;
	const struct picked *picked = decoder->picked;
	bool answered = picked[MAPPING_OUTPUT].at != NULL;
	if (!exchange_begin(exchange, picked, err) || !begin_truth(decoder, err))
		return false;
	if (decoder->labels || (!answered && exchange->truth.rows_count > 0)) {
		decoder->emit = EMIT_LABELS;
		return exchange->truth.rows_count > 0 ||
		       err_set(err, ERR_DATA, "no ground truth in the record");
	}
	if (!answered && exchange->status < 400)
		return err_set(err, ERR_DATA, "no response in the record");
	if (exchange->ts == 0 && decoder->mapping->preset != PRESET_CAPTURE)
		return err_set(err, ERR_DATA, "no time in the record");
	/* A batch transform is captured without a time: it counts when it is read. */
	if (exchange->ts == 0)
		exchange->ts = clock_wall();
	decoder->emit = EMIT_PREDICTIONS;
	const char *whole = memchr(record->text, '{', record->length);
	exchange->request.whole = picked[MAPPING_INPUT].at == whole;
	exchange->response.whole = picked[MAPPING_OUTPUT].at == whole;
	return exchange_payload(exchange, &exchange->request, &picked[MAPPING_INPUT],
		   &picked[MAPPING_INPUT_ENCODING], err) &&
	       exchange_payload(exchange, &exchange->response, &picked[MAPPING_OUTPUT],
		   &picked[MAPPING_OUTPUT_ENCODING], err) &&
	       exchange_match(exchange, err);
}

/* 1: the request; 0: the response; -1: neither. */
static int
kind_of_event(const struct picked *type, char name[RECORD_MAX_TEXT + 1])
{
	exchange_text(type, name);
	const char *dot = strrchr(name, '.');
	const char *kind = dot != NULL ? dot + 1 : name;
	return strcmp(kind, "request") == 0 ? 1 : strcmp(kind, "response") == 0 ? 0 : -1;
}

/* What the request says counts, if it says anything. One of the two stands in dst already. */
static void
take_either(char dst[RECORD_MAX_TEXT + 1], const char *request, const char *response)
{
	const char *text = *request != '\0' ? request : response;
	if (text != dst)
		text_copy(dst, RECORD_MAX_TEXT + 1, text);
}

/* The two halves of an exchange: the payload of `mine` is in the record, that of `pair` was kept.
 */
static bool
begin_pair(struct decoder *decoder, const struct event *mine, struct err *err)
{
	struct exchange *exchange = decoder->exchange;
	const struct event *pair = decoder->pair;
	const struct event *request = mine->response ? pair : mine;
	const struct event *response = mine->response ? mine : pair;
	take_either(exchange->service, request->service, response->service);
	take_either(exchange->model, request->model, response->model);
	take_either(exchange->segment, request->segment, response->segment);
	exchange->ts = request->ts;
	if (response->ts >= request->ts)
		exchange->latency_ms = (double)(response->ts - request->ts) / 1e3;
	payload_clear(&exchange->truth);
	decoder->emit = EMIT_PREDICTIONS;
	if (!payload_read(&exchange->request, request->payload, request->length, err))
		return err_prefix(err, "the request");
	if (!payload_read(&exchange->response, response->payload, response->length, err))
		return err_prefix(err, "the response");
	return exchange_match(exchange, err);
}

/* An event: it waits, or with its other half it is an exchange. */
static bool
begin_event(struct decoder *decoder, struct err *err)
{
	struct exchange *exchange = decoder->exchange;
	char type[RECORD_MAX_TEXT + 1];
	int kind = kind_of_event(&decoder->picked[MAPPING_TYPE], type);
	const struct picked base64 = {.at = "\"BASE64\"", .length = 8};
	const struct picked *data = &decoder->picked[MAPPING_INPUT];
	struct event mine = {.response = kind == 0};
	if (kind < 0)
		return err_set(err, ERR_DATA,
		    "an event of the type `%.100s` is neither request nor response", type);
	if (!exchange_begin(exchange, decoder->picked, err))
		return false;
	if (exchange->id[0] == '\0' || exchange->ts == 0)
		return err_set(
		    err, ERR_DATA, "no %s in the event", exchange->id[0] == '\0' ? "id" : "time");
	if (data->at == NULL)
		return err_set(err, ERR_DATA, "no data in the event");
	bool binary = data->rank == 1 && !decoder->mapping->given[MAPPING_INPUT];
	if (!exchange_open(exchange, mine.response ? &exchange->response : &exchange->request, data,
		binary ? &base64 : &(struct picked){0}, &mine.payload, &mine.length, err))
		return false;
	mine.id = exchange->id;
	mine.service = exchange->service;
	mine.model = exchange->model;
	mine.segment = exchange->segment;
	mine.ts = exchange->ts;
	free(decoder->pair);
	decoder->pair = events_take(decoder->events, &mine);
	if (decoder->pair != NULL)
		return begin_pair(decoder, &mine, err);
	events_keep(decoder->events, &mine);
	return true;
}

/* The next row of the record that is begun. DECODED_END: there is none. */
static enum decoded
emit(struct decoder *decoder, struct decoded_record *record)
{
	bool labels = decoder->emit == EMIT_LABELS;
	record->text = decoder->place.text;
	record->length = decoder->place.length;
	record->offset = decoder->place.offset;
	record->line = decoder->place.line;
	if (labels ? exchange_next_label(decoder->exchange, &record->label, &record->err)
		   : exchange_next(decoder->exchange, &record->prediction, &record->err))
		return labels ? DECODED_LABEL : DECODED_PREDICTION;
	return record->err.code != 0 ? DECODED_REFUSED : DECODED_END;
}

enum decoded
decode_exchange(struct decoder *decoder, struct decoded_record *record)
{
	for (;;) {
		if (decoder->emit != EMIT_NOTHING) {
			enum decoded next = emit(decoder, record);
			if (next != DECODED_END)
				return next;
			decoder->emit = EMIT_NOTHING;
		}
		enum decoded taken = mapping_frame(decoder->mapping) == FRAME_VALUES
					 ? take_value(decoder, record)
					 : take_object_line(decoder, record);
		if (taken != DECODED_PREDICTION)
			return taken;
		decoder->place = *record;
		bool begun = decoder->events != NULL
				 ? begin_event(decoder, &record->err)
				 : begin_exchange(decoder, record, &record->err);
		if (!begun) {
			decoder->emit = EMIT_NOTHING;
			return DECODED_REFUSED;
		}
	}
}
