/* intake_newest.c: what is read first, so that the newest window is on the screen at once: the ends
 * of logs and tables, and what has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/kit/logs.h"

static void
of_the_newest_each_log_gives_its_own_window(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	logs_write(&f, "busy.jsonl", "a", 60000, 2, 0);
	logs_write(&f, "quiet.jsonl", "b", 20000, 6, 0);
	logs_configure(
	    &f, "  - {name: eu, log: \"@/busy.jsonl\"}\n  - {name: us, log: \"@/quiet.jsonl\"}\n");
	f.config->comparison_us = CLOCK_MINUTE;
	logs_open(&f);
	intake_look(f.intake);
	struct monitor *monitor = monitor_new(f.config);
	struct intake *newest = intake_new_newest(f.config, monitor, f.intake);
	assert_non_null(newest);
	while (intake_read(newest, LOGS_SLICE))
		continue;
	uint64_t busy = intake_file(newest, 0)->accepted, quiet = intake_file(newest, 1)->accepted;
	assert_true(busy > 27000 && busy < 33000);
	assert_true(quiet > 9000 && quiet < 11000);
	intake_free(newest);
	monitor_free(monitor);
	logs_end(&f);
}

/* The newest of what a configuration names, or NULL. */
static struct intake *
open_newest(struct logs *f, const char *services, struct monitor **monitor)
{
	logs_configure(f, services);
	logs_open(f);
	intake_look(f->intake);
	*monitor = monitor_new(f->config);
	return intake_new_newest(f->config, *monitor, f->intake);
}

static void
of_the_newest_a_table_gives_its_last_rows(void **state)
{
	(void)state;
	struct logs f;
	struct monitor *monitor;
	logs_make(&f);
	char *path = place_path(f.folder, "rows.db");
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	free(path);
	assert_int_equal(
	    sqlite3_exec(db,
		"CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		"WHERE i < 100000) SELECT 1769608800 + i / 100 AS ts, 'r' || i AS request_id, 0.25 "
		"AS score FROM n",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	struct intake *newest =
	    open_newest(&f, "  - {name: eu, log: \"@/rows.db\", table: t}\n", &monitor);
	assert_non_null(newest);
	while (intake_read(newest, LOGS_SLICE))
		continue;
	assert_int_equal(intake_file(newest, 0)->accepted, 65536); /* 32 MiB by 512 bytes */
	assert_true(monitor_clock(monitor) / CLOCK_SECOND == 1769608800 + 1000);
	intake_free(newest);
	monitor_free(monitor);
	logs_end(&f);
}

static void
packed_files_have_no_newest_of_their_own(void **state)
{
	(void)state;
	struct logs f;
	struct monitor *monitor;
	logs_make(&f);
	logs_write(&f, "eu.jsonl.1", "a", 1000, 2, 0);
	char *pack = mem_printf("gzip %s/eu.jsonl.1", f.folder);
	assert_int_equal(system(pack), 0);
	free(pack);
	assert_null(open_newest(&f, "  - {name: eu, log: \"@/eu.jsonl*\"}\n", &monitor));
	monitor_free(monitor);
	while (intake_read(f.intake, LOGS_SLICE))
		continue;
	assert_int_equal(intake_file(f.intake, 0)->accepted, 1000);
	logs_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_the_newest_each_log_gives_its_own_window),
	    cmocka_unit_test(of_the_newest_a_table_gives_its_last_rows),
	    cmocka_unit_test(packed_files_have_no_newest_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
