/* Rollouts: what is written, in which order, and which verdict comes of it. */
#include "tests/support/rollout_stage.c"

#include "core/rollout/lock.h"

/* --- verdicts --- */

static void
a_rollback_that_the_service_follows_is_verified(void **state)
{
	(void)state;
	struct err err = {0};
	service_says("{\"status\":\"ok\",\"model\":\"fraud\",\"version\":\"13\"}",
	    "{\"status\":\"ok\",\"model\":\"fraud\",\"version\":\"12\"}", 3);
	struct rollout_plan plan = make_plan("rollback", "");
	enum rollout_outcome outcome = run(&plan, &err);
	if (outcome != ROLLOUT_VERIFIED)
		fail_msg("%s", err.text);
	assert_int_equal(rollout_exit_code(outcome, &err), 0);
	assert_string_equal(plan.from, "13");
	assert_string_equal(plan.to, "12");
	alias_is("12", 3);
	assert_string_equal(
	    events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:ok STATE: STATE:verified");
	assert_true(service.asked >= 6); /* three at 13, then three that agree */
	struct audit_row *rows = NULL;
	size_t count = 0, observed = 0;
	assert_true(audit_rows(audit, 0, plan.action_id, &rows, &count, NULL));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(rows[i].from_version, "13");
		assert_string_equal(rows[i].to_version, "12");
		assert_string_equal(rows[i].reason, "false alarms");
		if (strcmp(rows[i].event, "INTENT") == 0)
			assert_int_equal(rows[i].epoch, 2);
		if (strcmp(rows[i].event, "RESULT") == 0)
			assert_int_equal(rows[i].epoch, 3);
		observed += strcmp(rows[i].event, "OBSERVE") == 0;
	}
	assert_int_equal(observed, 2); /* serves 13, serves 12 */
	free(rows);
}

static void
a_service_that_keeps_its_version_leaves_it_unverified(void **state)
{
	(void)state;
	struct err err = {0};
	service_says("{\"model\":\"fraud\",\"version\":13}", NULL, 0);
	struct rollout_plan plan = make_plan("rollback", "");
	plan.verify_timeout_us = 3 * CLOCK_SECOND; /* so long that one answer at least is in */
	enum rollout_outcome outcome = run(&plan, &err);
	assert_int_equal(outcome, ROLLOUT_UNVERIFIED);
	assert_int_equal(rollout_exit_code(outcome, &err), 75);
	assert_non_null(strstr(err.text, "fraud-eu serves 13"));
	alias_is("12", 3);
	assert_string_equal(
	    events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:ok STATE: STATE:unverified");
}

static void
a_service_that_is_ill_or_of_another_model_never_verifies(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		int status;
	} answers[] = {{"", 200}, {"<html>oops</html>", 200}, {"{\"version\":null}", 200},
	    {"{\"model\":\"churn\",\"version\":\"12\"}", 200}, {"{\"version\":\"012\"}", 200},
	    {"[\"12\"]", 200}, {"{\"model\":\"fraud\",\"version\":\"12\"}", 503}};
	struct err err = {0};
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		service_says(answers[i].body, NULL, 0);
		service.status = answers[i].status;
		struct rollout_plan plan = make_plan("rollback", "12");
		plan.verify_timeout_us = 700000;
		assert_int_equal(run(&plan, &err), ROLLOUT_UNVERIFIED);
		move("13", 3 + 2 * (int64_t)i, "ann");
	}
	service_says("{\"model\":\"fraud\",\"version\":12}", NULL, 0); /* well, by a number */
	struct rollout_plan plan = make_plan("rollback", "12");
	assert_int_equal(run(&plan, &err), ROLLOUT_VERIFIED);
}

static void
a_dead_service_leaves_it_unverified_with_the_reason(void **state)
{
	(void)state;
	struct err err = {0};
	struct rollout_plan plan = make_plan("rollback", "");
	plan.service_urls[0] = "http://127.0.0.1:9";
	plan.services = 1;
	plan.verify_timeout_us = 600000;
	assert_int_equal(run(&plan, &err), ROLLOUT_UNVERIFIED);
	assert_non_null(strstr(err.text, "http://127.0.0.1:9 does not answer"));
}

static void
without_a_service_the_move_is_made_and_called_unverified(void **state)
{
	(void)state;
	struct err err = {0};
	struct rollout_plan plan = make_plan("promote", "12");
	enum rollout_outcome outcome = run(&plan, &err);
	assert_int_equal(outcome, ROLLOUT_UNVERIFIED);
	assert_int_equal(rollout_exit_code(outcome, &err), 75);
	assert_non_null(strstr(err.text, "no service to verify with"));
	alias_is("12", 3);
}

/* Has the rollout moved the alias, and the service been asked since? */
static void
wait_for_watching(struct registry *own)
{
	struct registry_alias alias = {0};
	mono_us end = clock_mono() + 2 * CLOCK_MINUTE;
	unsigned asked = 0;
	while ((alias.epoch < 3 || asked < 2) && clock_mono() < end) {
		usleep(10000);
		assert_true(registry_get_alias(own, "fraud", "production", &alias, NULL));
		pthread_mutex_lock(&service.mutex);
		asked = service.asked;
		pthread_mutex_unlock(&service.mutex);
	}
}

static void *
move_later(void *context)
{
	int64_t epoch;
	struct registry *own = open_stage("prod", NULL);
	wait_for_watching(own);
	*(bool *)context = registry_set_alias(
	    own, "fraud", "production", "13", 3, "bob", "no, 13 is right", &epoch, NULL);
	registry_close(own);
	return NULL;
}

static void
a_move_by_someone_else_ends_the_watching_as_superseded(void **state)
{
	(void)state;
	struct err err = {0};
	pthread_t thread;
	bool moved = false;
	service_says("{\"model\":\"fraud\",\"version\":\"13\"}", NULL, 0);
	struct rollout_plan plan = make_plan("rollback", "");
	assert_int_equal(pthread_create(&thread, NULL, move_later, &moved), 0);
	enum rollout_outcome outcome = run(&plan, &err);
	pthread_join(thread, NULL);
	assert_true(moved);
	assert_int_equal(outcome, ROLLOUT_SUPERSEDED);
	assert_int_equal(rollout_exit_code(outcome, &err), 76);
	assert_non_null(strstr(err.text, "bob moved production of fraud to 13"));
	assert_non_null(strstr(err.text, "no, 13 is right"));
	assert_string_equal(
	    events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:ok STATE: STATE:superseded");
}

static void *
interrupt_later(void *context)
{
	struct registry *own = open_stage("prod", NULL);
	wait_for_watching(own);
	registry_close(own);
	kill(getpid(), *(int *)context);
	return NULL;
}

static void
an_interrupt_ends_the_watching_and_not_the_process(void **state)
{
	(void)state;
	struct err err = {0};
	pthread_t thread;
	int signal_number = SIGINT;
	service_says("{\"model\":\"fraud\",\"version\":\"13\"}", NULL, 0);
	struct rollout_plan plan = make_plan("rollback", "");
	plan.verify_timeout_us = 5 * CLOCK_MINUTE;
	mono_us start = clock_mono();
	assert_int_equal(pthread_create(&thread, NULL, interrupt_later, &signal_number), 0);
	assert_int_equal(run(&plan, &err), ROLLOUT_UNVERIFIED);
	pthread_join(thread, NULL);
	assert_true(clock_mono() - start < 4 * CLOCK_MINUTE);
	assert_non_null(strstr(err.text, "interrupted"));
	assert_string_equal(
	    events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:ok STATE: STATE:unverified");
}

/* --- refusals --- */

static void
refused(struct rollout_plan plan, int code, const char *text, const char *rows)
{
	struct err err = {0};
	struct registry_alias before, after;
	assert_true(registry_get_alias(registry, "fraud", "production", &before, NULL));
	assert_int_equal(run(&plan, &err), ROLLOUT_REFUSED);
	if (strstr(err.text, text) == NULL)
		fail_msg("`%s` is not in `%s`", text, err.text);
	assert_int_equal(rollout_exit_code(ROLLOUT_REFUSED, &err), code);
	assert_string_equal(events(plan.action_id), rows);
	assert_true(registry_get_alias(registry, "fraud", "production", &after, NULL));
	assert_int_equal(after.epoch, before.epoch);
}

static void
a_gate_that_fails_stops_both_kinds_before_the_intent(void **state)
{
	(void)state;
	static const char rows[] = "PLAN: PREFLIGHT:refused REFUSED:refused";
	static const char *const operations[] = {"rollback", "promote"};
	char path[128];
	add_version("16", LINEAR("amount", "hour"));
	add_version("17", LINEAR("amount", "hour"));
	add_version("18", "{\"kind\":\"linear\",\"link\":\"identity\",\"intercept\":0,"
			  "\"features\":[{\"name\":\"amount\",\"weight\":1},"
			  "{\"name\":\"hour\",\"weight\":1}]}");
	write_model("16", LINEAR("amount", "hour") " ", path);
	snprintf(path, sizeof(path), "%s/v17.json", folder);
	assert_int_equal(unlink(path), 0);
	for (size_t i = 0; i < 2; i++) {
		const char *operation = operations[i];
		refused(make_plan(operation, "99"), 1, "no version 99", rows);
		refused(make_plan(operation, "13"), 1, "is at version 13 already", rows);
		refused(make_plan(operation, "14"), 79,
		    "other features than now: wants age lacks hour", rows);
		refused(make_plan(operation, "15"), 79, "v15.json", rows);
		refused(make_plan(operation, "16"), 79, "not the one that was registered", rows);
		refused(make_plan(operation, "17"), 79, "cannot be read", rows);
		refused(make_plan(operation, "18"), 79, "its scores are no probabilities", rows);
	}
}

/* What else a service can serve: LightGBM's text, XGBoost's UBJSON, scikit-learn's. */
static void
versions_of_other_formats_are_read_and_compared(void **state)
{
	(void)state;
	static const struct {
		const char *path, *loads;
	} files[] = {{"tests/data/lightgbms/sigmoid.txt", "lightgbm, 5 features"},
	    {"tests/data/models/dart.ubj", "xgboost, "}, {NULL, "sklearn, 2 features"}};
	for (size_t i = 0; i < 3; i++) {
		struct err err = {0};
		struct rollout_check checks[ROLLOUT_MAX_CHECKS];
		unsigned count = 0;
		bool loads = false, compared = false;
		char path[128], version[8];
		snprintf(version, sizeof(version), "2%zu", i);
		write_model(version,
		    "{\"kind\":\"sklearn\",\"class\":\"LogisticRegression\",\"coef_\":[[1,2]],"
		    "\"intercept_\":[0],\"classes_\":[0,1],\"feature_names_in_\":[\"amount\","
		    "\"hour\"]}",
		    path);
		const char *file = files[i].path != NULL ? files[i].path : path;
		if (!registry_add_version(
			registry, "fraud", version, file, 0.5, NULL, "trainer", &err))
			fail_msg("%s", err.text);
		struct rollout_plan plan = make_plan("promote", version);
		bool good = rollout_prepare(&plan, registry, checks, &count, &err);
		assert_int_equal(good, files[i].path == NULL); /* the others have other features */
		for (unsigned c = 0; c < count; c++) {
			loads |= strcmp(checks[c].name, "loads") == 0 &&
				 checks[c].verdict == ROLLOUT_PASS &&
				 strstr(checks[c].text, files[i].loads) != NULL;
			compared |= strcmp(checks[c].name, "features") == 0 &&
				    (checks[c].verdict == ROLLOUT_PASS) == good;
		}
		if (!loads || !compared)
			fail_msg("%s: %s", file, err.text);
	}
}

static void
a_present_version_that_cannot_be_read_stops_a_promote_and_not_a_rollback(void **state)
{
	(void)state;
	struct err err = {0};
	struct rollout_check checks[ROLLOUT_MAX_CHECKS];
	unsigned count = 0;
	move("15", 2, "ann"); /* the bad deploy */
	refused(make_plan("promote", "12"), 79, "cannot be compared",
	    "PLAN: PREFLIGHT:refused REFUSED:refused");
	struct rollout_plan plan = make_plan("rollback", "");
	assert_true(rollout_prepare(&plan, registry, checks, &count, &err));
	assert_string_equal(plan.to, "13");
	bool warned = false;
	for (unsigned i = 0; i < count; i++)
		warned |=
		    strcmp(checks[i].name, "features") == 0 && checks[i].verdict == ROLLOUT_WARN;
	assert_true(warned);
}

static void
what_was_shown_must_still_be_so(void **state)
{
	(void)state;
	struct rollout_plan plan = make_plan("rollback", "12");
	text_copy(plan.from, sizeof(plan.from), "14");
	refused(plan, 80, "not as it was shown", "PLAN: REFUSED:changed");
	plan = make_plan("rollback", "12");
	plan.epoch = 1;
	refused(plan, 80, "not as it was shown", "PLAN: REFUSED:changed");
}

static void
move_at_intent(const char *state, const char *line, void *context)
{
	(void)line, (void)context;
	if (strcmp(state, "INTENT") == 0)
		move("12", 2, "bob");
}

static void
a_lost_race_leaves_intent_and_refused_result(void **state)
{
	(void)state;
	struct err err = {0};
	struct rollout_plan plan = make_plan("rollback", "12");
	enum rollout_outcome outcome =
	    rollout_run(&plan, registry, audit, move_at_intent, NULL, &err);
	assert_int_equal(outcome, ROLLOUT_REFUSED);
	assert_int_equal(rollout_exit_code(outcome, &err), 80);
	assert_non_null(strstr(err.text, "by bob"));
	assert_string_equal(events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:changed");
	alias_is("12", 3);
}

static void
a_second_rollout_of_the_same_target_is_refused_with_the_holder(void **state)
{
	(void)state;
	struct err err = {0};
	struct lock *lock = lock_take(audit_path(audit), registry_location(registry), "fraud",
	    "production", "rollback by carol since noon", &err);
	assert_non_null(lock);
	struct rollout_plan plan = make_plan("rollback", "");
	assert_int_equal(run(&plan, &err), ROLLOUT_REFUSED);
	assert_int_equal(rollout_exit_code(ROLLOUT_REFUSED, &err), 79);
	assert_non_null(strstr(err.text, "rollback by carol since noon"));
	assert_string_equal(events(plan.action_id), "REFUSED:refused");
	alias_is("13", 2);
	lock_release(lock);
	plan = make_plan("rollback", "");
	assert_int_equal(run(&plan, &err), ROLLOUT_UNVERIFIED);
	alias_is("12", 3);
}

static void
a_dry_run_writes_the_plan_alone(void **state)
{
	(void)state;
	struct err err = {0};
	struct rollout_plan plan = make_plan("rollback", "");
	plan.dry_run = true;
	assert_int_equal(run(&plan, &err), ROLLOUT_DRY_RUN);
	assert_int_equal(rollout_exit_code(ROLLOUT_DRY_RUN, &err), 0);
	assert_string_equal(plan.to, "12");
	assert_true(plan.checks_count >= 6);
	assert_string_equal(events(plan.action_id), "PLAN:");
	alias_is("13", 2);
	plan = make_plan("rollback", "14");
	plan.dry_run = true;
	assert_int_equal(run(&plan, &err), ROLLOUT_REFUSED);
	assert_string_equal(events(plan.action_id), "PLAN:");
}

static void
without_an_audit_log_nothing_is_written(void **state)
{
	(void)state;
	struct err err = {0};
	char path[128];
	struct rollout_plan plan = make_plan("rollback", "");
	audit_close(audit);
	snprintf(path, sizeof(path), "%s/audit.db", folder);
	audit = audit_open_read(path, &err);
	assert_non_null(audit);
	assert_int_equal(run(&plan, &err), ROLLOUT_REFUSED);
	assert_int_not_equal(rollout_exit_code(ROLLOUT_REFUSED, &err), 0);
	alias_is("13", 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_rollback_that_the_service_follows_is_verified),
	    TEST(a_service_that_keeps_its_version_leaves_it_unverified),
	    TEST(a_service_that_is_ill_or_of_another_model_never_verifies),
	    TEST(a_dead_service_leaves_it_unverified_with_the_reason),
	    TEST(without_a_service_the_move_is_made_and_called_unverified),
	    TEST(a_move_by_someone_else_ends_the_watching_as_superseded),
	    TEST(an_interrupt_ends_the_watching_and_not_the_process),
	    TEST(a_gate_that_fails_stops_both_kinds_before_the_intent),
	    TEST(versions_of_other_formats_are_read_and_compared),
	    TEST(a_present_version_that_cannot_be_read_stops_a_promote_and_not_a_rollback),
	    TEST(what_was_shown_must_still_be_so),
	    TEST(a_lost_race_leaves_intent_and_refused_result),
	    TEST(a_second_rollout_of_the_same_target_is_refused_with_the_holder),
	    TEST(a_dry_run_writes_the_plan_alone),
	    TEST(without_an_audit_log_nothing_is_written),
	};
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	return cmocka_run_group_tests_name("rollout", tests, NULL, NULL);
}
