/* files.h: folders and locks. */
#ifndef FRAUDTOP_BASE_FILES_H
#define FRAUDTOP_BASE_FILES_H

#include <stdbool.h>

#include "core/base/err.h"

/* mkdir -p, each new folder 0700. */
bool files_make_folder(const char *path, struct err *err);

/* Removes a folder with the files in it (no folders), if it is there. */
void files_remove_folder(const char *path);

struct lock;

/* Takes the lock of a file that is made for nothing else, on this host; it vanishes with its
 * process. NULL with ERR_GATE if another process has it: err's text is what that one wrote as
 * `holder`. The file stays: removing it would let two processes hold locks on two files of one
 * name. */
struct lock *lock_file(const char *path, const char *holder, struct err *err);
void lock_release(struct lock *lock); /* NULL is fine */

#endif
