/* value.h: numbers, texts and times read by blocks (block.h), for whoever includes it once and says
 * of which kind. For core/ingest alone.
 *
 * NULL or false means: not here; the slow way (decimal.h, jsonscan.h) takes every value. What is
 * found may lie behind the line's end, by up to two blocks; the caller looks. */
#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/ingest/block.h"
#include "core/ingest/rounding.h"

#define VALUE_MAX_TEXT 256 /* a longer one is not taken here */

#define LIKELY(x) __builtin_expect(!!(x), 1)

/* Where a number ends is found by the byte that ended it in the line before, for the place of the
 * next value hangs on it alone; that it is a number shows meanwhile. NULL: another one. */
KERNEL const char *
value_integer(const char *at, char ends, double *value)
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
value_decimal(const char *at, char ends, double *value)
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
value_long_number(const char *at, unsigned length, unsigned whole, double *value)
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
value_short_number(const char *at, unsigned length, unsigned whole, double *value)
{
	int wrong;
	unsigned decimals = length - whole - (length != whole);
#ifndef BLOCK_AVX2
	if (LIKELY(length <= 8)) {
		uint64_t bad = 0, digits = block_few(at, whole, decimals, &bad);
		*value = (double)(int64_t)digits / rounding_tens[decimals];
		return bad == 0;
	}
#endif
	uint64_t mantissa = block_join(at, length, whole, &wrong);
	*value = (double)(int64_t)mantissa / rounding_tens[decimals];
	return !wrong && mantissa <= UINT64_C(1) << 53;
}

/* Returns the byte behind the number, or NULL: it is none, or one for the long way. */
KERNEL const char *
value_number(const char *at, double *value)
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
	    !LIKELY(length <= 16 ? value_short_number(at, length, whole, &number)
				 : value_long_number(at, length, whole, &number)))
		return NULL;
	*value = sign ? -number : number;
	return after;
}

/* Behind the quote at `at`: copies the text to dst and ends it. Returns the byte behind the other
 * quote, or NULL: it is none for the short way. */
KERNEL const char *
value_text(const char *at, const char *end, char *dst, size_t *length)
{
	for (size_t done = 0; done + BLOCK <= VALUE_MAX_TEXT && at + done <= end; done += BLOCK) {
		uint32_t stops = block_stops(at + done, dst + done);
		if (LIKELY(stops != 0)) {
			*length = done + (unsigned)__builtin_ctz(stops);
			dst[*length] = '\0';
			return at[*length] == '"' ? at + *length + 1 : NULL;
		}
	}
	return NULL;
}

/* Behind the minute: `:SS.mmmZ`. */
KERNEL bool
value_seconds(const char *at, wall_us minute, wall_us *time)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x5A3030302E30303A);
	uint64_t wrong =
	    ((digits + UINT64_C(0x7F7676767F76767F)) | digits) & UINT64_C(0x8080808080808080);
	unsigned seconds = (unsigned)((digits >> 8 & 15) * 10 + (digits >> 16 & 15));
	unsigned ms =
	    (unsigned)((digits >> 32 & 15) * 100 + (digits >> 40 & 15) * 10 + (digits >> 48 & 15));
	*time = minute + seconds * CLOCK_SECOND + ms * 1000;
	return wrong == 0 && seconds < 60;
}
