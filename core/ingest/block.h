/* block.h: what is asked of 32 bytes of text at a time, for each kind of processor. For
 * core/ingest alone.
 *
 * Of BLOCK_PLAIN, BLOCK_SSE2, BLOCK_AVX2 and BLOCK_NEON the includer defines one. Bit i of an
 * answer is byte i. All answer the same. */
#include <stdint.h>
#include <string.h>

#include "core/ingest/rounding.h"

#define BLOCK 32

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

#if defined(BLOCK_AVX2)

KERNEL uint32_t
block_bits(__m256i bytes)
{
	return (uint32_t)_mm256_movemask_epi8(bytes);
}

KERNEL __m256i
block_load(const char *at)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	return ~block_bits(_mm256_cmpeq_epi8(block_load(a), block_load(b)));
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	__m256i text = block_load(at);
	if (copy != NULL)
		_mm256_storeu_si256((__m256i *)(void *)copy, text);
	__m256i marks =
	    _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('"')),
				_mm256_cmpeq_epi8(text, _mm256_set1_epi8('\\'))),
		_mm256_cmpeq_epi8(text, _mm256_set1_epi8(0x7F)));
	/* Signed: what is not ASCII is below as well. */
	return block_bits(_mm256_or_si256(marks, _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), text)));
}

KERNEL struct block_number
block_number(const char *at)
{
	__m256i text = block_load(at);
	__m256i any = _mm256_sub_epi8(text, _mm256_set1_epi8('-'));
	any = _mm256_cmpeq_epi8(any, _mm256_min_epu8(any, _mm256_set1_epi8('9' - '-')));
	__m256i points = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('.'));
	return (struct block_number){block_bits(any), block_bits(points)};
}

/* The value of a number's digits, `length` (up to 16) bytes with the point, `whole` of them before
 * it; *wrong is not 0 if one of them is none. One shuffle puts them to the right, without the
 * point. */
KERNEL uint64_t
block_join(const char *at, unsigned length, unsigned whole, int *wrong)
{
	static const signed char right[32] = {-128, -128, -128, -128, -128, -128, -128, -128, -128,
	    -128, -128, -128, -128, -128, -128, -128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	    14, 15};
	static const signed char bump[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
	    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	unsigned decimals = length - whole - (length != whole);
	const __m128i *digits = (const __m128i *)(const void *)at;
	const __m128i *to = (const __m128i *)(const void *)(right + whole + decimals);
	const __m128i *skip = (const __m128i *)(const void *)(bump + decimals);
	__m128i x = _mm_sub_epi8(_mm_loadu_si128(digits), _mm_set1_epi8('0'));
	x = _mm_shuffle_epi8(x, _mm_add_epi8(_mm_loadu_si128(to), _mm_loadu_si128(skip)));
	__m128i most = _mm_set1_epi8(9);
	*wrong = !_mm_testz_si128(_mm_subs_epu8(x, most), _mm_subs_epu8(x, most));
	x = _mm_maddubs_epi16(x, _mm_set1_epi16(0x010A));
	x = _mm_madd_epi16(x, _mm_set1_epi32(0x00010064));
	x = _mm_madd_epi16(_mm_packus_epi32(x, x), _mm_set1_epi32(0x00012710));
	uint64_t halves = (uint64_t)_mm_cvtsi128_si64(x);
	return (halves & UINT32_MAX) * 100000000 + (halves >> 32);
}

#elif defined(BLOCK_SSE2)

KERNEL uint32_t
block_bits(__m128i low, __m128i high)
{
	return (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
}

KERNEL __m128i
block_load(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	return ~block_bits(_mm_cmpeq_epi8(block_load(a), block_load(b)),
	    _mm_cmpeq_epi8(block_load(a + 16), block_load(b + 16)));
}

KERNEL __m128i
block_half_stops(__m128i text)
{
	__m128i marks = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('"')),
					 _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'))),
	    _mm_cmpeq_epi8(text, _mm_set1_epi8(0x7F)));
	return _mm_or_si128(marks, _mm_cmplt_epi8(text, _mm_set1_epi8(0x20)));
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	__m128i low = block_load(at), high = block_load(at + 16);
	if (copy != NULL) {
		_mm_storeu_si128((__m128i *)(void *)copy, low);
		_mm_storeu_si128((__m128i *)(void *)(copy + 16), high);
	}
	return block_bits(block_half_stops(low), block_half_stops(high));
}

KERNEL __m128i
block_up_to(__m128i text, char least, char span)
{
	text = _mm_sub_epi8(text, _mm_set1_epi8(least));
	return _mm_cmpeq_epi8(text, _mm_min_epu8(text, _mm_set1_epi8(span)));
}

KERNEL struct block_number
block_number(const char *at)
{
	__m128i low = block_load(at), high = block_load(at + 16);
	__m128i point = _mm_set1_epi8('.');
	return (struct block_number){
	    block_bits(block_up_to(low, '-', '9' - '-'), block_up_to(high, '-', '9' - '-')),
	    block_bits(_mm_cmpeq_epi8(low, point), _mm_cmpeq_epi8(high, point))};
}

#elif defined(BLOCK_NEON)

KERNEL uint32_t
block_half_bits(uint8x16_t bytes)
{
	static const uint8_t weights[16] = {
	    1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
	uint8x16_t bits = vandq_u8(bytes, vld1q_u8(weights));
	return (uint32_t)vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

KERNEL uint32_t
block_bits(uint8x16_t low, uint8x16_t high)
{
	return block_half_bits(low) | block_half_bits(high) << 16;
}

KERNEL uint8x16_t
block_load(const char *at)
{
	return vld1q_u8((const uint8_t *)at);
}

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	return ~block_bits(vceqq_u8(block_load(a), block_load(b)),
	    vceqq_u8(block_load(a + 16), block_load(b + 16)));
}

KERNEL uint8x16_t
block_half_stops(uint8x16_t text)
{
	uint8x16_t marks =
	    vorrq_u8(vceqq_u8(text, vdupq_n_u8('"')), vceqq_u8(text, vdupq_n_u8('\\')));
	return vorrq_u8(
	    marks, vorrq_u8(vcltq_u8(text, vdupq_n_u8(0x20)), vcgtq_u8(text, vdupq_n_u8(0x7E))));
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	uint8x16_t low = block_load(at), high = block_load(at + 16);
	if (copy != NULL) {
		vst1q_u8((uint8_t *)copy, low);
		vst1q_u8((uint8_t *)copy + 16, high);
	}
	return block_bits(block_half_stops(low), block_half_stops(high));
}

KERNEL uint8x16_t
block_up_to(uint8x16_t text, uint8_t least, uint8_t span)
{
	return vcleq_u8(vsubq_u8(text, vdupq_n_u8(least)), vdupq_n_u8(span));
}

KERNEL struct block_number
block_number(const char *at)
{
	uint8x16_t low = block_load(at), high = block_load(at + 16), point = vdupq_n_u8('.');
	return (struct block_number){
	    block_bits(block_up_to(low, '-', '9' - '-'), block_up_to(high, '-', '9' - '-')),
	    block_bits(vceqq_u8(low, point), vceqq_u8(high, point))};
}

#else /* BLOCK_PLAIN */

KERNEL uint32_t
block_differs(const char *a, const char *b)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK; i++)
		bits |= (uint32_t)(a[i] != b[i]) << i;
	return bits;
}

KERNEL uint32_t
block_stops(const char *at, char *copy)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)at[i];
		bits |= (uint32_t)(c < 0x20 || c > 0x7E || c == '"' || c == '\\') << i;
	}
	if (copy != NULL)
		memcpy(copy, at, BLOCK);
	return bits;
}

KERNEL struct block_number
block_number(const char *at)
{
	struct block_number bits = {0, 0};
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)at[i];
		bits.any |= (uint32_t)(c >= '-' && c <= '9') << i;
		bits.points |= (uint32_t)(c == '.') << i;
	}
	return bits;
}

#endif

#ifndef BLOCK_AVX2

/* The value of up to eight digits, what follows them shifted out (Johnny Lee's way). */
KERNEL uint64_t
block_eight(const char *at, unsigned count, uint64_t *wrong)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x3030303030303030);
	digits = count == 0 ? 0 : digits << (64 - 8 * count);
	*wrong |= ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
	digits = digits * 10 + (digits >> 8);
	uint64_t even = digits & UINT64_C(0x000000FF000000FF);
	uint64_t odd = digits >> 16 & UINT64_C(0x000000FF000000FF);
	return (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
}

KERNEL uint64_t
block_digits(const char *at, unsigned count, uint64_t *wrong)
{
	unsigned first = count > 8 ? count - 8 : 0;
	uint64_t value = block_eight(at, first, wrong);
	return value * 100000000 + block_eight(at + first, count - first, wrong);
}

/* As for AVX2, above. */
KERNEL uint64_t
block_join(const char *at, unsigned length, unsigned whole, int *wrong)
{
	uint64_t bad = 0, value = block_digits(at, whole, &bad);
	unsigned decimals = length - whole - (length != whole);
	if (decimals > 0)
		value =
		    value * rounding_whole[decimals] + block_digits(at + whole + 1, decimals, &bad);
	*wrong = bad != 0;
	return value;
}

#endif
