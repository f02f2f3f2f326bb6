/* metadata_file.h: the metadata's own file, for who keeps it beside a model. Not part of the
 * library's public headers. */
#ifndef FRAUDTOP_MODEL_METADATA_FILE_H
#define FRAUDTOP_MODEL_METADATA_FILE_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* The text of the metadata that belong to the model's file at `path`, whether or not it is one, and
 * in *found (free() it) their place; NULL if there are none. False: they cannot be read. */
bool model_metadata_read(const char *path, struct buf *text, char **found, struct err *err);

#endif
