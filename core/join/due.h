/* due.h: the predictions that may become negatives by assumption, in the order of their seconds; in
 * use only where asked for. Who is added comes out once it is its time; whether it still waits then
 * is for the caller to see.
 *
 * They come in nearly in the order of time, and wait in pieces, in files if there is a folder (12
 * bytes each); a piece is taken up when the first of it is due. In memory are then 1/50 of a byte
 * for each, and those of about two minutes, as far as they fit into a quarter of the memory given:
 * however many are of one second. Pieces that cannot be in files have all of it at the most; what
 * is beyond is dropped, the first due first, and counted. */
#ifndef FRAUDTOP_JOIN_DUE_H
#define FRAUDTOP_JOIN_DUE_H

#include "core/join/folder.h"

struct due_item {
	uint64_t key;
	uint32_t second; /* of the prediction, rounded up */
} __attribute__((packed, aligned(4)));

struct due;

/* folder NULL: all in memory. `memory`: bytes, at most. */
struct due *due_new(struct folder *folder, size_t memory);
void due_free(struct due *due); /* NULL is fine */
void due_add(struct due *due, uint64_t key, uint32_t second);
/* The next of that second or earlier. False: there is none. */
bool due_next(struct due *due, uint32_t second, struct due_item *item);
bool due_save(struct due *due, struct buf *pack, struct err *err);
bool due_load(struct due *due, struct unpack *unpack, struct err *err);
uint64_t due_memory(const struct due *due);
uint64_t due_dropped(const struct due *due);
uint64_t due_file_bytes(const struct due *due);

#endif
