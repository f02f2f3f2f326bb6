/* join_killed.c: a process that joins is killed at any moment, among others while its files are
 * merged by another thread: the next one has all of the last save, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/files.h"
#include "core/base/rng.h"
#include "core/join/save.h"
#include "core/join/stats.h"
#include "tests/folder.h"

enum { ROUNDS = 12, SAVE_EVERY = 9000, IDS_MOST = 20000000 };

static char folder[FOLDER_SIZE], file[FOLDER_SIZE + 16];
static struct buf saved;

static uint64_t
hash_of(uint64_t id)
{
	char text[24];
	snprintf(text, sizeof(text), "r%llu", (unsigned long long)id);
	return join_hash(text);
}

/* What the last save says, with how many ids had come then. */
static struct join *
load(uint64_t *count)
{
	struct err err = {0};
	const struct join_options options = {
	    .memory = 1 << 20, .folder = folder, .ttl_us = INT64_C(100000) * CLOCK_SECOND};
	struct join *join = join_new(&options);
	*count = 0;
	buf_clear(&saved);
	if (access(file, F_OK) != 0)
		return join;
	if (!buf_read_file(&saved, file, SIZE_MAX / 2, &err))
		fail_msg("%s", err.text);
	struct unpack unpack = {saved.data, saved.data + saved.length, false};
	*count = unpack_u64(&unpack);
	if (!join_load(join, &unpack, &err))
		fail_msg("%s", err.text);
	return join;
}

/* Predictions; a label of an older one with every fourth; saves, until it is killed. */
static _Noreturn void
go_on(void)
{
	uint64_t count;
	struct err err;
	struct buf pack = {0};
	struct join *join = load(&count);
	for (uint64_t id = count; id < IDS_MOST; id++) {
		struct join_entry entry = {.ts = (wall_us)(id + 1) * 1000, .label = -1};
		int previous;
		join_prediction(join, hash_of(id), &entry, NULL);
		if (id % 4 == 3 && !join_label(join, hash_of(id / 2), 0, 1, &entry, &previous))
			_exit(2);
		if (id % SAVE_EVERY != SAVE_EVERY - 1)
			continue;
		buf_clear(&pack);
		pack_u64(&pack, id + 1);
		if (!join_save(join, &pack, &err) ||
		    !buf_write_file(file, pack.data, pack.length, 0600, &err))
			_exit(3);
		join_saved(join);
	}
	_exit(4);
}

/* Every id that had come is known, with its label if it had one, and none that came later. */
static void
check(uint64_t least)
{
	uint64_t count;
	struct join *join = load(&count);
	assert_true(count > least);
	struct join_stats stats = join_stats(join);
	assert_int_equal(stats.pending + stats.joined, count);
	for (uint64_t id = 0; id < count + 2 * SAVE_EVERY; id += 7) {
		struct join_entry entry;
		int previous = -2;
		bool known = join_label(join, hash_of(id), 0, 0, &entry, &previous);
		assert_int_equal(known, id < count);
		bool labelled = id % 2 == 1 && 2 * id + 1 < count;
		if (known)
			assert_int_equal(previous, labelled ? 1 : -1);
	}
	assert_string_equal(join_stats(join).error, "");
	join_free(join);
}

static void
what_was_saved_is_there_after_a_kill_at_any_moment(void **state)
{
	(void)state;
	struct rng rng;
	uint64_t least = 0;
	rng_seed(&rng, 2026, 9);
	for (int round = 0; round < ROUNDS; round++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			go_on();
		uint64_t before = least;
		for (int i = 0; i < 60000 && least < before + 8 * (uint64_t)SAVE_EVERY; i++) {
			usleep(1000);
			uint64_t now = 0;
			struct err err;
			buf_clear(&saved);
			if (access(file, F_OK) == 0 && buf_read_file(&saved, file, 1 << 20, &err)) {
				struct unpack unpack = {
				    saved.data, saved.data + saved.length, false};
				now = unpack_u64(&unpack);
			}
			least = now > least ? now : least;
		}
		usleep(rng_below(&rng, 30000));
		int status;
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		check(before);
	}
}

static int
set_up(void **state)
{
	(void)state;
	assert_true(folder_make(folder, "join"));
	snprintf(file, sizeof(file), "%s/saved", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&saved);
	files_remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_was_saved_is_there_after_a_kill_at_any_moment, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
