/* named.h: the configuration that logs come to which are named and nothing more, as
 * `fraudtop LOG...` does: how each is laid out is guessed (probe.h), all else is the default. It is
 * built of the parts that a file is read into, names no file, and wants nothing kept. */
#ifndef FRAUDTOP_FORMAT_NAMED_H
#define FRAUDTOP_FORMAT_NAMED_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/config/config.h"

/* Of files, folders, globs and `-`: a service each, called as the records say or after the file;
 * logs of one service and layout are one, and label feeds go to a service that has their layout.
 * The files of a folder or a glob are followed as one log while they are alike, and else each by
 * itself. Of standard input the first lines are waited for, and held in config->ahead. NULL: one
 * cannot be read (ERR_NO_INPUT, ...), or is no log (ERR_DATA). */
struct config *named_config(const char *const *names, size_t count, struct err *err);

#endif
