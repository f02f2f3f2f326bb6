/* actions.c: nothing is written but what the operator was shown and typed the name for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/text.h"
#include "tests/kit/stage.h"
#include "tui/app_parts.h"
#include "tui/colon.h"
#include "tui/keymap.h"
#include "tui/term.h"

static void
typing_the_name_rolls_back_what_was_shown(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, "RINC-7\n");
	assert_int_equal(stage->recorder.arms, 1);
	assert_string_equal(stage->recorder.armed.event, "ARM");
	assert_string_equal(stage->recorder.armed.reason, "INC-7");
	assert_true(stage_shows(stage, "ARMED 5:00"));
	assert_true(stage_shows(stage, "Roll back fraud_classifier @production-apac"));
	stage_type(stage, "fraud_classifier");
	assert_int_equal(stage->recorder.starts, 0);
	stage_type(stage, "\n");
	assert_int_equal(stage->recorder.starts, 1);
	const struct rollout_plan *plan = &stage->recorder.started;
	assert_string_equal(plan->operation, "rollback");
	assert_string_equal(plan->registry, "prod");
	assert_string_equal(plan->model, "fraud_classifier");
	assert_string_equal(plan->alias, "production-apac");
	assert_string_equal(plan->from, "13");
	assert_string_equal(plan->to, "12");
	assert_int_equal(plan->epoch, 7);
	assert_string_equal(plan->reason, "INC-7");
	assert_int_equal(strlen(plan->action_id), 36);
	assert_int_equal(plan->services, 1);
	assert_true(stage_shows(stage, "ROLLBACK 13 → 12"));
	stage_free(stage);
}

static void
the_version_selected_in_models_is_what_is_promoted(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, "5jjPINC-8\nfraud_classifier\n");
	assert_int_equal(stage->recorder.starts, 1);
	assert_string_equal(stage->recorder.started.operation, "promote");
	assert_string_equal(stage->recorder.started.to, "11");
	assert_string_equal(stage->recorder.started.alias, "production-apac");
	stage_free(stage);
}

/* Every way into a write: what to press to ask for it, and, where a sheet is open, to confirm it.
 */
static const struct entry {
	const char *name, *keys;
} entries[] = {
    {"R in the overview", "R"},
    {"P in the overview", "2P"},
    {"R in models", "5R"},
    {"P in models", "5jP"},
    {"R in drift", "3R"},
    {":rollback", ":rollback\n"},
    {":rollback VERSION", ":rollback 11\n"},
    {":promote VERSION", ":promote 11\n"},
};

enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

enum trouble {
	FORBIDDEN,
	FORBIDDEN_BY_CONTEXT,
	UNARMED,
	STALE,
	STALE_REGISTRY,
	FROZEN,
	OTHER_CONTEXT,
	EXPIRED,
	TROUBLES
};

static void
make_trouble(struct stage *stage, enum trouble trouble)
{
	switch (trouble) {
	case FORBIDDEN:
		stage->app->actions.forbidden = true;
		break;
	case FORBIDDEN_BY_CONTEXT:
		stage->snapshot->readonly = true;
		break;
	case UNARMED:
		actions_disarm(&stage->app->actions);
		break;
	case STALE:
		clock_advance(10 * CLOCK_SECOND);
		for (size_t i = 0; i < stage->snapshot->targets_count; i++)
			stage->snapshot->targets[i].read_at = clock_wall();
		break;
	case STALE_REGISTRY:
		clock_advance(10 * CLOCK_SECOND);
		stage->snapshot->made_at = clock_wall();
		break;
	case FROZEN:
		app_freeze(stage->app);
		break;
	case OTHER_CONTEXT:
		text_copy(stage->snapshot->context, sizeof(stage->snapshot->context), "other");
		break;
	default:
		clock_advance(ACTIONS_ARM_US);
		stage_renew(stage);
		app_set_snapshot(stage->app, stage->snapshot);
		break;
	}
}

static void
every_entry_refuses_to_open_in_every_trouble(void **state)
{
	(void)state;
	for (int trouble = 0; trouble < TROUBLES; trouble++) {
		for (size_t i = 0; i < ENTRIES; i++) {
			struct stage *stage = stage_new(false);
			stage_type(stage, ":arm 5m INC-1\n");
			assert_int_equal(stage->recorder.arms, 1);
			make_trouble(stage, (enum trouble)trouble);
			stage_type(stage, entries[i].keys);
			if (stage->app->actions.sheet.open || stage->recorder.prepares > 0)
				fail_msg(
				    "%s opened a sheet in trouble %d", entries[i].name, trouble);
			/* Unarmed, this is taken for the reason, which is no confirmation. */
			stage_type(stage, "fraud_classifier\n\n\n");
			assert_int_equal(stage->recorder.starts, 0);
			stage_free(stage);
		}
	}
}

static void
every_entry_refuses_to_confirm_in_every_trouble(void **state)
{
	(void)state;
	for (int trouble = 0; trouble < TROUBLES; trouble++) {
		for (size_t i = 0; i < ENTRIES; i++) {
			struct stage *stage = stage_new(false);
			stage_type(stage, ":arm 5m INC-1\n");
			stage_type(stage, entries[i].keys);
			if (stage->app->mode ==
			    MODE_NORMAL) { /* refused from the start: 13 serves */
				stage_free(stage);
				continue;
			}
			stage_type(stage, "fraud_classifier");
			make_trouble(stage, (enum trouble)trouble);
			stage_type(stage, "\n");
			if (stage->recorder.starts > 0)
				fail_msg("%s wrote in trouble %d", entries[i].name, trouble);
			stage_free(stage);
		}
	}
}

static void
without_trouble_every_entry_leads_to_a_write(void **state)
{
	int written = 0;
	(void)state;
	for (size_t i = 0; i < ENTRIES; i++) {
		struct stage *stage = stage_new(false);
		stage_type(stage, ":arm 5m INC-1\n");
		stage_type(stage, entries[i].keys);
		stage_type(stage, "fraud_classifier\n");
		written += stage->recorder.starts;
		stage_free(stage);
	}
	/* All but P in the overview: the newest version, 13, serves there already. */
	assert_int_equal(written, ENTRIES - 1);
}

static void
a_session_that_forbids_writing_never_asks_for_a_reason(void **state)
{
	struct stage *stage = stage_new(true);
	(void)state;
	stage_type(stage, "R");
	assert_int_equal(stage->app->mode, MODE_NORMAL);
	assert_true(stage_shows(stage, "refused: read-only"));
	stage_type(stage, ":arm 5m please\n");
	assert_int_equal(stage->recorder.arms, 0);
	stage_free(stage);
}

static void
arming_without_an_audit_row_or_a_reason_does_not_happen(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage->recorder.arm_fails = true;
	stage_type(stage, "RINC-7\n");
	assert_false(actions_armed(&stage->app->actions, stage->snapshot, NULL));
	assert_true(stage_shows(stage, "disk full"));
	stage->recorder.arm_fails = false;
	stage_press(stage, TERM_ESCAPE);
	stage_type(stage, "R   \n");
	assert_false(actions_armed(&stage->app->actions, stage->snapshot, NULL));
	stage_press(stage, TERM_ESCAPE);
	stage_type(stage, ":arm 6m INC-7\n");
	assert_false(actions_armed(&stage->app->actions, stage->snapshot, NULL));
	stage_free(stage);
}

static void
the_session_locks_itself_after_five_minutes(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, ":arm INC-7\n");
	clock_advance(ACTIONS_ARM_US - CLOCK_SECOND);
	stage_renew(stage);
	app_set_snapshot(stage->app, stage->snapshot);
	assert_true(stage_shows(stage, "ARMED 0:01"));
	clock_advance(CLOCK_SECOND);
	app_tick(stage->app);
	assert_true(stage_shows(stage, "READ-ONLY"));
	assert_int_equal(stage->app->actions.armed_until, 0);
	stage_free(stage);
}

/* Rows move and vanish between the sheet's opening and Enter. */
static void
reordered_and_removed_rows_never_change_the_target(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct stage *stage = stage_new(false);
		stage_type(stage, "RINC-7\nfraud_class");
		stage_renew(stage);
		struct service_view *services = stage->snapshot->services, first = services[0];
		if (how == 0) { /* another one is first */
			services[0] = services[2];
			services[2] = first;
		} else if (how == 1) { /* the service is gone, its target is not */
			memmove(services, services + 1, 3 * sizeof(*services));
			stage->snapshot->services_count = 3;
		} else { /* targets in another order */
			struct target_view target = stage->snapshot->targets[0];
			stage->snapshot->targets[0] = stage->snapshot->targets[1];
			stage->snapshot->targets[1] = target;
		}
		app_set_snapshot(stage->app, stage->snapshot);
		stage_type(stage, "ifier\n");
		assert_int_equal(stage->recorder.starts, 1);
		assert_string_equal(stage->recorder.started.alias, "production-apac");
		assert_string_equal(stage->recorder.started.from, "13");
		assert_string_equal(stage->recorder.first_service, "fraud-apac");
		stage_free(stage);
	}
}

static void
a_target_that_moved_meanwhile_is_refused(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct stage *stage = stage_new(false);
		stage_type(stage, "RINC-7\nfraud_classifier");
		stage_renew(stage);
		if (how == 0)
			stage->snapshot->targets[0].epoch = 8;
		else if (how == 1)
			text_copy(stage->snapshot->targets[0].version, SNAPSHOT_NAME, "14");
		else
			stage->snapshot->targets[0].known = false;
		app_set_snapshot(stage->app, stage->snapshot);
		stage_type(stage, "\n");
		assert_int_equal(stage->recorder.starts, 0);
		assert_true(stage_shows(stage, "refused"));
		stage_free(stage);
	}
}

static void
a_hidden_selection_cannot_be_acted_on(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, "/OK\n");
	stage_renew(stage); /* it is OK no more: the filter hides it, though the operator did not */
	stage->snapshot->services[0].state = SERVICE_FAILING;
	app_set_snapshot(stage->app, stage->snapshot);
	stage_type(stage, "R");
	assert_int_equal(stage->app->mode, MODE_NORMAL);
	assert_true(stage_shows(stage, "not on the screen any more"));
	stage_type(stage, "6R");
	assert_int_equal(stage->app->mode, MODE_NORMAL);
	stage_free(stage);
}

static void
a_sheet_that_does_not_fit_or_is_old_or_failed_its_checks_cannot_be_confirmed(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	canvas_resize(stage->canvas, 60, 12);
	stage_type(stage, "RINC-7\nfraud_classifier\n");
	assert_int_equal(stage->recorder.starts, 0);
	canvas_resize(stage->canvas, 100, 30);
	assert_true(stage_shows(stage, "too small"));
	clock_advance(ACTIONS_SHEET_US + 1);
	stage_renew(stage);
	app_set_snapshot(stage->app, stage->snapshot);
	stage_type(stage, "\n");
	assert_int_equal(stage->recorder.starts, 0);
	assert_true(stage_shows(stage, "over a minute old"));
	stage_press(stage, TERM_ESCAPE);
	stage->recorder.prepare_fails = true;
	stage_type(stage, "Rfraud_classifier\n");
	assert_int_equal(stage->recorder.starts, 0);
	assert_true(stage_shows(stage, "the artifact is not there"));
	stage_free(stage);
}

/* Ten seconds of a key held down is some 300 presses; from every panel, armed. */
static void
no_single_key_repeated_writes(void **state)
{
	size_t count;
	const struct key *keys = key_list(&count);
	(void)state;
	for (int panel = 0; panel < PANEL_COUNT; panel++) {
		for (size_t i = 0; i < count + 95; i++) {
			struct stage *stage = stage_new(false);
			uint32_t code = i < count ? keys[i].code : (uint32_t)(' ' + i - count);
			stage_type(stage, ":arm 5m INC-7\n");
			app_open_panel(stage->app, panel, false);
			for (int times = 0; times < 40; times++)
				app_key(stage->app, code);
			stage_press(stage, code);
			assert_int_equal(stage->recorder.starts, 0);
			stage_free(stage);
		}
	}
}

static void
mashing_enter_on_a_sheet_writes_nothing(void **state)
{
	static const char *const starts[] = {"RINC-7\n", "5jPINC-7\n", ":rollback\nINC-7\n"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct stage *stage = stage_new(false);
		stage_type(stage, starts[i]);
		assert_int_equal(stage->app->mode, MODE_SHEET);
		for (int times = 0; times < 300; times++)
			stage_press(stage, TERM_ENTER);
		stage_type(stage, "RRRRPPPP\n\n\nyyyy\n");
		stage_type(stage, "fraud_classifierx\n");
		assert_int_equal(stage->recorder.starts, 0);
		stage_press(stage, TERM_ESCAPE);
		assert_int_equal(stage->app->mode, MODE_NORMAL);
		stage_free(stage);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(typing_the_name_rolls_back_what_was_shown),
	    cmocka_unit_test(the_version_selected_in_models_is_what_is_promoted),
	    cmocka_unit_test(every_entry_refuses_to_open_in_every_trouble),
	    cmocka_unit_test(every_entry_refuses_to_confirm_in_every_trouble),
	    cmocka_unit_test(without_trouble_every_entry_leads_to_a_write),
	    cmocka_unit_test(a_session_that_forbids_writing_never_asks_for_a_reason),
	    cmocka_unit_test(arming_without_an_audit_row_or_a_reason_does_not_happen),
	    cmocka_unit_test(the_session_locks_itself_after_five_minutes),
	    cmocka_unit_test(reordered_and_removed_rows_never_change_the_target),
	    cmocka_unit_test(a_target_that_moved_meanwhile_is_refused),
	    cmocka_unit_test(a_hidden_selection_cannot_be_acted_on),
	    cmocka_unit_test(
		a_sheet_that_does_not_fit_or_is_old_or_failed_its_checks_cannot_be_confirmed),
	    cmocka_unit_test(no_single_key_repeated_writes),
	    cmocka_unit_test(mashing_enter_on_a_sheet_writes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
