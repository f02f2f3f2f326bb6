/* pipe.h: standard input as a source. */
#ifndef FRAUDTOP_SOURCE_PIPE_H
#define FRAUDTOP_SOURCE_PIPE_H

#include "core/base/buf.h"

struct pipe;

/* The descriptor stays the caller's. `ahead` is what was read of it before; NULL: nothing. */
struct pipe *pipe_new(int fd, const struct buf *ahead);

/* Waits for the first line of it, and takes what comes with that; of what is packed for all there
 * is; of neither more than about `most` bytes. False: it cannot be read. */
bool pipe_read_ahead(int fd, struct buf *ahead, size_t most, struct err *err);
bool pipe_is_packed(const struct buf *ahead);

#endif
