/* value_foreseen.h: numbers as they are expected, by blocks; like value.h. For the walk alone. */
#include "core/ingest/value.h"

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
