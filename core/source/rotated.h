/* rotated.h: where a log has gone: the files whose names begin like its own, beside the path and in
 * the folders there (logrotate's olddir). */
#ifndef FRAUDTOP_SOURCE_ROTATED_H
#define FRAUDTOP_SOURCE_ROTATED_H

#include "core/source/bodies.h"

/* Opens the file that holds what was read of the body: the body itself, renamed, or a copy. -1:
 * there is none. */
int rotated_find(const char *path, const struct body *body, struct stat *status);
/* The same, and first of all the path itself; *there tells whether it was that (NULL is fine). */
int rotated_open(const char *path, const struct body *body, struct stat *status, bool *there);

/* Calls take with what lies there under names of rotated ones (`app.log.1`, `app.log-20261121`,
 * `app.1.log`, `app-20261121.log`), is not packed and was written to since `than` was last: from
 * the oldest on, until it is false. The descriptor is take's. In a folder below one with a log of
 * the same name there is nothing of this one. */
typedef bool rotated_take(int fd, const struct stat *status, void *context);
void rotated_since(const char *path, const struct stat *than, rotated_take *take, void *context);

/* By when they were last written to: below 0, 0, above. */
int rotated_compare(const struct stat *a, const struct stat *b);
/* Was it written to when `than` was last, or later? Packers keep the time of what they packed,
 * some but its seconds. */
bool rotated_is_since(const struct stat *status, const struct stat *than);

/* Calls look with each packed file there whose name begins like the path's, until it is true. A
 * rotated one is one under such a name as above, with a suffix. */
typedef bool rotated_look(
    const char *path, int fd, const struct stat *status, bool rotated, void *context);
void rotated_packed(const char *path, rotated_look *look, void *context);

#endif
