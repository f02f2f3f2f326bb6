/* block_sse2.h: blocks of two vectors. Part of block.h. */

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
block_half_number(__m128i text)
{
	text = _mm_sub_epi8(text, _mm_set1_epi8('-'));
	return _mm_cmpeq_epi8(text, _mm_min_epu8(text, _mm_set1_epi8('9' - '-')));
}

KERNEL struct block_number
block_number(const char *at)
{
	__m128i low = block_load(at), high = block_load(at + 16), point = _mm_set1_epi8('.');
	return (struct block_number){block_bits(block_half_number(low), block_half_number(high)),
	    block_bits(_mm_cmpeq_epi8(low, point), _mm_cmpeq_epi8(high, point))};
}
