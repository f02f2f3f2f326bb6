/* walk_take.h: takes one value as its step expects it. Part of walk.h. */
#include "core/ingest/value.h"
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
walk_take_text(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	uint64_t stops = block_stops(at + 1, step->text);
	if (stops == 0)
		stops = (uint64_t)block_stops(at + 1 + BLOCK, step->text + BLOCK) << BLOCK;
	if (!LIKELY(*at == '"' && stops != 0))
		return NULL;
	size_t length = (unsigned)__builtin_ctzll(stops);
	const char *last = at + 1 + length;
	step->text[length] = '\0';
	if (!LIKELY(*last == '"'))
		return NULL;
	if (step->how == HOW_STEADY)
		last = at + 1 + walk_steady(step, length);
	if (step->target == TARGET_TEXT) {
		*(const char **)walk_field(step, out) = step->text;
		return last + 1;
	}
	if (LIKELY(step->target == TARGET_FEATURE)) {
		*walk_member(reader, step) = step->member;
		return last + 1;
	}
	const struct slot slot = {.kind = SLOT_TEXT, .text = step->text};
	return walk_put(reader, step, &slot, out) ? last + 1 : NULL;
}

/* Of a number or a truth value, `after` being the byte behind it, if it is one. */
KERNEL const char *
walk_put_number(struct record_reader *reader, const struct step *step, const char *after,
    enum slot_kind kind, double number, struct prediction *out)
{
	if (!LIKELY(after != NULL))
		return NULL;
	if (LIKELY(step->target <= TARGET_ATTRIBUTION - (kind == SLOT_BOOL))) {
		struct feature_value *member = walk_member(reader, step);
		*member = step->member;
		member->number = number;
		return after;
	}
	if (step->target == TARGET_NUMBER && kind == SLOT_NUMBER && number >= step->low &&
	    number <= step->high) {
		*(double *)walk_field(step, out) = number;
		return after;
	}
	const struct slot slot = {.kind = kind, .number = number, .text = ""};
	return walk_put(reader, step, &slot, out) ? after : NULL;
}

KERNEL const char *
walk_take_word(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	bool is_true = memcmp(at, "true", 4) == 0, is_false = memcmp(at, "false", 5) == 0;
	const char *after = LIKELY(is_true | is_false) ? at + 4 + is_false : NULL;
	if (after == NULL || step->target != TARGET_FLAG || reader->flags->odd)
		return walk_put_number(reader, step, after, SLOT_BOOL, is_true, out);
	*(int *)walk_field(step, out) = is_true;
	return after;
}

/* A number that is not one of few digits after all. */
LEVEL static __attribute__((noinline)) const char *
walk_other_number(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	double number;
	const char *after = value_number(at, &number);
	walk_irregular(reader, step);
	if (after != NULL)
		step->ends = step_ends(*after);
	return walk_put_number(reader, step, after, SLOT_NUMBER, number, out);
}

/* Where a number ends is found by the byte that ended it in the line before, for the place of the
 * next value hangs on it alone; that it is a number shows meanwhile. */
KERNEL const char *
walk_take_few(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	double number;
	uint64_t ends = block_word_finds(at, step->ends);
	if (!LIKELY(ends != 0))
		return walk_other_number(reader, step, at, out);
	size_t length = (unsigned)__builtin_ctzll(ends) / 8;
	return LIKELY(block_few(at, length, &number))
		   ? walk_put_number(reader, step, at + length, SLOT_NUMBER, number, out)
		   : walk_other_number(reader, step, at, out);
}

/* NULL: it is not as it is expected. */
KERNEL const char *
walk_take(struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	const char *after;
	double number;
	switch ((enum step_how)step->how) {
	case HOW_FEW:
		return walk_take_few(reader, step, at, out);
	case HOW_NUMBER:
		after = value_number(at, &number);
		return walk_put_number(reader, step, after, SLOT_NUMBER, number, out);
	case HOW_STEADY:
	case HOW_TEXT:
		return walk_take_text(reader, step, at, out);
	case HOW_TIME:
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      at[25] == '"' && value_seconds(at + 17, step->minute, &out->ts))
			   ? at + 26
			   : NULL;
	case HOW_WORD:
		return walk_take_word(reader, step, at, out);
	case HOW_LITERAL:
		return at;
	case HOW_NEW:
	case HOW_CONSTANT:
	case HOW_ANY:
	case HOW_AGAIN:
	case HOW_NOTHING:
	case HOW_END:
		return NULL;
	}
	__builtin_unreachable();
}
