/* walk_take.h: takes one value as its step expects it. Part of walk.h. */
#include "core/ingest/value_foreseen.h"
#include "core/ingest/walk_put.h"
#include "core/ingest/walkers.h"

/* The length that was foreseen, or the true one. Nobody waits for the true one while it is as it
 * was last time, for the compiler is kept from knowing that they are equal. */
KERNEL size_t
walk_steady(struct step *step, size_t length)
{
	size_t expected = step->seen_length;
	__asm__("" : "+r"(expected));
	return LIKELY(length == expected) ? expected : walk_unsteady(step, length);
}

KERNEL const char *
walk_word(const char *at, struct slot *slot)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	static const char words[3][4] = {"true", "fals", "null"};
	bool is_true = memcmp(&word, words[0], 4) == 0;
	bool is_false = memcmp(&word, words[1], 4) == 0 && at[4] == 'e';
	bool is_null = memcmp(&word, words[2], 4) == 0;
	if (!is_true && !is_false && !is_null)
		return NULL;
	slot->kind = is_null ? SLOT_ABSENT : SLOT_BOOL;
	slot->number = is_true;
	return at + 4 + is_false;
}

LEVEL static __attribute__((noinline)) const char *
walk_take_word(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	struct slot slot = {.text = ""};
	const char *after = walk_word(at, &slot);
	return after != NULL && walk_put(reader, step, &slot, out) ? after : NULL;
}

KERNEL const char *
walk_take_text(struct record_reader *reader, struct step *step, const char *at, const char *end,
    struct prediction *out)
{
	char *text = reader->arena + reader->used;
	size_t length;
	if (*at != '"' || reader->used + RECORD_MAX_TEXT + WALK_ROOM > reader->capacity)
		return NULL;
	const char *after = value_text(at + 1, end, text, &length);
	if (!LIKELY(after != NULL))
		return NULL;
	reader->used += length + 1;
	if (step->how == HOW_STEADY)
		after = at + 2 + walk_steady(step, length);
	const struct slot slot = {.kind = SLOT_TEXT, .text = text};
	return walk_put_usual(reader, step, &slot, out) ? after : NULL;
}

/* A number that is not one of few digits after all. */
LEVEL static __attribute__((noinline)) const char *
walk_other_number(struct record_reader *reader, struct step *step, const char *at, double *number)
{
	const char *after = value_number(at, number);
	walk_irregular(reader, step);
	if (after != NULL)
		step->ends = *after;
	return after;
}

KERNEL const char *
walk_put_number(struct record_reader *reader, const struct step *step, const char *after,
    double number, struct prediction *out)
{
	const struct slot slot = {.kind = SLOT_NUMBER, .number = number, .text = ""};
	return LIKELY(after != NULL) && walk_put_usual(reader, step, &slot, out) ? after : NULL;
}

/* Takes a value as the step expects it. NULL: it is not. */
KERNEL const char *
walk_take(struct record_reader *reader, struct step *step, const char *at, const char *end,
    struct prediction *out)
{
	const char *after;
	double number;
	switch ((enum step_how)step->how) {
	case HOW_INTEGER:
		after = value_integer(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return walk_put_number(reader, step, after, number, out);
	case HOW_DECIMAL:
		after = value_decimal(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return walk_put_number(reader, step, after, number, out);
	case HOW_NUMBER:
		after = value_number(at, &number);
		return walk_put_number(reader, step, after, number, out);
	case HOW_STEADY:
	case HOW_TEXT:
		return walk_take_text(reader, step, at, end, out);
	case HOW_TIME:
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      at[25] == '"' && value_seconds(at + 17, step->minute, &out->ts))
			   ? at + 26
			   : NULL;
	case HOW_WORD:
		return walk_take_word(reader, step, at, out);
	case HOW_LITERAL:
		return at;
	default:
		return NULL;
	}
}
