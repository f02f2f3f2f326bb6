/* registry_shared.c: one local registry in the hands of several processes: races for an alias and
 * for a new file, and those that may only read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "tests/kit/registered.h"

static void
race(int index, int start)
{
	struct err err = {0};
	char by[16], byte;
	int64_t epoch;
	struct registry *registry = registry_open("test", "local", registered.file, false, &err);
	if (registry == NULL || read(start, &byte, 1) != 0)
		_exit(2);
	snprintf(by, sizeof(by), "racer%d", index);
	bool won = registry_set_alias(
	    registry, "fraud", "production", index % 2 ? "2" : "3", 1, by, "race", &epoch, &err);
	registry_close(registry);
	_exit(won ? 0 : err.code == ERR_CHANGED ? 1 : 2);
}

static void
of_processes_that_race_for_one_epoch_exactly_one_wins(void **state)
{
	(void)state;
	enum { RACERS = 6 };
	int pipes[2], won = 0, lost = 0;
	registry_close(registered_three());
	assert_int_equal(pipe(pipes), 0);
	pid_t children[RACERS];
	for (int i = 0; i < RACERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			close(pipes[1]);
			race(i, pipes[0]);
		}
	}
	close(pipes[1]); /* the start: all read the end of the pipe */
	for (int i = 0; i < RACERS; i++) {
		int status = 0;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		won += WEXITSTATUS(status) == 0;
		lost += WEXITSTATUS(status) == 1;
	}
	close(pipes[0]);
	assert_int_equal(won, 1);
	assert_int_equal(lost, RACERS - 1);
	assert_string_equal(
	    registered_ask("SELECT max(epoch) || ',' || count(*) FROM alias_history"), "2,2");
	assert_string_equal(
	    registered_ask("SELECT a.changed_by = h.by AND a.version = h.to_version FROM alias a,"
			   " alias_history h WHERE h.epoch = 2"),
	    "1");
}

static void
many_processes_may_make_the_same_new_file_at_once(void **state)
{
	(void)state;
	enum { MAKERS = 6 };
	pid_t children[MAKERS];
	for (int i = 0; i < MAKERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct registry *made =
			    registry_open("test", "local", registered.file, true, NULL);
			registry_close(made);
			_exit(made != NULL ? 0 : 1);
		}
	}
	int bad = 0;
	for (int i = 0; i < MAKERS; i++) {
		int status = 0;
		waitpid(children[i], &status, 0);
		bad += status != 0;
	}
	assert_int_equal(bad, 0);
	assert_string_equal(registered_ask("PRAGMA user_version"), "1");
}

static int
try_to_move_without_permission(void)
{
	struct err err = {0};
	struct registry_alias alias;
	int64_t epoch;
	if (geteuid() == 0 && setuid(65534) != 0) /* to root every file is writable */
		return 1;
	struct registry *registry = registry_open("test", "local", registered.file, false, &err);
	if (registry == NULL || !registry_get_alias(registry, "fraud", "production", &alias, &err))
		return 2;
	bool moved =
	    registry_set_alias(registry, "fraud", "production", "2", 1, "bob", "x", &epoch, &err);
	registry_close(registry);
	return moved ? 3 : err.code == ERR_PERMISSION ? 0 : 4;
}

static void
a_file_that_may_only_be_read_refuses_a_move_as_not_permitted(void **state)
{
	(void)state;
	int status = -1;
	registry_close(registered_three());
	assert_int_equal(chmod(registered.file, 0444), 0);
	assert_int_equal(chmod(registered.folder, 0777), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(try_to_move_without_permission());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Looks, says so, waits for the parent's move, looks again. */
static int
look_twice_without_permission(int told, int moved)
{
	struct err err = {0};
	struct registry_alias before, after;
	char byte = 'x';
	if (geteuid() == 0 && setuid(65534) != 0)
		return 1;
	struct registry *registry = registry_open("test", "local", registered.file, false, &err);
	if (registry == NULL || !registry_get_alias(registry, "fraud", "production", &before, &err))
		return 2;
	if (write(told, &byte, 1) != 1 || read(moved, &byte, 1) != 1)
		return 3;
	if (!registry_get_alias(registry, "fraud", "production", &after, &err))
		return 4;
	registry_close(registry);
	return strcmp(before.version, "1") == 0 && strcmp(after.version, "2") == 0 ? 0 : 5;
}

/* SQLite cannot read a WAL file in a folder it may not write while nobody else has it open. */
static void
a_file_in_a_folder_that_cannot_be_written_is_read_and_its_moves_are_seen(void **state)
{
	(void)state;
	struct err err = {0};
	int told[2], moved[2], status = -1;
	int64_t epoch;
	char byte;
	registry_close(registered_three());
	assert_int_equal(chmod(registered.file, 0444), 0);
	assert_int_equal(chmod(registered.folder, 0555), 0);
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(moved), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(look_twice_without_permission(told[1], moved[0]));
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(chmod(registered.folder, 0755), 0);
	assert_int_equal(chmod(registered.file, 0644), 0);
	struct registry *registry = registered_open();
	assert_true(
	    registry_set_alias(registry, "fraud", "production", "2", 1, "bob", "x", &epoch, &err));
	registry_close(registry);
	assert_int_equal(chmod(registered.file, 0444), 0);
	assert_int_equal(chmod(registered.folder, 0555), 0);
	assert_int_equal(write(moved[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(registered.folder, 0755), 0);
	assert_int_equal(status, 0);
	close(told[0]);
	close(moved[0]);
	close(moved[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    REGISTERED_TEST(of_processes_that_race_for_one_epoch_exactly_one_wins),
	    REGISTERED_TEST(many_processes_may_make_the_same_new_file_at_once),
	    REGISTERED_TEST(a_file_that_may_only_be_read_refuses_a_move_as_not_permitted),
	    REGISTERED_TEST(
		a_file_in_a_folder_that_cannot_be_written_is_read_and_its_moves_are_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
