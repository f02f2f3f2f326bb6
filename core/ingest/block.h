/* block.h: what is asked of 32 bytes of text at a time, for each kind of processor. For
 * core/ingest alone.
 *
 * Of BLOCK_PLAIN, BLOCK_SSE2, BLOCK_AVX2 and BLOCK_NEON the includer defines one, or none: then it
 * is what every processor of its kind has. Bit i of an answer is byte i. All answer the same. */
#include <stdint.h>
#include <string.h>

#include "core/ingest/rounding.h"

#define BLOCK 32

#if defined(BLOCK_PLAIN) || defined(BLOCK_AVX2)
#elif defined(__SSE2__)
#undef BLOCK_SSE2
#define BLOCK_SSE2
#elif defined(__aarch64__)
#undef BLOCK_NEON
#define BLOCK_NEON
#endif

#if defined(BLOCK_AVX2)
#include <immintrin.h>
#define LEVEL __attribute__((target("avx2,bmi,bmi2")))
#elif defined(BLOCK_SSE2)
#include <emmintrin.h>
#define LEVEL
#elif defined(BLOCK_NEON)
#include <arm_neon.h>
#define LEVEL
#else
#define LEVEL
#endif
#define KERNEL LEVEL static inline __attribute__((always_inline))

/* What may stand in a number without an exponent; `any` also holds what may not ('/'). */
struct block_number {
	uint32_t any, points;
};

/* Eight bytes, the first of them the lowest. */
KERNEL uint64_t
block_word(const char *at)
{
	uint64_t bytes;
	memcpy(&bytes, at, sizeof(bytes));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	bytes = __builtin_bswap64(bytes);
#endif
	return bytes;
}

/* The value of eight digits, each less '0' (Johnny Lee's way). */
KERNEL uint64_t
block_value(uint64_t digits, uint64_t *wrong)
{
	*wrong |= ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
	digits = digits * 10 + (digits >> 8);
	uint64_t even = digits & UINT64_C(0x000000FF000000FF);
	uint64_t odd = digits >> 16 & UINT64_C(0x000000FF000000FF);
	return (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
}

/* Of up to eight digits, what follows them shifted out. */
KERNEL uint64_t
block_eight(const char *at, unsigned count, uint64_t *wrong)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x3030303030303030);
	return block_value(count == 0 ? 0 : digits << (64 - 8 * count), wrong);
}

#if defined(BLOCK_AVX2)
#include "core/ingest/block_x86.h"
#include "core/ingest/block_avx2.h"
#elif defined(BLOCK_SSE2)
#include "core/ingest/block_x86.h"
#include "core/ingest/block_sse2.h"
#elif defined(BLOCK_NEON)
#include "core/ingest/block_neon.h"
#else
#include "core/ingest/block_plain.h"
#endif
#ifndef BLOCK_AVX2
#include "core/ingest/block_digits.h"
#endif

KERNEL struct block_number
block_number(const char *at)
{
	struct block_number half = block_half_number(at), other;
	if (__builtin_expect(half.any != UINT16_MAX, 1))
		return half;
	other = block_half_number(at + BLOCK / 2);
	return (struct block_number){half.any | other.any << 16, half.points | other.points << 16};
}
