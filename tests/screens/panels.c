/* panels.c: golden screens of the dashboard: keys in, a canvas out, on the snapshot of
 * tests/kit/fixture.h with a frozen clock. */
/* cmocka wants those first */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/kit/fixture.h"
#include "tests/kit/fixture_reading.h"
#include "tests/kit/golden.h"
#include "tui/app.h"
#include "tui/term.h"

struct screen {
	const char *name, *keys; /* `\n` is Enter, `~` is Esc */
	int width, height;
	enum symbols symbols;
};

/* What is read, instead of the fixture's two files. */
struct reading {
	struct screen screen;
	enum { FILES, PRESSED, CATCHING, STOPPED } what;
};

static const struct screen screens[] = {
    {"overview-80x24", "", 80, 24, SYMBOLS_BRAILLE},
    {"overview-120x40", "", 120, 40, SYMBOLS_BRAILLE},
    {"overview-200x50", "", 200, 50, SYMBOLS_BRAILLE},
    {"overview-40x10", "", 40, 10, SYMBOLS_BRAILLE},
    {"overview-20x3", "", 20, 3, SYMBOLS_BRAILLE},
    {"overview-ascii-80x24", "###", 80, 24, SYMBOLS_ASCII},
    {"overview-immature-120x40", "j", 120, 40, SYMBOLS_BRAILLE},
    {"overview-down-120x40", "G", 120, 40, SYMBOLS_BRAILLE},
    {"overview-sorted-120x40", ">>>>>", 120, 40, SYMBOLS_BRAILLE},
    {"overview-filtered-80x24", "/!eu|us\n", 80, 24, SYMBOLS_BRAILLE},
    {"overview-badfilter-80x24", "/eu(", 80, 24, SYMBOLS_BRAILLE},
    {"overview-frozen-80x24", "Z", 80, 24, SYMBOLS_BRAILLE},
    {"overview-command-80x24", ":f", 80, 24, SYMBOLS_BRAILLE},
    {"latency-80x24", "2", 80, 24, SYMBOLS_BRAILLE},
    {"latency-200x50", "2j", 200, 50, SYMBOLS_BRAILLE},
    {"drift-80x24", "3", 80, 24, SYMBOLS_BRAILLE},
    {"drift-120x40", "\njjj", 120, 40, SYMBOLS_BRAILLE},
    {"drift-200x50", "3", 200, 50, SYMBOLS_BRAILLE},
    {"drift-ascii-80x24", "3###", 80, 24, SYMBOLS_ASCII},
    {"drift-calm-120x40", "jj3", 120, 40, SYMBOLS_BRAILLE},
    {"drift-rate-80x24", "3Gk", 80, 24, SYMBOLS_BRAILLE},
    {"drift-score-full-120x40", "3jf", 120, 40, SYMBOLS_BRAILLE},
    {"quality-80x24", "4", 80, 24, SYMBOLS_BRAILLE},
    {"quality-immature-120x40", "4j", 120, 40, SYMBOLS_BRAILLE},
    {"quality-200x50", "4", 200, 50, SYMBOLS_BRAILLE},
    {"quality-ascii-80x24", "4###", 80, 24, SYMBOLS_ASCII},
    {"quality-figures-80x24", "4d", 80, 24, SYMBOLS_BRAILLE},
    {"quality-figures-120x40", "4d", 120, 40, SYMBOLS_BRAILLE},
    {"quality-whatif-80x24", "4dd<<<<", 80, 24, SYMBOLS_BRAILLE},
    {"quality-whatif-120x40", "4dd>>>>>>>>>>>>", 120, 40, SYMBOLS_BRAILLE},
    {"quality-groups-80x24", "4ddd", 80, 24, SYMBOLS_BRAILLE},
    {"quality-groups-120x40", "4ddd", 120, 40, SYMBOLS_BRAILLE},
    {"quality-change-80x24", "4dddd", 80, 24, SYMBOLS_BRAILLE},
    {"quality-change-ascii-80x24", "###4dddd", 80, 24, SYMBOLS_ASCII},
    {"quality-drivers-80x24", "4:detail attribution\n", 80, 24, SYMBOLS_BRAILLE},
    {"quality-expectations-80x24", "4D", 80, 24, SYMBOLS_BRAILLE},
    {"models-80x24", "5", 80, 24, SYMBOLS_BRAILLE},
    {"models-200x50", "5j", 200, 50, SYMBOLS_BRAILLE},
    {"log-80x24", "6", 80, 24, SYMBOLS_BRAILLE},
    {"log-scrolled-120x40", "6gjj", 120, 40, SYMBOLS_BRAILLE},
    {"log-filtered-80x24", "6/FLAG.*travel\n", 80, 24, SYMBOLS_BRAILLE},
    {"log-why-80x24", "6\n", 80, 24, SYMBOLS_BRAILLE},
    {"log-why-120x40", "6kkk\n", 120, 40, SYMBOLS_BRAILLE},
    {"log-why-closed-80x24", "6\n~", 80, 24, SYMBOLS_BRAILLE},
    {"replay-80x24", "7", 80, 24, SYMBOLS_BRAILLE},
    {"replay-120x40", "7jj", 120, 40, SYMBOLS_BRAILLE},
    {"replay-200x50", "7", 200, 50, SYMBOLS_BRAILLE},
    {"replay-ascii-80x24", "###7", 80, 24, SYMBOLS_ASCII},
    {"replay-why-80x24", "7\n", 80, 24, SYMBOLS_BRAILLE},
    {"replay-why-120x40", "7jjjjd", 120, 40, SYMBOLS_BRAILLE},
    {"replay-why-200x50", "7\n", 200, 50, SYMBOLS_BRAILLE},
    {"replay-why-ascii-80x24", "###7\n", 80, 24, SYMBOLS_ASCII},
    {"replay-broken-80x24", "7:service fraud-us\n", 80, 24, SYMBOLS_BRAILLE},
    {"replay-begun-80x24", "7:service fraud-eu\n", 80, 24, SYMBOLS_BRAILLE},
    {"replay-none-80x24", "7:service fraud-batch\n", 80, 24, SYMBOLS_BRAILLE},
    {"replay-command-80x24", ":replay ", 80, 24, SYMBOLS_BRAILLE},
    {"help-80x24", "?", 80, 24, SYMBOLS_BRAILLE},
    {"help-200x50", "?", 200, 50, SYMBOLS_BRAILLE},
    {"reason-120x40", "R", 120, 40, SYMBOLS_BRAILLE},
    {"sheet-rollback-80x24", "RINC-7\nfraud_class", 80, 24, SYMBOLS_BRAILLE},
    {"sheet-unknown-120x40", "5jjPINC-7\n", 120, 40, SYMBOLS_BRAILLE},
    {"sheet-asked-80x24", "jjPINC-7\n", 80, 24, SYMBOLS_BRAILLE},
    {"sheet-mistyped-80x24", "RINC-7\nfraud\n", 80, 24, SYMBOLS_BRAILLE},
    {"log-refused-none-80x24", "6d", 80, 24, SYMBOLS_BRAILLE},
    {"following-80x24", "RINC-7\nfraud_classifier\n", 80, 24, SYMBOLS_BRAILLE},
};

static const struct reading readings[] = {
    {{"log-files-80x24", "6", 80, 24, SYMBOLS_BRAILLE}, FILES},
    {{"log-files-200x50", "6", 200, 50, SYMBOLS_BRAILLE}, FILES},
    {{"overview-sampled-120x40", "", 120, 40, SYMBOLS_BRAILLE}, FILES},
    {{"overview-pressed-80x24", "", 80, 24, SYMBOLS_BRAILLE}, PRESSED},
    {{"overview-pressed-120x40", "", 120, 40, SYMBOLS_BRAILLE}, PRESSED},
    {{"quality-sampled-80x24", "4", 80, 24, SYMBOLS_BRAILLE}, FILES},
    {{"log-refused-80x24", "6d", 80, 24, SYMBOLS_BRAILLE}, FILES},
    {{"log-refused-120x40", "6:detail refused\n", 120, 40, SYMBOLS_BRAILLE}, FILES},
    {{"log-refused-ascii-80x24", "6d", 80, 24, SYMBOLS_ASCII}, FILES},
    {{"catchup-80x24", "", 80, 24, SYMBOLS_BRAILLE}, CATCHING},
    {{"catchup-200x50", "6", 200, 50, SYMBOLS_BRAILLE}, CATCHING},
    {{"catchup-40x10", "", 40, 10, SYMBOLS_BRAILLE}, CATCHING},
    {{"catchup-20x3", "", 20, 3, SYMBOLS_BRAILLE}, CATCHING},
    {{"catchup-ascii-80x24", "", 80, 24, SYMBOLS_ASCII}, CATCHING},
    {{"catchup-stopped-80x24", "", 80, 24, SYMBOLS_BRAILLE}, STOPPED},
    {{"catchup-stopped-120x40", ":catchup ", 120, 40, SYMBOLS_BRAILLE}, STOPPED},
};

static bool
arm(void *context, struct audit_row *row, struct err *err)
{
	(void)context;
	(void)row;
	(void)err;
	return true;
}

static bool
prepare(void *context, struct rollout_plan *plan, struct rollout_check *checks, unsigned *count,
    struct err *err)
{
	static const struct rollout_check found[] = {
	    {"exists", "12 is registered", ROLLOUT_PASS},
	    {"artifact", "the artifact's SHA-256 is the registered one", ROLLOUT_PASS},
	    {"loads", "the model file loads", ROLLOUT_PASS},
	    {"threshold", "the threshold goes from 0.62 to 0.5", ROLLOUT_WARN},
	};
	(void)context;
	(void)err;
	if (plan->to[0] == '\0')
		text_copy(plan->to, sizeof(plan->to), "12");
	memcpy(checks, found, sizeof(found));
	*count = 4;
	return true;
}

static bool
start(void *context, const struct rollout_plan *plan, struct err *err)
{
	(void)context;
	(void)plan;
	(void)err;
	return true;
}

static struct {
	int asks, replays, catchups;
	bool stop;
	char service[SNAPSHOT_NAME], other[SNAPSHOT_NAME], request_id[64];
} said;

static bool
replay(void *context, const char *service, const char *other, struct err *err)
{
	(void)context;
	said.replays++;
	text_copy(said.service, sizeof(said.service), service);
	text_copy(said.other, sizeof(said.other), other);
	return strcmp(other, "99") != 0 ||
	       err_set(err, ERR_NO_INPUT, "99: no such version or file");
}

static void
ask(void *context, const char *service, const char *version, const char *request_id, wall_us ts)
{
	static struct asked_view asked;
	struct app *app = context;
	(void)version;
	(void)ts;
	said.asks++;
	text_copy(said.request_id, sizeof(said.request_id), request_id);
	fixture_asked(&asked);
	app->view.asked = service[0] != '\0' ? &asked : NULL;
}

static bool
catchup(void *context, bool stop, struct err *err)
{
	(void)context;
	said.catchups++;
	said.stop = stop;
	return said.catchups < 3 || err_set(err, ERR_USAGE, "there is nothing to catch up with");
}

static struct app *
app_on_fixture(enum symbols symbols)
{
	const struct driver driver = {.arm = arm, .prepare = prepare, .start = start};
	clock_freeze(FIXTURE_NOW);
	struct app *app = app_new(NULL, &driver, false);
	struct snapshot *snapshot = fixture_snapshot();
	app->host =
	    (struct app_host){.replay = replay, .ask = ask, .catchup = catchup, .context = app};
	app->symbols = symbols;
	app_set_snapshot(app, snapshot);
	snapshot_free(snapshot);
	return app;
}

static void
press(struct app *app, struct canvas *canvas, const char *keys)
{
	app_draw(app, canvas);
	for (; *keys != '\0'; keys++) {
		app_key(app, *keys == '\n'  ? TERM_ENTER
			     : *keys == '~' ? TERM_ESCAPE
					    : (uint32_t)(unsigned char)*keys);
		app_draw(app, canvas);
	}
}

static void
draw_and_compare(struct app *app, const struct screen *screen)
{
	struct canvas *canvas = canvas_new(screen->width, screen->height, screen->symbols);
	press(app, canvas, screen->keys);
	golden_assert(screen->name, canvas, "panels");
	canvas_free(canvas);
	app_free(app);
}

static void
is_as_kept(void **state)
{
	const struct screen *screen = *state;
	draw_and_compare(app_on_fixture(screen->symbols), screen);
}

static void
is_as_kept_while_reading(void **state)
{
	const struct reading *reading = *state;
	struct app *app = app_on_fixture(reading->screen.symbols);
	if (reading->what == FILES || reading->what == PRESSED)
		fixture_files(app->newest);
	if (reading->what == PRESSED) {
		app->newest->sources[0].lag_s = metric_ok(12.3, 1);
		app->newest->sources[0].behind = 41000000;
	}
	if (reading->what == CATCHING || reading->what == STOPPED)
		fixture_catchup(
		    app->newest, reading->what == CATCHING ? CATCHUP_RUNNING : CATCHUP_STOPPED);
	draw_and_compare(app, &reading->screen);
}

static void
colours_of_the_overview_are_as_kept(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(120, 40, SYMBOLS_BRAILLE);
	(void)state;
	press(app, canvas, "");
	golden_assert_roles("overview-roles-120x40", canvas, "panels");
	canvas_free(canvas);
	app_free(app);
}

static void
an_empty_snapshot_is_drawn(void **state)
{
	(void)state;
	clock_freeze(FIXTURE_NOW);
	struct app *app = app_new(NULL, NULL, false);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	press(app, canvas, "");
	golden_assert("empty-80x24", canvas, "panels");
	press(app, canvas, "jkGg123456RP?~/x\n~:sort p99\nq");
	canvas_free(canvas);
	app_free(app);
}

/* Thousands of sizes, each panel, with and without a sheet: ASan and UBSan watch. */
static void
every_size_is_drawn(void **state)
{
	static const char *const keys[] = {"1", "2", "3", "Gk", "4", "d", "d>", "d", "d", "d", "d",
	    "5", "6\n", "7", "d", "?", "R\x15INC\nfraud"};
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(1, 1, SYMBOLS_BRAILLE);
	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (i + 1 == sizeof(keys) / sizeof(keys[0]))
			press(app, canvas, "1");
		press(app, canvas, keys[i]);
		for (int height = 0; height <= 120; height += height < 12 ? 1 : 9) {
			for (int width = 0; width <= 400; width += width < 40 ? 3 : 37) {
				canvas_resize(canvas, width, height);
				app_draw(app, canvas);
				assert_int_equal(canvas->width, width);
			}
		}
	}
	canvas_free(canvas);
	app_free(app);
}

static void
freezing_holds_the_picture_while_sampling_goes_on(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct snapshot *later = fixture_snapshot();
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	press(app, canvas, "Z");
	later->number = 2;
	later->services_count = 1;
	app_set_snapshot(app, later);
	assert_int_equal(app->view.snapshot->services_count, 4);
	assert_int_equal(app->newest->number, 2);
	press(app, canvas, "Z");
	assert_int_equal(app->view.snapshot->services_count, 1);
	snapshot_free(later);
	canvas_free(canvas);
	app_free(app);
}

static void
escape_never_quits_and_q_quits_only_at_the_top(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	press(app, canvas, "\n~~~~~~~~3~~~~6/x\n~~~~~");
	assert_false(app->quit);
	press(app, canvas, "\nq");
	assert_false(app->quit);
	assert_int_equal(app->panel, 0);
	press(app, canvas, "q");
	assert_true(app->quit);
	canvas_free(canvas);
	app_free(app);
}

static void
commands_complete_and_suggest(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	press(app, canvas, ":mod\t\n");
	assert_string_equal(panel_get(app->panel)->name, "models");
	press(app, canvas, ":quti\n");
	assert_non_null(strstr(app->hint, "do you mean quit?"));
	press(app, canvas, ":sort dr\t\n");
	assert_int_equal(app->states[PANEL_models].sort, 5);
	press(app, canvas, "1:service fraud-e\t\n");
	assert_string_equal(app->view.selected[SUBJECT_SERVICE], "fraud-eu");
	press(app, canvas, "K");
	assert_non_null(strstr(app->hint, "K does nothing here"));
	canvas_free(canvas);
	app_free(app);
}

static void
details_are_gone_through_and_named(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	struct panel_state *quality = &app->states[PANEL_quality];
	(void)state;
	press(app, canvas, "d");
	assert_non_null(strstr(app->hint, "no details"));
	press(app, canvas, "4ddddddd");
	assert_int_equal(quality->detail, 0);
	press(app, canvas, ":detail dri\t\n");
	assert_non_null(strstr(app->hint, "no details `dri` here"));
	press(app, canvas, ":detail exp\t\n");
	assert_int_equal(quality->detail, 6);
	/* fraud-us has no expectations: there the first is shown, and none that is empty gone to */
	press(app, canvas, "jD");
	assert_int_equal(quality->detail, 4);
	press(app, canvas, "d");
	assert_int_equal(quality->detail, 0);
	canvas_free(canvas);
	app_free(app);
}

static void
another_version_is_asked_for_by_name(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&said, 0, sizeof(said));
	press(app, canvas, ":replay\n");
	assert_string_equal(panel_get(app->panel)->name, "replay");
	assert_int_equal(said.replays, 0);
	press(app, canvas, "1:rep\t 99\n");
	assert_non_null(strstr(app->hint, "no such version"));
	assert_int_equal(app->panel, 0);
	press(app, canvas, ":replay 1\t1\n"); /* 12 and 11 are there besides 13, which serves */
	assert_string_equal(said.service, "fraud-apac");
	assert_string_equal(said.other, "11");
	assert_string_equal(panel_get(app->panel)->name, "replay");
	press(app, canvas, ":replay a\t\n");
	assert_string_equal(said.other, "");
	canvas_free(canvas);
	app_free(app);
}

static void
a_sheet_about_another_version_has_it_replayed(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&said, 0, sizeof(said));
	press(app, canvas, "RINC-7\n");
	assert_int_equal(app->mode, MODE_SHEET);
	assert_int_equal(said.replays, 0); /* 12 is what is replayed already */
	press(app, canvas, "~jj:rollback\n");
	assert_int_equal(app->mode, MODE_SHEET);
	assert_string_equal(said.service, "fraud-eu");
	assert_string_equal(said.other, "12");
	canvas_free(canvas);
	app_free(app);
}

static void
a_line_of_the_log_is_explained_and_escape_closes(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&said, 0, sizeof(said));
	press(app, canvas, "6/SCORE_IS_NOWHERE\n\n");
	assert_int_equal(said.asks, 0);
	assert_non_null(strstr(app->hint, "no line is selected"));
	press(app, canvas,
	    "/\x15"
	    "FLAG.*travel\n\n");
	assert_int_equal(said.asks, 1);
	assert_true(said.request_id[0] != '\0');
	assert_non_null(app->view.asked);
	press(app, canvas, "~");
	assert_null(app->view.asked);
	assert_string_equal(panel_get(app->panel)->name, "log"); /* and the filter stays */
	assert_true(app->states[PANEL_log].filter_text[0] != '\0');
	press(app, canvas,
	    "/\x15"
	    "REJECTED|decision\n\n");
	assert_non_null(strstr(app->hint, "no score"));
	canvas_free(canvas);
	app_free(app);
}

static void
catching_up_is_stopped_and_resumed_by_command(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	(void)state;
	memset(&said, 0, sizeof(said));
	press(app, canvas, ":catchup\n");
	assert_non_null(strstr(app->hint, "stop or resume"));
	press(app, canvas, ":catc\ts\t\n");
	assert_int_equal(said.catchups, 1);
	assert_true(said.stop);
	press(app, canvas, ":catchup resume\n");
	assert_int_equal(said.catchups, 2);
	assert_false(said.stop);
	press(app, canvas, ":catchup stop\n");
	assert_non_null(strstr(app->hint, "nothing to catch up"));
	canvas_free(canvas);
	app_free(app);
}

/* `<` and `>` sort where there is no cursor, and nowhere lead to a write. */
static void
what_if_asks_and_changes_nothing(void **state)
{
	struct app *app = app_on_fixture(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(80, 24, SYMBOLS_BRAILLE);
	struct panel_state *quality = &app->states[PANEL_quality];
	(void)state;
	press(app, canvas, "4>");
	assert_int_equal(quality->sort, 1);
	assert_int_equal(quality->cursor, 0);
	press(app, canvas, "<dd>>><");
	assert_int_equal(quality->sort, 0);
	assert_int_equal(quality->cursor, 2);
	for (int i = 0; i < 500; i++)
		press(app, canvas, ">");
	assert_int_equal(quality->cursor, 69); /* 0.999, from the logged 0.5 */
	press(app, canvas, "=");
	assert_int_equal(quality->cursor, 0);
	for (int i = 0; i < 500; i++)
		press(app, canvas, "<");
	assert_int_equal(quality->cursor, -69);
	assert_int_equal(app->mode, MODE_NORMAL);
	assert_int_equal(app->actions.armed_until, 0);
	canvas_free(canvas);
	app_free(app);
}

enum {
	SCREENS = sizeof(screens) / sizeof(screens[0]),
	READINGS = sizeof(readings) / sizeof(readings[0])
};

/* A test of one row of a table. */
static struct CMUnitTest
test_of(const struct screen *screen, CMUnitTestFunction run, const void *row)
{
	union {
		const void *in;
		void *out;
	} state = {.in = row};
	return (struct CMUnitTest){
	    .name = screen->name, .test_func = run, .initial_state = state.out};
}

int
main(void)
{
	const struct CMUnitTest others[] = {
	    cmocka_unit_test(colours_of_the_overview_are_as_kept),
	    cmocka_unit_test(an_empty_snapshot_is_drawn),
	    cmocka_unit_test(every_size_is_drawn),
	    cmocka_unit_test(freezing_holds_the_picture_while_sampling_goes_on),
	    cmocka_unit_test(escape_never_quits_and_q_quits_only_at_the_top),
	    cmocka_unit_test(commands_complete_and_suggest),
	    cmocka_unit_test(details_are_gone_through_and_named),
	    cmocka_unit_test(another_version_is_asked_for_by_name),
	    cmocka_unit_test(a_sheet_about_another_version_has_it_replayed),
	    cmocka_unit_test(a_line_of_the_log_is_explained_and_escape_closes),
	    cmocka_unit_test(what_if_asks_and_changes_nothing),
	    cmocka_unit_test(catching_up_is_stopped_and_resumed_by_command),
	};
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	struct CMUnitTest tests[SCREENS + READINGS + OTHERS];
	for (size_t i = 0; i < SCREENS; i++)
		tests[i] = test_of(&screens[i], is_as_kept, &screens[i]);
	for (size_t i = 0; i < READINGS; i++)
		tests[SCREENS + i] =
		    test_of(&readings[i].screen, is_as_kept_while_reading, &readings[i]);
	memcpy(tests + SCREENS + READINGS, others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
