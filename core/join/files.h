/* files.h: the runs of entries that are not in memory.
 *
 * Young runs, oldest first, each as the memory gave it away, with filters in memory (young.h); and
 * the base, whose parts share the keys out among them. When the young ones' filters take most of
 * the memory there is for them, they are merged into the base in the background (merge.h). The
 * base's filters are in memory, side by side, while half the bits they should have find room there;
 * of a larger base they are read from the file, and young ones take their room, so that the base
 * need not be written again so often. Of what is told twice the younger holds: a look-up goes from
 * the youngest to the base. What is too old goes when it meets the base, or with its file when
 * nothing in it is alive and no older file lives. */
#ifndef FRAUDTOP_JOIN_FILES_H
#define FRAUDTOP_JOIN_FILES_H

#include "core/join/ages.h"
#include "core/join/budget.h"
#include "core/join/folder.h"
#include "core/join/merge.h"

struct files {
	struct folder *folder;
	struct run *base[MERGE_PARTS]; /* NULL: nothing there */
	struct filter near; /* the base's, in memory; of the parts of which `has_near` has a bit */
	uint64_t has_near;
	struct young young;
	size_t refused; /* so many young ones could not be merged; 0: none were tried in vain */
	struct files_room room;
	uint64_t young_most; /* entries in young runs, ever */
	struct merge *merge; /* of the oldest `merging` young ones; NULL: none */
	size_t merging;
	bool wanted; /* a merge is to begin */
	unsigned steps;
	uint64_t reads;
	char error[160]; /* of a read; the folder has that of a write */
};

void files_init(struct files *files, struct folder *folder, const struct files_room *room);
void files_free(struct files *files); /* drops them all: what a save refers to stays */

/* Brings near what files_find looks at first. */
void files_prefetch(const struct files *files, uint64_t key);
/* The newest that is known of the key. `hoped`: it is more likely there than not. */
bool files_find(struct files *files, uint64_t key, bool hoped, struct slot *slot);

/* A run from memory: begun, keys ascending, finished. False: err; what was added can be found, and
 * files_finish_run can be tried again. */
bool files_begin_run(struct files *files, struct err *err);
bool files_add(struct files *files, const struct slot *slot, struct err *err);
bool files_finish_run(struct files *files, struct err *err);

/* For every entry that comes in: takes what is merged, and sees that merging keeps up: waits a
 * little for it, now and then, when it does not. False: err. */
bool files_step(struct files *files, const struct ages *ages, struct err *err);
/* Waits until there is room for one more young run, of so many entries. */
void files_await_room(struct files *files, uint64_t entries, const struct ages *ages);
bool files_want_merge(const struct files *files);
void files_drop_run(struct files *files, struct run *run); /* NULL is fine */
void files_drop_dead(struct files *files, const struct ages *ages);

uint64_t files_base_entries(const struct files *files);
/* What is the base's part from now on. Its filter goes into memory if it is one for that. */
void files_set_base(struct files *files, unsigned part, struct run *run);
void files_make_near(struct files *files);
/* Is there to be room for the filters of so large a base? */
bool files_is_near(const struct files *files, uint64_t entries);
/* Of a part of the base; if it is not to be near, at most. */
uint64_t files_filter_blocks(const struct files *files, bool near);
uint64_t files_entries(const struct files *files);
uint64_t files_bytes(const struct files *files);
uint64_t files_memory(const struct files *files);
void files_save(struct files *files, struct buf *pack);
bool files_load(struct files *files, struct unpack *unpack, struct err *err);

#endif
