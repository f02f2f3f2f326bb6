/* Rollouts whose process was killed: what the next one finds out and writes down. */
#include "tests/support/rollout_stage.c"

#include "core/rollout/lock.h"

static void
die_at(const char *state, const char *line, void *context)
{
	(void)line;
	if (strcmp(state, context) == 0)
		kill(getpid(), SIGKILL);
}

/* Runs a rollback in a process that kills itself when it says `at`. */
static void
run_and_die(const char *at)
{
	int status = 0;
	audit_close(audit);
	registry_close(registry);
	char where[16];
	text_copy(where, sizeof(where), at);
	pid_t child = fork();
	if (child == 0) {
		registry = open_stage("prod", NULL);
		open_audit();
		struct rollout_plan plan = make_plan("rollback", "");
		rollout_run(&plan, registry, audit, die_at, where, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	registry = open_stage("prod", NULL);
	open_audit();
}

static unsigned
recover(void)
{
	struct err err = {0};
	return rollout_recover(audit, open_stage, NULL, &err);
}

static void
last_detail_says(const char *text)
{
	struct audit_row *rows = NULL;
	size_t count = 0, at = 0;
	assert_true(audit_rows(audit, 0, NULL, &rows, &count, NULL));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].event, "RESULT") == 0)
			at = i;
	}
	assert_string_equal(rows[at].event, "RESULT");
	if (strstr(rows[at].detail, text) == NULL)
		fail_msg("`%s` is not in `%s`", text, rows[at].detail);
	free(rows);
}

static void
killed_between_intent_and_write_it_is_recovered_as_aborted(void **state)
{
	(void)state;
	run_and_die("INTENT");
	alias_is("13", 2);
	assert_string_equal(events(NULL), "PLAN: PREFLIGHT:ok INTENT:");
	assert_int_equal(recover(), 1);
	assert_string_equal(events(NULL), "PLAN: PREFLIGHT:ok INTENT: RESULT:aborted");
	last_detail_says("recovered: not written; production of fraud is at 13 now");
	assert_int_equal(recover(), 0);
}

/* The row that a process leaves that dies after the registry's commit and before its RESULT. */
static void
leave_intent(int64_t epoch)
{
	struct audit_row row = {.epoch = epoch};
	audit_new_action_id(row.action_id);
	text_copy(row.event, sizeof(row.event), "INTENT");
	text_copy(row.operation, sizeof(row.operation), "rollback");
	text_copy(row.registry, sizeof(row.registry), "prod");
	text_copy(row.model, sizeof(row.model), "fraud");
	text_copy(row.alias, sizeof(row.alias), "production");
	text_copy(row.from_version, sizeof(row.from_version), "13");
	text_copy(row.to_version, sizeof(row.to_version), "12");
	text_copy(row.reason, sizeof(row.reason), "moved");
	assert_true(audit_append(audit, &row, NULL));
}

static void
killed_between_write_and_result_it_is_recovered_as_done(void **state)
{
	(void)state;
	leave_intent(2);
	move("12", 2, "ann");
	assert_int_equal(recover(), 1);
	assert_string_equal(events(NULL), "INTENT: RESULT:ok STATE:unverified");
	last_detail_says("recovered: the write is in the registry");
	leave_intent(3); /* another one's move took its place */
	move("13", 3, "bob");
	assert_int_equal(recover(), 1);
	assert_string_equal(
	    events(NULL), "INTENT: RESULT:ok STATE:unverified INTENT: RESULT:changed");
	last_detail_says("bob moved it to 13 first");
}

static void
an_intent_of_a_living_process_or_an_unknown_registry_is_left_alone(void **state)
{
	(void)state;
	leave_intent(2);
	struct lock *lock = lock_take(audit_path(audit), registry_location(registry), "fraud",
	    "production", "somebody", NULL);
	assert_int_equal(recover(), 0);
	lock_release(lock);
	struct audit_row row = {.epoch = 2};
	text_copy(row.event, sizeof(row.event), "INTENT");
	text_copy(row.action_id, sizeof(row.action_id), "another");
	text_copy(row.registry, sizeof(row.registry), "gone");
	assert_true(audit_append(audit, &row, NULL));
	assert_int_equal(recover(), 1);
	assert_string_equal(events(NULL), "INTENT: INTENT: RESULT:aborted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(killed_between_intent_and_write_it_is_recovered_as_aborted),
	    TEST(killed_between_write_and_result_it_is_recovered_as_done),
	    TEST(an_intent_of_a_living_process_or_an_unknown_registry_is_left_alone),
	};
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
