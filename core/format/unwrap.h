/* unwrap.h: lines that others have put around records (a container runtime, journald, a logger, a
 * queue's dump) into lines of records. For core/format alone.
 *
 * Each line of a stretch gives one line, so that their numbers stay; a line in which no record is
 * found gives itself or what stands there in its place, which no format reads as a record. */
#ifndef FRAUDTOP_FORMAT_UNWRAP_H
#define FRAUDTOP_FORMAT_UNWRAP_H

#include "core/base/buf.h"
#include "core/format/pick.h"
#include "core/source/stretch.h"

/* What `inside` of a mapping says of text before the JSON of each line. */
#define UNWRAP_TEXT "text"

struct unwrap {
	const char *inside; /* UNWRAP_TEXT, or the path that is compiled in: */
	const struct pick *pick;
	struct pick_memory memory;
	struct buf text; /* the lines of the last stretch; it ends in a pad, as stretches do */
	struct buf inner; /* of one line */
	uint64_t *begins; /* where each of them began in the stretch */
	size_t count, capacity;
};

/* Both must outlive it. */
struct unwrap *unwrap_new(const char *inside, const struct pick *pick);
void unwrap_free(struct unwrap *unwrap); /* NULL is fine */
/* Fills text and begins. */
void unwrap_stretch(struct unwrap *unwrap, const struct stretch *stretch);

#endif
