/* walk_base.c: the walk (walk.h) with what every processor of its kind has: SSE2, or NEON. */
#define WALK walk_base
#include "core/ingest/walk.h"
