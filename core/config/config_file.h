/* config_file.h: the configuration as a file: YAML by libyaml, version 1.
 *
 * Errors name file:line:column, what is wrong and the nearest right word; all of a file's errors
 * are found, not only the first. Every scalar may hold ${NAME} or ${NAME:-default}; `$$` is a `$`;
 * an unset variable is an error. Relative paths are relative to the file. Never written by the
 * program. */
#ifndef FRAUDTOP_CONFIG_CONFIG_FILE_H
#define FRAUDTOP_CONFIG_CONFIG_FILE_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/config/config.h"

/* Reads a file over the defaults. NULL on failure: err has the first error, and `errors` (NULL is
 * fine) all of them, a line each. */
struct config *config_read(const char *path, struct buf *errors, struct err *err);
/* The same from memory; path is for messages and for what is relative to it. */
struct config *config_parse(
    const char *path, const char *text, size_t length, struct buf *errors, struct err *err);

/* Prints the effective configuration as YAML, secrets hidden, with the origin of each value as a
 * comment. */
void config_print(const struct config *config, struct buf *out);

#endif
