/* run.h: entries in a file, sorted by key, written once from first to last and never changed.
 *
 * Pages of 204 entries (and their sum) stand first; then the fences, which say with what key each
 * page begins (to 32 bits), and a filter (filter.h). The fences are always in memory, so that a
 * look-up is one read; of a run of more pages than there is room for, those of every second page,
 * or every fourth, and so on: the page is guessed between two of them, and of a hundred guesses
 * some three cost one read more. The filter may stay in the file. An entry takes 21.1 bytes with 8
 * bits of filter. A run can be searched while it is being written, and by several threads when
 * finished. */
#ifndef FRAUDTOP_JOIN_RUN_H
#define FRAUDTOP_JOIN_RUN_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/join/filter.h"
#include "core/join/slot.h"

enum { RUN_PAGE = 4096, RUN_PAGE_SLOTS = 204 };

/* What one may take in memory, but for its filter. */
struct run_room {
	size_t fences; /* two at least */
	unsigned pages; /* while it is being written */
};

struct run_page {
	struct slot slots[RUN_PAGE_SLOTS];
	uint64_t count, sum;
};

struct run {
	int fd;
	uint64_t seq; /* its name */
	uint64_t count, pages, bytes;
	int64_t newest_ms, oldest_ms;
	uint32_t *fences; /* one for every 2^shift pages */
	uint64_t fence_count;
	unsigned shift;
	struct run_room room;
	struct filter filter;
	struct run_page *writing; /* the last pages, the very last not full; NULL: finished */
	uint64_t written; /* pages */
};

/* Begins a run, with a filter of so many blocks (0: it is set by whoever finishes the run) of keys
 * whose first `skip` bits are the same. NULL: err. */
struct run *run_new(const char *path, uint64_t seq, const struct run_room *room, uint64_t blocks,
    unsigned skip, struct err *err);
/* Keys must grow. False: it could not be written; what was added before can still be found. */
bool run_add(struct run *run, const struct slot *slot, struct err *err);
/* Writes the rest. The filter stays in memory if asked for. False: as before, but run_add. */
bool run_finish(struct run *run, bool keep_filter, struct err *err);
struct run *run_open(
    const char *path, uint64_t seq, const struct run_room *room, struct err *err); /* NULL: err */
/* Into memory. False: it is not as it was written. */
bool run_load_filter(struct run *run);
void run_free(struct run *run); /* the file stays */

enum run_answer { RUN_NO, RUN_YES, RUN_BROKEN };
/* May the key be there? Reads 64 bytes if the filter is in the file. */
bool run_may_have(const struct run *run, const struct probe *probe, uint64_t *reads);
enum run_answer run_find(const struct run *run, uint64_t key, struct slot *slot, uint64_t *reads);
bool run_page_is_whole(const struct run_page *page);
uint64_t run_memory(const struct run *run);
/* At most, but for its filter. */
uint64_t run_memory_most(const struct run_room *room);

#endif
