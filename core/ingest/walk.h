/* walk.h: goes down the outline along a line, as walk_plain.c, walk_sse2.c, walk_avx2.c and
 * walk_neon.c compile it, each with its blocks (block.h).
 *
 * Only the place of the next value hangs on the one before; what a value is worth is worked out
 * beside it, and branches go the same way in nearly every line. That is the speed. Reads at most
 * two blocks (STRETCH_PAD) past `end`; what is found there is never taken, for the line's end is
 * asked for. */
#include <math.h>

#include "core/ingest/block.h"
#include "core/ingest/decimal.h"
#include "core/ingest/record_parts.h"
#include "core/ingest/rounding.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"

_Static_assert(2 * BLOCK <= STRETCH_PAD && BLOCK == OUTLINE_BLOCK, "blocks fit into the pad");

#define LIKELY(x) __builtin_expect(!!(x), 1)

KERNEL uint64_t
walk_load(const char *at)
{
	uint64_t bytes;
	memcpy(&bytes, at, sizeof(bytes));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return bytes;
}

/* The value of eight digits, the first in the lowest byte, each less '0' (Johnny Lee's way). */
KERNEL uint64_t
walk_eight(uint64_t digits)
{
	digits = digits * 10 + (digits >> 8);
	uint64_t even = digits & UINT64_C(0x000000FF000000FF);
	uint64_t odd = digits >> 16 & UINT64_C(0x000000FF000000FF);
	return (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
}

/* Of up to eight, none is 0. What follows them is shifted out. */
KERNEL uint64_t
walk_digits(const char *at, unsigned count)
{
	uint64_t digits = walk_load(at) ^ UINT64_C(0x3030303030303030);
	digits = digits << (8 * ((8 - count) & 7));
	return count == 0 ? 0 : walk_eight(digits);
}

/* Of up to 24; false: 2^64 may be too small for them. */
KERNEL bool
walk_many_digits(const char *at, unsigned count, uint64_t *value)
{
	unsigned first = count > 16 ? count - 16 : 0;
	unsigned second = count - first > 8 ? count - first - 8 : 0;
	uint64_t top = walk_digits(at, first), middle = walk_digits(at + first, second);
	*value = (top * 100000000 + middle) * 100000000 +
		 walk_digits(at + first + second, count - first - second);
	return count <= 24 && top < 1000;
}

/* Returns the byte behind the number, or NULL: it is none, or one for the long way. */
KERNEL const char *
walk_number(const char *at, double *value)
{
	struct block_number block = block_number(at);
	if (block.any == UINT32_MAX)
		return NULL;
	unsigned end = (unsigned)__builtin_ctz(~block.any);
	uint32_t span = (UINT32_C(1) << end) - 1, sign = *at == '-';
	uint32_t points = block.points & span;
	unsigned start = sign, point = (unsigned)__builtin_ctz(points | UINT32_C(1) << end);
	unsigned whole = point - start, decimals = end - point - (points != 0);
	uint32_t wrong = ((block.digits & span) | points | sign) ^ span; /* a byte out of place */
	wrong |= points & (points - 1);
	wrong |= (point <= start) | ((points != 0) & (decimals == 0));
	wrong |= (at[start] == '0') & (whole > 1);
	wrong |= (at[end] | 0x20) == 'e';
	if (!LIKELY(wrong == 0))
		return NULL;
	uint64_t mantissa, fraction;
	if (LIKELY(whole <= 8 && decimals <= 8)) {
		mantissa = walk_digits(at + start, whole) * rounding_whole[decimals] +
			   walk_digits(at + point + 1, decimals);
	} else {
		if (!walk_many_digits(at + start, whole, &mantissa) ||
		    !walk_many_digits(at + point + 1, decimals, &fraction) ||
		    (whole + decimals > 19 && mantissa != 0))
			return NULL;
		mantissa = (decimals <= 19 ? mantissa * rounding_whole[decimals] : 0) + fraction;
	}
	double number;
	if (!LIKELY(rounding_try(mantissa, -(int)decimals, &number)))
		return NULL;
	*value = sign ? -number : number;
	return at + end;
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
	uint64_t digits = walk_load(at) ^ UINT64_C(0x5A3030302E30303A);
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

/* A value as usual; NULL: it is not. */
KERNEL const char *
walk_usual(struct record_reader *reader, struct step *step, const char *at, const char *end,
    struct slot *slot)
{
	char *dst = reader->arena + reader->used;
	const char *after;
	switch ((enum step_how)step->how) {
	case HOW_CONSTANT:
		if (!LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0))
			return NULL;
		slot->kind = step->seen_kind;
		slot->number = step->number;
		slot->text = step->text;
		return at + step->seen_length;
	case HOW_NUMBER:
		slot->kind = SLOT_NUMBER;
		return walk_number(at, &slot->number);
	case HOW_STEADY:
	case HOW_TEXT:
		if (*at != '"' || reader->used + RECORD_MAX_TEXT + WALK_ROOM > reader->capacity)
			return NULL;
		after = walk_text(at + 1, end, dst, &slot->length);
		if (!LIKELY(after != NULL))
			return NULL;
		slot->kind = SLOT_TEXT;
		slot->text = dst;
		reader->used += slot->length + 1;
		return step->how == HOW_STEADY ? at + 2 + walk_steady(step, slot->length) : after;
	case HOW_TIME:
		slot->kind = SLOT_TIME;
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      walk_seconds(at + 17, step->minute, &slot->time))
			   ? at + 26
			   : NULL;
	case HOW_WORD:
		return walk_word(at, slot);
	case HOW_NOTHING:
		slot->kind = SLOT_ABSENT;
		return at;
	case HOW_AGAIN:
		return at;
	default:
		return NULL;
	}
}

KERNEL void
walk_put_member(struct feature_value *member, const struct step *step, const struct slot *slot)
{
	bool number = slot->kind == SLOT_NUMBER || slot->kind == SLOT_BOOL;
	bool text = slot->kind == SLOT_TEXT;
	member->name = step->name;
	member->kind = number ? VALUE_NUMBER : text ? VALUE_TEXT : VALUE_MISSING;
	member->number = number ? slot->number : NAN;
	member->text = text ? slot->text : "";
}

/* False: the value is not what is due here, or the long way has to say why it is not. */
KERNEL bool
walk_put(struct record_reader *reader, const struct step *step, const struct slot *slot,
    struct prediction *out)
{
	void *field = (char *)out + step->place;
	enum slot_kind kind = slot->kind;
	if (kind == SLOT_ABSENT && (step->must || step->target >= TARGET_TIME))
		return !step->must && step->target != TARGET_GROUP;
	switch ((enum step_target)step->target) {
	case TARGET_FEATURE:
		walk_put_member(&reader->features.list[step->place], step, slot);
		return true;
	case TARGET_ATTRIBUTION:
		walk_put_member(&reader->attributions.list[step->place], step, slot);
		return kind == SLOT_NUMBER || kind == SLOT_ABSENT;
	case TARGET_TIME:
		out->ts = slot->time;
		return kind == SLOT_TIME ||
		       (kind == SLOT_NUMBER && decimal_time(slot->number, &out->ts));
	case TARGET_TEXT:
		*(const char **)field = slot->text;
		return kind == SLOT_TEXT || (kind == SLOT_NUMBER && step->how != HOW_AGAIN);
	case TARGET_NUMBER:
		*(double *)field = slot->number;
		return kind == SLOT_NUMBER && slot->number >= step->low &&
		       slot->number <= step->high;
	case TARGET_FLAG:
		*(int *)field = slot->number != 0;
		return (kind == SLOT_NUMBER || kind == SLOT_BOOL) &&
		       (slot->number == 0 || slot->number == 1);
	case TARGET_STATUS:
		out->status = kind == SLOT_NUMBER && slot->number >= 0 && slot->number <= 999
				  ? (int)slot->number
				  : -1;
		return out->status == slot->number;
	case TARGET_NULL:
		return false;
	case TARGET_NONE:
		return kind != SLOT_OTHER;
	case TARGET_GROUP:
		return kind == SLOT_OTHER;
	}
	return false;
}

KERNEL bool
walk_literal(const struct step *step, const char *at, const char *end)
{
	if (end - at < (ptrdiff_t)step->length ||
	    !LIKELY((block_differs(at, step->literal) & step->literal_bits) == 0))
		return false;
	return LIKELY(step->rest == NULL) ||
	       memcmp(at + BLOCK, step->rest, step->length - BLOCK) == 0;
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
	struct slot slot = {.kind = SLOT_ABSENT};
	reader->used = 0;
	*out = record_nothing;
	for (uint32_t i = reader->outline.first; i != OUTLINE_NONE;) {
		struct step *step = &reader->outline.steps[i];
		i = step->other;
		if (!LIKELY(walk_literal(step, at, end)))
			continue;
		const char *value = at + step->length;
		if (step->how == HOW_END) {
			walk_finish(reader, step, out);
			return value;
		}
		const char *after = walk_usual(reader, step, value, end, &slot);
		if (!LIKELY(after != NULL)) {
			struct slot slow;
			after = walk_slow(reader, step, value, end, &slow);
			slot = slow;
		}
		if (!LIKELY(after != NULL && walk_put(reader, step, &slot, out)))
			continue;
		at = after;
		i = step->next;
	}
	return NULL;
}
