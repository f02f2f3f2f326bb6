/* bytes.h: whole reads and writes at a place, and what tells torn bytes from whole ones. */
#ifndef FRAUDTOP_JOIN_BYTES_H
#define FRAUDTOP_JOIN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool bytes_read(int fd, void *dst, size_t length, uint64_t offset); /* false: not all of them */
bool bytes_write(int fd, const void *src, size_t length, uint64_t offset); /* false: errno */

/* Of whole words of eight bytes: what is left over counts as if zeros followed. Not for enemies. */
uint64_t bytes_sum(const void *bytes, size_t length);

#endif
