/* The audit log: append-only, chained, shared by processes, and true after any of them is killed.
 */
#include "core/rollout/audit.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "tests/folder.h"
#include "tests/sql.h"

static char folder[FOLDER_SIZE], file[128];

static int
set_up(void **state)
{
	(void)state;
	if (!folder_make(folder, "audit"))
		return -1;
	snprintf(file, sizeof(file), "%s/audit.db", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

static struct audit *
open_log(void)
{
	struct err err = {0};
	struct audit *audit = audit_open(file, &err);
	if (audit == NULL)
		fail_msg("%s", err.text);
	return audit;
}

static struct audit_row
make_row(const char *event, const char *detail)
{
	struct audit_row row = {.epoch = 3};
	text_copy(row.action_id, sizeof(row.action_id), "11111111-2222-4333-8444-555555555555");
	text_copy(row.event, sizeof(row.event), event);
	text_copy(row.operation, sizeof(row.operation), "rollback");
	text_copy(row.registry, sizeof(row.registry), "prod");
	text_copy(row.model, sizeof(row.model), "fraud");
	text_copy(row.alias, sizeof(row.alias), "production");
	text_copy(row.from_version, sizeof(row.from_version), "13");
	text_copy(row.to_version, sizeof(row.to_version), "12");
	text_copy(row.reason, sizeof(row.reason), "too many \"false\" alarms");
	text_copy(row.detail, sizeof(row.detail), detail);
	return row;
}

static void
append(struct audit *audit, const char *event, const char *detail)
{
	struct err err = {0};
	struct audit_row row = make_row(event, detail);
	if (!audit_append(audit, &row, &err))
		fail_msg("%s", err.text);
}

static const char *
ask(const char *sql)
{
	return sql_ask(file, sql);
}

static void
verify_says(const char *expected)
{
	struct err err = {0};
	int64_t rows = 0;
	struct audit *audit = open_log();
	if (audit_verify(audit, &rows, &err))
		fail_msg("%lld rows verify", (long long)rows);
	assert_int_equal(err.code, ERR_DATA);
	if (strstr(err.text, expected) == NULL)
		fail_msg("`%s` is not in `%s`", expected, err.text);
	audit_close(audit);
}

static void
ten_rows(void)
{
	struct audit *audit = open_log();
	for (int i = 0; i < 10; i++)
		append(audit, "OBSERVE", "fraud-eu serves 12");
	audit_close(audit);
}

static void
an_appended_row_is_read_back_with_who_when_and_where(void **state)
{
	(void)state;
	struct audit *audit = open_log();
	struct audit_row *rows = NULL;
	struct err err = {0};
	size_t count = 0;
	int64_t walked = 0;
	struct stat status;
	setenv("SUDO_USER", "bob", 1);
	setenv("SSH_CONNECTION", "10.0.0.9 52114 10.0.0.1 22", 1);
	append(audit, "INTENT", "first");
	unsetenv("SUDO_USER");
	unsetenv("SSH_CONNECTION");
	append(audit, "RESULT", "second");
	assert_true(audit_rows(audit, 0, NULL, &rows, &count, &err));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].seq, 1);
	assert_int_equal(rows[1].seq, 2);
	assert_string_equal(rows[0].event, "INTENT");
	assert_string_equal(rows[0].reason, "too many \"false\" alarms");
	assert_int_equal(rows[0].epoch, 3);
	assert_non_null(strstr(rows[0].actor, "uid="));
	assert_non_null(strstr(rows[0].actor, "sudo=bob"));
	assert_null(strstr(rows[1].actor, "sudo="));
	assert_non_null(strstr(rows[0].origin, "ssh 10.0.0.9 52114 10.0.0.1 22 host="));
	assert_null(strstr(rows[1].origin, "ssh "));
	assert_true(llabs((long long)(clock_wall() - rows[0].at)) < CLOCK_MINUTE);
	assert_string_equal(rows[1].prev_hash, rows[0].hash);
	free(rows);
	assert_true(
	    audit_rows(audit, 1, "11111111-2222-4333-8444-555555555555", &rows, &count, &err));
	assert_int_equal(count, 1);
	free(rows);
	assert_true(audit_rows(audit, 0, "another", &rows, &count, &err));
	assert_int_equal(count, 0);
	free(rows);
	assert_true(audit_verify(audit, &walked, &err));
	assert_int_equal(walked, 2);
	audit_close(audit);
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
the_hash_is_sha256_of_the_previous_hash_and_the_json_before_it(void **state)
{
	(void)state;
	struct audit *audit = open_log();
	struct buf line = {0};
	char hex[HASH_HEX_SIZE], covered[4096];
	append(audit, "PLAN", "one");
	struct audit_row row = make_row("STATE", "na\xC3\xAFve \\ \"quoted\"");
	assert_true(audit_append(audit, &row, NULL));
	audit_row_json(&row, &line);
	cJSON *json = cJSON_Parse(line.data);
	assert_string_equal(cJSON_GetObjectItem(json, "detail")->valuestring, row.detail);
	cJSON_Delete(json);
	char *tail = strstr(line.data, ",\"prev_hash\"");
	assert_non_null(tail);
	snprintf(
	    covered, sizeof(covered), "%s%.*s}", row.prev_hash, (int)(tail - line.data), line.data);
	hash_sha256(covered, strlen(covered), hex);
	assert_string_equal(hex, row.hash);
	buf_free(&line);
	audit_close(audit);
}

static void
text_from_outside_is_scrubbed_before_it_is_kept(void **state)
{
	(void)state;
	struct audit *audit = open_log();
	struct audit_row row = make_row("STATE", "evil\033]52;c;eA==\007\xE2\x80\xAE"
						 "x\nline");
	struct err err = {0};
	int64_t rows;
	assert_true(audit_append(audit, &row, &err));
	assert_string_equal(row.detail, "evil\xEF\xBF\xBD]52;c;eA==\xEF\xBF\xBD\xEF\xBF\xBDx line");
	memset(row.detail, 'a', sizeof(row.detail)); /* no NUL */
	assert_true(audit_append(audit, &row, &err));
	assert_int_equal(strlen(row.detail), sizeof(row.detail) - 1);
	assert_true(audit_verify(audit, &rows, &err));
	audit_close(audit);
}

static void
update_and_delete_are_blocked(void **state)
{
	(void)state;
	struct err err = {0};
	int64_t rows;
	ten_rows();
	assert_string_equal(ask("UPDATE audit SET actor = 'mallory' WHERE seq = 3"),
	    "error: the audit log is append-only");
	assert_string_equal(ask("DELETE FROM audit"), "error: the audit log is append-only");
	struct audit *audit = open_log();
	assert_true(audit_verify(audit, &rows, &err));
	assert_int_equal(rows, 10);
	audit_close(audit);
}

#define UNLOCK "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; "

static void
a_changed_row_is_found_with_its_number(void **state)
{
	(void)state;
	ten_rows();
	assert_string_equal(ask(UNLOCK "UPDATE audit SET actor = 'mallory' WHERE seq = 7"), "ok");
	verify_says("row 7 was changed");
}

static void
every_column_is_under_the_hash(void **state)
{
	(void)state;
	static const char *const columns[] = {"at", "action_id", "event", "operation", "registry",
	    "model", "alias", "from_version", "to_version", "epoch", "actor", "origin", "reason",
	    "outcome", "detail"};
	ten_rows();
	assert_string_equal(ask(UNLOCK), "ok");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		char sql[256];
		snprintf(sql, sizeof(sql),
		    "CREATE TABLE old AS SELECT * FROM audit; UPDATE audit SET %s = %s || '1'"
		    " WHERE seq = 4",
		    columns[i], columns[i]);
		assert_string_equal(ask(sql), "ok");
		verify_says("row 4 was changed");
		snprintf(sql, sizeof(sql),
		    "UPDATE audit SET %s = (SELECT %s FROM old WHERE seq = 4) WHERE seq = 4;"
		    " DROP TABLE old",
		    columns[i], columns[i]);
		assert_string_equal(ask(sql), "ok");
	}
	assert_string_equal(
	    ask("UPDATE audit SET detail = detail || char(0) || 'x' WHERE seq = 4"), "ok");
	verify_says("row 4 was changed");
	assert_string_equal(
	    ask("UPDATE audit SET detail = CAST('fraud-eu serves 12' AS BLOB) WHERE seq = 4"),
	    "ok");
	verify_says("row 4 was changed");
}

static void
a_row_rewritten_with_its_own_hash_breaks_the_next_one(void **state)
{
	(void)state;
	struct audit_row *rows = NULL;
	struct buf text = {0};
	struct err err = {0};
	size_t count;
	char hex[HASH_HEX_SIZE], sql[512];
	ten_rows();
	struct audit *audit = open_log();
	assert_true(audit_rows(audit, 4, NULL, &rows, &count, &err));
	audit_close(audit);
	text_copy(rows[0].detail, sizeof(rows[0].detail), "forged");
	audit_row_json(&rows[0], &text);
	char *tail = strstr(text.data, ",\"prev_hash\"");
	char *covered =
	    mem_printf("%s%.*s}", rows[0].prev_hash, (int)(tail - text.data), text.data);
	hash_sha256(covered, strlen(covered), hex);
	snprintf(sql, sizeof(sql),
	    UNLOCK "UPDATE audit SET detail = 'forged', hash = '%s' WHERE seq = 5", hex);
	assert_string_equal(ask(sql), "ok");
	verify_says("row 6 does not follow");
	free(covered);
	free(rows);
	buf_free(&text);
}

static void
a_row_taken_out_is_found_wherever_it_stood(void **state)
{
	(void)state;
	ten_rows();
	assert_string_equal(ask(UNLOCK "DELETE FROM audit WHERE seq = 10"), "ok");
	verify_says("row 10 is missing: the log once reached row 10");
	struct audit *audit = open_log(); /* a later row does not cover it up */
	append(audit, "STATE", "after");
	audit_close(audit);
	verify_says("row 10 is missing: after it comes row 11");
	assert_string_equal(ask("DELETE FROM audit WHERE seq = 1"), "ok");
	verify_says("row 1 is missing");
}

static void
four_processes_append_one_unbroken_chain(void **state)
{
	(void)state;
	enum { WRITERS = 4, EACH = 50 };
	pid_t children[WRITERS];
	struct err err = {0};
	int64_t rows = 0;
	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] != 0)
			continue;
		struct audit *audit = audit_open(file, NULL);
		bool good = audit != NULL;
		for (int n = 0; good && n < EACH; n++) {
			struct audit_row row = make_row("OBSERVE", "from one of four");
			good = audit_append(audit, &row, NULL);
		}
		audit_close(audit);
		_exit(good ? 0 : 1);
	}
	int bad = 0;
	for (int i = 0; i < WRITERS; i++) {
		int status = 0;
		waitpid(children[i], &status, 0);
		bad += status != 0;
	}
	assert_int_equal(bad, 0);
	struct audit *audit = open_log();
	if (!audit_verify(audit, &rows, &err))
		fail_msg("%s", err.text);
	assert_int_equal(rows, WRITERS * EACH);
	audit_close(audit);
}

static void
append_until_killed(int acknowledge)
{
	struct audit *audit = audit_open(file, NULL);
	for (;;) {
		struct audit_row row = make_row("OBSERVE", "until killed");
		if (audit == NULL || !audit_append(audit, &row, NULL) ||
		    write(acknowledge, &row.seq, sizeof(row.seq)) != sizeof(row.seq))
			_exit(1);
	}
}

/* Lets a writer work for a random time, kills it, and returns the last row it was told is durable.
 */
/* `acknowledged`: not before its first row is. */
static int64_t
kill_one_writer(struct rng *rng, bool acknowledged)
{
	int pipes[2], status = 0;
	int64_t seq, last = 0;
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0) {
		close(pipes[0]);
		append_until_killed(pipes[1]);
	}
	close(pipes[1]);
	if (acknowledged)
		assert_int_equal(read(pipes[0], &last, sizeof(last)), sizeof(last));
	usleep(1000 + rng_below(rng, 60000));
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	while (read(pipes[0], &seq, sizeof(seq)) == sizeof(seq)) {
		assert_true(seq > last);
		last = seq;
	}
	close(pipes[0]);
	return last;
}

static void
no_acknowledged_row_is_lost_when_writers_are_killed_at_any_moment(void **state)
{
	(void)state;
	struct rng rng;
	struct err err = {0};
	int64_t last = 0, rows = 0, acknowledged = 0;
	rng_seed(&rng, 42, 1);
	mono_us until = clock_mono() + 3 * CLOCK_SECOND;
	for (int round = 0; clock_mono() < until || round < 8; round++) {
		int64_t seq = kill_one_writer(&rng, round % 2 == 0);
		if (seq > last)
			last = seq;
		acknowledged += seq > 0;
	}
	assert_true(acknowledged > 3);
	struct audit *audit = open_log();
	if (!audit_verify(audit, &rows, &err))
		fail_msg("%s", err.text);
	assert_true(rows >= last);
	audit_close(audit);
	assert_string_equal(ask("PRAGMA integrity_check"), "ok");
}

static void
reading_alone_makes_no_file(void **state)
{
	(void)state;
	struct err err = {0};
	struct audit_row row = make_row("STATE", "x");
	assert_null(audit_open_read(file, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_int_not_equal(access(file, F_OK), 0);
	ten_rows();
	struct audit *audit = audit_open_read(file, &err);
	assert_non_null(audit);
	assert_false(audit_append(audit, &row, &err));
	audit_close(audit);
}

/* Killed after the file was made and before its tables were. */
static void
a_log_killed_while_it_was_made_has_no_rows_and_is_made_then(void **state)
{
	(void)state;
	struct err err = {0};
	assert_string_equal(ask("PRAGMA journal_mode = WAL"), "wal");
	assert_int_equal(access(file, F_OK), 0);
	assert_null(audit_open_read(file, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_non_null(strstr(err.text, "nothing was recorded in it yet"));
	struct audit *audit = open_log();
	append(audit, "PLAN", "{}");
	audit_close(audit);
	audit = audit_open_read(file, &err);
	assert_non_null(audit);
	struct audit_row *rows = NULL;
	size_t count = 0;
	assert_true(audit_rows(audit, 0, NULL, &rows, &count, &err));
	assert_int_equal(count, 1);
	free(rows);
	audit_close(audit);
	assert_string_equal(ask("PRAGMA user_version = 0"), "ok");
	err.code = 0;
	assert_null(audit_open_read(file, &err)); /* with tables, it is another program's file */
	assert_int_equal(err.code, ERR_DATA);
}

static void
without_a_path_the_log_is_in_the_state_folder(void **state)
{
	(void)state;
	struct err err = {0};
	struct stat status;
	char expected[160];
	setenv("XDG_STATE_HOME", folder, 1);
	snprintf(expected, sizeof(expected), "%s/fraudtop/audit.db", folder);
	struct audit *audit = audit_open(NULL, &err);
	assert_non_null(audit);
	assert_string_equal(audit_path(audit), expected);
	audit_close(audit);
	expected[strlen(expected) - strlen("/audit.db")] = '\0';
	assert_int_equal(stat(expected, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
}

static void
action_ids_are_random_uuids(void **state)
{
	(void)state;
	char a[40], b[40];
	audit_new_action_id(a);
	audit_new_action_id(b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_appended_row_is_read_back_with_who_when_and_where),
	    TEST(the_hash_is_sha256_of_the_previous_hash_and_the_json_before_it),
	    TEST(text_from_outside_is_scrubbed_before_it_is_kept),
	    TEST(update_and_delete_are_blocked),
	    TEST(a_changed_row_is_found_with_its_number),
	    TEST(every_column_is_under_the_hash),
	    TEST(a_row_rewritten_with_its_own_hash_breaks_the_next_one),
	    TEST(a_row_taken_out_is_found_wherever_it_stood),
	    TEST(four_processes_append_one_unbroken_chain),
	    TEST(no_acknowledged_row_is_lost_when_writers_are_killed_at_any_moment),
	    TEST(reading_alone_makes_no_file),
	    TEST(a_log_killed_while_it_was_made_has_no_rows_and_is_made_then),
	    TEST(without_a_path_the_log_is_in_the_state_folder),
	    TEST(action_ids_are_random_uuids),
	};
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
