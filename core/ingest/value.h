/* value.h: values read by blocks (block.h): numbers here, texts and times in value_text.h. For
 * whoever includes it once and says of which kind, in core/ingest alone.
 *
 * NULL or false means: not here; the slow way (decimal.h, jsonscan.h) takes every value. What is
 * found may lie behind the line's end, by up to two blocks; the caller looks. */
#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/ingest/block.h"
#include "core/ingest/rounding.h"

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
		uint64_t bad = 0, digits = block_join_few(at, whole, decimals, &bad);
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

#include "core/ingest/value_text.h"
