/* Rollouts against a registry, an audit log and a service of their own: what is written, in which
 * order, and which verdict comes of it. */
#include "core/rollout/rollout.h"

#include <setjmp.h>
#include <signal.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/rollout/lock.h"

static char folder[64];
static struct registry *registry;
static struct audit *audit;

/* --- a service that can be told what to say
 * ---------------------------------------------------------- */

static struct {
	pthread_mutex_t mutex;
	struct MHD_Daemon *daemon;
	char url[64], body[256], next[256];
	int status;
	mono_us switch_at; /* from then on `next` is the body */
	unsigned asked;
} service = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static enum MHD_Result
serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	(void)context, (void)method, (void)version, (void)upload, (void)upload_size, (void)request;
	pthread_mutex_lock(&service.mutex);
	service.asked++;
	bool later = service.switch_at != 0 && clock_mono() >= service.switch_at;
	char *body = mem_string(later ? service.next : service.body);
	int status = strcmp(url, "/health") == 0 ? service.status : 404;
	pthread_mutex_unlock(&service.mutex);
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return queued;
}

static void
service_says(const char *body, const char *next, int64_t delay_us)
{
	pthread_mutex_lock(&service.mutex);
	service.status = 200;
	service.asked = 0;
	text_copy(service.body, sizeof(service.body), body);
	text_copy(service.next, sizeof(service.next), next != NULL ? next : "");
	service.switch_at = next != NULL ? clock_mono() + delay_us : 0;
	pthread_mutex_unlock(&service.mutex);
	if (service.daemon == NULL) {
		service.daemon = MHD_start_daemon(
		    MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, NULL, MHD_OPTION_END);
		assert_non_null(service.daemon);
	}
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(service.daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(service.url, sizeof(service.url), "http://127.0.0.1:%u/", info->port);
}

/* --- the stage
 * --------------------------------------------------------------------------------------- */

#define LINEAR(a, b)                                                                               \
	"{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":-1,\"features\":[{\"name\":\"" a \
	"\",\"weight\":1,\"missing\":0},{\"name\":\"" b "\",\"weight\":2,\"missing\":0}]}"

static void
write_model(const char *version, const char *text, char path[128])
{
	snprintf(path, 128, "%s/v%s.json", folder, version);
	assert_true(buf_write_file(path, text, strlen(text), 0600, NULL));
}

static void
add_version(const char *version, const char *text)
{
	char path[128];
	struct err err = {0};
	write_model(version, text, path);
	if (!registry_add_version(registry, "fraud", version, path, 0.5, NULL, "trainer", &err))
		fail_msg("%s", err.text);
}

static void
move(const char *version, int64_t expect, const char *by)
{
	struct err err = {0};
	int64_t epoch;
	if (!registry_set_alias(
		registry, "fraud", "production", version, expect, by, "moved", &epoch, &err))
		fail_msg("%s", err.text);
}

static struct registry *
open_stage(const char *name, void *context)
{
	(void)context;
	char path[128];
	if (strcmp(name, "prod") != 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/registry.db", folder);
	return registry_open("prod", "local", path, true, NULL);
}

static void
open_audit(void)
{
	char path[128];
	struct err err = {0};
	snprintf(path, sizeof(path), "%s/audit.db", folder);
	audit = audit_open(path, &err);
	if (audit == NULL)
		fail_msg("%s", err.text);
}

/* Versions 12 and 13 alike, 14 of other features, 15 broken; production came from 12 and is at 13,
 * epoch 2. */
static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/fraudtop-rollout-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	registry = open_stage("prod", NULL);
	if (registry == NULL)
		return -1;
	open_audit();
	add_version("12", LINEAR("amount", "hour"));
	add_version("13", LINEAR("hour", "amount"));
	add_version("14", LINEAR("amount", "age"));
	add_version("15", "{\"kind\":\"linear\",");
	move("12", 0, "ann");
	move("13", 1, "ann");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	char command[160];
	registry_close(registry);
	audit_close(audit);
	if (service.daemon != NULL)
		MHD_stop_daemon(service.daemon);
	service.daemon = NULL;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static struct rollout_plan
make_plan(const char *operation, const char *to)
{
	struct rollout_plan plan = {.verify_timeout_us = 5 * CLOCK_SECOND};
	text_copy(plan.operation, sizeof(plan.operation), operation);
	text_copy(plan.model, sizeof(plan.model), "fraud");
	text_copy(plan.alias, sizeof(plan.alias), "production");
	text_copy(plan.to, sizeof(plan.to), to);
	text_copy(plan.reason, sizeof(plan.reason), "false alarms");
	if (service.daemon != NULL) {
		plan.service_urls[0] = service.url;
		plan.service_names[0] = "fraud-eu";
		plan.services = 1;
	}
	return plan;
}

/* The rows of the log as `EVENT:outcome EVENT:outcome ...`, OBSERVE left out. */
static char *
events(const char *action_id)
{
	static char text[1024];
	struct audit_row *rows = NULL;
	size_t count = 0;
	int64_t walked;
	struct err err = {0};
	text[0] = '\0';
	assert_true(audit_rows(audit, 0, action_id, &rows, &count, NULL));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].event, "OBSERVE") != 0)
			text_append(text, sizeof(text), "%s%s:%s", text[0] != '\0' ? " " : "",
			    rows[i].event, rows[i].outcome);
	}
	free(rows);
	if (!audit_verify(audit, &walked, &err))
		fail_msg("%s", err.text);
	return text;
}

static void
alias_is(const char *version, int64_t epoch)
{
	struct registry_alias alias;
	assert_true(registry_get_alias(registry, "fraud", "production", &alias, NULL));
	assert_string_equal(alias.version, version);
	assert_int_equal(alias.epoch, epoch);
}

static enum rollout_outcome
run(struct rollout_plan *plan, struct err *err)
{
	return rollout_run(plan, registry, audit, NULL, NULL, err);
}

/* --- verdicts
 * ---------------------------------------------------------------------------------------- */

static void
a_rollback_that_the_service_follows_is_verified(void **state)
{
	(void)state;
	struct err err = {0};
	service_says("{\"status\":\"ok\",\"model\":\"fraud\",\"version\":\"13\"}",
	    "{\"status\":\"ok\",\"model\":\"fraud\",\"version\":\"12\"}", 700000);
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
	assert_true(service.asked >= 6); /* 700 ms at 13, then three that agree */
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
	plan.verify_timeout_us = 900000;
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

static void *
move_later(void *context)
{
	int64_t epoch;
	struct registry *own = open_stage("prod", NULL);
	usleep(600000);
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
	usleep(500000);
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
	plan.verify_timeout_us = 20 * CLOCK_SECOND;
	mono_us start = clock_mono();
	assert_int_equal(pthread_create(&thread, NULL, interrupt_later, &signal_number), 0);
	assert_int_equal(run(&plan, &err), ROLLOUT_UNVERIFIED);
	pthread_join(thread, NULL);
	assert_true(clock_mono() - start < 10 * CLOCK_SECOND);
	assert_non_null(strstr(err.text, "interrupted"));
	assert_string_equal(
	    events(plan.action_id), "PLAN: PREFLIGHT:ok INTENT: RESULT:ok STATE: STATE:unverified");
}

/* --- refusals
 * ---------------------------------------------------------------------------------------- */

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

/* --- recovery
 * ---------------------------------------------------------------------------------------- */

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
	    TEST(a_rollback_that_the_service_follows_is_verified),
	    TEST(a_service_that_keeps_its_version_leaves_it_unverified),
	    TEST(a_service_that_is_ill_or_of_another_model_never_verifies),
	    TEST(a_dead_service_leaves_it_unverified_with_the_reason),
	    TEST(without_a_service_the_move_is_made_and_called_unverified),
	    TEST(a_move_by_someone_else_ends_the_watching_as_superseded),
	    TEST(an_interrupt_ends_the_watching_and_not_the_process),
	    TEST(a_gate_that_fails_stops_both_kinds_before_the_intent),
	    TEST(a_present_version_that_cannot_be_read_stops_a_promote_and_not_a_rollback),
	    TEST(what_was_shown_must_still_be_so),
	    TEST(a_lost_race_leaves_intent_and_refused_result),
	    TEST(a_second_rollout_of_the_same_target_is_refused_with_the_holder),
	    TEST(a_dry_run_writes_the_plan_alone),
	    TEST(without_an_audit_log_nothing_is_written),
	    TEST(killed_between_intent_and_write_it_is_recovered_as_aborted),
	    TEST(killed_between_write_and_result_it_is_recovered_as_done),
	    TEST(an_intent_of_a_living_process_or_an_unknown_registry_is_left_alone),
	};
	setenv("FRAUDTOP_SYSLOG", "0", 1);
	return cmocka_run_group_tests_name("rollout", tests, NULL, NULL);
}
