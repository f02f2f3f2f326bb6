/* merge.c: see merge.h. */
#include "core/join/merge.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/join/folder.h"

enum {
	STEP = 4096, /* entries from one look at `stop` to the next */
	FILTER_BITS = 8 /* an entry, in the file */
};

/* What the thread has in its hands. */
struct work {
	struct merge *merge;
	unsigned part;
	struct cursor base, young[YOUNG_MOST];
	uint64_t keys[YOUNG_MOST]; /* of the young ones' next entries; NO_KEY: at the end */
	size_t least; /* the youngest of those with the least key */
	struct run *out;
	uint64_t entries; /* read since it was last told */
};

#define NO_KEY UINT64_MAX /* its last bits are no key's */

static void
see_young(struct work *work, size_t i)
{
	const struct slot *slot = cursor_slot(&work->young[i]);
	work->keys[i] = slot != NULL ? slot_key(slot) : NO_KEY;
}

static void
find_least(struct work *work)
{
	size_t least = 0, count = work->merge->order.young_count;
	for (size_t i = 1; i < count; i++)
		if (work->keys[i] <= work->keys[least])
			least = i;
	work->least = least;
}

/* Moves on all young ones that stand at that key. */
static void
pass_young(struct work *work, uint64_t key)
{
	for (size_t i = 0; i < work->merge->order.young_count; i++) {
		if (work->keys[i] != key)
			continue;
		cursor_next(&work->young[i]);
		work->entries++;
		see_young(work, i);
	}
	find_least(work);
}

/* The part that the key is in, so the next part's first. */
static uint64_t
end_of_part(unsigned part)
{
	return part + 1 < MERGE_PARTS ? (uint64_t)(part + 1) << (64 - MERGE_PART_BITS) : NO_KEY;
}

/* What stands next of all, the youngest of its key; every cursor is moved on beyond it. False: the
 * part is through. */
static inline bool
next_slot(struct work *work, uint64_t end, struct slot *slot)
{
	const struct slot *base = cursor_slot(&work->base);
	uint64_t old = base != NULL ? slot_key(base) : NO_KEY, young = work->keys[work->least];
	if (old < young) {
		*slot = *base;
		cursor_next(&work->base);
		work->entries++;
		return true;
	}
	if (young >= end)
		return false;
	*slot = *work->young[work->least].at;
	if (old == young) {
		cursor_next(&work->base);
		work->entries++;
	}
	pass_young(work, young);
	return true;
}

static uint64_t
expected_entries(const struct merge_order *order, unsigned part)
{
	uint64_t young = 0;
	for (size_t i = 0; i < order->young_count; i++)
		young += order->young[i]->count;
	return young / MERGE_PARTS + (order->base[part] != NULL ? order->base[part]->count : 0);
}

static uint64_t
blocks_of(const struct merge_order *order, unsigned part)
{
	uint64_t blocks = filter_blocks(expected_entries(order, part), FILTER_BITS);
	return order->near || blocks > order->filter_blocks ? order->filter_blocks : blocks;
}

static bool
add(struct work *work, const struct slot *slot)
{
	const struct merge_order *order = &work->merge->order;
	struct err *err = &work->merge->err;
	if (work->out == NULL) {
		char path[FOLDER_PATH];
		uint64_t number = order->number + work->part;
		folder_path(order->folder, number, path);
		work->out = run_new(
		    path, number, &order->room, blocks_of(order, work->part), MERGE_PART_BITS, err);
		if (work->out == NULL)
			return false;
	}
	return run_add(work->out, slot, err);
}

static bool
is_broken(const struct work *work)
{
	bool broken = work->base.broken;
	for (size_t i = 0; i < work->merge->order.young_count; i++)
		broken = broken || work->young[i].broken;
	return broken;
}

static void
tell_progress(struct work *work)
{
	struct merge *merge = work->merge;
	atomic_fetch_add_explicit(&merge->entries, work->entries, memory_order_relaxed);
	work->entries = 0;
	uint64_t bytes = work->out != NULL ? work->out->bytes : 0;
	atomic_store_explicit(&merge->bytes, bytes, memory_order_relaxed);
}

static bool
merge_part(struct work *work)
{
	struct merge *merge = work->merge;
	uint64_t end = end_of_part(work->part);
	struct slot slot;
	for (unsigned i = 1; next_slot(work, end, &slot); i++) {
		if (slot_ms(&slot) >= merge->order.since_ms && !add(work, &slot))
			return false;
		if (i % STEP != 0)
			continue;
		tell_progress(work);
		if (atomic_load_explicit(&merge->stop, memory_order_relaxed))
			return false;
	}
	if (is_broken(work))
		return err_set(&merge->err, ERR_DATA,
		    "a file of the label join cannot be read, or was changed by someone");
	if (work->out == NULL)
		return true;
	filter_seal(&work->out->filter);
	return run_finish(work->out, merge->order.near, &merge->err);
}

/* Hands the part over; waits while that is too far ahead. False: nobody wants it any more. */
static bool
hand_over(struct work *work)
{
	struct merge *merge = work->merge;
	merge->out[work->part++] = work->out;
	work->out = NULL;
	tell_progress(work);
	pthread_mutex_lock(&merge->lock);
	atomic_store_explicit(&merge->ready, work->part, memory_order_release);
	pthread_cond_broadcast(&merge->changed);
	while (work->part - merge->taken > MERGE_AHEAD && !atomic_load(&merge->stop))
		pthread_cond_wait(&merge->changed, &merge->lock);
	pthread_mutex_unlock(&merge->lock);
	return !atomic_load(&merge->stop);
}

static void
remove_run(const struct merge *merge, struct run *run)
{
	char path[FOLDER_PATH];
	if (run == NULL)
		return;
	folder_path(merge->order.folder, run->seq, path);
	run_free(run);
	unlink(path);
}

static void *
run_merge(void *context)
{
	struct work *work = context;
	struct merge *merge = work->merge;
	const struct merge_order *order = &merge->order;
	bool good = true;
	for (size_t i = 0; i < order->young_count; i++) {
		cursor_open(&work->young[i], order->young[i], order->cursor_pages);
		see_young(work, i);
	}
	find_least(work);
	while (good && work->part < MERGE_PARTS) {
		if (order->base[work->part] != NULL)
			cursor_open(&work->base, order->base[work->part], order->cursor_pages);
		good = merge_part(work);
		cursor_close(&work->base);
		merge->failed = !good && !atomic_load(&merge->stop);
		good = good && hand_over(work);
	}
	for (size_t i = 0; i < order->young_count; i++)
		cursor_close(&work->young[i]);
	remove_run(merge, work->out);
	free(work);
	pthread_mutex_lock(&merge->lock);
	atomic_store_explicit(&merge->over, true, memory_order_release);
	pthread_cond_broadcast(&merge->changed);
	pthread_mutex_unlock(&merge->lock);
	return NULL;
}

/* What waits to be taken has its fences, and its filter if that is to be kept. It is the same from
 * the beginning to the end. */
static uint64_t
most_memory(const struct merge_order *order)
{
	uint64_t cursors = (order->young_count + 1) * order->cursor_pages * RUN_PAGE;
	uint64_t filter = order->filter_blocks * FILTER_BLOCK;
	uint64_t waiting = run_memory_most(&order->room) - order->room.pages * RUN_PAGE +
			   (order->near ? filter : 0);
	return run_memory_most(&order->room) + filter + MERGE_AHEAD * waiting + cursors +
	       sizeof(struct merge) + sizeof(struct work);
}

struct merge *
merge_begin(const struct merge_order *order, struct err *err)
{
	struct merge *merge = mem_alloc(sizeof(*merge));
	struct work *work = mem_alloc(sizeof(*work));
	merge->order = *order;
	merge->memory = most_memory(order);
	for (size_t i = 0; i < order->young_count; i++)
		merge->total += order->young[i]->count;
	for (unsigned i = 0; i < MERGE_PARTS; i++)
		merge->total += order->base[i] != NULL ? order->base[i]->count : 0;
	work->merge = merge;
	pthread_cond_init(&merge->changed, NULL);
	pthread_mutex_init(&merge->lock, NULL);
	sigset_t all, before;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	bool begun = pthread_create(&merge->thread, NULL, run_merge, work) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (begun)
		return merge;
	err_set(err, ERR_FAILED, "the label join's files need a thread, and there is none");
	free(work);
	free(merge);
	return NULL;
}

bool
merge_take(struct merge *merge, struct run **run)
{
	if (!merge_has_part(merge))
		return false;
	*run = merge->out[merge->taken];
	pthread_mutex_lock(&merge->lock);
	merge->taken++;
	pthread_cond_broadcast(&merge->changed);
	pthread_mutex_unlock(&merge->lock);
	return true;
}

void
merge_await(const struct merge *merge, uint64_t entries, int64_t limit_us)
{
	const struct timespec moment = {.tv_nsec = 50000};
	mono_us began = clock_mono();
	while (atomic_load_explicit(&merge->entries, memory_order_relaxed) < entries &&
	       !merge_has_part(merge) && !merge_is_over(merge) && clock_mono() - began < limit_us)
		nanosleep(&moment, NULL);
}

bool
merge_end(struct merge *merge, struct err *err)
{
	pthread_mutex_lock(&merge->lock);
	atomic_store(&merge->stop, true);
	pthread_cond_broadcast(&merge->changed);
	pthread_mutex_unlock(&merge->lock);
	pthread_join(merge->thread, NULL);
	for (unsigned i = merge->taken; i < atomic_load(&merge->ready); i++)
		remove_run(merge, merge->out[i]);
	bool good = !merge->failed;
	if (!good)
		*err = merge->err;
	pthread_cond_destroy(&merge->changed);
	pthread_mutex_destroy(&merge->lock);
	free(merge);
	return good;
}

uint64_t
merge_bytes(const struct merge *merge)
{
	uint64_t bytes = atomic_load_explicit(&merge->bytes, memory_order_relaxed);
	unsigned ready = atomic_load_explicit(&merge->ready, memory_order_acquire);
	for (unsigned i = merge->taken; i < ready; i++)
		bytes += merge->out[i] != NULL ? merge->out[i]->bytes : 0;
	return bytes;
}
