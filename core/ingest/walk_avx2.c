/* walk_avx2.c: the walk (walk.h) for an x86 that has AVX2. */
#if defined(__x86_64__) && defined(__GNUC__)
#define BLOCK_AVX2
#define WALK walk_avx2
#include "core/ingest/walk.h"
#endif
