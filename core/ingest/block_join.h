/* block_join.h: digits joined by vectors. Part of block_avx2.h. */
#include "core/ingest/block_layouts.h"

KERNEL __m128i
block_half(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* The value of a number's digits, `length` (up to 16) bytes with the point, `whole` of them before
 * it; *wrong is not 0 if one of them is none. One shuffle puts them to the right, without the
 * point. */
KERNEL uint64_t
block_join(const char *at, unsigned length, unsigned whole, int *wrong)
{
	static const char right[32] = {-128, -128, -128, -128, -128, -128, -128, -128, -128, -128,
	    -128, -128, -128, -128, -128, -128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	    15};
	static const char bump[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
	    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	unsigned decimals = length - whole - (length != whole);
	__m128i from =
	    _mm_add_epi8(block_half(right + whole + decimals), block_half(bump + decimals));
	__m128i x = _mm_sub_epi8(block_half(at), block_half(block_zero));
	x = _mm_shuffle_epi8(x, from);
	__m128i most = block_half(block_nine);
	*wrong = !_mm_testz_si128(_mm_subs_epu8(x, most), _mm_subs_epu8(x, most));
	x = _mm_maddubs_epi16(x, _mm_set1_epi16(0x010A));
	x = _mm_madd_epi16(x, _mm_set1_epi32(0x00010064));
	x = _mm_madd_epi16(_mm_packus_epi32(x, x), _mm_set1_epi32(0x00012710));
	uint64_t halves = (uint64_t)_mm_cvtsi128_si64(x);
	return (halves & UINT32_MAX) * 100000000 + (halves >> 32);
}

/* The value of a number of `length` bytes, at most 7. False: it is none. */
KERNEL bool
block_few(const char *at, size_t length, double *value)
{
	__m128i text = block_half(at);
	__m128i points = _mm_cmpeq_epi8(text, block_half(block_point));
	size_t whole = (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(points) | 1U << length);
	const struct block_layout *layout = &block_layouts[length][whole];
	__m128i x =
	    _mm_shuffle_epi8(_mm_sub_epi8(text, block_half(block_zero)), block_half(layout->from));
	__m128i over = _mm_subs_epu8(x, block_half(block_nine));
	x = _mm_maddubs_epi16(x, _mm_set1_epi16(0x010A));
	x = _mm_madd_epi16(x, _mm_set1_epi32(0x00010064));
	x = _mm_madd_epi16(_mm_packus_epi32(x, x), _mm_set1_epi32(0x00012710));
	*value = _mm_cvtsd_f64(_mm_cvtepi32_pd(x)) / layout->tens;
	return (uint32_t)_mm_cvtsi128_si32(x) >= layout->least && _mm_testz_si128(over, over);
}
