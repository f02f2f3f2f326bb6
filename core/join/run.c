/* run.c: see run.h. The file ends with a trailer, which says how much of what there is. */
#include "core/join/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/join/bytes.h"

enum { SHIFT_MOST = 31 };
#define MAGIC UINT64_C(0x336E75526E696F4A)

struct trailer {
	uint64_t magic, seq, count, pages, blocks;
	uint32_t skip, shift;
	int64_t oldest_ms, newest_ms;
	uint64_t fences_sum, filter_sum, sum;
};

_Static_assert(sizeof(struct run_page) == RUN_PAGE, "a page is a page");

static uint64_t
filter_offset(const struct run *run)
{
	return run->pages * RUN_PAGE + (run->fence_count + 1) / 2 * 2 * sizeof(uint32_t);
}

/* --- writing --- */

struct run *
run_new(const char *path, uint64_t seq, const struct run_room *room, uint64_t blocks, unsigned skip,
    struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct run *run = mem_alloc(sizeof(*run));
	*run = (struct run){.fd = fd, .seq = seq, .room = *room, .oldest_ms = SLOT_TIME_MAX};
	run->fences = mem_alloc(room->fences * sizeof(*run->fences));
	if (blocks > 0)
		filter_init(&run->filter, blocks, skip);
	run->writing = mem_alloc(room->pages * sizeof(*run->writing));
	return run;
}

static bool
write_pages(struct run *run, struct err *err)
{
	uint64_t count = run->pages - run->written;
	for (uint64_t i = 0; i < count; i++)
		run->writing[i].sum = bytes_sum(&run->writing[i], RUN_PAGE - sizeof(uint64_t));
	if (!bytes_write(run->fd, run->writing, count * RUN_PAGE, run->written * RUN_PAGE))
		return err_set(
		    err, ERR_IO, "the label join's file cannot be written: %s", strerror(errno));
	memset(run->writing, 0, run->room.pages * sizeof(*run->writing));
	run->written = run->pages;
	run->bytes = run->pages * RUN_PAGE;
	return true;
}

static inline bool
has_fence(const struct run *run, uint64_t page)
{
	return (page & ((UINT64_C(1) << run->shift) - 1)) == 0;
}

/* When the room is used, every second one goes. */
static void
add_fence(struct run *run, uint32_t head)
{
	if (has_fence(run, run->pages) && run->fence_count == run->room.fences) {
		run->fence_count = (run->fence_count + 1) / 2;
		for (uint64_t i = 1; i < run->fence_count; i++)
			run->fences[i] = run->fences[2 * i];
		run->shift++;
	}
	if (has_fence(run, run->pages))
		run->fences[run->fence_count++] = head;
}

bool
run_add(struct run *run, const struct slot *slot, struct err *err)
{
	if (run->count == run->pages * RUN_PAGE_SLOTS) {
		if (run->pages - run->written == run->room.pages && !write_pages(run, err))
			return false;
		add_fence(run, (uint32_t)(slot->a >> 32));
		run->pages++;
	}
	struct run_page *page = &run->writing[run->pages - 1 - run->written];
	page->slots[page->count++] = *slot;
	run->count++;
	if (run->filter.words != NULL)
		filter_set(&run->filter, slot_key(slot));
	int64_t ms = slot_ms(slot);
	run->newest_ms = ms > run->newest_ms ? ms : run->newest_ms;
	run->oldest_ms = ms < run->oldest_ms ? ms : run->oldest_ms;
	return true;
}

static bool
write_tail(struct run *run, struct err *err)
{
	size_t fences = run->fence_count * sizeof(uint32_t), filter = filter_bytes(&run->filter);
	struct trailer trailer = {.magic = MAGIC,
	    .seq = run->seq,
	    .count = run->count,
	    .pages = run->pages,
	    .blocks = run->filter.blocks,
	    .skip = run->filter.skip,
	    .shift = run->shift,
	    .oldest_ms = run->oldest_ms,
	    .newest_ms = run->newest_ms,
	    .fences_sum = bytes_sum(run->fences, fences),
	    .filter_sum = bytes_sum(run->filter.words, filter)};
	trailer.sum = bytes_sum(&trailer, sizeof(trailer) - sizeof(trailer.sum));
	uint64_t at = filter_offset(run);
	if (!bytes_write(run->fd, run->fences, fences, run->pages * RUN_PAGE) ||
	    !bytes_write(run->fd, run->filter.words, filter, at) ||
	    !bytes_write(run->fd, &trailer, sizeof(trailer), at + filter))
		return err_set(
		    err, ERR_IO, "the label join's file cannot be written: %s", strerror(errno));
	run->bytes = at + filter + sizeof(trailer);
	return true;
}

bool
run_finish(struct run *run, bool keep_filter, struct err *err)
{
	if (!write_pages(run, err) || !write_tail(run, err))
		return false;
	free(run->writing);
	run->writing = NULL;
	run->fences = mem_grow(run->fences, run->fence_count, sizeof(*run->fences));
	if (!keep_filter)
		filter_drop(&run->filter);
	return true;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	close(run->fd);
	free(run->fences);
	filter_drop(&run->filter);
	free(run->writing);
	free(run);
}

/* --- reading --- */

static bool
read_tail(struct run *run, uint64_t size)
{
	struct trailer trailer;
	if (size < sizeof(trailer) ||
	    !bytes_read(run->fd, &trailer, sizeof(trailer), size - sizeof(trailer)) ||
	    trailer.magic != MAGIC || trailer.seq != run->seq ||
	    trailer.sum != bytes_sum(&trailer, sizeof(trailer) - sizeof(trailer.sum)))
		return false;
	if (trailer.pages > size / RUN_PAGE || trailer.blocks > size / 64 || trailer.blocks == 0 ||
	    trailer.skip > 63 || trailer.shift > SHIFT_MOST ||
	    (trailer.count + RUN_PAGE_SLOTS - 1) / RUN_PAGE_SLOTS != trailer.pages)
		return false;
	run->count = trailer.count;
	run->pages = run->written = trailer.pages;
	run->shift = trailer.shift;
	run->fence_count = (run->pages + (UINT64_C(1) << run->shift) - 1) >> run->shift;
	run->filter = (struct filter){.blocks = trailer.blocks, .skip = trailer.skip};
	run->oldest_ms = trailer.oldest_ms;
	run->newest_ms = trailer.newest_ms;
	run->bytes = size;
	size_t fences = run->fence_count * sizeof(uint32_t), filter = filter_bytes(&run->filter);
	if (run->fence_count > run->room.fences ||
	    filter_offset(run) + filter + sizeof(trailer) != size)
		return false;
	run->fences = mem_grow(NULL, run->fence_count, sizeof(uint32_t));
	return bytes_read(run->fd, run->fences, fences, run->pages * RUN_PAGE) &&
	       bytes_sum(run->fences, fences) == trailer.fences_sum;
}

bool
run_load_filter(struct run *run)
{
	struct trailer trailer;
	size_t filter = filter_bytes(&run->filter);
	filter_init(&run->filter, run->filter.blocks, run->filter.skip);
	return bytes_read(run->fd, &trailer, sizeof(trailer), run->bytes - sizeof(trailer)) &&
	       bytes_read(run->fd, run->filter.words, filter, filter_offset(run)) &&
	       bytes_sum(run->filter.words, filter) == trailer.filter_sum;
}

struct run *
run_open(const char *path, uint64_t seq, const struct run_room *room, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct stat status;
	struct run *run = mem_alloc(sizeof(*run));
	*run = (struct run){.fd = fd, .seq = seq, .room = *room};
	if (fstat(fd, &status) != 0 || !read_tail(run, (uint64_t)status.st_size)) {
		err_set(err, ERR_DATA, "%s: is not as it was written", path);
		run_free(run);
		return NULL;
	}
	return run;
}

/* The last fence that begins with the key or before it; of those that begin alike the last. */
static uint64_t
find_fence(const struct run *run, uint32_t head)
{
	uint64_t low = 0, high = run->fence_count; /* fences[low] <= head < fences[high] */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		if (run->fences[middle] <= head)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Which of the pages from that fence to the next it is likely on: keys lie evenly. */
static uint64_t
guess_page(const struct run *run, uint64_t fence, uint32_t head)
{
	uint64_t last = run->fence_count - 1, from = run->fences[fence], width;
	if (fence < last)
		width = run->fences[fence + 1] - from;
	else
		width = last > 0 ? (from - run->fences[0]) / last : 0;
	uint64_t page = width > 0 ? ((head - from) << run->shift) / width : 0;
	uint64_t most = (UINT64_C(1) << run->shift) - 1;
	return (fence << run->shift) + (page < most ? page : most);
}

static const struct slot *
find_slot(const struct run_page *page, uint64_t key)
{
	uint64_t low = 0, high = page->count;
	while (low < high) {
		uint64_t middle = (low + high) / 2;
		if (slot_key(&page->slots[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < page->count && slot_key(&page->slots[low]) == key ? &page->slots[low] : NULL;
}

bool
run_page_is_whole(const struct run_page *page)
{
	return page->count > 0 && page->count <= RUN_PAGE_SLOTS &&
	       page->sum == bytes_sum(page, RUN_PAGE - sizeof(page->sum));
}

bool
run_may_have(const struct run *run, const struct probe *probe, uint64_t *reads)
{
	uint64_t at = filter_block(&run->filter, probe), block[FILTER_WORDS];
	if (run->filter.words != NULL)
		return filter_block_has(&run->filter.words[at], probe);
	++*reads;
	/* What is not as it was written says nothing; the page itself will. */
	return !bytes_read(run->fd, block, sizeof(block), filter_offset(run) + at * 8) ||
	       !filter_block_is_whole(block) || filter_block_has(block, probe);
}

static const struct run_page *
get_page(const struct run *run, uint64_t number, struct run_page *buffer, uint64_t *reads)
{
	if (number >= run->written)
		return &run->writing[number - run->written];
	++*reads;
	bool good = bytes_read(run->fd, buffer, RUN_PAGE, number * RUN_PAGE);
	return good && run_page_is_whole(buffer) ? buffer : NULL;
}

enum run_answer
run_find(const struct run *run, uint64_t key, struct slot *slot, uint64_t *reads)
{
	uint32_t head = (uint32_t)(key >> 32);
	if (run->pages == 0 || head < run->fences[0])
		return RUN_NO;
	uint64_t fence = find_fence(run, head), low = fence << run->shift;
	uint64_t high = (fence + 1) << run->shift, number = guess_page(run, fence, head);
	high = high < run->pages ? high : run->pages;
	/* It is on the pages from low to high, or nowhere. */
	while (low < high) {
		struct run_page buffer;
		number = number < low ? low : number >= high ? high - 1 : number;
		const struct run_page *page = get_page(run, number, &buffer, reads);
		if (page == NULL)
			return RUN_BROKEN;
		if (slot_key(&page->slots[page->count - 1]) < key) {
			low = ++number;
		} else if (slot_key(&page->slots[0]) > key) {
			high = number--;
			/* With the same 32 bits it may stand on the page before. */
			if (low == high && low > 0 && page->slots[0].a >> 32 == head)
				low--;
		} else {
			const struct slot *found = find_slot(page, key);
			if (found != NULL)
				*slot = *found;
			return found != NULL ? RUN_YES : RUN_NO;
		}
	}
	return RUN_NO;
}

uint64_t
run_memory(const struct run *run)
{
	uint64_t filter = run->filter.words != NULL ? filter_bytes(&run->filter) : 0;
	if (run->writing != NULL)
		return run_memory_most(&run->room) + filter;
	return sizeof(*run) + filter + run->fence_count * sizeof(*run->fences);
}

uint64_t
run_memory_most(const struct run_room *room)
{
	return sizeof(struct run) + room->fences * sizeof(uint32_t) +
	       room->pages * sizeof(struct run_page);
}
