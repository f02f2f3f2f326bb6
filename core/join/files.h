/* files.h: the runs of entries that are not in memory.
 *
 * Young runs, oldest first, each as the memory gave it away, with filters in memory; and the base,
 * FILES_PARTS runs that share the keys out among them. When the young ones' filters take the memory
 * there is for them, they are merged into the base, a little at a time, part by part. The base's
 * filters are in memory while there is room for all; of a larger base they are read from the file,
 * and young ones take their room, so that the base need not be written again so often. Of what is
 * told twice the younger holds: a look-up goes from the youngest to the base. What is too old goes
 * when it meets the base, or with its file when nothing in it is alive and no older file lives. */
#ifndef FRAUDTOP_JOIN_FILES_H
#define FRAUDTOP_JOIN_FILES_H

#include "core/join/ages.h"
#include "core/join/folder.h"
#include "core/join/run.h"

enum {
	FILES_PARTS = 64,
	FILES_YOUNG = 64,
	FILES_BITS = 8, /* of filters, an entry of the base, */
	FILES_YOUNG_BITS = 16 /* and of young runs, of which there are more to be asked */
};

struct files_merge {
	bool on;
	unsigned part;
	size_t young; /* so many of the oldest take part */
	struct run_cursor cursors[FILES_YOUNG], base;
	const struct slot *least; /* of the young ones' next, the youngest of its key; or NULL */
	struct run *out;
	bool filters; /* of the base are to be in memory */
	uint64_t expected; /* entries of one part */
	uint64_t pace; /* entries a step */
};

struct files {
	struct folder *folder;
	struct run *base[FILES_PARTS]; /* NULL: nothing there */
	struct run *young[FILES_YOUNG];
	size_t young_count;
	bool writing; /* the youngest is not finished */
	size_t refused; /* so many young ones could not be merged; 0: none were tried in vain */
	uint64_t young_limit; /* entries, beyond which they are merged, while the base is small */
	uint64_t filter_room; /* bytes of the base's filters in memory, at most */
	struct files_merge merge;
	uint64_t reads;
	char error[160]; /* of a read; the folder has that of a write */
};

/* So many bytes of filters of young runs, from which on they are merged, and of base ones. */
void files_init(struct files *files, struct folder *folder, size_t young, size_t base);
void files_free(struct files *files); /* drops them all: what a save refers to stays */

/* Brings near what files_find looks at first. */
void files_prefetch(const struct files *files, uint64_t key);
/* The newest that is known of the key. `hoped`: it is more likely there than not. */
bool files_find(struct files *files, uint64_t key, bool hoped, struct slot *slot);

/* A run from memory: begun, keys ascending, finished. False: err; what was added can be found, and
 * files_finish_run can be tried again. */
bool files_begin_run(struct files *files, uint64_t expected, struct err *err);
bool files_add(struct files *files, const struct slot *slot, struct err *err);
bool files_finish_run(struct files *files, struct err *err);

/* Merges a little if there is a need. False: err. */
bool files_step(struct files *files, const struct ages *ages, struct err *err);
void files_merge_soon(struct files *files);
void files_drop_dead(struct files *files, const struct ages *ages);

/* Is there room in memory for the filters of a base of so many entries? They take 8 bits each. */
static inline bool
files_is_base_small(const struct files *files, uint64_t entries)
{
	return entries <= files->filter_room;
}
/* And for that of one more part of it? */
bool files_has_room(const struct files *files, uint64_t blocks);

uint64_t files_base_entries(const struct files *files);
uint64_t files_entries(const struct files *files);
uint64_t files_bytes(const struct files *files);
uint64_t files_young_bytes(const struct files *files); /* of those: what a merge doubles */
uint64_t files_memory(const struct files *files);
void files_save(struct files *files, struct buf *pack);
bool files_load(struct files *files, struct unpack *unpack, struct err *err);

#endif
