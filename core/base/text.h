/* text.h: strings from outside, made safe once, at the door.
 *
 * Everything that a log, a service or a registry says passes through text_scrub before it is kept.
 * What comes out is valid UTF-8 with no C0/C1 control, no DEL, no bidirectional control, no
 * zero-width or other invisible format character; each such thing (and each broken byte) became
 * U+FFFD or, for tab and newline, a space. Lengths are bytes; destinations are always
 * NUL-terminated. */
#ifndef FRAUDTOP_BASE_TEXT_H
#define FRAUDTOP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies length bytes of src, scrubbed, into dst of size bytes (size > 0), cut at a whole
 * character. Returns the bytes written without the NUL. */
size_t text_scrub(char *dst, size_t size, const char *src, size_t length);

/* Copies a string that is already clean, cut to fit at a whole character. */
size_t text_copy(char *dst, size_t size, const char *src);

/* Appends formatted text at the end of the string in dst, cut to fit. */
void text_append(char *dst, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A count with commas between its thousands: 1,234,567. Below 0 and NaN are 0. Returns dst. */
char *text_grouped(char dst[32], double n);

/* Decodes one UTF-8 character. On success returns its length (1..4) and sets *code; on a broken or
 * overlong sequence, a surrogate, or length 0, returns 0. */
size_t text_decode(const char *src, size_t length, uint32_t *code);

/* Encodes a code point into dst (4 bytes of room); returns its length. */
size_t text_encode(char dst[4], uint32_t code);

/* The word of the NULL-terminated list that is nearest to `word`, or NULL if none is near. */
const char *text_nearest(const char *word, const char *const *list);

/* Parses a whole decimal number. False if src is not exactly one finite number. */
bool text_to_double(const char *src, double *value);
bool text_to_int64(const char *src, int64_t *value);

#endif
