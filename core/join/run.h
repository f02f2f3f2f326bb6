/* run.h: entries in a file, sorted by key, written once from first to last and never changed.
 *
 * Pages of 204 entries (and their sum) stand first; then the fences, which say with what key each
 * page begins (to 32 bits), and a filter, which tells of most keys that they are not there: blocks
 * of 64 bytes, of which a key has one (Putze, Sanders, Singler 2007), of 8 or 16 bits an entry:
 * then 3 in 100 keys that are not there are looked for in vain, or 2 in 1,000. The fences are
 * always in memory, so that a look-up is one read; the filter may stay in the file. An entry
 * takes 21.1 bytes with 8 bits. A run can be searched while it is being written. */
#ifndef FRAUDTOP_JOIN_RUN_H
#define FRAUDTOP_JOIN_RUN_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/join/probe.h"
#include "core/join/slot.h"

enum { RUN_PAGE = 4096, RUN_PAGE_SLOTS = 204, RUN_FILTER_WORDS = 8, RUN_READING = 4 };

struct run_page {
	struct slot slots[RUN_PAGE_SLOTS];
	uint64_t count, sum;
};

struct run {
	int fd;
	uint64_t seq; /* its name */
	uint64_t count, pages, bytes;
	int64_t newest_ms, oldest_ms;
	uint32_t *fences; /* one a page */
	size_t fences_capacity;
	uint64_t *filter; /* NULL: only in the file */
	uint64_t blocks;
	struct run_page *writing; /* RUN_WRITING pages, the last not full; NULL: finished */
	uint64_t written; /* pages */
};

/* Begins a run of about `expected` entries, so many bits of the filter for each. NULL: err. */
struct run *run_new(
    const char *path, uint64_t seq, uint64_t expected, unsigned filter_bits, struct err *err);
/* Keys must grow. False: it could not be written; what was added before can still be found. */
bool run_add(struct run *run, const struct slot *slot, struct err *err);
/* Writes the rest. The filter stays in memory if asked for. False: as before, but run_add. */
bool run_finish(struct run *run, bool keep_filter, struct err *err);
struct run *run_open(const char *path, uint64_t seq, struct err *err); /* NULL: err */
void run_drop_filter(struct run *run); /* from memory */
void run_free(struct run *run); /* the file stays */

/* The first word of the key's block. */
static inline uint64_t
run_block(const struct run *run, const struct probe *probe)
{
	return (uint64_t)(((unsigned __int128)probe->place * run->blocks) >> 64) * RUN_FILTER_WORDS;
}

static inline void
run_prefetch(const struct run *run, const struct probe *probe)
{
	if (run->filter != NULL)
		__builtin_prefetch(&run->filter[run_block(run, probe)]);
}

enum run_answer { RUN_NO, RUN_YES, RUN_BROKEN };
/* May the key be there? Reads 64 bytes if the filter is in the file. */
bool run_may_have(const struct run *run, const struct probe *probe, uint64_t *reads);
enum run_answer run_find(const struct run *run, uint64_t key, struct slot *slot, uint64_t *reads);
uint64_t run_memory(const struct run *run);

/* Reads a run from first to last. */
struct run_cursor {
	const struct run *run;
	struct run_page *pages; /* RUN_READING of them */
	uint64_t next_page;
	uint32_t page, slot, loaded;
	bool broken;
};
void run_cursor_open(struct run_cursor *cursor, const struct run *run);
void run_cursor_close(struct run_cursor *cursor);
const struct slot *run_cursor_slot(struct run_cursor *cursor); /* NULL: at the end, or broken */

static inline void
run_cursor_next(struct run_cursor *cursor)
{
	cursor->slot++;
}

#endif
