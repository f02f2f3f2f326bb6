/* buf.h: bytes that grow. `data` is NUL-terminated whenever length > 0 or after buf_clear, and
 * BUF_PAD bytes behind the NUL may be read, so that whole vectors can be; it may be NULL in a
 * buffer never written to. Zero-initialised is empty. */
#ifndef FRAUDTOP_BASE_BUF_H
#define FRAUDTOP_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define BUF_PAD 64

struct buf {
	char *data;
	size_t length, capacity;
};

void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_free(struct buf *buf);
/* Keeps the first `length` bytes, of at least as many. */
void buf_cut(struct buf *buf, size_t length);
/* Drops the first `length` bytes. */
void buf_consume(struct buf *buf, size_t length);

/* Reads a whole file of at most `limit` bytes, appended. False: cannot be read, or larger. */
bool buf_read_file(struct buf *buf, const char *path, size_t limit, struct err *err);
/* Writes bytes to path by a temporary name, fsync and rename, with the given mode. What is there
 * and no plain file (a device, a pipe, a link) is written into instead. */
bool buf_write_file(
    const char *path, const void *bytes, size_t length, unsigned mode, struct err *err);

#endif
