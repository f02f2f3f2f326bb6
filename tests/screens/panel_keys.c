/* panel_keys.c: what keys and commands do in the dashboard: freezing, leaving, details, versions,
 * explanations, catching up, what-if. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/dashed.h"
#include "tests/kit/fixture.h"

static void
freezing_holds_the_picture_while_sampling_goes_on(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct snapshot *later = fixture_snapshot();
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	dashed_press(app, canvas, "Z");
	later->number = 2;
	later->services_count = 1;
	app_set_snapshot(app, later);
	assert_int_equal(app->view.snapshot->services_count, 4);
	assert_int_equal(app->newest->number, 2);
	dashed_press(app, canvas, "Z");
	assert_int_equal(app->view.snapshot->services_count, 1);
	snapshot_free(later);
	canvas_free(canvas);
	app_free(app);
}

static void
escape_never_quits_and_q_quits_only_at_the_top(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	dashed_press(app, canvas, "\n~~~~~~~~3~~~~6/x\n~~~~~");
	assert_false(app->quit);
	dashed_press(app, canvas, "\nq");
	assert_false(app->quit);
	assert_int_equal(app->panel, 0);
	dashed_press(app, canvas, "q");
	assert_true(app->quit);
	canvas_free(canvas);
	app_free(app);
}

static void
commands_complete_and_suggest(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	dashed_press(app, canvas, ":mod\t\n");
	assert_string_equal(panel_get(app->panel)->name, "models");
	dashed_press(app, canvas, ":quti\n");
	assert_non_null(strstr(app->hint, "do you mean quit?"));
	dashed_press(app, canvas, ":sort dr\t\n");
	assert_int_equal(app->states[PANEL_models].sort, 5);
	dashed_press(app, canvas, "1:service fraud-e\t\n");
	assert_string_equal(app->view.selected[SUBJECT_SERVICE], "fraud-eu");
	dashed_press(app, canvas, "K");
	assert_non_null(strstr(app->hint, "K does nothing here"));
	canvas_free(canvas);
	app_free(app);
}

static void
details_are_gone_through_and_named(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	struct panel_state *quality = &app->states[PANEL_quality];
	(void)state;
	dashed_press(app, canvas, "d");
	assert_non_null(strstr(app->hint, "no details"));
	dashed_press(app, canvas, "4ddddddd");
	assert_int_equal(quality->detail, 0);
	dashed_press(app, canvas, ":detail dri\t\n");
	assert_non_null(strstr(app->hint, "no details `dri` here"));
	dashed_press(app, canvas, ":detail exp\t\n");
	assert_int_equal(quality->detail, 6);
	/* fraud-us has no expectations: there the first is shown, and none that is empty gone to */
	dashed_press(app, canvas, "jD");
	assert_int_equal(quality->detail, 4);
	dashed_press(app, canvas, "d");
	assert_int_equal(quality->detail, 0);
	canvas_free(canvas);
	app_free(app);
}

static void
another_version_is_asked_for_by_name(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&dashed_said, 0, sizeof(dashed_said));
	dashed_press(app, canvas, ":replay\n");
	assert_string_equal(panel_get(app->panel)->name, "replay");
	assert_int_equal(dashed_said.replays, 0);
	dashed_press(app, canvas, "1:rep\t 99\n");
	assert_non_null(strstr(app->hint, "no such version"));
	assert_int_equal(app->panel, 0);
	dashed_press(
	    app, canvas, ":replay 1\t1\n"); /* 12 and 11 are there besides 13, which serves */
	assert_string_equal(dashed_said.service, "fraud-apac");
	assert_string_equal(dashed_said.other, "11");
	assert_string_equal(panel_get(app->panel)->name, "replay");
	dashed_press(app, canvas, ":replay a\t\n");
	assert_string_equal(dashed_said.other, "");
	canvas_free(canvas);
	app_free(app);
}

static void
a_sheet_about_another_version_has_it_replayed(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&dashed_said, 0, sizeof(dashed_said));
	dashed_press(app, canvas, "RINC-7\n");
	assert_int_equal(app->mode, MODE_SHEET);
	assert_int_equal(dashed_said.replays, 0); /* 12 is what is replayed already */
	dashed_press(app, canvas, "~jj:rollback\n");
	assert_int_equal(app->mode, MODE_SHEET);
	assert_string_equal(dashed_said.service, "fraud-eu");
	assert_string_equal(dashed_said.other, "12");
	canvas_free(canvas);
	app_free(app);
}

static void
a_line_of_the_log_is_explained_and_escape_closes(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&dashed_said, 0, sizeof(dashed_said));
	dashed_press(app, canvas, "6/SCORE_IS_NOWHERE\n\n");
	assert_int_equal(dashed_said.asks, 0);
	assert_non_null(strstr(app->hint, "no line is selected"));
	dashed_press(app, canvas,
	    "/\x15"
	    "FLAG.*travel\n\n");
	assert_int_equal(dashed_said.asks, 1);
	assert_true(dashed_said.request_id[0] != '\0');
	assert_non_null(app->view.asked);
	dashed_press(app, canvas, "~");
	assert_null(app->view.asked);
	assert_string_equal(panel_get(app->panel)->name, "log"); /* and the filter stays */
	assert_true(app->states[PANEL_log].filter_text[0] != '\0');
	dashed_press(app, canvas,
	    "/\x15"
	    "REJECTED|decision\n\n");
	assert_non_null(strstr(app->hint, "no score"));
	canvas_free(canvas);
	app_free(app);
}

static void
catching_up_is_stopped_and_resumed_by_command(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&dashed_said, 0, sizeof(dashed_said));
	dashed_press(app, canvas, ":catchup\n");
	assert_non_null(strstr(app->hint, "stop or resume"));
	dashed_press(app, canvas, ":catc\ts\t\n");
	assert_int_equal(dashed_said.catchups, 1);
	assert_true(dashed_said.stop);
	dashed_press(app, canvas, ":catchup resume\n");
	assert_int_equal(dashed_said.catchups, 2);
	assert_false(dashed_said.stop);
	dashed_press(app, canvas, ":catchup stop\n");
	assert_non_null(strstr(app->hint, "nothing to catch up"));
	canvas_free(canvas);
	app_free(app);
}

/* `<` and `>` sort where there is no cursor, and nowhere lead to a write. */
static void
what_if_asks_and_changes_nothing(void **state)
{
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	struct panel_state *quality = &app->states[PANEL_quality];
	(void)state;
	dashed_press(app, canvas, "4>");
	assert_int_equal(quality->sort, 1);
	assert_int_equal(quality->cursor, 0);
	dashed_press(app, canvas, "<dd>>><");
	assert_int_equal(quality->sort, 0);
	assert_int_equal(quality->cursor, 2);
	for (int i = 0; i < 500; i++)
		dashed_press(app, canvas, ">");
	assert_int_equal(quality->cursor, 69); /* 0.999, from the logged 0.5 */
	dashed_press(app, canvas, "=");
	assert_int_equal(quality->cursor, 0);
	for (int i = 0; i < 500; i++)
		dashed_press(app, canvas, "<");
	assert_int_equal(quality->cursor, -69);
	assert_int_equal(app->mode, MODE_NORMAL);
	assert_int_equal(app->actions.armed_until, 0);
	canvas_free(canvas);
	app_free(app);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(freezing_holds_the_picture_while_sampling_goes_on),
	    cmocka_unit_test(escape_never_quits_and_q_quits_only_at_the_top),
	    cmocka_unit_test(commands_complete_and_suggest),
	    cmocka_unit_test(details_are_gone_through_and_named),
	    cmocka_unit_test(another_version_is_asked_for_by_name),
	    cmocka_unit_test(a_sheet_about_another_version_has_it_replayed),
	    cmocka_unit_test(a_line_of_the_log_is_explained_and_escape_closes),
	    cmocka_unit_test(catching_up_is_stopped_and_resumed_by_command),
	    cmocka_unit_test(what_if_asks_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
