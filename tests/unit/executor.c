/* executor.c: the process that carries an action out is a session of its own, gets exactly what was
 * on the sheet, and lives on when the screen dies. This program is its own executor here: started
 * with `rollback` or `promote` it writes down what it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka wants those first */
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "tests/folder.h"
#include "tui/executor.h"

static char folder[FOLDER_SIZE];

static int
prove(int argc, char **argv)
{
	char path[256];
	struct stat null, input;
	const char *proof = getenv("EXECUTOR_PROOF");
	snprintf(path, sizeof(path), "%s.part", proof);
	FILE *out = fopen(path, "w");
	if (out == NULL)
		return 1;
	bool quiet =
	    stat("/dev/null", &null) == 0 && fstat(0, &input) == 0 && null.st_rdev == input.st_rdev;
	fprintf(out, "%s %s\n", getsid(0) == getpid() ? "own session" : "same session",
	    quiet ? "quiet" : "loud");
	const char *delay = getenv("EXECUTOR_DELAY_US");
	if (delay != NULL)
		usleep((useconds_t)atoi(delay));
	for (int i = 1; i < argc; i++)
		fprintf(out, "%s\n", argv[i]);
	fclose(out);
	return rename(path, proof) == 0 ? 75 : 1;
}

static struct rollout_plan
plan_of(const char *operation, const char *model)
{
	struct rollout_plan plan = {.epoch = 41};
	text_copy(plan.operation, sizeof(plan.operation), operation);
	text_copy(plan.registry, sizeof(plan.registry), "prod");
	text_copy(plan.model, sizeof(plan.model), model);
	text_copy(plan.alias, sizeof(plan.alias), "production");
	text_copy(plan.from, sizeof(plan.from), "13");
	text_copy(plan.to, sizeof(plan.to), "--dry-run");
	text_copy(plan.reason, sizeof(plan.reason), "--no $(rm -rf /) `x`");
	text_copy(plan.action_id, sizeof(plan.action_id), "a-b-c");
	return plan;
}

static void
await(const char *path, struct buf *out)
{
	struct err err;
	for (int i = 0; i < 6000 && access(path, F_OK) != 0; i++)
		usleep(20000);
	if (!buf_read_file(out, path, 65536, &err))
		fail_msg("%s", err.text);
}

static void
names_like_options_stay_values(void **state)
{
	static const char *const wanted[] = {"fraudtop", "promote", "--alias=production",
	    "--registry=prod", "--expect-version=13", "--expect-epoch=41", "--confirm=--help",
	    "--reason=--no $(rm -rf /) `x`", "--action-id=a-b-c", "--config=/etc/f.yaml", "--",
	    "--help", "--dry-run"};
	struct config *config = config_new();
	struct rollout_plan plan = plan_of("promote", "--help");
	(void)state;
	text_copy(config->path, sizeof(config->path), "/etc/f.yaml");
	char **argv = executor_argv(config, "fraudtop", &plan);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_string_equal(argv[i], wanted[i]);
	assert_null(argv[sizeof(wanted) / sizeof(wanted[0])]);
	executor_argv_free(argv);
	config_free(config);
}

static void
it_runs_in_its_own_session_and_its_end_is_seen(void **state)
{
	struct config *config = config_new();
	struct executor *executor = executor_new(config, "fraudtop");
	struct driver driver = executor_driver(executor);
	struct rollout_plan plan = plan_of("rollback", "fraud_classifier");
	struct buf out = {0};
	struct err err = {0};
	char proof[128];
	int code = 0;
	(void)state;
	snprintf(proof, sizeof(proof), "%s/first", folder);
	setenv("EXECUTOR_PROOF", proof, 1);
	if (!driver.start(driver.context, &plan, &err))
		fail_msg("%s", err.text);
	await(proof, &out);
	assert_string_equal(out.data,
	    "own session quiet\nrollback\n--alias=production\n--registry=prod\n--to=--dry-run\n"
	    "--expect-version=13\n--expect-epoch=41\n--confirm=fraud_classifier\n"
	    "--reason=--no $(rm -rf /) `x`\n--action-id=a-b-c\n--\nfraud_classifier\n");
	for (int i = 0; i < 6000 && driver.running(driver.context, &code); i++)
		usleep(20000);
	assert_int_equal(code, 75);
	buf_free(&out);
	executor_free(executor);
	config_free(config);
}

static void
it_outlives_a_killed_screen(void **state)
{
	char proof[128];
	struct buf out = {0};
	int ready[2], status;
	char byte;
	(void)state;
	snprintf(proof, sizeof(proof), "%s/second", folder);
	setenv("EXECUTOR_PROOF", proof, 1);
	setenv("EXECUTOR_DELAY_US", "300000", 1);
	assert_int_equal(pipe(ready), 0);
	pid_t screen = fork();
	if (screen == 0) {
		struct config *config = config_new();
		struct executor *executor = executor_new(config, "fraudtop");
		struct driver driver = executor_driver(executor);
		struct rollout_plan plan = plan_of("rollback", "fraud_classifier");
		struct err err;
		setsid();
		bool started = driver.start(driver.context, &plan, &err);
		ssize_t written = write(ready[1], started ? "y" : "n", 1);
		for (;;)
			usleep(written == 1 ? 1000000 : 1000);
	}
	assert_true(screen > 0);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	/* The whole group, as a dying terminal would. */
	kill(-screen, SIGHUP);
	kill(screen, SIGKILL);
	assert_int_equal(waitpid(screen, &status, 0), screen);
	await(proof, &out);
	assert_non_null(strstr(out.data, "--action-id=a-b-c"));
	buf_free(&out);
	close(ready[0]);
	close(ready[1]);
	unsetenv("EXECUTOR_DELAY_US");
}

static void
arming_leaves_a_row_in_the_audit_log(void **state)
{
	struct config *config = config_new();
	struct executor *executor = executor_new(config, "fraudtop");
	struct driver driver = executor_driver(executor);
	struct audit_row row = {.event = "ARM", .operation = "arm", .reason = "INC-7"}, *list;
	struct err err = {0};
	size_t count;
	(void)state;
	if (!driver.arm(driver.context, &row, &err))
		fail_msg("%s", err.text);
	assert_true(driver.rows(driver.context, row.action_id, 0, &list, &count, &err));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].event, "ARM");
	assert_string_equal(list[0].reason, "INC-7");
	free(list);
	executor_free(executor);
	config_free(config);
}

static void
without_an_audit_log_nothing_is_armed_or_started(void **state)
{
	struct config *config = config_new();
	struct executor *executor = executor_new(config, "fraudtop");
	struct driver driver = executor_driver(executor);
	struct rollout_plan plan = plan_of("rollback", "fraud_classifier");
	struct audit_row row = {.event = "ARM"};
	struct err err = {0};
	char proof[128];
	(void)state;
	snprintf(proof, sizeof(proof), "%s/third", folder);
	setenv("EXECUTOR_PROOF", proof, 1);
	setenv("XDG_STATE_HOME", "/dev/null/nowhere", 1);
	assert_false(driver.arm(driver.context, &row, &err));
	assert_false(driver.start(driver.context, &plan, &err));
	usleep(200000);
	assert_int_not_equal(access(proof, F_OK), 0);
	setenv("XDG_STATE_HOME", folder, 1);
	executor_free(executor);
	config_free(config);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_like_options_stay_values),
	    cmocka_unit_test(it_runs_in_its_own_session_and_its_end_is_seen),
	    cmocka_unit_test(it_outlives_a_killed_screen),
	    cmocka_unit_test(arming_leaves_a_row_in_the_audit_log),
	    cmocka_unit_test(without_an_audit_log_nothing_is_armed_or_started),
	};
	if (argc > 1)
		return prove(argc, argv);
	if (!folder_make(folder, "executor"))
		return 1;
	setenv("XDG_STATE_HOME", folder, 1);
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return folder_remove(folder) == 0 ? failed : 1;
}
