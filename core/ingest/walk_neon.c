/* walk_neon.c: the walk (walk.h) for ARM of 64 bits. */
#ifdef __aarch64__
#define BLOCK_NEON
#define WALK walk_neon
#include "core/ingest/walk.h"
#endif
