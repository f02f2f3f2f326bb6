/* block.h: what is asked of 32 bytes of text at a time, for each kind of processor. For
 * core/ingest alone.
 *
 * The includer defines BLOCK_PLAIN or BLOCK_AVX2, or neither: then it is what every processor of
 * its kind has. Bit i of an answer is byte i. All answer the same. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/ingest/rounding.h"

#define BLOCK 32
#define LIKELY(x) __builtin_expect(!!(x), 1)

#define LEVEL
#if defined(BLOCK_AVX2)
#include <immintrin.h>
#undef LEVEL
#define LEVEL __attribute__((target("avx2,bmi,bmi2")))
#elif defined(BLOCK_PLAIN)
#elif defined(__SSE2__)
#include <emmintrin.h>
#define BLOCK_SSE2
#elif defined(__aarch64__)
#include <arm_neon.h>
#define BLOCK_NEON
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

/* The first of eight bytes that is `byte`, which stands in all eight of it, has its highest bit
 * set; of those behind it any may. */
#define BLOCK_EIGHT UINT64_C(0x0101010101010101)
KERNEL uint64_t
block_word_finds(const char *at, uint64_t byte)
{
	uint64_t others = block_word(at) ^ byte;
	return (others - BLOCK_EIGHT) & ~others & 128 * BLOCK_EIGHT;
}

#if defined(BLOCK_AVX2)
#include "core/ingest/block_avx2.h"
#elif defined(BLOCK_SSE2)
#include "core/ingest/block_sse2.h"
#elif defined(BLOCK_NEON)
#include "core/ingest/block_neon.h"
#else
#include "core/ingest/block_plain.h"
#endif
#ifndef BLOCK_AVX2
#include "core/ingest/block_digits.h"
#endif
