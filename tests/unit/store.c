/* Checkpoints in a file: the old one or the new one, never a mixture; nobody else's file is lost.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/db.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/store/store.h"

static char folder[256], file[300];

static int
make_folder(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	char made[200];
	snprintf(made, sizeof(made), "%s/fraudtop-store-XXXXXX", base != NULL ? base : "/tmp");
	if (mkdtemp(made) == NULL)
		return -1;
	snprintf(folder, sizeof(folder), "%s/a/b", made);
	snprintf(file, sizeof(file), "%s/store.db", folder);
	return 0;
}

static int
drop_folder(void **state)
{
	(void)state;
	char *command = mem_printf("rm -rf '%.*s'", (int)(strlen(folder) - 4), folder);
	int code = system(command);
	free(command);
	return code;
}

static struct store *
open_well(void)
{
	struct err err = {0};
	struct store *store = store_open(folder, &err);
	assert_string_equal(err.text, "");
	assert_non_null(store);
	return store;
}

static bool
write_values(struct store *store, const char *print, const char *a, const char *b)
{
	struct err err = {0};
	struct buf one = {0}, two = {0};
	buf_puts(&one, a);
	buf_puts(&two, b != NULL ? b : "");
	bool done = store_begin(store, print, &err);
	store_put(store, "a", &one);
	if (b != NULL)
		store_put(store, "b", &two);
	done = done && store_commit(store, &err);
	buf_free(&one);
	buf_free(&two);
	return done;
}

static void
expect_stored(struct store *store, const char *print, const char *name, const char *value)
{
	struct err err = {0};
	struct buf bytes = {0};
	bool found = store_get(store, print, name, &bytes, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(found, value != NULL);
	if (value != NULL)
		assert_string_equal(bytes.data, value);
	buf_free(&bytes);
}

static void
values_are_replaced_as_a_whole_and_found_by_their_print(void **state)
{
	(void)state;
	struct store *store = open_well();
	assert_string_equal(store_folder(store), folder);
	expect_stored(store, "p", "a", NULL);
	assert_true(write_values(store, "p", "one", "two"));
	expect_stored(store, "p", "a", "one");
	expect_stored(store, "p", "b", "two");
	expect_stored(store, "p", "c", NULL);
	expect_stored(store, "q", "a", NULL);
	assert_true(write_values(store, "q", "three", NULL));
	expect_stored(store, "q", "a", "three");
	expect_stored(store, "q", "b", NULL);
	expect_stored(store, "p", "a", NULL);
	store_close(store);
	store = open_well();
	expect_stored(store, "q", "a", "three");
	store_close(store);
	struct stat status;
	assert_int_equal(stat(folder, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
empty_values_and_large_ones_come_back(void **state)
{
	(void)state;
	struct rng rng;
	struct err err = {0};
	struct buf large = {0}, empty = {0}, back = {0};
	rng_seed(&rng, 3, 1);
	for (int i = 0; i < 1000000; i++) {
		uint32_t word = rng_u32(&rng);
		buf_append(&large, &word, sizeof(word));
	}
	struct store *store = open_well();
	assert_true(store_begin(store, "p", &err));
	store_put(store, "large", &large);
	store_put(store, "empty", &empty);
	assert_true(store_commit(store, &err));
	assert_true(store_get(store, "p", "empty", &back, &err));
	assert_int_equal(back.length, 0);
	assert_true(store_get(store, "p", "large", &back, &err));
	assert_int_equal(back.length, large.length);
	assert_memory_equal(back.data, large.data, large.length);
	store_close(store);
	buf_free(&large);
	buf_free(&back);
}

static void
what_was_not_committed_was_not_written(void **state)
{
	(void)state;
	struct err err = {0};
	struct store *store = open_well();
	assert_true(write_values(store, "p", "old", "old"));
	struct buf bytes = {0};
	buf_puts(&bytes, "new");
	assert_true(store_begin(store, "p", &err));
	store_put(store, "a", &bytes);
	store_close(store);
	store = open_well();
	expect_stored(store, "p", "a", "old");
	/* A name twice is an error of the caller; nothing of it is kept. */
	assert_true(store_begin(store, "p", &err));
	store_put(store, "a", &bytes);
	store_put(store, "a", &bytes);
	assert_false(store_commit(store, &err));
	assert_int_not_equal(err.code, ERR_NONE);
	expect_stored(store, "p", "a", "old");
	expect_stored(store, "p", "b", "old");
	assert_true(write_values(store, "p", "newer", NULL));
	expect_stored(store, "p", "a", "newer");
	store_close(store);
	buf_free(&bytes);
}

static void
one_process_holds_it(void **state)
{
	(void)state;
	int ready[2], done[2];
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(done), 0);
	pid_t pid = fork();
	char byte = 0;
	if (pid == 0) {
		struct store *store = store_open(folder, NULL);
		byte = store != NULL;
		close(done[1]);
		if (write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 0)
			_exit(0);
		_exit(1);
	}
	close(done[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 1);
	struct err err = {0};
	assert_null(store_open(folder, &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	char wanted[64];
	snprintf(wanted, sizeof(wanted), "in use: process %ld since 20", (long)pid);
	assert_non_null(strstr(err.text, wanted));
	close(done[1]);
	int status;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	store_close(open_well()); /* it ended without closing */
}

static void
expect_put_aside(const char *reason)
{
	struct err err = {0};
	struct store *store = store_open(folder, &err);
	assert_non_null(store);
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, reason));
	char *aside = strstr(err.text, "put aside as ");
	assert_non_null(aside);
	assert_int_equal(access(aside + 13, F_OK), 0);
	expect_stored(store, "p", "a", NULL);
	assert_true(write_values(store, "p", "anew", NULL));
	store_close(store);
	store = open_well();
	expect_stored(store, "p", "a", "anew");
	store_close(store);
}

static void
another_version_or_program_or_no_database_is_put_aside(void **state)
{
	(void)state;
	struct err err = {0};
	store_close(open_well());
	sqlite3 *db = db_open(file, "", 1, &err);
	assert_true(db_exec(db, "PRAGMA user_version = 7", &err));
	db_close(db);
	expect_put_aside("is of schema version 7, this program knows 1");
	assert_int_equal(unlink(file), 0);
	db = db_open(file, "CREATE TABLE birds(name)", 1, &err);
	db_close(db);
	expect_put_aside("not a store of checkpoints");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_true(db_exec(db, "CREATE TABLE value(name)", &err)); /* version 0 */
	db_close(db);
	expect_put_aside("not a store of checkpoints");
	assert_true(buf_write_file(file, "this is no database, not at all", 31, 0600, &err));
	expect_put_aside("file is not a database");
	char *third = mem_printf("%s.aside-4", file);
	assert_int_equal(access(third, F_OK), 0); /* none took another's place */
	free(third);
	assert_true(buf_write_file(file, "", 0, 0600, &err)); /* killed while it was made */
	store_close(open_well());
}

/* Every page in turn is overwritten: what is read is right, or is said to be broken. */
static void
a_damaged_file_is_noticed_whatever_is_damaged(void **state)
{
	(void)state;
	struct err err = {0};
	struct buf bytes = {0}, back = {0}, whole = {0};
	for (int i = 0; i < 20000; i++)
		buf_puts(&bytes, "value");
	struct store *store = open_well();
	assert_true(store_begin(store, "p", &err));
	store_put(store, "a", &bytes);
	assert_true(store_commit(store, &err));
	store_close(store); /* the last one to close empties the log of changes */
	assert_true(buf_read_file(&whole, file, 1 << 24, &err));
	int noticed = 0, unhurt = 0;
	for (size_t at = 0; at < whole.length; at += 512) {
		char saved[64];
		memcpy(saved, whole.data + at, sizeof(saved));
		memset(whole.data + at, 0x5A, sizeof(saved));
		assert_true(buf_write_file(file, whole.data, whole.length, 0600, &err));
		memcpy(whole.data + at, saved, sizeof(saved));
		err = (struct err){0};
		store = store_open(folder, &err);
		assert_non_null(store);
		if (store_get(store, "p", "a", &back, &err)) {
			assert_int_equal(back.length, bytes.length);
			assert_memory_equal(back.data, bytes.data, bytes.length);
			unhurt++;
		} else {
			assert_int_equal(err.code, ERR_DATA);
			assert_non_null(strstr(err.text, "put aside as "));
			assert_true(write_values(store, "p", "anew", NULL));
			expect_stored(store, "p", "a", "anew");
			noticed++;
		}
		store_close(store);
	}
	assert_true(noticed > unhurt);
	buf_free(&bytes);
	buf_free(&back);
	buf_free(&whole);
}

static void
a_file_cut_short_is_noticed(void **state)
{
	(void)state;
	struct store *store = open_well();
	assert_true(write_values(store, "p", "one", "two"));
	store_close(store);
	assert_int_equal(truncate(file, 5000), 0);
	struct err err = {0};
	struct buf back = {0};
	store = store_open(folder, &err);
	assert_non_null(store);
	assert_false(store_get(store, "p", "a", &back, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_true(write_values(store, "p", "anew", NULL));
	store_close(store);
	buf_free(&back);
}

static void
a_folder_that_cannot_be_made_is_said(void **state)
{
	(void)state;
	struct err err = {0};
	assert_null(store_open("/dev/null/store", &err));
	assert_int_equal(err.code, ERR_CREATE);
	assert_non_null(strstr(err.text, "/dev/null"));
}

/* Values from `first` on; says `y` on the pipe once the first is there. */
static _Noreturn void
write_for_ever(uint64_t first, int told)
{
	struct store *store = store_open(folder, NULL);
	struct buf bytes = {0};
	for (uint64_t i = first; store != NULL; i++) {
		buf_clear(&bytes);
		for (int k = 0; k < 3000; k++)
			buf_append(&bytes, &i, sizeof(i));
		if (!store_begin(store, "p", NULL))
			break;
		store_put(store, "a", &bytes);
		store_put(store, "b", &bytes);
		if (!store_commit(store, NULL) || write(told, "y", 1) != 1)
			break;
	}
	_exit(1);
}

static void
a_killed_writer_leaves_the_old_or_the_new_never_a_mixture(void **state)
{
	(void)state;
	struct rng rng;
	uint64_t last = 0;
	int moved = 0;
	rng_seed(&rng, 4, 1);
	store_close(open_well());
	for (int round = 0; round < 20; round++) {
		int told[2];
		char byte;
		assert_int_equal(pipe(told), 0);
		pid_t pid = fork();
		if (pid == 0)
			write_for_ever(1 + ((uint64_t)round << 32), told[1]);
		if (round % 2 == 0) /* the others at any moment, however early */
			assert_int_equal(read(told[0], &byte, 1), 1);
		usleep(5000 + rng_below(&rng, 40000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(told[0]);
		close(told[1]);
		struct err err = {0};
		struct buf a = {0}, b = {0};
		struct store *store = open_well();
		bool found = store_get(store, "p", "a", &a, &err);
		assert_int_equal(store_get(store, "p", "b", &b, &err), found);
		assert_string_equal(err.text, "");
		if (found) {
			assert_int_equal(a.length, 3000 * sizeof(uint64_t));
			assert_memory_equal(a.data, b.data, a.length);
			uint64_t now;
			memcpy(&now, a.data, sizeof(now));
			moved += now != last;
			last = now;
		}
		store_close(store);
		buf_free(&a);
		buf_free(&b);
	}
	assert_true(moved > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(values_are_replaced_as_a_whole_and_found_by_their_print),
	    TEST(empty_values_and_large_ones_come_back),
	    TEST(what_was_not_committed_was_not_written),
	    TEST(one_process_holds_it),
	    TEST(another_version_or_program_or_no_database_is_put_aside),
	    TEST(a_damaged_file_is_noticed_whatever_is_damaged),
	    TEST(a_file_cut_short_is_noticed),
	    TEST(a_folder_that_cannot_be_made_is_said),
	    TEST(a_killed_writer_leaves_the_old_or_the_new_never_a_mixture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
