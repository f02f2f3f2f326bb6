/* step.h: one step of an outline (outline.h): the bytes before a value, how the value is read and
 * what becomes of it. */
#ifndef FRAUDTOP_INGEST_STEP_H
#define FRAUDTOP_INGEST_STEP_H

#include <stdint.h>

#include "core/ingest/record.h"

#define STEP_BLOCK 32 /* bytes compared at once */

/* How a value is read, if it is as usual; else the long way, which takes any value. */
enum step_how {
	HOW_NEW, /* not known yet */
	HOW_CONSTANT, /* as in the line before, to the byte behind it */
	HOW_FEW, /* a number of few digits, without a sign */
	HOW_NUMBER, /* without an exponent */
	HOW_TEXT, /* a short one */
	HOW_STEADY, /* a text as long as in the line before */
	HOW_TIME, /* a text that begins with the minute of the line before */
	HOW_WORD, /* true, false or null */
	HOW_ANY,
	HOW_AGAIN, /* no new one: the one before */
	HOW_NOTHING, /* none: an absent one */
	HOW_LITERAL, /* none: the literal goes on */
	HOW_END /* the line ends */
};

enum step_target {
	TARGET_FEATURE,
	TARGET_ATTRIBUTION,
	TARGET_TIME,
	TARGET_TEXT,
	TARGET_NUMBER,
	TARGET_FLAG,
	TARGET_STATUS,
	TARGET_NULL, /* only null will do */
	TARGET_NONE, /* nobody asked for it; no object and no list */
	TARGET_GROUP /* nobody asked for it; an object or a list */
};

struct step {
	char literal[STEP_BLOCK];
	char seen[STEP_BLOCK]; /* literal and constant, or the time's beginning, as they were */
	struct feature_value member; /* of a feature or an attribution, but for what varies */
	char text[2 * STEP_BLOCK]; /* the value's, if it is short */
	struct step *next, *other;
	uint32_t literal_bits, seen_bits; /* which of them must be equal */
	uint32_t length; /* of the literal */
	uint32_t place; /* where the value is put: offset of a member in struct record_reader, of a
			   field in struct prediction; of an end the number of features */
	uint64_t ends; /* the byte behind a number, eight times */
	uint8_t how, target, seen_length;
	uint8_t constant_size; /* bytes of it that are put; 0: none */
	uint8_t depth; /* of what is passed over */
	bool must; /* null will not do */
	uint16_t attributions; /* HOW_END */
	uint32_t misses;
	union {
		double number;
		const char *text;
		wall_us time;
		int flag;
	} constant; /* of a field */
	double low, high; /* what is in range */
	wall_us minute;
	uint64_t shape; /* HOW_END */
};

static inline uint64_t
step_ends(char byte)
{
	return (unsigned char)byte * UINT64_C(0x0101010101010101);
}

#endif
