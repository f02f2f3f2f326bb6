#include "tests/fuzz/kit/decoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/source/frame.h"
#include "tests/fuzz/check.h"
#include "tests/support/lockstep.h"

struct decoding_counts {
	bool inside; /* the records are */
	size_t records[4]; /* by enum decoded */
	size_t cut, features;
	double scores;
};

static void
decoding_check_values(const struct feature_value *values, size_t count)
{
	CHECK(count <= RECORD_MAX_FEATURES);
	for (size_t i = 0; i < count; i++) {
		CHECK(values[i].name != NULL && strlen(values[i].name) <= RECORD_MAX_TEXT);
		CHECK(values[i].text != NULL && strlen(values[i].text) <= RECORD_MAX_TEXT);
		CHECK((values[i].kind == VALUE_NUMBER) || isnan(values[i].number));
	}
}

static void
decoding_check(enum decoded step, const struct decoded_record *record,
    const struct stretch *stretch, bool inside)
{
	const struct prediction *p = &record->prediction;
	if (inside) { /* the text is the decoder's own */
		CHECK(record->offset >= stretch->offset &&
		      record->offset <= stretch->offset + stretch->length);
	} else {
		CHECK(record->text >= stretch->text &&
		      record->text + record->length <= stretch->text + stretch->length);
		CHECK(record->offset == stretch->offset + (uint64_t)(record->text - stretch->text));
	}
	CHECK(record->line >= stretch->line);
	if (step == DECODED_REFUSED) {
		CHECK(record->err.code != 0 && record->err.text[0] != '\0');
	} else if (step == DECODED_LABEL) {
		CHECK(record->label.request_id[0] != '\0');
		CHECK(record->label.value == 0 || record->label.value == 1);
	} else {
		CHECK(isnan(p->score) ? p->status >= 400 : p->score >= 0 && p->score <= 1);
		CHECK(p->decision >= -1 && p->decision <= 1 && p->label >= -1 && p->label <= 1);
		CHECK(p->ts != 0 && p->status >= 0 && p->status <= 999);
		CHECK(p->request_id != NULL && p->service != NULL && p->model != NULL &&
		      p->version != NULL && p->segment != NULL);
		decoding_check_values(p->features, p->features_count);
		decoding_check_values(p->attributions, p->attributions_count);
	}
}

/* Decodes a part of the text from a copy of exactly its size and the pad. */
static void
decoding_run(struct decoder *decoder, const struct stretch *whole, size_t from, size_t to,
    struct decoding_counts *counts)
{
	struct stretch part = *whole;
	struct decoded_record record;
	part.length = to - from;
	part.offset += from;
	part.line += frame_count_lines(whole->text, from);
	part.text = mem_alloc(part.length + STRETCH_PAD);
	memcpy(part.text, whole->text + from, part.length);
	decoder_begin(decoder, &part);
	for (enum decoded step; (step = decoder_next(decoder, &record)) != DECODED_END;) {
		decoding_check(step, &record, &part, counts->inside);
		counts->records[step]++;
		counts->cut += step == DECODED_REFUSED && record.cut;
		if (step == DECODED_PREDICTION) {
			counts->features += record.prediction.features_count;
			counts->scores +=
			    isnan(record.prediction.score) ? -1 : record.prediction.score;
		}
	}
	free(part.text);
}

/* What was learned from records before changes nothing in those that follow. */
static void
decoding_lockstep(const struct mapping *mapping, bool labels, const struct stretch *stretch)
{
	struct decoder *warm = decoder_new(mapping, labels), *cold = decoder_new(mapping, labels);
	for (int round = 0; round < 3; round++) {
		int difference = lockstep(warm, cold, stretch);
		CHECK(difference == 0);
	}
	decoder_free(warm);
	decoder_free(cold);
}

void
decoding_fuzz(
    const struct mapping *mapping, bool labels, bool inside, const struct stretch *stretch)
{
	struct decoding_counts whole = {.inside = inside}, parts = {.inside = inside};
	enum frame frame = mapping_frame(mapping);
	struct decoder *decoder = decoder_new(mapping, labels);
	decoding_run(decoder, stretch, 0, stretch->length, &whole);
	decoder_free(decoder);
	decoder = decoder_new(mapping, labels);
	for (size_t at = 0, n = 0; at < stretch->length; n++) {
		size_t next = at;
		/* One, two, one, two, ... records a part. */
		for (size_t i = 0; i <= n % 2 && next < stretch->length; i++) {
			size_t length =
			    frame_first(frame, stretch->text + next, stretch->length - next);
			next = length > 0 ? next + length : stretch->length;
		}
		decoding_run(decoder, stretch, at, next, &parts);
		at = next;
	}
	decoder_free(decoder);
	CHECK(memcmp(&whole.records, &parts.records, sizeof(whole.records)) == 0);
	CHECK(whole.cut == parts.cut && whole.features == parts.features);
	CHECK(whole.scores == parts.scores);
	decoding_lockstep(mapping, labels, stretch);
}
