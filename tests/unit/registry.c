/* The registry: what its local driver promises to a service, a dashboard and a command that share
 * it. */
#include "core/registry/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "tests/folder.h"
#include "tests/sql.h"

static char folder[FOLDER_SIZE], file[128], artifact[128];

static int
set_up(void **state)
{
	(void)state;
	if (!folder_make(folder, "registry"))
		return -1;
	snprintf(file, sizeof(file), "%s/registry.db", folder);
	snprintf(artifact, sizeof(artifact), "%s/model.json", folder);
	return buf_write_file(artifact, "{\"kind\":\"linear\"}", 17, 0600, NULL) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static struct registry *
open_registry(void)
{
	struct err err = {0};
	struct registry *registry = registry_open("test", "local", file, true, &err);
	if (registry == NULL)
		fail_msg("%s", err.text);
	return registry;
}

static void
add_version(struct registry *registry, const char *version)
{
	struct err err = {0};
	if (!registry_add_version(registry, "fraud", version, artifact, 0.5, NULL, "trainer", &err))
		fail_msg("%s", err.text);
}

static void
move(struct registry *registry, const char *version, int64_t expect)
{
	struct err err = {0};
	int64_t epoch = -1;
	if (!registry_set_alias(
		registry, "fraud", "production", version, expect, "alice", "why", &epoch, &err))
		fail_msg("%s", err.text);
	assert_int_equal(epoch, expect + 1);
}

/* A registry with versions 1, 2, 3 and production at 1. */
static struct registry *
three_versions(void)
{
	struct registry *registry = open_registry();
	add_version(registry, "1");
	add_version(registry, "2");
	add_version(registry, "3");
	move(registry, "1", 0);
	return registry;
}

static const char *
ask(const char *sql)
{
	return sql_ask(file, sql);
}

static void
the_file_has_the_tables_of_the_design(void **state)
{
	(void)state;
	struct stat status;
	registry_close(three_versions());
	assert_string_equal(ask("PRAGMA user_version"), "1");
	assert_string_equal(ask("PRAGMA journal_mode"), "wal");
	assert_string_equal(
	    ask("SELECT group_concat(name) FROM pragma_table_info('model_version')"),
	    "model,version,path,sha256,threshold,metadata,created_at,created_by");
	assert_string_equal(ask("SELECT group_concat(name) FROM pragma_table_info('alias')"),
	    "model,alias,version,epoch,changed_at,changed_by,reason");
	assert_string_equal(
	    ask("SELECT group_concat(name) FROM pragma_table_info('alias_history')"),
	    "seq,model,alias,from_version,to_version,epoch,at,by,reason");
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
a_version_keeps_its_path_hash_threshold_and_metadata(void **state)
{
	(void)state;
	struct registry *registry = open_registry();
	struct registry_version version;
	struct err err = {0};
	char hex[HASH_HEX_SIZE], beside[160];
	snprintf(beside, sizeof(beside), "%s/model.metadata.json", folder);
	assert_true(buf_write_file(beside, "{\"threshold\":0.3}", 17, 0600, NULL));
	assert_true(
	    registry_add_version(registry, "fraud", "7", artifact, 0.25, NULL, "ann", &err));
	assert_true(
	    registry_add_version(registry, "fraud", "8", artifact, NAN, "{\"a\":1}", "ann", &err));
	assert_true(registry_get_version(registry, "fraud", "7", &version, &err));
	hash_sha256("{\"kind\":\"linear\"}", 17, hex);
	assert_string_equal(version.sha256, hex);
	assert_string_equal(version.created_by, "ann");
	assert_true(version.path[0] == '/');
	assert_true(version.threshold == 0.25);
	assert_true(llabs((long long)(clock_wall() - version.created_at)) < CLOCK_MINUTE);
	char *metadata = registry_metadata(registry, "fraud", "7", &err);
	assert_string_equal(metadata, "{\"threshold\":0.3}");
	free(metadata);
	metadata = registry_metadata(registry, "fraud", "8", &err);
	assert_string_equal(metadata, "{\"a\":1}");
	free(metadata);
	assert_true(registry_get_version(registry, "fraud", "8", &version, &err));
	assert_true(isnan(version.threshold));
	registry_close(registry);
}

static void
a_version_is_refused_when_it_exists_or_has_no_file_or_broken_metadata(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct err err = {0};
	assert_false(
	    registry_add_version(registry, "fraud", "1", artifact, 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_FAILED);
	assert_false(
	    registry_add_version(registry, "fraud", "9", "/no/such", 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_false(
	    registry_add_version(registry, "fraud", "9", artifact, 0.5, "{\"a\":", "ann", &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_false(
	    registry_add_version(registry, "fr\033[2Jaud", "9", artifact, 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_USAGE);
	registry_close(registry);
}

static void
versions_come_newest_first(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct registry_version *list = NULL;
	size_t count = 0;
	struct err err = {0};
	assert_true(registry_versions(registry, NULL, &list, &count, &err));
	assert_int_equal(count, 3);
	assert_string_equal(list[0].version, "3");
	assert_string_equal(list[2].version, "1");
	free(list);
	assert_true(registry_versions(registry, "another", &list, &count, &err));
	assert_int_equal(count, 0);
	free(list);
	registry_close(registry);
}

static void
an_alias_moves_only_at_the_epoch_that_was_seen(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct registry_alias alias;
	struct err err = {0};
	int64_t epoch = -7;
	assert_false(registry_set_alias(
	    registry, "fraud", "production", "2", 0, "bob", "again", &epoch, &err));
	assert_int_equal(err.code, ERR_CHANGED);
	move(registry, "2", 1);
	assert_false(registry_set_alias(
	    registry, "fraud", "production", "3", 1, "bob", "late", &epoch, &err));
	assert_int_equal(err.code, ERR_CHANGED);
	assert_non_null(strstr(err.text, "moved to 2 by alice"));
	assert_false(registry_set_alias(
	    registry, "fraud", "production", "99", 2, "bob", "typo", &epoch, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_false(registry_set_alias(
	    registry, "fraud", "shadow", "3", 4, "bob", "no such alias", &epoch, &err));
	assert_int_equal(err.code, ERR_CHANGED);
	assert_int_equal(epoch, -7);
	assert_true(registry_get_alias(registry, "fraud", "production", &alias, &err));
	assert_string_equal(alias.version, "2");
	assert_int_equal(alias.epoch, 2);
	assert_string_equal(alias.changed_by, "alice");
	assert_string_equal(ask("SELECT count(*) FROM alias_history"), "2");
	registry_close(registry);
}

static void
every_move_leaves_a_row_of_history_that_cannot_be_changed(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct registry_change *list = NULL;
	size_t count = 0;
	struct err err = {0};
	move(registry, "2", 1);
	assert_true(registry_history(registry, "fraud", "production", 10, &list, &count, &err));
	assert_int_equal(count, 2);
	assert_string_equal(list[0].from_version, "1");
	assert_string_equal(list[0].to_version, "2");
	assert_int_equal(list[0].epoch, 2);
	assert_string_equal(list[0].by, "alice");
	assert_string_equal(list[0].reason, "why");
	assert_string_equal(list[1].from_version, "");
	free(list);
	assert_true(registry_history(registry, "fraud", "production", 1, &list, &count, &err));
	assert_int_equal(count, 1);
	free(list);
	assert_string_equal(
	    ask("DELETE FROM alias_history"), "error: alias_history is append-only");
	assert_string_equal(
	    ask("UPDATE alias_history SET by = 'mallory'"), "error: alias_history is append-only");
	registry_close(registry);
}

static void
previous(struct registry *registry, const char *expected)
{
	struct err err = {0};
	char version[128] = "";
	if (!registry_previous(registry, "fraud", "production", version, &err))
		fail_msg("%s", err.text);
	assert_string_equal(version, expected);
}

static void
the_previous_version_follows_the_history_through_rollbacks(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct err err = {0};
	char version[128];
	assert_false(registry_previous(registry, "fraud", "production", version, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	move(registry, "2", 1);
	previous(registry, "1");
	move(registry, "3", 2);
	previous(registry, "2");
	move(registry, "3", 3); /* the same once more is not a version to return to */
	previous(registry, "2");
	move(registry, "2", 4); /* rolled back */
	previous(registry, "3");
	move(registry, "3", 5); /* the rollback rolled back */
	previous(registry, "2");
	assert_string_equal(ask("UPDATE alias SET version = '1', epoch = 9"), "ok");
	previous(registry, "3"); /* moved around the program */
	registry_close(registry);
}

static void
race(int index, int start)
{
	struct err err = {0};
	char by[16], byte;
	int64_t epoch;
	struct registry *registry = registry_open("test", "local", file, false, &err);
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
	registry_close(three_versions());
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
	assert_string_equal(ask("SELECT max(epoch) || ',' || count(*) FROM alias_history"), "2,2");
	assert_string_equal(
	    ask("SELECT a.changed_by = h.by AND a.version = h.to_version FROM alias a,"
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
			struct registry *made = registry_open("test", "local", file, true, NULL);
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
	assert_string_equal(ask("PRAGMA user_version"), "1");
}

static void
a_file_of_another_program_is_refused_and_left_alone(void **state)
{
	(void)state;
	struct err err = {0};
	assert_string_equal(ask("CREATE TABLE experiments(id)"), "ok");
	assert_null(registry_open("test", "local", file, true, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_null(registry_open("test", "local", file, false, &err));
	assert_string_equal(ask("SELECT count(*) FROM sqlite_master"), "1");
	assert_true(buf_write_file(file, "this is not a database at all", 29, 0600, NULL));
	assert_null(registry_open("test", "local", file, true, &err));
	assert_null(registry_open("test", "mlflow", file, true, &err));
	assert_non_null(strstr(err.text, "known: local"));
}

static void
a_missing_file_is_made_only_when_asked(void **state)
{
	(void)state;
	struct err err = {0};
	assert_null(registry_open("test", "local", file, false, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_int_not_equal(access(file, F_OK), 0);
}

static void
rows_from_another_hand_are_read_and_scrubbed(void **state)
{
	(void)state;
	struct registry *registry = three_versions();
	struct registry_version version;
	struct registry_alias alias;
	struct err err = {0};
	assert_string_equal(
	    ask("INSERT INTO model_version VALUES('fraud', '4', '/m.json', 'x', NULL, '',"
		" 1769608800, 'a' || char(27) || ']52;c;eA' || char(7, 0x202E) || 'b')"),
	    "ok");
	assert_string_equal(ask("UPDATE alias SET changed_at = '2026-01-28 14:00:00', reason = "
				"char(27, 10) || 'x'"),
	    "ok");
	assert_true(registry_get_version(registry, "fraud", "4", &version, &err));
	assert_true(version.created_at == INT64_C(1769608800) * CLOCK_SECOND);
	assert_string_equal(version.created_by, "a\xEF\xBF\xBD]52;c;eA\xEF\xBF\xBD\xEF\xBF\xBD"
						"b");
	char *metadata = registry_metadata(registry, "fraud", "4", &err);
	assert_string_equal(metadata, "{}");
	free(metadata);
	assert_true(registry_get_alias(registry, "fraud", "production", &alias, &err));
	assert_true(alias.changed_at == INT64_C(1769608800) * CLOCK_SECOND);
	assert_string_equal(alias.reason, "\xEF\xBF\xBD x");
	registry_close(registry);
}

static int
try_to_move_without_permission(void)
{
	struct err err = {0};
	struct registry_alias alias;
	int64_t epoch;
	if (geteuid() == 0 && setuid(65534) != 0) /* to root every file is writable */
		return 1;
	struct registry *registry = registry_open("test", "local", file, false, &err);
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
	registry_close(three_versions());
	assert_int_equal(chmod(file, 0444), 0);
	assert_int_equal(chmod(folder, 0777), 0);
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
	struct registry *registry = registry_open("test", "local", file, false, &err);
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
	registry_close(three_versions());
	assert_int_equal(chmod(file, 0444), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(moved), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(look_twice_without_permission(told[1], moved[0]));
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(file, 0644), 0);
	struct registry *registry = open_registry();
	assert_true(
	    registry_set_alias(registry, "fraud", "production", "2", 1, "bob", "x", &epoch, &err));
	registry_close(registry);
	assert_int_equal(chmod(file, 0444), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(write(moved[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(status, 0);
	close(told[0]);
	close(moved[0]);
	close(moved[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_file_has_the_tables_of_the_design),
	    TEST(a_version_keeps_its_path_hash_threshold_and_metadata),
	    TEST(a_version_is_refused_when_it_exists_or_has_no_file_or_broken_metadata),
	    TEST(versions_come_newest_first),
	    TEST(an_alias_moves_only_at_the_epoch_that_was_seen),
	    TEST(every_move_leaves_a_row_of_history_that_cannot_be_changed),
	    TEST(the_previous_version_follows_the_history_through_rollbacks),
	    TEST(of_processes_that_race_for_one_epoch_exactly_one_wins),
	    TEST(many_processes_may_make_the_same_new_file_at_once),
	    TEST(a_file_of_another_program_is_refused_and_left_alone),
	    TEST(a_missing_file_is_made_only_when_asked),
	    TEST(rows_from_another_hand_are_read_and_scrubbed),
	    TEST(a_file_that_may_only_be_read_refuses_a_move_as_not_permitted),
	    TEST(a_file_in_a_folder_that_cannot_be_written_is_read_and_its_moves_are_seen),
	};
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
