/* trees_vectors.c: compiles the parts of scoring that go by vectors for each width. To compare
 * bytes and to choose between them is all they need: GNU C's vectors do for any processor, x86's
 * wide ones choose by an instruction of theirs. */
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/model/trees_vectors.h"

#define GLUE(a, b) a##b
#define WIDTH 16
#define NAME(x) GLUE(x, _16)
#define RUN run_16
#define TARGET
#define MASK vector_16
#define BELOW(bins, bytes) ((bins) > (bytes))
#define CHOOSE(mask, no, yes) (((yes) & (mask)) | ((no) & ~(mask)))
#define COUNT(mask, first) ((mask) + (first))
#include "core/model/trees_program.h"

#if defined(__x86_64__)
#define WIDTH 32
#define NAME(x) GLUE(x, _32)
#define RUN run_32
#define TARGET __attribute__((target("avx2")))
#define MASK vector_32
#define BELOW(bins, bytes) ((bins) > (bytes))
#define CHOOSE(mask, no, yes)                                                                      \
	(vector_32) _mm256_blendv_epi8((__m256i)(no), (__m256i)(yes), (__m256i)(mask))
#define COUNT(mask, first) ((mask) + (first))
#include "core/model/trees_program.h"

#define WIDTH 64
#define NAME(x) GLUE(x, _64)
#define RUN run_64
#define TARGET __attribute__((target("avx512bw")))
#define MASK __mmask64
#define BELOW(bins, bytes) _mm512_cmpgt_epi8_mask((__m512i)(bins), (__m512i)(bytes))
#define CHOOSE(mask, no, yes)                                                                      \
	(vector_64) _mm512_mask_blend_epi8((mask), (__m512i)(no), (__m512i)(yes))
#define COUNT(mask, first) CHOOSE(mask, first, (first)-1)
#include "core/model/trees_program.h"
#endif

#if defined(__x86_64__)
/* 32 columns in two registers of 16, each twice. */
struct table_32 {
	__m256i low, high;
};

__attribute__((target("avx2"))) static inline struct table_32
take_32(const int8_t *bytes)
{
	return (struct table_32){
	    _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)bytes)),
	    _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(bytes + 16)))};
}

/* A number from 128 up finds 0. */
__attribute__((target("avx2"))) static inline vector_32
find_32(const struct table_32 *table, vector_32 columns)
{
	__m256i in_low = _mm256_add_epi8((__m256i)columns, _mm256_set1_epi8(112));
	__m256i in_high = _mm256_sub_epi8((__m256i)columns, _mm256_set1_epi8(16));
	return (vector_32)_mm256_or_si256(
	    _mm256_shuffle_epi8(table->low, in_low), _mm256_shuffle_epi8(table->high, in_high));
}

#define NAME(x) GLUE(x, _aside_32)
#define RUN run_aside_32
#define TARGET __attribute__((target("avx2")))
#define VECTOR vector_32
#define MASK vector_32
#define BELOW(bins, bytes) ((bins) > (bytes))
#define CHOOSE(mask, no, yes)                                                                      \
	(vector_32) _mm256_blendv_epi8((__m256i)(no), (__m256i)(yes), (__m256i)(mask))
#define COUNT(mask, first) ((mask) + (first))
#define TABLE struct table_32
#define TAKE take_32
#define FIND find_32
#include "core/model/trees_aside.h"

#define NAME(x) GLUE(x, _aside_64)
#define RUN run_aside_64
#define TARGET __attribute__((target("avx512bw,avx512vbmi")))
#define VECTOR vector_64
#define MASK __mmask64
#define BELOW(bins, bytes) _mm512_cmpgt_epi8_mask((__m512i)(bins), (__m512i)(bytes))
#define CHOOSE(mask, no, yes)                                                                      \
	(vector_64) _mm512_mask_blend_epi8((mask), (__m512i)(no), (__m512i)(yes))
#define COUNT(mask, first) CHOOSE(mask, first, (first)-1)
#define TABLE vector_64
#define TAKE(bytes) *(const vector_64 *)(bytes)
#define FIND(table, columns) _mm512_permutexvar_epi8((__m512i)(columns), (__m512i) * (table))
#include "core/model/trees_aside.h"
#endif

static const struct trees_vectors all[] = {
#if defined(__x86_64__)
    {64, 64, run_64, ask_all_64},
    {32, 20, run_32, ask_all_32},
#endif
    {16, 4, run_16, ask_all_16},
};

const struct trees_vectors *
trees_vectors_find(size_t width)
{
	size_t i = 0;
	while (all[i].width != width)
		i++;
	return &all[i];
}

size_t
trees_vectors_widest(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512bw"))
		return 64;
	if (__builtin_cpu_supports("avx2"))
		return 32;
#endif
	return 16;
}

size_t
trees_aside_lanes(size_t width, size_t columns)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (width == 64 && columns <= 64 && __builtin_cpu_supports("avx512vbmi"))
		return 64;
#endif
	return width >= 32 && columns <= 32 ? 32 : 0;
}

void
trees_aside_run(
    size_t lanes, const uint8_t *cells, uint32_t levels, const int8_t *bytes, uint8_t *numbers)
{
#if defined(__x86_64__)
	(lanes == 64 ? run_aside_64 : run_aside_32)(cells, levels, bytes, numbers);
#else
	(void)lanes, (void)cells, (void)levels, (void)bytes, (void)numbers; /* it has none */
#endif
}
