/* rounding.h: mantissa * 10^exponent to the nearest double, ties to even, exactly as strtod rounds.
 * For core/ingest alone.
 *
 * Small ones take one operation of the processor on exact operands (Clinger, "How to read floating
 * point numbers accurately", 1990); the rest a product with a power of five of 128 bits (Lemire,
 * "Number parsing at a gigabyte per second", 2021; that no further check is needed: Mushtak and
 * Lemire, "Fast number parsing without fallback", 2023). */
#ifndef FRAUDTOP_INGEST_ROUNDING_H
#define FRAUDTOP_INGEST_ROUNDING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ROUNDING_LEAST = -65, ROUNDING_MOST = 40, ROUNDING_EXACT = 22 };

extern const double rounding_tens[ROUNDING_EXACT + 1]; /* exact */
extern const uint64_t rounding_whole[20]; /* the powers of ten that are whole numbers of 64 bits */
/* The first 128 bits of 5^q, the upper half first; of a negative power one more in the last. */
extern const uint64_t rounding_fives[ROUNDING_MOST - ROUNDING_LEAST + 1][2];

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 rounding_wide;

static inline double
rounding_by_five(uint64_t mantissa, int exponent)
{
	const uint64_t *five = rounding_fives[exponent - ROUNDING_LEAST];
	int zeros = __builtin_clzll(mantissa);
	mantissa <<= zeros;
	rounding_wide product = (rounding_wide)mantissa * five[0];
	uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
	if ((high & 0x1FF) == 0x1FF) {
		uint64_t more = (uint64_t)((rounding_wide)mantissa * five[1] >> 64);
		low += more;
		high += more > low;
	}
	int upper = (int)(high >> 63);
	uint64_t bits = high >> (upper + 9);
	/* Exactly between two doubles: the even one. */
	if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 &&
	    bits << (upper + 9) == high)
		bits &= ~UINT64_C(1);
	bits = (bits + (bits & 1)) >> 1;
	int64_t power = ((INT64_C(217706) * exponent) >> 16) + 63 + upper - zeros + 1023;
	/* A mantissa that was rounded up to the next power of two carries into the exponent. */
	bits += (uint64_t)(power - 1) << 52;
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}
#endif

/* False: it is out of the range that is done here. */
static inline bool
rounding_try(uint64_t mantissa, int exponent, double *value)
{
#ifdef __SIZEOF_INT128__
	if (exponent >= ROUNDING_LEAST && exponent <= ROUNDING_MOST && mantissa != 0) {
		*value = rounding_by_five(mantissa, exponent);
		return true;
	}
#endif
	if (mantissa <= UINT64_C(1) << 53 && exponent >= -ROUNDING_EXACT &&
	    exponent <= ROUNDING_EXACT) {
		*value = exponent < 0 ? (double)mantissa / rounding_tens[-exponent]
				      : (double)mantissa * rounding_tens[exponent];
		return true;
	}
	return false;
}

#endif
