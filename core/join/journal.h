/* journal.h: what changes in memory, appended to a file as it happens: the entry as it is now, and
 * at every save the counts by age that changed. Read again from its first byte, the last of what is
 * said twice holds. Blocks bear sums, so that torn ones are found. Nothing is synced: what a kill
 * leaves is whole, and what a power cut tears is noticed, and the log read anew. */
#ifndef FRAUDTOP_JOIN_JOURNAL_H
#define FRAUDTOP_JOIN_JOURNAL_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/join/ages.h"
#include "core/join/table.h"

enum { JOURNAL_SLOTS = 3200, JOURNAL_BUFFER = JOURNAL_SLOTS * sizeof(struct slot) };

struct journal {
	int fd;
	uint64_t seq; /* its name */
	uint64_t length, slots; /* written and in the buffer */
	struct slot *buffer;
	size_t count; /* in the buffer */
	int failed; /* the errno of a write since when what it says is not all; or 0 */
};

struct journal *journal_new(const char *path, uint64_t seq, struct err *err); /* NULL: err */
/* To go on behind `length` bytes. */
struct journal *journal_open(
    const char *path, uint64_t seq, uint64_t length, uint64_t slots, struct err *err);
void journal_free(struct journal *journal);

void journal_add(struct journal *journal, const struct slot *slot);
void journal_flush(struct journal *journal); /* writes what is in the buffer */
/* Writes that and the counts that changed. */
bool journal_save(struct journal *journal, struct ages *ages, struct err *err);
/* Reads the first `length` bytes into the table and the counts. */
bool journal_replay(
    const char *path, uint64_t length, struct table *table, struct ages *ages, struct err *err);

#endif
