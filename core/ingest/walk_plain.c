/* walk_plain.c: the walk (walk.h) in plain C, for any processor. */
#define BLOCK_PLAIN
#define WALK walk_plain
#include "core/ingest/walk.h"
