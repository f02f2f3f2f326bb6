/* lockstep.h: two decoders on one stretch, of which one learns from record to record and the other
 * is made to forget. What they give must be the same to the bit. */
#ifndef FRAUDTOP_TESTS_LOCKSTEP_H
#define FRAUDTOP_TESTS_LOCKSTEP_H

#include "core/format/decode_parts.h"
#include "tests/support/same_record.h"

static inline bool
lockstep_same(
    enum decoded step, const struct decoded_record *warm, const struct decoded_record *cold)
{
	if (step != DECODED_END && (warm->offset != cold->offset || warm->length != cold->length ||
				       warm->line != cold->line))
		return false;
	switch (step) {
	case DECODED_PREDICTION:
		return same_prediction(&warm->prediction, &cold->prediction);
	case DECODED_LABEL:
		return warm->label.ts == cold->label.ts && warm->label.value == cold->label.value &&
		       strcmp(warm->label.request_id, cold->label.request_id) == 0;
	case DECODED_REFUSED:
		return warm->cut == cold->cut && strcmp(warm->err.text, cold->err.text) == 0;
	case DECODED_END:
		break;
	}
	return true;
}

/* The number of the first record in which they differ, from 1; 0: none. */
static inline int
lockstep(struct decoder *warm, struct decoder *cold, const struct stretch *stretch)
{
	struct decoded_record of_warm, of_cold;
	decoder_begin(warm, stretch);
	decoder_begin(cold, stretch);
	for (int n = 1;; n++) {
		decode_forget(cold);
		enum decoded step = decoder_next(warm, &of_warm);
		if (step != decoder_next(cold, &of_cold) ||
		    !lockstep_same(step, &of_warm, &of_cold))
			return n;
		if (step == DECODED_END)
			return 0;
	}
}

#endif
