/* ubjson.h: a strict reader of Universal Binary JSON, one value after the other; private to
 * core/model.
 *
 * Read are null, booleans, numbers, strings, arrays (also counted `[#` and typed `[$d#`, of numbers
 * only) and plain objects; what else the format has (no-ops, big decimals, counted objects), no
 * model file uses and is refused. Every length is held against the bytes that are left before
 * anything is done with it, so that no memory is taken for what is not there. An error names the
 * byte. */
#ifndef FRAUDTOP_MODEL_UBJSON_H
#define FRAUDTOP_MODEL_UBJSON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

enum { UBJSON_DEPTH_MAX = 64 };

struct ubjson {
	const unsigned char *data; /* not owned */
	size_t length, at;
};

enum ubjson_kind {
	UBJSON_NULL,
	UBJSON_FALSE,
	UBJSON_TRUE,
	UBJSON_NUMBER,
	UBJSON_STRING,
	UBJSON_ARRAY,
	UBJSON_OBJECT
};

struct ubjson_value {
	enum ubjson_kind kind;
	size_t place; /* of its first byte */
	double number;
	const char *text; /* of a string: not NUL-terminated, but without a NUL inside */
	size_t length;
	/* An array's, which ubjson_element counts down. */
	char type; /* of every element; 0: each says its own */
	bool counted;
	size_t left;
};

/* Reads the next value: a scalar whole, of an array or object only the beginning. */
bool ubjson_next(struct ubjson *reader, struct ubjson_value *value, struct err *err);
/* The next element of an array, begun like any value; *end: there is none, and the array is read.
 */
bool ubjson_element(struct ubjson *reader, struct ubjson_value *array, struct ubjson_value *element,
    bool *end, struct err *err);
/* The next member's key (a string) of an object; its value comes next. *end: there is none. */
bool ubjson_key(struct ubjson *reader, struct ubjson_value *key, bool *end, struct err *err);
bool ubjson_is(const struct ubjson_value *string, const char *word);

/* Passes over the rest of a value just begun, checking it. */
bool ubjson_skip(struct ubjson *reader, struct ubjson_value *value, struct err *err);
/* Reads the rest of an array just begun into *values, grown as *capacity says: numbers, booleans as
 * 0 and 1, null as NaN. At most `limit` elements. */
bool ubjson_numbers(struct ubjson *reader, struct ubjson_value *array, double **values,
    size_t *count, size_t *capacity, size_t limit, struct err *err);

const char *ubjson_word(enum ubjson_kind kind); /* "a string"... for messages */
/* Fills *err with `byte N: ...` and returns false. */
bool ubjson_fail(size_t place, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
