/* named_files.h: what a name stands for that is told what format it has. For core/format alone. */
#ifndef FRAUDTOP_FORMAT_NAMED_FILES_H
#define FRAUDTOP_FORMAT_NAMED_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

struct named_files {
	char **list; /* plain files, the one written to last first */
	size_t count;
};

/* Is it a folder or, if no file is called so, a glob? Then what is in it, as a source finds it. */
bool named_files_find(const char *name, struct named_files *files);
void named_files_free(struct named_files *files);

/* Bytes as a file that can be opened anew by its path, and is nowhere on a disk: the descriptor,
 * to be closed, or -1. */
int named_files_hold(const struct buf *bytes, char path[64], struct err *err);

#endif
