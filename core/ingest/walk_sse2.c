/* walk_sse2.c: the walk (walk.h) for any x86 of 64 bits. */
#ifdef __SSE2__
#define BLOCK_SSE2
#define WALK walk_sse2
#include "core/ingest/walk.h"
#endif
