/* The registry: what its local driver keeps, and what it refuses. Shared by several processes:
 * registry_shared.c. */
#include "core/registry/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "tests/kit/registered.h"

static void
the_file_has_the_tables_of_the_design(void **state)
{
	(void)state;
	struct stat status;
	registry_close(registered_three());
	assert_string_equal(registered_ask("PRAGMA user_version"), "1");
	assert_string_equal(registered_ask("PRAGMA journal_mode"), "wal");
	assert_string_equal(
	    registered_ask("SELECT group_concat(name) FROM pragma_table_info('model_version')"),
	    "model,version,path,sha256,threshold,metadata,created_at,created_by");
	assert_string_equal(
	    registered_ask("SELECT group_concat(name) FROM pragma_table_info('alias')"),
	    "model,alias,version,epoch,changed_at,changed_by,reason");
	assert_string_equal(
	    registered_ask("SELECT group_concat(name) FROM pragma_table_info('alias_history')"),
	    "seq,model,alias,from_version,to_version,epoch,at,by,reason");
	assert_int_equal(stat(registered.file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
a_version_keeps_its_path_hash_threshold_and_metadata(void **state)
{
	(void)state;
	struct registry *registry = registered_open();
	struct registry_version version;
	struct err err = {0};
	char hex[HASH_HEX_SIZE], beside[160];
	snprintf(beside, sizeof(beside), "%s/model.metadata.json", registered.folder);
	assert_true(buf_write_file(beside, "{\"threshold\":0.3}", 17, 0600, NULL));
	assert_true(registry_add_version(
	    registry, "fraud", "7", registered.artifact, 0.25, NULL, "ann", &err));
	assert_true(registry_add_version(
	    registry, "fraud", "8", registered.artifact, NAN, "{\"a\":1}", "ann", &err));
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
	struct registry *registry = registered_three();
	struct err err = {0};
	assert_false(registry_add_version(
	    registry, "fraud", "1", registered.artifact, 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_FAILED);
	assert_false(
	    registry_add_version(registry, "fraud", "9", "/no/such", 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_false(registry_add_version(
	    registry, "fraud", "9", registered.artifact, 0.5, "{\"a\":", "ann", &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_false(registry_add_version(
	    registry, "fr\033[2Jaud", "9", registered.artifact, 0.5, NULL, "ann", &err));
	assert_int_equal(err.code, ERR_USAGE);
	registry_close(registry);
}

static void
versions_come_newest_first(void **state)
{
	(void)state;
	struct registry *registry = registered_three();
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
	struct registry *registry = registered_three();
	struct registry_alias alias;
	struct err err = {0};
	int64_t epoch = -7;
	assert_false(registry_set_alias(
	    registry, "fraud", "production", "2", 0, "bob", "again", &epoch, &err));
	assert_int_equal(err.code, ERR_CHANGED);
	registered_move(registry, "2", 1);
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
	assert_string_equal(registered_ask("SELECT count(*) FROM alias_history"), "2");
	registry_close(registry);
}

static void
every_move_leaves_a_row_of_history_that_cannot_be_changed(void **state)
{
	(void)state;
	struct registry *registry = registered_three();
	struct registry_change *list = NULL;
	size_t count = 0;
	struct err err = {0};
	registered_move(registry, "2", 1);
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
	    registered_ask("DELETE FROM alias_history"), "error: alias_history is append-only");
	assert_string_equal(registered_ask("UPDATE alias_history SET by = 'mallory'"),
	    "error: alias_history is append-only");
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
	struct registry *registry = registered_three();
	struct err err = {0};
	char version[128];
	assert_false(registry_previous(registry, "fraud", "production", version, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	registered_move(registry, "2", 1);
	previous(registry, "1");
	registered_move(registry, "3", 2);
	previous(registry, "2");
	registered_move(registry, "3", 3); /* the same once more is not a version to return to */
	previous(registry, "2");
	registered_move(registry, "2", 4); /* rolled back */
	previous(registry, "3");
	registered_move(registry, "3", 5); /* the rollback rolled back */
	previous(registry, "2");
	assert_string_equal(registered_ask("UPDATE alias SET version = '1', epoch = 9"), "ok");
	previous(registry, "3"); /* moved around the program */
	registry_close(registry);
}

static void
a_file_of_another_program_is_refused_and_left_alone(void **state)
{
	(void)state;
	struct err err = {0};
	assert_string_equal(registered_ask("CREATE TABLE experiments(id)"), "ok");
	assert_null(registry_open("test", "local", registered.file, true, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_null(registry_open("test", "local", registered.file, false, &err));
	assert_string_equal(registered_ask("SELECT count(*) FROM sqlite_master"), "1");
	assert_true(
	    buf_write_file(registered.file, "this is not a database at all", 29, 0600, NULL));
	assert_null(registry_open("test", "local", registered.file, true, &err));
	assert_null(registry_open("test", "mlflow", registered.file, true, &err));
	assert_non_null(strstr(err.text, "known: local"));
}

static void
a_missing_file_is_made_only_when_asked(void **state)
{
	(void)state;
	struct err err = {0};
	assert_null(registry_open("test", "local", registered.file, false, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_int_not_equal(access(registered.file, F_OK), 0);
}

static void
rows_from_another_hand_are_read_and_scrubbed(void **state)
{
	(void)state;
	struct registry *registry = registered_three();
	struct registry_version version;
	struct registry_alias alias;
	struct err err = {0};
	assert_string_equal(
	    registered_ask(
		"INSERT INTO model_version VALUES('fraud', '4', '/m.json', 'x', NULL, '',"
		" 1769608800, 'a' || char(27) || ']52;c;eA' || char(7, 0x202E) || 'b')"),
	    "ok");
	assert_string_equal(
	    registered_ask("UPDATE alias SET changed_at = '2026-01-28 14:00:00', reason = "
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    REGISTERED_TEST(the_file_has_the_tables_of_the_design),
	    REGISTERED_TEST(a_version_keeps_its_path_hash_threshold_and_metadata),
	    REGISTERED_TEST(a_version_is_refused_when_it_exists_or_has_no_file_or_broken_metadata),
	    REGISTERED_TEST(versions_come_newest_first),
	    REGISTERED_TEST(an_alias_moves_only_at_the_epoch_that_was_seen),
	    REGISTERED_TEST(every_move_leaves_a_row_of_history_that_cannot_be_changed),
	    REGISTERED_TEST(the_previous_version_follows_the_history_through_rollbacks),
	    REGISTERED_TEST(a_file_of_another_program_is_refused_and_left_alone),
	    REGISTERED_TEST(a_missing_file_is_made_only_when_asked),
	    REGISTERED_TEST(rows_from_another_hand_are_read_and_scrubbed),
	};
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
