/* exposhape.h: what of an exposition does not change from scrape to scrape, so that the next one
 * need not be read but only compared: the text between its values, and what each value is.
 *
 * A shape is filled while an exposition is read in full (exposhape_begin, exposhape_add for each
 * sample, exposhape_end). Of the text it keeps lengths and 64-bit hashes: two texts of the same are
 * taken for the same. */
#ifndef FRAUDTOP_POLL_EXPOSHAPE_H
#define FRAUDTOP_POLL_EXPOSHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/poll/exposition.h"
#include "core/poll/points.h"

struct exposhape_value {
	uint64_t hash; /* of the text between the value before and this one */
	uint32_t length : 31; /* of that */
	uint32_t wanted : 1;
	struct point point;
};

struct exposhape {
	struct exposhape_value *list;
	size_t count, capacity;
	double *values; /* of the wanted ones, in their order, as exposhape_match found them */
	size_t wanted, values_capacity;
	enum exposition_format format;
	bool known; /* an exposition can be compared with it */
	const char *from; /* while it is filled: where the text began that comes next */
	uint64_t rest_hash;
	size_t rest_length;
};

void exposhape_free(struct exposhape *shape); /* what it owns */

void exposhape_begin(struct exposhape *shape, const char *text, enum exposition_format format);
/* A sample whose value begins at `value`, and whose line ends at `end`. `point` NULL: text 0.0.4,
 * which asks nothing of values. */
void exposhape_add(struct exposhape *shape, const char *value, const char *end,
    const struct point *point, bool wanted);
void exposhape_end(struct exposhape *shape, const char *end);
/* The exposition cannot be compared with. */
void exposhape_forget(struct exposhape *shape);

/* Whether text is the exposition it was filled from but for its values (and exemplars), and would
 * be accepted. False says nothing: it is to be read in full. */
bool exposhape_match(
    struct exposhape *shape, const char *text, size_t length, enum exposition_format format);

#endif
