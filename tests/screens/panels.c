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
#include "tests/kit/dashed.h"
#include "tests/kit/fixture.h"
#include "tests/kit/fixture_reading.h"
#include "tests/kit/golden.h"

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

static void
draw_and_compare(struct app *app, const struct screen *screen)
{
	struct canvas *canvas = canvas_new(screen->width, screen->height, screen->symbols);
	dashed_press(app, canvas, screen->keys);
	golden_assert(screen->name, canvas, "panels");
	canvas_free(canvas);
	app_free(app);
}

static void
is_as_kept(void **state)
{
	const struct screen *screen = *state;
	draw_and_compare(dashed_app(screen->symbols), screen);
}

static void
is_as_kept_while_reading(void **state)
{
	const struct reading *reading = *state;
	struct app *app = dashed_app(reading->screen.symbols);
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
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(120, 40, SYMBOLS_BRAILLE);
	(void)state;
	dashed_press(app, canvas, "");
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
	dashed_press(app, canvas, "");
	golden_assert("empty-80x24", canvas, "panels");
	dashed_press(app, canvas, "jkGg123456RP?~/x\n~:sort p99\nq");
	canvas_free(canvas);
	app_free(app);
}

/* Thousands of sizes, each panel, with and without a sheet: ASan and UBSan watch. */
static void
every_size_is_drawn(void **state)
{
	static const char *const keys[] = {"1", "2", "3", "Gk", "4", "d", "d>", "d", "d", "d", "d",
	    "5", "6\n", "7", "d", "?", "R\x15INC\nfraud"};
	struct app *app = dashed_app(SYMBOLS_BRAILLE);
	struct canvas *canvas = canvas_new(1, 1, SYMBOLS_BRAILLE);
	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (i + 1 == sizeof(keys) / sizeof(keys[0]))
			dashed_press(app, canvas, "1");
		dashed_press(app, canvas, keys[i]);
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
