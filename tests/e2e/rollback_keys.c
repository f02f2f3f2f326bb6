/* rollback_keys.c: the main job with keys alone. The demo runs in a pseudo-terminal; its bad deploy
 * is seen, rolled back by typing, and the service is asked over HTTP whether it serves the old
 * version. The tests are the steps of one story, in order, on one screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "tests/kit/operator.h"

#include <glob.h>

#include "core/config/config.h"
#include "core/config/config_file.h"

#define SERVICE "fraud-apac"
#define REASON "too many false alarms"

static const char transaction[] =
    "{\"request_id\":\"by-hand\",\"features\":{\"amount\":120.5,\"merchant_category\":\"grocery\","
    "\"hour_of_day\":14,\"distance_from_home\":3.2,\"transactions_24h\":5,\"amount_vs_mean_30d\":"
    "1.5,\"seconds_since_last\":900,\"card_present\":1,\"is_foreign\":0,\"device_age_days\":null,"
    "\"failed_pins_24h\":0,\"merchant_risk\":0.1}}";

static struct pty pty;
static char folder[600]; /* the demo's */
static char url[256]; /* of SERVICE */

/* The demo's own folder and the service's URL, from its configuration. */
static bool
find_service(void)
{
	char pattern[600];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/fraudtop-demo.*/config.yaml", place);
	if (glob(pattern, 0, NULL, &found) != 0)
		return false;
	text_copy(folder, sizeof(folder), found.gl_pathv[0]);
	*strrchr(folder, '/') = '\0';
	struct config *config = config_read(found.gl_pathv[0], NULL, NULL);
	globfree(&found);
	const struct config_service *service =
	    config != NULL ? config_service(config, SERVICE) : NULL;
	if (service != NULL)
		text_copy(url, sizeof(url), service->url);
	config_free(config);
	return url[0] != '\0';
}

static int
start(void **state)
{
	static const char *const demo[] = {
	    "demo", "--scenario", "bad-deploy", "--speed", "10", NULL};
	(void)state;
	return operator_make_place() && operator_start(&pty, demo) ? 0 : -1;
}

static int
stop(void **state)
{
	struct operator_process below[64];
	(void)state;
	size_t count = operator_descendants(pty.pid, below, 64);
	pty_close(&pty);
	operator_gone(below, count); /* they end by themselves when it has */
	operator_remove_place();
	return 0;
}

static void
the_overview_shows_the_bad_version_serving(void **state)
{
	(void)state;
	assert_true(operator_wait_version(&pty, SERVICE, "13"));
	assert_true(pty_shows(&pty, "READ-ONLY"));
	assert_true(pty_wait(&pty, "12 -> 13 by deploy-bot"));
	assert_true(find_service());
	assert_true(operator_serves(url, "13"));
}

static void
the_key_asks_for_a_reason_while_read_only(void **state)
{
	(void)state;
	assert_true(operator_select(&pty, SERVICE));
	pty_send(&pty, "R");
	assert_true(pty_wait(&pty, "Reason:"));
	assert_true(pty_shows(&pty, OPERATOR_MODEL "@production-apac"));
	pty_send(&pty, "\r");
	assert_true(pty_wait(&pty, "arming needs a reason"));
	assert_false(pty_shows(&pty, "ARMED"));
	assert_true(pty_shows(&pty, "READ-ONLY"));
	assert_false(operator_audited(NULL, NULL));
	pty_send(&pty, "\033");
	assert_true(pty_wait(&pty, "not armed"));
}

static void
a_reason_arms_the_session_and_opens_the_sheet(void **state)
{
	static const char *const facts[] = {"now: 13", "to: 12", "by deploy-bot", "p99", "errors",
	    "precision", "recall", "drift", "UPDATE alias SET version = '12'", "epoch 2",
	    "moves       " SERVICE, "unknown", REASON};
	static const char *const passed[] = {
	    "current", "target", "artifact", "sha256", "loads", "features", "threshold"};
	(void)state;
	assert_true(operator_open_sheet(&pty, REASON));
	assert_false(pty_shows(&pty, "READ-ONLY"));
	assert_true(pty_shows(&pty, "Roll back " OPERATOR_MODEL " @production-apac"));
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_true(pty_wait(&pty, facts[i]));
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		char check[40];
		snprintf(check, sizeof(check), "\xe2\x9c\x94 %s", passed[i]); /* ✔ */
		assert_true(pty_wait(&pty, check));
	}
	assert_true(operator_audited("ARM", NULL));
}

static void
neither_enter_nor_the_key_again_nor_part_of_the_name_confirms(void **state)
{
	static const char *const tries[] = {
	    "\r", "R\r", "\r\r\rR\rR\r", "\025fraud_classifie\r", "\025FRAUD_CLASSIFIER\r", "y\r"};
	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		pty_send(&pty, tries[i]);
		assert_true(pty_wait(&pty, "type the model's name exactly"));
		pty_settle(&pty, 300);
		assert_true(pty_wait(&pty, "Type the model's name to go on"));
		pty_send(&pty, "\025x"); /* the refusal goes with the next letter */
		assert_true(pty_wait_gone(&pty, "type the model's name exactly"));
	}
	assert_false(operator_audited("PLAN", NULL));
	assert_false(operator_audited("INTENT", NULL));
	assert_true(operator_serves(url, "13"));
}

static void
the_models_name_rolls_back_and_the_screen_says_verified(void **state)
{
	(void)state;
	assert_true(operator_confirm(&pty));
	assert_true(pty_wait(&pty, "verified"));
	assert_false(pty_shows(&pty, "not verified"));
	assert_true(pty_shows(&pty, "ROLLBACK 13 \xe2\x86\x92 12")); /* → */
	assert_true(operator_wait_version(&pty, SERVICE, "12"));
	assert_true(pty_wait(&pty, "13 -> 12 by"));
}

static void
the_service_answers_with_the_old_version(void **state)
{
	(void)state;
	long status;
	assert_true(operator_serves(url, "12"));
	cJSON *answer = operator_call(url, "/predict", transaction, &status);
	assert_int_equal(status, 200);
	assert_true(operator_says(answer, "version", "12"));
	assert_true(operator_says(answer, "request_id", "by-hand"));
	assert_true(cJSON_IsNumber(cJSON_GetObjectItem(answer, "fraud_probability")));
	cJSON_Delete(answer);
}

/* Counts the events of the audit log, and checks what each row of the rollback must say. */
static void
count_events(char *lines, int counts[3])
{
	static const char *const events[3] = {"ARM", "INTENT", "RESULT"};
	char *save = NULL;
	for (char *line = strtok_r(lines, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		cJSON *row = cJSON_Parse(line);
		assert_non_null(row);
		for (int i = 0; i < 3; i++) {
			if (!operator_says(row, "event", events[i]))
				continue;
			counts[i]++;
			assert_true(operator_says(row, "model", OPERATOR_MODEL));
			assert_true(operator_says(row, "alias", "production-apac"));
			assert_true(operator_says(row, "reason", REASON));
			assert_true(i == 0 || (operator_says(row, "from_version", "13") &&
						  operator_says(row, "to_version", "12")));
			assert_true(i != 2 || operator_says(row, "outcome", "ok"));
		}
		cJSON_Delete(row);
	}
}

static void
the_audit_log_holds_what_was_done(void **state)
{
	(void)state;
	struct buf out = {0};
	int counts[3] = {0};
	assert_int_equal(operator_run("audit --json", &out), 0);
	count_events(out.data, counts);
	for (int i = 0; i < 3; i++)
		assert_int_equal(counts[i], 1);
	assert_true(operator_audited("STATE", "verified"));
	buf_clear(&out);
	assert_int_equal(operator_run("audit verify", &out), 0);
	assert_non_null(strstr(out.data, "the chain is whole"));
	buf_free(&out);
}

static void
quitting_leaves_the_terminal_as_it_was_and_nothing_behind(void **state)
{
	(void)state;
	struct operator_process below[64];
	size_t count = operator_descendants(pty.pid, below, 64);
	assert_in_range(count, 5, 63); /* the stage, three services, the traffic */
	assert_true(pty.ever_alternate);
	pty_send(&pty, "q");
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 0);
	assert_true(pty_is_restored(&pty));
	assert_true(operator_gone(below, count));
	assert_int_equal(access(folder, F_OK), -1);
	assert_false(operator_serves(url, "12"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_overview_shows_the_bad_version_serving),
	    cmocka_unit_test(the_key_asks_for_a_reason_while_read_only),
	    cmocka_unit_test(a_reason_arms_the_session_and_opens_the_sheet),
	    cmocka_unit_test(neither_enter_nor_the_key_again_nor_part_of_the_name_confirms),
	    cmocka_unit_test(the_models_name_rolls_back_and_the_screen_says_verified),
	    cmocka_unit_test(the_service_answers_with_the_old_version),
	    cmocka_unit_test(the_audit_log_holds_what_was_done),
	    cmocka_unit_test(quitting_leaves_the_terminal_as_it_was_and_nothing_behind),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
