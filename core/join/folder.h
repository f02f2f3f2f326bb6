/* folder.h: the join's folder: names of files by number, and which of them may go. A file that the
 * last durable save refers to, or one that may be durable, stays when it is dropped, until the next
 * is durable. */
#ifndef FRAUDTOP_JOIN_FOLDER_H
#define FRAUDTOP_JOIN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/pack.h"
#include "core/join/removal.h"

struct folder_set {
	uint64_t *numbers; /* ascending, once sorted */
	size_t count, capacity;
};

struct folder {
	char *path;
	uint64_t next; /* number that no file has */
	struct folder_set saved, saving; /* what those saves refer to */
	struct folder_set dropped; /* and still there */
	struct removal *removal; /* of what is nobody's any more */
	uint64_t former; /* files below it are a former process's; 0: they are looked after */
	char error[160];
};

enum { FOLDER_PATH = 4096 };

struct folder *folder_new(const char *path);
/* Whoever has files drops them before, but for those that a save refers to. */
void folder_free(struct folder *folder);

void folder_path(const char *folder, uint64_t number, char path[FOLDER_PATH]);
void folder_file(const struct folder *folder, uint64_t number, char path[FOLDER_PATH]);
/* Whoever has it open closes it before: who closes last takes the bytes away. */
void folder_drop(struct folder *folder, uint64_t number);
void folder_begin_save(struct folder *folder);
void folder_refer(struct folder *folder, uint64_t number); /* the save under way does */
/* It is durable, or is the one that was loaded: what no one refers to any more goes. */
void folder_saved(struct folder *folder);
uint64_t folder_memory(const struct folder *folder);
void folder_fail(struct folder *folder, const struct err *err); /* remembers why */

#endif
