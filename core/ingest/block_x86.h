/* block_x86.h: half a block, as any x86 of 64 bits has it. Part of block.h. */

KERNEL __m128i
block_half(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

KERNEL struct block_number
block_half_number(const char *at)
{
	__m128i text = block_half(at);
	__m128i any = _mm_sub_epi8(text, _mm_set1_epi8('-'));
	any = _mm_cmpeq_epi8(any, _mm_min_epu8(any, _mm_set1_epi8('9' - '-')));
	__m128i points = _mm_cmpeq_epi8(text, _mm_set1_epi8('.'));
	return (struct block_number){
	    (uint32_t)_mm_movemask_epi8(any), (uint32_t)_mm_movemask_epi8(points)};
}

KERNEL uint32_t
block_half_equals(const char *at, char byte)
{
	__m128i text = block_half(at);
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8(byte)));
}
