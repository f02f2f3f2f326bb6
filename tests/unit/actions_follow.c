/* actions_follow.c: the line at the top says what the audit log says, and no more; a hostile name
 * stays text. */
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

static void
append(struct stage *stage, const char *event, const char *outcome, const char *detail)
{
	struct audit_row *row = &stage->recorder.rows[stage->recorder.rows_count++];
	row->seq = (int64_t)stage->recorder.rows_count;
	row->at = clock_wall();
	text_copy(row->event, sizeof(row->event), event);
	text_copy(row->outcome, sizeof(row->outcome), outcome);
	text_copy(row->detail, sizeof(row->detail), detail);
	app_tick(stage->app);
}

static void
the_line_at_the_top_follows_the_audit_log(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, "RINC-7\nfraud_classifier\n");
	append(stage, "INTENT", "", "");
	assert_true(stage_shows(stage, "applying"));
	append(stage, "RESULT", "ok", "");
	append(stage, "OBSERVE", "", "0 of 1 serve 12");
	assert_true(stage_shows(stage, "verifying: 0 of 1 serve 12"));
	stage_type(stage, "R"); /* one at a time */
	assert_int_equal(stage->app->mode, MODE_NORMAL);
	stage_press(stage, 3);
	assert_false(stage->app->quit);
	append(stage, "STATE", "verified", "");
	assert_true(stage_shows(stage, "verified 14:06:04"));
	stage_press(stage, 3);
	assert_true(stage->app->quit);
	stage_free(stage);
}

static void
an_executor_that_dies_is_told_as_such(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage_type(stage, "RINC-7\nfraud_classifier\n");
	append(stage, "INTENT", "", "");
	stage->recorder.ended = true;
	app_tick(stage->app);
	assert_true(stage_shows(stage, "ended without a verdict"));
	assert_false(actions_in_flight(&stage->app->actions));
	stage_free(stage);
}

static void
an_executor_that_cannot_start_leaves_the_sheet_open_with_the_reason(void **state)
{
	struct stage *stage = stage_new(false);
	(void)state;
	stage->recorder.start_fails = true;
	stage_type(stage, "RINC-7\nfraud_classifier\n");
	assert_int_equal(stage->app->mode, MODE_SHEET);
	assert_true(stage_shows(stage, "no process left"));
	assert_false(actions_in_flight(&stage->app->actions));
	stage_free(stage);
}

/* Names come scrubbed into a snapshot; what is left of a hostile one must stay within its cell. */
static void
hostile_names_are_drawn_harmlessly(void **state)
{
	static const char evil[] = "evil\x1b]52;c;cm0gLXJm\x07\xe2\x80\xae%n%s\n\xff";
	struct stage *stage = stage_new(false);
	(void)state;
	stage_renew(stage);
	struct service_view *service = &stage->snapshot->services[0];
	struct target_view *target = &stage->snapshot->targets[0];
	text_scrub(service->name, sizeof(service->name), evil, sizeof(evil) - 1);
	text_scrub(service->reason, sizeof(service->reason), evil, sizeof(evil) - 1);
	text_scrub(target->reason, sizeof(target->reason), evil, sizeof(evil) - 1);
	app_set_snapshot(stage->app, stage->snapshot);
	for (int panel = 0; panel < PANEL_COUNT; panel++) {
		struct buf out = {0};
		app_open_panel(stage->app, panel, false);
		app_draw(stage->app, stage->canvas);
		canvas_dump(stage->canvas, false, &out);
		for (size_t i = 0; i < out.length; i++)
			assert_true((unsigned char)out.data[i] >= ' ' || out.data[i] == '\n');
		assert_null(strstr(out.data, "\xe2\x80\xae"));
		buf_free(&out);
	}
	stage_free(stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_line_at_the_top_follows_the_audit_log),
	    cmocka_unit_test(an_executor_that_dies_is_told_as_such),
	    cmocka_unit_test(an_executor_that_cannot_start_leaves_the_sheet_open_with_the_reason),
	    cmocka_unit_test(hostile_names_are_drawn_harmlessly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
