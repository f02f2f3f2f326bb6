/* widgets.c: what must hold of what is drawn: text cut at whole characters; numbers on their
 * points; gaps never as zeros. At any size: widgets_sizes.c. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "widgets/axis.h"
#include "tests/kit/sample_table.h"
#include "widgets/bar.h"
#include "widgets/canvas.h"
#include "widgets/dialog.h"
#include "widgets/graph.h"
#include "widgets/spark.h"
#include "widgets/table.h"

static const enum symbols all_symbols[] = {SYMBOLS_BRAILLE, SYMBOLS_BLOCK, SYMBOLS_ASCII};

static void
assert_screen(const struct canvas *canvas, const char *wanted)
{
	struct buf out = {0};
	canvas_dump(canvas, false, &out);
	assert_string_equal(out.data, wanted);
	buf_free(&out);
}

static void
text_that_does_not_fit_is_cut_with_a_mark(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(8, 3, SYMBOLS_BRAILLE);
	struct area all = canvas_area(canvas);
	assert_int_equal(canvas_text(canvas, all, 0, 0, ROLE_OK, "fraud-eu"), 8);
	assert_int_equal(canvas_text(canvas, all, 2, 1, ROLE_OK, "fraud-eu"), 6);
	assert_int_equal(canvas_text(canvas, (struct area){3, 2, 2, 1}, 0, 0, ROLE_OK, "abc"), 2);
	assert_screen(canvas, "fraud-eu\n  fraud…\n   a…\n");
	canvas_free(canvas);
	canvas = canvas_new(4, 1, SYMBOLS_ASCII);
	canvas_text(canvas, canvas_area(canvas), 0, 0, ROLE_OK, "12345");
	assert_screen(canvas, "123~\n");
	canvas_free(canvas);
}

static void
wide_characters_keep_their_halves_together(void **state)
{
	(void)state;
	assert_int_equal(canvas_width("支付"), 4);
	assert_int_equal(canvas_width("e\xCC\x81"), 1);
	struct canvas *canvas = canvas_new(6, 4, SYMBOLS_BRAILLE);
	struct area all = canvas_area(canvas);
	assert_int_equal(canvas_text(canvas, all, 0, 0, ROLE_OK, "支付支"), 6);
	assert_int_equal(canvas_text(canvas, all, 1, 1, ROLE_OK, "支付支"), 5);
	canvas_text(canvas, all, 0, 2, ROLE_OK, "支付支");
	canvas_put(canvas, all, 1, 2, ROLE_OK, 'x');
	canvas_put(canvas, all, 2, 2, ROLE_OK, 'y');
	canvas_put(canvas, all, 5, 3, ROLE_OK, 0x652F);
	assert_screen(canvas, "支付支\n 支付…\n xy 支\n\n");
	canvas_free(canvas);
}

static void
hostile_codes_never_reach_a_cell(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(12, 1, SYMBOLS_BRAILLE);
	canvas_text(canvas, canvas_area(canvas), 0, 0, ROLE_OK, "a\x1b[2J\x07\xffz");
	canvas_put(canvas, canvas_area(canvas), 10, 0, ROLE_OK, 0x9B);
	canvas_put(canvas, canvas_area(canvas), 11, 0, ROLE_OK, 0xD800);
	for (int i = 0; i < 12; i++) {
		uint32_t code = canvas->cells[i].code;
		assert_true(code >= 0x20 && code != 0x7F && !(code >= 0x80 && code < 0xA0) &&
			    !(code >= 0xD800 && code < 0xE000));
	}
	canvas_free(canvas);
}

static void
ascii_draws_every_mark_of_ours_in_ascii(void **state)
{
	(void)state;
	static const char marks[] = "─│┌┐└┘├┤┬┴┼╭╮╯╰▁▂▃▄▅▆▇█░▒▓▸▾▴·…±×−→²✔▲┊";
	struct canvas *canvas = canvas_new(80, 1, SYMBOLS_ASCII);
	canvas_text(canvas, canvas_area(canvas), 0, 0, ROLE_DEFAULT, marks);
	for (int i = 0; i < 80; i++)
		assert_in_range(canvas->cells[i].code, 0x20, 0x7E);
	canvas_free(canvas);
}

static void
numbers_end_at_their_column(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(10, 3, SYMBOLS_BRAILLE);
	struct area all = canvas_area(canvas);
	assert_int_equal(canvas_text_right(canvas, all, 8, 0, ROLE_OK, "44.8"), 4);
	assert_int_equal(canvas_text_right(canvas, all, 8, 1, ROLE_OK, "231.7"), 3);
	assert_int_equal(canvas_text_right(canvas, all, 3, 2, ROLE_OK, "1640.0"), 0);
	assert_screen(canvas, "    44.8\n   231.7\n16…\n");
	canvas_free(canvas);
}

static void
roles_and_the_selected_row_are_in_the_dump(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(6, 2, SYMBOLS_BRAILLE);
	struct area all = canvas_area(canvas);
	canvas_text(canvas, all, 0, 0, ROLE_DEFAULT, "ab");
	canvas_text(canvas, all, 2, 0, ROLE_MUTED, "cd");
	canvas_text(canvas, all, 0, 1, ROLE_TITLE, "ef");
	canvas_select_row(canvas, all, 1);
	struct buf out = {0};
	canvas_dump(canvas, true, &out);
	assert_string_equal(out.data, "abcd\n..aa\nef\nBB::::\n");
	buf_free(&out);
	canvas_free(canvas);
}

static void
ticks_are_round(void **state)
{
	(void)state;
	struct axis axis = axis_fit(0, 231.7, 4, 1);
	assert_true(axis.step == 100 && axis.high == 300 && axis.first == 0);
	axis = axis_fit(0, 0.31, 3, 1);
	assert_true(fabs(axis.step - 0.2) < 1e-12 && axis.decimals == 1);
	axis = axis_fit(0.53, 0.98, 4, 0);
	assert_true(axis.low == 0.53 && fabs(axis.first - 0.6) < 1e-12);
	axis = axis_fit(0, 0, 4, 1);
	assert_true(axis.high == 1);
	axis = axis_fit(NAN, INFINITY, 0, 1);
	assert_true(isfinite(axis.low) && isfinite(axis.high) && axis.step > 0);
	struct rng rng;
	rng_seed(&rng, 7, 1);
	for (int i = 0; i < 5000; i++) {
		double low = rng_uniform(&rng) * pow(10, (int)rng_below(&rng, 12) - 5);
		double high = low + rng_uniform(&rng) * pow(10, (int)rng_below(&rng, 12) - 5);
		int most = 1 + (int)rng_below(&rng, 8);
		axis = axis_fit(low, high, most, 1);
		assert_true(axis.first >= axis.low - axis.step * 1e-6);
		assert_true(axis.high >= high || high - low <= 1e-12 * (1 + low));
		assert_true((axis.high - axis.first) / axis.step < most + 1.01);
	}
}

static void
a_gap_is_not_a_zero_in_a_sparkline(void **state)
{
	(void)state;
	double points[] = {0, 1, NAN, 4, 8};
	struct canvas *canvas = canvas_new(7, 1, SYMBOLS_BRAILLE);
	spark_draw(canvas, canvas_area(canvas), ROLE_GRAPH1, points, 5, 0);
	assert_screen(canvas, "··▁▂·▅█\n");
	assert_int_equal(canvas->cells[0].role, ROLE_MUTED);
	assert_int_equal(canvas->cells[2].role, ROLE_GRAPH1);
	canvas_free(canvas);
	canvas = canvas_new(7, 1, SYMBOLS_ASCII);
	spark_draw(canvas, canvas_area(canvas), ROLE_GRAPH1, points, 5, 0);
	assert_screen(canvas, "  .: =#\n");
	canvas_free(canvas);
}

static void
a_peak_survives_a_crowded_sparkline(void **state)
{
	(void)state;
	double points[1000];
	for (int i = 0; i < 1000; i++)
		points[i] = i == 777 ? 100 : 0;
	struct canvas *canvas = canvas_new(10, 1, SYMBOLS_BRAILLE);
	spark_draw(canvas, canvas_area(canvas), ROLE_GRAPH1, points, 1000, 0);
	assert_screen(canvas, "▁▁▁▁▁▁▁█▁▁\n");
	canvas_free(canvas);
}

static void
a_spike_of_one_point_survives_in_any_graph(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 17, 1);
	for (int round = 0; round < 600; round++) {
		double points[400];
		size_t count = 20 + rng_below(&rng, 380), spike = rng_below(&rng, (uint32_t)count);
		for (size_t i = 0; i < count; i++)
			points[i] = 40 + rng_uniform(&rng);
		points[spike] = 100;
		struct graph graph = {.curves = {{points, count, ROLE_GRAPH1, NULL}},
		    .curves_count = 1,
		    .low = 0,
		    .high = 100,
		    .muted_from = 2};
		int width = 20 + (int)rng_below(&rng, 100);
		struct canvas *canvas = canvas_new(width, 10, all_symbols[round % 3]);
		graph_draw(canvas, canvas_area(canvas), &graph);
		bool top = false;
		for (int x = 0; x < width; x++)
			top |= canvas->cells[x].role == ROLE_GRAPH1;
		assert_true(top);
		canvas_free(canvas);
	}
}

static void
a_gap_in_a_graph_stays_empty(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		double points[90];
		for (int i = 0; i < 90; i++)
			points[i] = i >= 30 && i < 60 ? NAN : 5;
		struct graph graph = {.curves = {{points, 90, ROLE_GRAPH1, NULL}},
		    .curves_count = 1,
		    .low = 0,
		    .high = 10,
		    .muted_from = 2};
		struct canvas *canvas = canvas_new(94, 1, all_symbols[kind]);
		struct area area = {0, 0, 90, 1}; /* one row: no axis, a column a point */
		graph_draw(canvas, area, &graph);
		for (int x = 0; x < 90; x++)
			if (x < 30 || x > 59 || (x > 30 && x < 59)) /* its ends may be half cells */
				assert_int_equal(canvas->cells[x].code == ' ', x > 30 && x < 59);
		canvas_free(canvas);
	}
}

static void
a_bar_grows_by_eighths(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(4, 6, SYMBOLS_BRAILLE);
	double shares[] = {0, 1e-6, 0.5, 0.53125, 1, NAN};
	for (int i = 0; i < 6; i++)
		bar_draw(canvas, (struct area){0, i, 4, 1}, ROLE_GRAPH1, shares[i]);
	assert_screen(canvas, "\n▏\n██\n██▏\n████\n·\n");
	canvas_free(canvas);
}

static void
a_narrow_table_drops_the_columns_least_wanted(void **state)
{
	(void)state;
	int top = 0;
	struct table table = {.columns = sample_columns,
	    .columns_count = SAMPLE_COLUMNS,
	    .rows = 2,
	    .selected = 1,
	    .top = &top,
	    .sort = 2,
	    .sort_descending = true,
	    .cell = sample_cell};
	struct canvas *canvas = canvas_new(40, 4, SYMBOLS_BRAILLE);
	assert_int_equal(table_draw(canvas, canvas_area(canvas), &table), 3);
	assert_screen(canvas, "  SERVICE            STATE  ▾REQ/S  VER\n"
			      "  r0c0               r0c1   r0c2    r0c3\n"
			      "▸ r1c0               r1c1   r1c2    r1c3\n\n");
	canvas_resize(canvas, 23, 4);
	table_draw(canvas, canvas_area(canvas), &table);
	assert_screen(canvas, "  SERVICE    STATE VER\n"
			      "  r0c0       r0c1  r0c3\n"
			      "▸ r1c0       r1c1  r1c3\n\n");
	canvas_resize(canvas, 6, 2);
	table_draw(canvas, canvas_area(canvas), &table);
	assert_screen(canvas, "SERVI…\nr1c0\n");
	canvas_free(canvas);
}

static void
the_selected_row_stays_in_view(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(30, 6, SYMBOLS_BRAILLE);
	struct rng rng;
	rng_seed(&rng, 3, 1);
	int top = 0;
	for (int i = 0; i < 3000; i++) {
		int rows = (int)rng_below(&rng, 40);
		struct table table = {.columns = sample_columns,
		    .columns_count = SAMPLE_COLUMNS,
		    .rows = (size_t)rows,
		    .selected = (int)rng_below(&rng, 42) - 1,
		    .top = &top,
		    .sort = -1,
		    .cell = sample_cell};
		table_draw(canvas, canvas_area(canvas), &table);
		assert_true(top >= 0 && (top == 0 || top <= rows - 5));
		if (table.selected >= 0 && table.selected < rows)
			assert_in_range(table.selected, top, top + 4);
	}
	canvas_free(canvas);
}

static void
a_dialog_fits_its_wish_or_the_canvas(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(30, 7, SYMBOLS_BRAILLE);
	struct area inside = dialog_draw(canvas, 20, 3, ROLE_BORDER, "Roll back", "PROD");
	assert_int_equal(inside.width, 20);
	assert_int_equal(inside.height, 3);
	assert_screen(canvas, "\n"
			      "   ┌ Roll back ───── PROD ┐\n"
			      "   │                      │\n"
			      "   │                      │\n"
			      "   │                      │\n"
			      "   └──────────────────────┘\n\n");
	canvas_free(canvas);
}

int
main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_that_does_not_fit_is_cut_with_a_mark),
	    cmocka_unit_test(wide_characters_keep_their_halves_together),
	    cmocka_unit_test(hostile_codes_never_reach_a_cell),
	    cmocka_unit_test(ascii_draws_every_mark_of_ours_in_ascii),
	    cmocka_unit_test(numbers_end_at_their_column),
	    cmocka_unit_test(roles_and_the_selected_row_are_in_the_dump),
	    cmocka_unit_test(ticks_are_round),
	    cmocka_unit_test(a_gap_is_not_a_zero_in_a_sparkline),
	    cmocka_unit_test(a_peak_survives_a_crowded_sparkline),
	    cmocka_unit_test(a_spike_of_one_point_survives_in_any_graph),
	    cmocka_unit_test(a_gap_in_a_graph_stays_empty),
	    cmocka_unit_test(a_bar_grows_by_eighths),
	    cmocka_unit_test(a_narrow_table_drops_the_columns_least_wanted),
	    cmocka_unit_test(the_selected_row_stays_in_view),
	    cmocka_unit_test(a_dialog_fits_its_wish_or_the_canvas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
