/* replay_keys.c: "what would the other version have said?" and "why was this card blocked?" with
 * keys alone, on the demo's bad deploy. The tests are the steps of one story, in order, on one
 * screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/kit/operator.h"

#define SERVICE "fraud-apac"

static struct pty pty;

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
	operator_gone(below, count);
	operator_remove_place();
	return 0;
}

static void
the_panel_replays_the_version_before_by_itself(void **state)
{
	(void)state;
	assert_true(operator_wait_version(&pty, SERVICE, "13"));
	assert_true(operator_select(&pty, SERVICE));
	pty_send(&pty, "7");
	assert_true(pty_wait(
	    &pty, SERVICE " \xc2\xb7 " OPERATOR_MODEL " 13 \xc2\xb7 what 12 would have said"));
	assert_true(pty_wait(&pty, "labelled, "));
	assert_true(pty_wait(&pty, "alone is right"));
	assert_true(pty_wait(&pty, "flagged %"));
	assert_true(pty_wait(&pty, "FLAG  0.")); /* a change, both scores */
}

static void
enter_tells_why_by_both_versions(void **state)
{
	(void)state;
	pty_send(&pty, "\r");
	assert_true(pty_wait(&pty, "13 gives 0."));
	assert_true(pty_wait(&pty, "12 gives 0."));
	assert_true(pty_wait(&pty, ", on average "));
	pty_send(&pty, "d");
	assert_true(pty_wait(&pty, "flagged %"));
}

static void
another_version_is_chosen_by_hand_and_nonsense_refused(void **state)
{
	(void)state;
	pty_send(&pty, ":service fraud-eu\r");
	assert_true(pty_wait(&pty, OPERATOR_MODEL " 12 \xc2\xb7 what 13 would have said"));
	pty_send(&pty, ":replay 12\r");
	assert_true(pty_wait(&pty, "fraud-eu serves 12 itself"));
	pty_send(&pty, ":replay /nowhere.json\r");
	assert_true(pty_wait(&pty, "/nowhere.json is neither a version"));
	pty_send(&pty, ":replay 13\r");
	assert_true(pty_wait(&pty, "what 13 would have said, chosen"));
	assert_true(pty_wait(&pty, "alone is right"));
	pty_send(&pty, ":replay auto\r");
	assert_true(pty_wait_gone(&pty, ", chosen"));
}

static void
a_line_of_the_log_is_explained(void **state)
{
	(void)state;
	pty_send(&pty, "6Z"); /* frozen, so that the line stays */
	assert_true(pty_wait(&pty, "FROZEN"));
	pty_send(&pty, "\r");
	assert_true(pty_wait(&pty, "Why fraud-"));
	assert_true(pty_wait(&pty, " gives 0."));
	assert_true(pty_wait(&pty, ", on average "));
	pty_send(&pty, "\033");
	assert_true(pty_wait_gone(&pty, "Why fraud-"));
	assert_true(pty_shows(&pty, "6 Log"));
	pty_send(&pty, ":why nobody\r");
	assert_true(pty_wait(&pty, "nobody is not among the newest"));
	pty_send(&pty, "Z");
	assert_true(pty_wait_gone(&pty, "FROZEN"));
}

static void
the_sheet_says_what_the_rollback_would_flag(void **state)
{
	(void)state;
	pty_send(&pty, "1");
	assert_true(operator_wait_version(&pty, SERVICE, "13"));
	assert_true(operator_select(&pty, SERVICE));
	assert_true(operator_open_sheet(&pty, "too many false alarms"));
	assert_true(pty_wait(&pty, "flagged in 2 min"));
	assert_true(pty_wait(&pty, "labelled)"));
	pty_send(&pty, "\033");
	assert_true(pty_wait_gone(&pty, "flagged in 2 min"));
	assert_false(operator_audited("INTENT", NULL));
}

static void
quitting_leaves_nothing_behind(void **state)
{
	(void)state;
	pty_send(&pty, "q");
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 0);
	assert_true(pty_is_restored(&pty));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_panel_replays_the_version_before_by_itself),
	    cmocka_unit_test(enter_tells_why_by_both_versions),
	    cmocka_unit_test(another_version_is_chosen_by_hand_and_nonsense_refused),
	    cmocka_unit_test(a_line_of_the_log_is_explained),
	    cmocka_unit_test(the_sheet_says_what_the_rollback_would_flag),
	    cmocka_unit_test(quitting_leaves_nothing_behind),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
