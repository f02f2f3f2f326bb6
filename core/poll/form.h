/* form.h: what of an exposition does not change from scrape to scrape, so that the next one
 * need not be read but only compared: the text between its values, and what each value is.
 *
 * A form is filled while an exposition is read in full (form_begin, form_add for each
 * sample, form_end). Of the text it keeps lengths and 64-bit hashes: two texts of the same are
 * taken for the same. */
#ifndef FRAUDTOP_POLL_FORM_H
#define FRAUDTOP_POLL_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/poll/exposition.h"
#include "core/poll/points.h"

struct form_value {
	uint64_t hash; /* of the text between the value before and this one */
	uint32_t length : 31; /* of that */
	uint32_t wanted : 1;
	struct point point;
};

struct form {
	struct form_value *list;
	size_t count, capacity;
	double *values; /* of the wanted ones, in their order, as form_match found them */
	size_t wanted, values_capacity;
	enum exposition_format format;
	bool known; /* an exposition can be compared with it */
	const char *from; /* while it is filled: where the text began that comes next */
	uint64_t rest_hash;
	size_t rest_length;
};

void form_free(struct form *form); /* what it owns */

void form_begin(struct form *form, const char *text, enum exposition_format format);
/* A sample whose value begins at `value`, and whose line ends at `end`. `point` NULL: text 0.0.4,
 * which asks nothing of values. */
void form_add(
    struct form *form, const char *value, const char *end, const struct point *point, bool wanted);
void form_end(struct form *form, const char *end);
/* The exposition cannot be compared with. */
void form_forget(struct form *form);

/* Whether text is the exposition it was filled from but for its values (and exemplars), and would
 * be accepted. False says nothing: it is to be read in full. */
bool form_match(struct form *form, const char *text, size_t length, enum exposition_format format);

#endif
