/* rollback_killed.c: the screen that began a rollback is lost in the middle of it: killed, or its
 * terminal hung up, before the registry is written or while the service is watched. The executor,
 * a process of its own session, goes on to the verdict, and the audit log is whole.
 * What makes "the middle" long enough to hit: a held write lock of the registry, a stopped service.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/rollout/audit.h"
#include "tests/kit/operator.h"

#include <sqlite3.h>

#include "core/registry/registry.h"

#define SERVICE "fraud-eu"
#define REASON "the screen will be lost"

static pid_t service;
static char registry[600], config[600], url[128];
static struct pty pty;

/* --- the stage --- */

static void
make_registry(void)
{
	struct err err = {0};
	int64_t epoch = 0;
	struct registry *db = registry_open("prod", "local", registry, true, &err);
	assert_non_null(db);
	for (int version = 12; version <= 13; version++) {
		char path[128], name[16];
		snprintf(name, sizeof(name), "%d", version);
		snprintf(
		    path, sizeof(path), "core/service/models/" OPERATOR_MODEL "_%s.json", name);
		if (!registry_add_version(
			db, OPERATOR_MODEL, name, path, 0.3, NULL, "trainer", &err))
			fail_msg("%s", err.text);
		if (!registry_set_alias(db, OPERATOR_MODEL, "production", name, epoch, "ann",
			"set up", &epoch, &err))
			fail_msg("%s", err.text);
	}
	registry_close(db);
}

/* `fraudtop serve` on any port; its one line of output says which. It ends with this program, which
 * holds its standard input. */
static void
start_service(void)
{
	int out[2], in[2];
	char line[256] = "";
	assert_int_equal(pipe(out) + pipe(in), 0);
	service = fork();
	if (service == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(in[0], STDIN_FILENO);
		close(in[1]);
		execl(operator_program(), "fraudtop", "serve", "--registry", registry,
		    "--model-name", OPERATOR_MODEL, "--service", SERVICE, "--port", "0",
		    "--until-eof", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	close(in[0]);
	fcntl(in[1], F_SETFD, FD_CLOEXEC); /* and stays open */
	FILE *said = fdopen(out[0], "r");
	assert_non_null(said);
	assert_non_null(fgets(line, sizeof(line), said));
	fclose(said);
	const char *at = strstr(line, "http://");
	assert_non_null(at);
	snprintf(url, sizeof(url), "%.*s", (int)strcspn(at, ", \n"), at);
}

static void
write_config(void)
{
	struct buf text = {0};
	buf_printf(&text,
	    "version: 1\ncontext: prod\nregistries:\n  - {name: prod, kind: local, path: %s}\n"
	    "services:\n  - {name: " SERVICE ", url: \"%s\", model: " OPERATOR_MODEL
	    ", registry: prod}\nverify: {timeout: 300s}\n",
	    registry, url);
	assert_true(buf_write_file(config, text.data, text.length, 0600, NULL));
	buf_free(&text);
}

static int
set_up(void **state)
{
	(void)state;
	if (!operator_make_place())
		return -1;
	snprintf(registry, sizeof(registry), "%s/registry.db", place);
	snprintf(config, sizeof(config), "%s/config.yaml", place);
	make_registry();
	start_service();
	write_config();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pty_close(&pty);
	if (service > 0) {
		kill(service, SIGKILL);
		waitpid(service, NULL, 0);
	}
	operator_remove_place();
	return 0;
}

/* The dashboard, its sheet open and the name typed: the next Enter begins the rollback. */
static void
open_sheet(void)
{
	const char *const arguments[] = {"-c", config, NULL};
	assert_true(operator_start(&pty, arguments));
	assert_true(operator_wait_version(&pty, SERVICE, "13"));
	assert_true(operator_open_sheet(&pty, REASON));
	assert_true(pty_shows(&pty, "to: 12"));
}

/* Is this argument in the process's command line? */
static bool
has_argument(pid_t pid, const char *wanted)
{
	char bytes[4096];
	size_t got = operator_read_process(pid, "cmdline", bytes, sizeof(bytes));
	for (size_t at = 0; at < got; at += strlen(bytes + at) + 1) {
		if (strcmp(bytes + at, wanted) == 0)
			return true;
	}
	return false;
}

/* The executor of the screen, known by the configuration it was given; 0: none runs. */
static pid_t
find_executor(void)
{
	static struct operator_process all[8192];
	char wanted[700];
	size_t count = operator_processes(all, sizeof(all) / sizeof(all[0]));
	snprintf(wanted, sizeof(wanted), "--config=%s", config);
	for (size_t i = 0; i < count; i++) {
		if (has_argument(all[i].pid, wanted))
			return all[i].pid;
	}
	return 0;
}

static void
lose_the_screen(bool hang_up)
{
	if (hang_up) {
		pty_hang_up(&pty);
		assert_true(pty_wait_end(&pty));
	} else {
		kill(pty.pid, SIGKILL);
		assert_true(pty_wait_end(&pty));
		assert_int_equal(pty_end_signal(&pty), SIGKILL);
	}
}

/* The verdict, the rows that lead to it in their order, the chain, and the service itself. */
static void
check_finished(void)
{
	static const char *const order[] = {
	    "ARM", "PLAN", "PREFLIGHT", "INTENT", "RESULT", "STATE"};
	struct audit_row *rows = NULL;
	size_t count = 0, at = 0;
	int64_t verified = 0;
	assert_true(operator_wait_audited("STATE", "verified"));
	struct audit *audit = audit_open_read(NULL, NULL);
	assert_non_null(audit);
	assert_true(audit_rows(audit, 0, NULL, &rows, &count, NULL));
	for (size_t i = 0; i < count && at < sizeof(order) / sizeof(order[0]); i++)
		at += strcmp(rows[i].event, order[at]) == 0;
	assert_int_equal(at, sizeof(order) / sizeof(order[0]));
	assert_string_equal(rows[count - 1].outcome, "verified");
	assert_true(audit_verify(audit, &verified, NULL));
	assert_int_equal(verified, count);
	free(rows);
	audit_close(audit);
	assert_true(operator_serves(url, "12"));
	for (long long end = pty_now_ms() + PTY_WAIT_MS; find_executor() != 0;) {
		assert_true(pty_now_ms() < end);
		poll(NULL, 0, 20);
	}
}

/* --- tests --- */

/* The executor waits 2 s for the registry's lock: false if that was over before the screen was. */
static bool
lose_it_before_the_write(void)
{
	sqlite3 *db = NULL;
	open_sheet();
	assert_int_equal(sqlite3_open(registry, &db), SQLITE_OK);
	pty_send(&pty, "\025" OPERATOR_MODEL);
	assert_true(pty_wait(&pty, "Esc to leave: " OPERATOR_MODEL));
	sqlite3_busy_timeout(db, 10000);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	pty_send(&pty, "\r");
	assert_true(operator_wait_audited("INTENT", NULL));
	lose_the_screen(false);
	pid_t executor = find_executor();
	if (executor != 0)
		kill(executor, SIGSTOP);
	bool waits = !operator_audited("RESULT", NULL);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	if (executor != 0)
		kill(executor, SIGCONT);
	return waits;
}

static void
killed_before_the_write_the_executor_goes_on(void **state)
{
	for (int late = 0; !lose_it_before_the_write(); late++) {
		assert_true(late < 5); /* a machine that is busy */
		tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
	check_finished();
}

static void
lose_it_while_the_service_is_watched(bool hang_up)
{
	open_sheet();
	kill(service, SIGSTOP);
	assert_true(operator_confirm(&pty));
	assert_true(operator_wait_audited("RESULT", "ok"));
	assert_true(pty_wait(&pty, "verifying"));
	lose_the_screen(hang_up);
	assert_int_not_equal(find_executor(), 0);
	assert_false(operator_audited("STATE", "verified"));
	kill(service, SIGCONT);
	check_finished();
}

static void
killed_while_verifying_the_executor_goes_on(void **state)
{
	(void)state;
	lose_it_while_the_service_is_watched(false);
}

static void
hung_up_while_verifying_the_executor_goes_on(void **state)
{
	(void)state;
	lose_it_while_the_service_is_watched(true);
}

/* The other way round: the screen does not claim what the log does not say. */
static void
the_executor_killed_the_screen_says_that_there_is_no_verdict(void **state)
{
	(void)state;
	open_sheet();
	kill(service, SIGSTOP);
	assert_true(operator_confirm(&pty));
	assert_true(operator_wait_audited("RESULT", "ok"));
	pid_t executor = find_executor();
	assert_int_not_equal(executor, 0);
	kill(executor, SIGKILL);
	assert_true(pty_wait(&pty, "ended without a verdict"));
	assert_false(pty_shows(&pty, "verified"));
	kill(service, SIGCONT);
	assert_true(operator_wait_version(&pty, SERVICE, "12"));
	pty_send(&pty, "q");
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 0);
	assert_true(pty_is_restored(&pty));
	struct buf out = {0};
	assert_int_equal(operator_run("audit verify", &out), 0);
	buf_free(&out);
}

/* q asks while it is in flight; :q! leaves at once. */
static void
quitting_in_flight_asks_and_the_executor_goes_on(void **state)
{
	(void)state;
	open_sheet();
	kill(service, SIGSTOP);
	assert_true(operator_confirm(&pty));
	assert_true(operator_wait_audited("RESULT", "ok"));
	assert_true(pty_wait(&pty, "verifying"));
	pty_send(&pty, "q");
	assert_true(pty_wait(&pty, "is in flight"));
	pty_send(&pty, ":q!\r");
	assert_true(pty_wait_end(&pty));
	assert_true(pty_is_restored(&pty));
	assert_int_not_equal(find_executor(), 0);
	kill(service, SIGCONT);
	check_finished();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		killed_before_the_write_the_executor_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		killed_while_verifying_the_executor_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		hung_up_while_verifying_the_executor_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		quitting_in_flight_asks_and_the_executor_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_executor_killed_the_screen_says_that_there_is_no_verdict, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
