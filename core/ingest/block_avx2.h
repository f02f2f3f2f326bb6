/* block_avx2.h: blocks of one vector. Part of block.h. */
#include "core/ingest/block_bytes.h"

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
	/* By the lower half of the byte: the one that is looked for. */
	const __m256i marks = _mm256_setr_epi8(0, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', 0, 0,
	    0x7F, 0, 0, '"', 0, 0, 0, 0, 0, 0, 0, 0, 0, '\\', 0, 0, 0x7F);
	__m256i text = block_load(at);
	if (copy != NULL)
		_mm256_storeu_si256((__m256i *)(void *)copy, text);
	/* Signed: what is not ASCII is below as well. */
	return block_bits(_mm256_or_si256(_mm256_cmpeq_epi8(text, _mm256_shuffle_epi8(marks, text)),
	    _mm256_cmpgt_epi8(block_load(block_blank), text)));
}

KERNEL struct block_number
block_number(const char *at)
{
	__m256i text = block_load(at);
	__m256i digits = _mm256_sub_epi8(text, block_load(block_minus));
	return (struct block_number){
	    block_bits(_mm256_cmpeq_epi8(digits, _mm256_min_epu8(digits, block_load(block_span)))),
	    block_bits(_mm256_cmpeq_epi8(text, block_load(block_point)))};
}

#include "core/ingest/block_join.h"
