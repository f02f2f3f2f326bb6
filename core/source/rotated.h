/* rotated.h: where a log has gone: the files beside a path whose names begin like its own. */
#ifndef FRAUDTOP_SOURCE_ROTATED_H
#define FRAUDTOP_SOURCE_ROTATED_H

#include "core/source/bodies.h"

/* Opens the file that holds what was read of the body: the body itself, renamed, or a copy. -1:
 * there is none. */
int rotated_find(const char *path, const struct body *body, struct stat *status);
/* The same, and first of all the path itself; *there tells whether it was that (NULL is fine). */
int rotated_open(const char *path, const struct body *body, struct stat *status, bool *there);

/* Opens what lies there under names of rotated ones (`app.log.1`, `app.log-20261121`), is not
 * packed and was written to since `than` was last: from the oldest on, at most so many. */
size_t rotated_since(const char *path, const struct stat *than, int *fds, size_t most);

#endif
