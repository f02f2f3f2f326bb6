/* packed.h: a gzip or zstd file, unpacked as it is read, once.
 *
 * One that is not whole is waited for as long as it grows (it may be being written), and then ends
 * in its middle, which is told; so does a damaged one. What was unpacked before that is kept. What
 * begins like a body that was read before goes on where that was left; one that was packed before
 * it was written to its end, and so holds less than was read, is over. */
#ifndef FRAUDTOP_SOURCE_PACKED_H
#define FRAUDTOP_SOURCE_PACKED_H

#include "core/source/bodies.h"
#include "core/source/decompress.h"

struct packed;

/* The first BODY_PRINT bytes of what is packed in the open file; as many as there are. False: there
 * are none yet, and more may come. */
bool packed_head(int fd, enum packing packing, char head[BODY_PRINT], size_t *length);

/* `read`: the body whose beginning this may be, and which is over; or NULL. */
struct packed *packed_new(const char *path, bool labels, struct bodies *bodies, struct body *read);
/* It is the file that is open there, whatever its path leads to later; the descriptor stays the
 * caller's. */
void packed_take(struct packed *packed, int fd);
/* Does that lie at its path, as far as is known? Not, once another file was rotated to there. */
bool packed_is_at(const struct packed *packed, const struct stat *status);
/* What it hands over first goes on with a record that was begun when that body was left. */
void packed_go_on(struct packed *packed);

#endif
