/* block.h: what is asked of 32 bytes of text at a time, for each kind of processor. For
 * core/ingest alone.
 *
 * Of BLOCK_PLAIN, BLOCK_SSE2, BLOCK_AVX2 and BLOCK_NEON the includer defines one. Bit i of an
 * answer is byte i. All answer the same. */
#include <stdint.h>
#include <string.h>

#define BLOCK 32

#if defined(BLOCK_AVX2)
#include <immintrin.h>
#define LEVEL __attribute__((target("avx2,bmi,bmi2,lzcnt")))
#elif defined(BLOCK_SSE2)
#include <emmintrin.h>
#define LEVEL
#elif defined(BLOCK_NEON)
#include <arm_neon.h>
#define LEVEL
#else
#define LEVEL
#endif
#define KERNEL LEVEL static inline

/* What may stand in a number without an exponent; `any` also holds what may not ('/'). */
struct block_number {
	uint32_t any, digits, points;
};

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
	__m256i plain = _mm256_cmpgt_epi8(text, _mm256_set1_epi8(0x1F));
	__m256i marks =
	    _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('"')),
				_mm256_cmpeq_epi8(text, _mm256_set1_epi8('\\'))),
		_mm256_cmpeq_epi8(text, _mm256_set1_epi8(0x7F)));
	return block_bits(marks) | ~block_bits(plain);
}

KERNEL struct block_number
block_number(const char *at)
{
	__m256i text = block_load(at);
	__m256i any = _mm256_sub_epi8(text, _mm256_set1_epi8('-'));
	any = _mm256_cmpeq_epi8(any, _mm256_min_epu8(any, _mm256_set1_epi8('9' - '-')));
	__m256i digits = _mm256_sub_epi8(text, _mm256_set1_epi8('0'));
	digits = _mm256_cmpeq_epi8(digits, _mm256_min_epu8(digits, _mm256_set1_epi8(9)));
	__m256i points = _mm256_cmpeq_epi8(text, _mm256_set1_epi8('.'));
	return (struct block_number){block_bits(any), block_bits(digits), block_bits(points)};
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
	    block_bits(block_up_to(low, '0', 9), block_up_to(high, '0', 9)),
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
	    block_bits(block_up_to(low, '0', 9), block_up_to(high, '0', 9)),
	    block_bits(vceqq_u8(low, point), vceqq_u8(high, point))};
}

#else

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
	struct block_number bits = {0, 0, 0};
	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)at[i];
		bits.any |= (uint32_t)(c >= '-' && c <= '9') << i;
		bits.digits |= (uint32_t)(c >= '0' && c <= '9') << i;
		bits.points |= (uint32_t)(c == '.') << i;
	}
	return bits;
}

#endif
