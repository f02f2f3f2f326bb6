/* join_budget.c: the join keeps to its memory with as many pending as it is asked for: 283 million
 * to 64 MiB, so 4.4 million to each. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/join/budget.h"
#include "core/join/save.h"
#include "core/join/state.h"
#include "core/join/stats.h"
#include "tests/folder.h"

enum { MEMORY = 1 << 20, PENDING = 4400000, LABELS = 20000 };

static char folder[FOLDER_SIZE];
static struct join *join;

/* By the address sanitizer, which counts all there is. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
static size_t others;

static size_t
allocated(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL
		   ? __sanitizer_get_current_allocated_bytes()
		   : 0;
}

/* A disk on which to remove a file takes its time, so that some always wait for it. */
int
unlink(const char *path)
{
	nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	return unlinkat(AT_FDCWD, path, 0);
}

/* And that is what it tells: what the sanitizer rounds sizes up by is not worth it. */
static void
check_memory(void)
{
	enum { ROUNDING = 16384 };
	uint64_t told = join_stats(join).memory_bytes;
	if (told > MEMORY || allocated() > others + MEMORY ||
	    allocated() > others + told + ROUNDING)
		fail_msg("told %zu, allocated %zu", (size_t)told, allocated() - others);
}

static void
start(void)
{
	others = allocated();
	const struct join_options options = {
	    .memory = MEMORY, .folder = folder, .ttl_us = INT64_C(48) * 3600 * CLOCK_SECOND};
	join = join_new(&options);
}

static uint64_t
hash_of(uint64_t id)
{
	id = (id + 1) * UINT64_C(0x9E3779B97F4A7C15);
	id = (id ^ id >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	return id ^ id >> 27;
}

static void
predict(uint64_t id)
{
	struct join_entry entry = {
	    .ts = (wall_us)id * 20000 + CLOCK_SECOND, .score = 0.5, .label = -1};
	assert_false(join_prediction(join, hash_of(id), &entry, NULL));
	if (id % 64 == 0)
		check_memory();
}

/* Of what is pending; and of what is not, which waits. */
static void
label_some(uint64_t first)
{
	struct join_entry entry;
	int previous;
	uint64_t reads = join_stats(join).reads;
	for (uint64_t i = 0; i < LABELS; i++) {
		uint64_t id = (first + i * 211) % PENDING;
		assert_true(join_label(join, hash_of(id), 0, 1, &entry, &previous));
		assert_int_equal(entry.ts, (wall_us)id * 20000 + CLOCK_SECOND);
		check_memory();
	}
	assert_true(join_stats(join).reads - reads < 2 * LABELS);
}

static void
the_shares_are_never_more_than_there_is(void **state)
{
	(void)state;
	for (size_t memory = MEMORY; memory <= (size_t)1 << 32; memory += memory / 7) {
		for (int which = 0; which < 4; which++) {
			struct budget budget = budget_share(memory, which & 1, which & 2);
			const struct files_room *room = &budget.files;
			size_t fences = YOUNG_MOST * room->young.fences +
					(MERGE_PARTS + MERGE_AHEAD + 1) * room->base.fences;
			size_t sum = budget.ages + budget.table + room->board + room->filters +
				     fences * sizeof(uint32_t) + room->board / YOUNG_FIRST;
			assert_true(sum <= memory && sum > memory / 16 * 8);
			/* A young run, three fifths of a table, has a fence for every page, or, of
			 * the least memory, for every second one. */
			size_t pages = budget.table / sizeof(struct slot) / RUN_PAGE_SLOTS / 5 * 3;
			assert_true(
			    (which & 1) == 0 ||
			    room->young.fences >= (memory < 2 * MEMORY ? pages / 2 : pages));
		}
	}
}

static void
four_million_pending_take_one_mebibyte_at_every_moment_and_after_a_restart(void **state)
{
	(void)state;
	struct buf saved = {0};
	struct err err;
	start();
	assert_true(join_keep(join, &err));
	for (uint64_t id = 0; id < PENDING; id++)
		predict(id);
	label_some(0);
	assert_true(join_save(join, &saved, &err));
	join_saved(join);
	join_free(join);
	start();
	struct unpack unpack = {saved.data, saved.data + saved.length, false};
	assert_true(join_load(join, &unpack, &err));
	check_memory();
	label_some(1);
	struct join_stats stats = join_stats(join);
	assert_string_equal(stats.error, "");
	assert_int_equal(stats.pending, PENDING - 2 * LABELS);
	assert_int_equal(stats.joined, 2 * LABELS);
	assert_int_equal(stats.evicted + stats.expired, 0);
	buf_free(&saved);
}

static int
set_up(void **state)
{
	(void)state;
	return folder_make(folder, "join") ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	join_free(join);
	join = NULL;
	return folder_remove(folder);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shares_are_never_more_than_there_is),
	    TEST(four_million_pending_take_one_mebibyte_at_every_moment_and_after_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
