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

enum { RUN_WRITING = 16 };
#define MAGIC UINT64_C(0x326E75526E696F4A)

struct trailer {
	uint64_t magic, seq, count, pages, blocks, skip;
	int64_t oldest_ms, newest_ms;
	uint64_t fences_sum, filter_sum, sum;
};

_Static_assert(sizeof(struct run_page) == RUN_PAGE, "a page is a page");

static uint64_t
filter_offset(const struct run *run)
{
	return run->pages * (RUN_PAGE + sizeof(uint32_t)) + run->pages % 2 * sizeof(uint32_t);
}

/* --- writing --- */

struct run *
run_new(const char *path, uint64_t seq, uint64_t blocks, unsigned skip, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct run *run = mem_alloc(sizeof(*run));
	*run = (struct run){.fd = fd, .seq = seq, .oldest_ms = SLOT_TIME_MAX};
	if (blocks > 0)
		filter_init(&run->filter, blocks, skip);
	run->writing = mem_alloc(RUN_WRITING * sizeof(*run->writing));
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
	memset(run->writing, 0, RUN_WRITING * sizeof(*run->writing));
	run->written = run->pages;
	run->bytes = run->pages * RUN_PAGE;
	return true;
}

bool
run_add(struct run *run, const struct slot *slot, struct err *err)
{
	if (run->count == run->pages * RUN_PAGE_SLOTS) {
		if (run->pages - run->written == RUN_WRITING && !write_pages(run, err))
			return false;
		mem_reserve(
		    &run->fences, &run->fences_capacity, run->pages + 1, sizeof(*run->fences));
		run->fences[run->pages++] = (uint32_t)(slot->a >> 32);
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
	size_t fences = run->pages * sizeof(uint32_t), filter = filter_bytes(&run->filter);
	struct trailer trailer = {.magic = MAGIC,
	    .seq = run->seq,
	    .count = run->count,
	    .pages = run->pages,
	    .blocks = run->filter.blocks,
	    .skip = run->filter.skip,
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
	    trailer.skip > 63 ||
	    (trailer.count + RUN_PAGE_SLOTS - 1) / RUN_PAGE_SLOTS != trailer.pages)
		return false;
	run->count = trailer.count;
	run->pages = run->written = trailer.pages;
	run->filter = (struct filter){.blocks = trailer.blocks, .skip = (unsigned)trailer.skip};
	run->oldest_ms = trailer.oldest_ms;
	run->newest_ms = trailer.newest_ms;
	run->bytes = size;
	size_t fences = run->pages * sizeof(uint32_t), filter = filter_bytes(&run->filter);
	if (filter_offset(run) + filter + sizeof(trailer) != size)
		return false;
	run->fences = mem_grow(NULL, run->pages + 1, sizeof(uint32_t));
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
run_open(const char *path, uint64_t seq, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct stat status;
	struct run *run = mem_alloc(sizeof(*run));
	*run = (struct run){.fd = fd, .seq = seq};
	if (fstat(fd, &status) != 0 || !read_tail(run, (uint64_t)status.st_size)) {
		err_set(err, ERR_DATA, "%s: is not as it was written", path);
		run_free(run);
		return NULL;
	}
	return run;
}

/* The last page that begins with the key or before it; of those that begin alike the last. */
static uint64_t
find_page(const struct run *run, uint32_t head)
{
	uint64_t low = 0, high = run->pages; /* fences[low] <= head < fences[high] */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		if (run->fences[middle] <= head)
			low = middle;
		else
			high = middle;
	}
	return low;
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

enum run_answer
run_find(const struct run *run, uint64_t key, struct slot *slot, uint64_t *reads)
{
	uint32_t head = (uint32_t)(key >> 32);
	if (run->pages == 0 || head < run->fences[0])
		return RUN_NO;
	uint64_t number = find_page(run, head);
	for (;;) {
		struct run_page buffer;
		const struct run_page *page = &buffer;
		if (number >= run->written) {
			page = &run->writing[number - run->written];
		} else {
			++*reads;
			if (!bytes_read(run->fd, &buffer, RUN_PAGE, number * RUN_PAGE) ||
			    !run_page_is_whole(&buffer))
				return RUN_BROKEN;
		}
		const struct slot *found = find_slot(page, key);
		if (found != NULL) {
			*slot = *found;
			return RUN_YES;
		}
		/* With the same 32 bits it may stand on the page before. */
		if (number == 0 || run->fences[number] != head || slot_key(&page->slots[0]) < key)
			return RUN_NO;
		number--;
	}
}

uint64_t
run_memory(const struct run *run)
{
	uint64_t filter = run->filter.words != NULL ? filter_bytes(&run->filter) : 0;
	uint64_t writing = run->writing != NULL ? RUN_WRITING * sizeof(*run->writing) : 0;
	uint64_t fences = run->fences_capacity > 0 ? run->fences_capacity : run->pages;
	return sizeof(*run) + filter + writing + fences * sizeof(*run->fences);
}

uint64_t
run_memory_while_writing(uint64_t expected)
{
	uint64_t fences = expected / RUN_PAGE_SLOTS * 2 * sizeof(uint32_t);
	return fences + RUN_WRITING * sizeof(struct run_page);
}
