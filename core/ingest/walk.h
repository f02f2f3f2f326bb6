/* walk.h: goes down the outline along a line, as walk_plain.c, walk_sse2.c, walk_avx2.c and
 * walk_neon.c compile it, each with its blocks (block.h).
 *
 * Only the place of the next value hangs on the one before; what a value is worth is worked out
 * beside it, and branches go the same way in nearly every line. That is the speed. Reads at most
 * two blocks (STRETCH_PAD) past `end`; what is found there is never taken, for the line's end is
 * asked for. */
#include "core/ingest/block.h"
#include "core/ingest/rounding.h"
#include "core/ingest/walk_put.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"

_Static_assert(2 * BLOCK <= STRETCH_PAD && BLOCK == OUTLINE_BLOCK, "blocks fit into the pad");

#define LIKELY(x) __builtin_expect(!!(x), 1)

/* Where a number ends is found by the byte that ended it in the line before, for the place of the
 * next value hangs on it alone; that it is a number shows meanwhile. NULL: another one. */
KERNEL const char *
walk_integer(const char *at, char ends, double *value)
{
	uint64_t wrong = 0,
		 others = block_word(at) ^ (unsigned char)ends * UINT64_C(0x0101010101010101);
	uint64_t found =
	    (others - UINT64_C(0x0101010101010101)) & ~others & UINT64_C(0x8080808080808080);
	unsigned length = (unsigned)__builtin_ctzll(found | UINT64_C(1) << 63) / 8;
	*value = (double)(int64_t)block_eight(at, length, &wrong);
	return LIKELY(wrong == 0 && (unsigned char)(*at - '0') >= (length > 1) && length != 0 &&
		      found != 0)
		   ? at + length
		   : NULL;
}

/* The same of up to 15 bytes with the point. */
KERNEL const char *
walk_decimal(const char *at, char ends, double *value)
{
	int wrong;
	uint32_t behind = UINT32_C(1) << 16;
	unsigned length = (unsigned)__builtin_ctz(block_half_equals(at, ends) | behind);
	unsigned whole =
	    (unsigned)__builtin_ctz(block_half_equals(at, '.') | UINT32_C(1) << length);
	unsigned decimals = length - whole - (length != whole);
	*value = (double)(int64_t)block_join(at, length, whole, &wrong) / rounding_tens[decimals];
	return LIKELY((unsigned char)(*at - '0') >= (whole > 1) && whole != 0 &&
		      length - whole != 1 && length < 16 && !wrong)
		   ? at + length
		   : NULL;
}

/* One of 17 to 24 bytes: what stands before its last 16 digits is little. */
KERNEL bool
walk_long_number(const char *at, unsigned length, unsigned whole, double *value)
{
	int wrong, wrong_too;
	unsigned head = length - 16;
	if (length > 24 || whole >= head)
		return false;
	uint64_t mantissa = block_join(at, head, whole, &wrong);
	if (mantissa >= 1000)
		return false;
	mantissa =
	    mantissa * UINT64_C(10000000000000000) + block_join(at + head, 16, 16, &wrong_too);
	return rounding_try(mantissa, (int)whole + 1 - (int)length, value) && !wrong && !wrong_too;
}

KERNEL bool
walk_short_number(const char *at, unsigned length, unsigned whole, double *value)
{
	int wrong;
	unsigned decimals = length - whole - (length != whole);
	uint64_t mantissa = block_join(at, length, whole, &wrong);
	*value = (double)(int64_t)mantissa / rounding_tens[decimals];
	return !wrong && mantissa <= UINT64_C(1) << 53;
}

/* Returns the byte behind the number, or NULL: it is none, or one for the long way. */
KERNEL const char *
walk_number(const char *at, double *value)
{
	struct block_number block = block_number(at);
	if (!LIKELY(block.any != UINT32_MAX))
		return NULL;
	unsigned end = (unsigned)__builtin_ctz(~block.any), sign = *at == '-';
	unsigned whole = (unsigned)__builtin_ctz(block.points | UINT32_C(1) << end) - sign;
	const char *after = at + end;
	unsigned length = end - sign;
	double number = 0; /* for compilers that do not see it set */
	at += sign;
	if (!LIKELY(whole != 0 && length - whole != 1) ||
	    !LIKELY((unsigned char)(*at - '0') >= (whole > 1)) || !LIKELY((*after | 0x20) != 'e') ||
	    !LIKELY(length <= 16 ? walk_short_number(at, length, whole, &number)
				 : walk_long_number(at, length, whole, &number)))
		return NULL;
	*value = sign ? -number : number;
	return after;
}

/* Behind the quote at `at`: copies the text to dst and ends it. Returns the byte behind the other
 * quote, or NULL: it is none for the short way. */
KERNEL const char *
walk_text(const char *at, const char *end, char *dst, size_t *length)
{
	for (size_t done = 0; done + BLOCK <= RECORD_MAX_TEXT && at + done <= end; done += BLOCK) {
		uint32_t stops = block_stops(at + done, dst + done);
		if (LIKELY(stops != 0)) {
			*length = done + (unsigned)__builtin_ctz(stops);
			dst[*length] = '\0';
			return at[*length] == '"' ? at + *length + 1 : NULL;
		}
	}
	return NULL;
}

/* The length that was foreseen, or the true one. Nobody waits for the true one while it is as it
 * was last time, for the compiler is kept from knowing that they are equal. */
KERNEL size_t
walk_steady(struct step *step, size_t length)
{
	size_t expected = step->seen_length;
	__asm__("" : "+r"(expected));
	return LIKELY(length == expected) ? expected : walk_unsteady(step, length);
}

/* Behind the minute: `:SS.mmmZ"`. */
KERNEL bool
walk_seconds(const char *at, wall_us minute, wall_us *time)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x5A3030302E30303A);
	uint64_t wrong =
	    ((digits + UINT64_C(0x7F7676767F76767F)) | digits) & UINT64_C(0x8080808080808080);
	unsigned seconds = (unsigned)((digits >> 8 & 15) * 10 + (digits >> 16 & 15));
	unsigned ms =
	    (unsigned)((digits >> 32 & 15) * 100 + (digits >> 40 & 15) * 10 + (digits >> 48 & 15));
	*time = minute + seconds * CLOCK_SECOND + ms * 1000;
	return wrong == 0 && seconds < 60 && at[8] == '"';
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
	const char *after = walk_text(at + 1, end, text, &length);
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
	const char *after = walk_number(at, number);
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
		after = walk_integer(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_DECIMAL:
		after = walk_decimal(at, step->ends, &number);
		if (!LIKELY(after != NULL))
			after = walk_other_number(reader, step, at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_NUMBER:
		after = walk_number(at, &number);
		return LIKELY(after != NULL) && walk_put_number(reader, step, number, out) ? after
											   : NULL;
	case HOW_STEADY:
	case HOW_TEXT:
		return walk_take_text(reader, step, at, end, out);
	case HOW_TIME:
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      walk_seconds(at + 17, step->minute, &out->ts))
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
