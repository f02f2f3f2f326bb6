/* walk.h: goes down the outline along a line, as walk_plain.c, walk_sse2.c, walk_avx2.c and
 * walk_neon.c compile it, each with its blocks (block.h).
 *
 * Only the place of the next value hangs on the one before; what a value is worth is worked out
 * beside it, and branches go the same way in nearly every line. That is the speed. Reads at most
 * two blocks (STRETCH_PAD) past `end`; what is found there is never taken, for the line's end is
 * asked for. */
#include "core/ingest/value.h"
#include "core/ingest/walk_put.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"

_Static_assert(2 * BLOCK <= STRETCH_PAD && BLOCK == OUTLINE_BLOCK, "blocks fit into the pad");

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
	return walk_put_text(reader, step, text, out) ? after : NULL;
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

/* Takes a value as the step expects it. NULL: it is not. */
KERNEL const char *
walk_take(struct record_reader *reader, struct step *step, const char *at, const char *end,
    struct prediction *out)
{
	struct slot slot = {.text = ""};
	const char *after;
	double number;
	switch ((enum step_how)step->how) {
	case HOW_INTEGER:
		after = value_integer(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_DECIMAL:
		after = value_decimal(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_NUMBER:
		after = value_number(at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_STEADY:
	case HOW_TEXT:
		return walk_take_text(reader, step, at, end, out);
	case HOW_TIME:
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      at[25] == '"' && value_seconds(at + 17, step->minute, &out->ts))
			   ? at + 26
			   : NULL;
	case HOW_WORD:
		after = walk_word(at, &slot);
		return after != NULL && walk_put(reader, step, &slot, out) ? after : NULL;
	case HOW_LITERAL:
		return at;
	default:
		return NULL;
	}
}

/* At the line's end. */
KERNEL void
walk_finish(const struct record_reader *reader, const struct step *step, struct prediction *out)
{
	out->shape = step->shape;
	out->features = reader->features.list;
	out->features_count = step->place;
	out->attributions = reader->attributions.list;
	out->attributions_count = step->attributions;
}

/* A walker (walkers.h). */
LEVEL const char *
WALK(struct record_reader *reader, const char *at, const char *end, struct prediction *out)
{
	const char *before = at;
	reader->used = 0;
	*out = record_nothing;
	for (struct step *step = reader->outline.first; step != NULL && LIKELY(at <= end);) {
		if (step->how == HOW_CONSTANT &&
		    LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0)) {
			walk_put_constant(reader, step, out);
			before = at + step->length;
			at += step->seen_length;
			step = step->next;
			continue;
		}
		if (!LIKELY((block_differs(at, step->literal) & step->literal_bits) == 0)) {
			step = step->other;
			continue;
		}
		const char *value = at + step->length;
		const char *after = walk_take(reader, step, value, end, out);
		if (!LIKELY(after != NULL)) {
			if (step->how == HOW_END) {
				walk_finish(reader, step, out);
				return value <= end ? value : NULL;
			}
			if (step->how == HOW_AGAIN)
				value = before;
			after = walk_slow(reader, step, value, end, out);
			if (after == NULL) {
				step = step->other;
				continue;
			}
		}
		before = value;
		at = after;
		step = step->next;
	}
	return NULL;
}
