/* err.h: how core says that something did not work.
 *
 * A function that can fail returns bool (or a pointer) and takes a `struct err *` last. On success
 * it leaves the err alone and returns true (or non-NULL). On failure it fills code and text and
 * returns false (or NULL). The text is one line for a person: what, where, and if possible the way
 * out. It holds no control characters: err_set scrubs it, since parts of it come from outside. */
#ifndef FRAUDTOP_BASE_ERR_H
#define FRAUDTOP_BASE_ERR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The codes are the program's exit codes (sysexits for start-up, DESIGN.md section 8 for
 * operations). */
enum err_code {
	ERR_NONE = 0,
	ERR_FAILED = 1, /* a run-time failure; for an operation: refused by the registry */
	ERR_USAGE = 64,
	ERR_DATA = 65, /* the input is there but broken */
	ERR_NO_INPUT = 66,
	ERR_UNAVAILABLE = 69, /* a service or library does not answer */
	ERR_INTERNAL = 70,
	ERR_CREATE = 73,
	ERR_IO = 74,
	ERR_TEMP = 75, /* accepted, but not verified in time */
	ERR_SUPERSEDED = 76, /* someone else changed it meanwhile */
	ERR_PERMISSION = 77,
	ERR_CONFIG = 78,
	ERR_GATE = 79, /* stopped by a gate */
	ERR_CHANGED = 80 /* the target is not what was shown */
};

struct err {
	int code; /* enum err_code */
	char text[512];
};

/* Fills *err (NULL is fine) and returns false, so that a caller can `return err_set(...)`. */
bool err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<prefix>: " before the text already there, keeps the code, returns false. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
