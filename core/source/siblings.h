/* siblings.h: where a log has gone: the files beside a path whose names begin like its own. */
#ifndef FRAUDTOP_SOURCE_SIBLINGS_H
#define FRAUDTOP_SOURCE_SIBLINGS_H

#include "core/source/bodies.h"

/* Opens the file that holds what was read of the body: the body itself, renamed, or a copy. -1:
 * there is none. */
int siblings_find(const char *path, const struct body *body, struct stat *status);
/* The same, and first of all the path itself; *there tells whether it was that (NULL is fine). */
int siblings_open(const char *path, const struct body *body, struct stat *status, bool *there);

#endif
