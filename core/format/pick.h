/* pick.h: takes what stands at many places of one JSON value, in one pass and without a tree. For
 * core/format alone.
 *
 * It is the way of the records whose parts are themselves texts to be read: what comes out are the
 * places of the values in the text, checked to be JSON. Of a key that stands twice the last counts;
 * null is as good as absent. */
#ifndef FRAUDTOP_FORMAT_PICK_H
#define FRAUDTOP_FORMAT_PICK_H

#include "core/config/jsonpath.h"
#include "core/format/stencil.h"
#include "core/ingest/jsonscan.h"

#define PICK_PATHS 64

struct picked {
	const char *at; /* the first byte of the value; NULL: it is not there */
	size_t length;
	unsigned rank; /* which of the alternatives it is */
};

struct pick {
	struct {
		struct jsonpath path;
		unsigned field, rank;
	} paths[PICK_PATHS];
	size_t count;
};

/* What records looked like; of one thread, zeroed at first. */
#define PICK_KNOWN 4
#define PICK_FIELDS 24

struct pick_memory {
	struct pick_known {
		struct stencil stencil;
		uint64_t worth; /* records lately */
		struct {
			struct picked value; /* in the stencil's text */
			size_t begin, end; /* open holes before them */
		} fields[PICK_FIELDS];
	} known[PICK_KNOWN];
	size_t last;
};

/* Adds the alternatives of `text` for the field. The text must outlive it. */
bool pick_add(struct pick *pick, unsigned field, const char *text, struct err *err);
/* Passes over the object that scan stands at, and fills values[field] of every field, at most
 * PICK_FIELDS. */
bool pick_read(const struct pick *pick, struct pick_memory *memory, struct jsonscan *scan,
    struct picked *values, size_t fields);
void pick_forget(struct pick_memory *memory); /* frees what it holds */

#endif
