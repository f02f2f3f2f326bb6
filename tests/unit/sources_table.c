/* sources_table.c: the rows of an SQLite table, as they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/kit/followed.h"

static sqlite3 *db;

static void
sql(const char *text)
{
	char *error = NULL;
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", text, error);
}

static int
set_up_db(void **state)
{
	followed_set_up(state);
	assert_int_equal(sqlite3_open(followed_in_folder("rows.db"), &db), SQLITE_OK);
	return 0;
}

static int
tear_down_db(void **state)
{
	sqlite3_close(db);
	return followed_tear_down(state);
}

static void
begin_table(const char *table)
{
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources,
	    &(struct source_options){.path = followed_in_folder("rows.db"), .table = table});
}

static void
rows_come_as_json_in_the_order_of_rowid(void **state)
{
	(void)state;
	sql("CREATE TABLE t(id INTEGER PRIMARY KEY, \"na\"\"me\" TEXT, score REAL, features TEXT);"
	    "INSERT INTO t VALUES (7, 'a\"\\' || char(10) || 'b', 0.1, '{\"x\": [1,\n 2]}'),"
	    "(3, NULL, 1e300, '{broken'), (9, 'ü', -5, '[]')");
	begin_table("t");
	followed_assert_reads(
	    "{\"id\":3,\"na\\\"me\":null,\"score\":1e+300,\"features\":\"{broken\"}|"
	    "{\"id\":7,\"na\\\"me\":\"a\\\"\\\\\\u000ab\",\"score\":0.1,\"features\":"
	    "{\"x\": [1,  2]}}|"
	    "{\"id\":9,\"na\\\"me\":\"ü\",\"score\":-5,\"features\":[]}|");
	assert_true(sources_at_end(followed.sources) && sources_behind(followed.sources) == 0);
	sql("INSERT INTO t(id, score) VALUES (10, 0.5)");
	followed_assert_reads("{\"id\":10,\"na\\\"me\":null,\"score\":0.5,\"features\":null}|");
	followed_assert_reads("");
	/* Emptied, and filled from the beginning. */
	sql("DELETE FROM t");
	followed_assert_reads("");
	sql("INSERT INTO t(id, score) VALUES (1, 2)");
	followed_assert_reads("{\"id\":1,\"na\\\"me\":null,\"score\":2,\"features\":null}|");
	assert_true(followed_stats(0)->truncations == 1);
}

static void
many_rows_come_whole_and_once(void **state)
{
	(void)state;
	sql("CREATE TABLE \"odd \"\"name\"(rowid TEXT, n INTEGER);"
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) "
	    "INSERT INTO \"odd \"\"name\" SELECT 'x', i FROM c");
	begin_table("odd \"name");
	int next = 1;
	while (sources_take(followed.sources, &followed.stretch, 4096)) {
		assert_true(followed.stretch.line == (uint64_t)next);
		for (const char *at = followed.stretch.text; *at != '\0';
		     at = strchr(at, '\n') + 1) {
			int n = 0;
			assert_int_equal(sscanf(at, "{\"rowid\":\"x\",\"n\":%d}", &n), 1);
			assert_int_equal(n, next++);
		}
	}
	assert_int_equal(next, 20001);
	assert_true(followed_stats(0)->lines == 20000);
}

static void
rows_after_a_vacuum_are_read(void **state)
{
	(void)state;
	sql("CREATE TABLE t(n INTEGER); INSERT INTO t VALUES (1), (2), (3), (4)");
	begin_table("t");
	followed_assert_reads("{\"n\":1}|{\"n\":2}|{\"n\":3}|{\"n\":4}|");
	sql("DELETE FROM t WHERE n < 4; VACUUM");
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "fell from 4 to 1"));
	sql("INSERT INTO t VALUES (5), (6)");
	followed_assert_reads("{\"n\":5}|{\"n\":6}|");
	sql("DELETE FROM t WHERE n = 6");
	followed_assert_reads("");
	sql("INSERT INTO t VALUES (7)");
	followed_assert_reads("{\"n\":7}|");
}

static void
assert_error(const char *table, const char *part)
{
	begin_table(table);
	followed_assert_reads("");
	if (strstr(followed_stats(0)->error, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, followed_stats(0)->error);
}

static void
what_cannot_be_followed_says_why(void **state)
{
	(void)state;
	sql("CREATE TABLE one(a); CREATE TABLE two(a PRIMARY KEY) WITHOUT ROWID;"
	    "CREATE VIEW seen AS SELECT * FROM one");
	assert_error("three", "no table `three`; there are: one, two");
	assert_error("seen", "no table `seen`");
	assert_error("two", "table `two` has no rowid");
	sql("CREATE TABLE three(a); INSERT INTO three VALUES (x'0011'), (2)");
	begin_table("three");
	followed_assert_reads("{\"a\":{\"blob_bytes\":2}}|{\"a\":2}|");
	assert_non_null(strstr(followed_stats(0)->error, "column a holds blobs"));
	followed_write_text(followed_in_folder("text"),
	    "this is no database, and long enough to be looked at as one");
	sources_add(followed.sources,
	    &(struct source_options){.path = followed_in_folder("text"), .table = "t"});
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(1)->error, "not a database"));
	sources_add(followed.sources,
	    &(struct source_options){.path = followed_in_folder("later.db"), .table = "t"});
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(2)->error, "not there yet"));
}

static void
a_busy_database_is_asked_again(void **state)
{
	(void)state;
	sql("CREATE TABLE t(a); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE; INSERT INTO t VALUES "
	    "(2)");
	begin_table("t");
	followed_assert_reads("");
	sql("COMMIT");
	followed_assert_reads("{\"a\":1}|{\"a\":2}|");
	sql("BEGIN EXCLUSIVE; INSERT INTO t VALUES (3)");
	followed_assert_reads("");
	assert_string_equal(followed_stats(0)->error, "");
	/* And it holds nobody up itself. */
	sql("COMMIT");
	assert_true(sources_take(followed.sources, &followed.stretch, 100));
	sql("BEGIN EXCLUSIVE; DROP TABLE t; COMMIT");
	followed_assert_reads("");
	assert_non_null(strstr(followed_stats(0)->error, "no such table"));
}

int
main(void)
{
#define TEST_DB(f) cmocka_unit_test_setup_teardown(f, set_up_db, tear_down_db)
	const struct CMUnitTest tests[] = {
	    TEST_DB(rows_come_as_json_in_the_order_of_rowid),
	    TEST_DB(many_rows_come_whole_and_once),
	    TEST_DB(rows_after_a_vacuum_are_read),
	    TEST_DB(what_cannot_be_followed_says_why),
	    TEST_DB(a_busy_database_is_asked_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
