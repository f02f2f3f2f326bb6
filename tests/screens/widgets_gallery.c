/* widgets_gallery.c: each widget as it looks, at two sizes and in every kind of symbol. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <locale.h>

#include <cmocka.h>

#include "tests/kit/golden.h"
#include "widgets/bar.h"
#include "widgets/canvas.h"
#include "widgets/dialog.h"
#include "widgets/graph.h"
#include "widgets/histogram.h"
#include "widgets/prompt.h"
#include "widgets/spark.h"
#include "widgets/table.h"

static const struct {
	const char *name;
	int width, height;
	enum symbols symbols;
} looks[] = {{"80", 80, 24, SYMBOLS_BRAILLE}, {"120", 120, 40, SYMBOLS_BRAILLE},
    {"block", 80, 24, SYMBOLS_BLOCK}, {"ascii", 80, 24, SYMBOLS_ASCII}};
enum { LOOKS = sizeof(looks) / sizeof(looks[0]) };

static void
check(const char *name, bool roles, void (*draw)(struct canvas *canvas, struct area area))
{
	for (int i = 0; i < LOOKS; i++) {
		char file[64];
		struct canvas *canvas =
		    canvas_new(looks[i].width, looks[i].height, looks[i].symbols);
		draw(canvas, canvas_area(canvas));
		snprintf(file, sizeof(file), "widgets_%s_%s", name, looks[i].name);
		bool same = golden_matches(file, canvas, roles, "widgets_gallery");
		canvas_free(canvas);
		assert_true(same);
	}
}

/* --- latency: three curves, a limit, an event, a gap --- */

static void
fill_latency(double points[3][180])
{
	for (int i = 0; i < 180; i++) {
		double wave = sin(i * 0.31) * 0.5 + sin(i * 0.77) * 0.3;
		double slow = i > 110 ? 1 - exp(-(i - 110) / 12.0) : 0;
		points[0][i] = 9 + wave + slow * 6;
		points[1][i] = 24 + 2 * wave + slow * 70;
		points[2][i] = 44 + 5 * wave + slow * 180;
		if (i >= 60 && i < 68)
			points[0][i] = points[1][i] = points[2][i] = NAN;
	}
	points[2][30] = 120;
}

static void
draw_latency(struct canvas *canvas, struct area area)
{
	static double points[3][180];
	fill_latency(points);
	const struct graph_mark marks[] = {{110 / 179.0, "12 promoted"}};
	struct graph graph = {
	    .curves = {{points[0], 180, ROLE_GRAPH1, "p50"}, {points[1], 180, ROLE_GRAPH2, "p95"},
		{points[2], 180, ROLE_GRAPH3, "p99"}},
	    .curves_count = 3,
	    .marks = marks,
	    .marks_count = 1,
	    .levels = {{200, ROLE_WARN, "warning"}},
	    .levels_count = 1,
	    .low = NAN,
	    .high = NAN,
	    .unit = "ms",
	    .muted_from = 2,
	    .left_label = "13:51",
	    .right_label = "14:06"};
	canvas_rule(canvas, area, 0, "latency · fraud-us");
	graph_draw(canvas, area_inset(area, 0, 1, 0, area.height / 2), &graph);
	graph_draw(canvas, area_inset(area, 0, area.height / 2 + 1, area.width / 2, 0), &graph);
	graph_draw(canvas,
	    area_inset(area, area.width / 2 + 1, area.height / 2 + 1, 0, area.height / 4), &graph);
}

/* --- quality: calm values, immature at the right --- */

static void
draw_quality(struct canvas *canvas, struct area area)
{
	static const double precision[] = {
	    0.92, 0.92, 0.921, 0.918, 0.92, 0.9, 0.78, 0.64, 0.61, 0.61, 0.612, 0.61, 0.61, 0.6};
	static const double recall[] = {
	    0.88, 0.881, 0.88, 0.87, 0.88, 0.88, 0.882, 0.88, 0.89, 0.889, 0.888, 0.89, 0.89, 0.88};
	const struct graph_mark marks[] = {{0.4, "13 promoted"}};
	struct graph graph = {.curves = {{precision, 14, ROLE_GRAPH1, "precision"},
				  {recall, 14, ROLE_GRAPH2, "recall"}},
	    .curves_count = 2,
	    .marks = marks,
	    .marks_count = 1,
	    .low = 0.5,
	    .high = 1,
	    .muted_from = 0.82,
	    .left_label = "13:06",
	    .right_label = "14:06",
	    .decimals = 2,
	    .lines = true};
	canvas_rule(canvas, area, 0, "quality");
	graph_draw(canvas, area_inset(area, 0, 1, 0, area.height / 2), &graph);
	graph.curves_count = 1;
	graph.marks_count = 0;
	int top = area.height / 2 + 2;
	canvas_text(canvas, area, 1, top, ROLE_MUTED, "precision");
	graph_draw(
	    canvas, area_inset(area, 12, top, area.width / 2 - 12, area.height - top - 3), &graph);
	graph.curves[0] = graph.curves[1];
	canvas_text(canvas, area, 1, top + 4, ROLE_MUTED, "recall");
	graph_draw(canvas,
	    area_inset(area, 12, top + 4, area.width / 2 - 12, area.height - top - 7), &graph);
	graph.curves[0].count = 0;
	graph_draw(
	    canvas, area_inset(area, area.width / 2 + 4, top, 1, area.height - top - 7), &graph);
}

/* --- drift: two distributions --- */

static void
draw_drift(struct canvas *canvas, struct area area)
{
	static const double reference[] = {
	    0.02, 0.08, 0.17, 0.25, 0.22, 0.13, 0.07, 0.04, 0.015, 0.005};
	static const double current[] = {
	    0.01, 0.03, 0.08, 0.14, 0.19, 0.21, 0.16, 0.11, 0.06, 0.01};
	static char labels[10][24] = {"0", "2", "4", "6", "8", "10", "12", "14", "16", "18"};
	static const double by_name[] = {0.41, 0.22, 0.19, 0.11, 0.07};
	static const double now_by_name[] = {0.39, 0.23, 0.05, 0.12, 0.21};
	static char names[5][24] = {"retail", "grocery", "travel", "fuel", "gambling"};
	int half = area.width / 2, top = area.height / 2;
	struct histogram wide = {.reference = reference,
	    .current = current,
	    .bins = 10,
	    .labels = labels,
	    .current_role = ROLE_GRAPH1};
	canvas_rule(canvas, area, 0, "transactions_24h · numeric · critical since 13:44");
	histogram_draw(canvas, area_inset(area, 1, 1, half, top), &wide);
	struct histogram category = {.reference = by_name,
	    .current = now_by_name,
	    .bins = 5,
	    .labels = names,
	    .reference_name = "honest",
	    .current_name = "fraud",
	    .current_role = ROLE_CRIT};
	histogram_draw(canvas, area_inset(area, half + 1, 1, 1, top), &category);
	struct histogram alone = {.current = current,
	    .bins = 10,
	    .labels = labels,
	    .current_role = ROLE_GRAPH2,
	    .mark = 4.5};
	histogram_draw(canvas, area_inset(area, 1, top + 2, half, 1), &alone);
	histogram_draw(canvas, area_inset(area, half + 1, top + 2, half - 18, 1), &wide);
	for (int i = 0; i < 5; i++) {
		int y = top + 2 + i;
		struct area cell = {area.x + half + 22, area.y + y, 14, 1};
		bar_draw(canvas, cell, ROLE_GRAPH1, i == 4 ? NAN : by_name[i] * 2);
	}
}

/* --- the overview's table --- */

struct service {
	const char *name, *state, *version, *rate, *p99, *psi;
	enum role role;
	double points[15];
};

static const struct service services[] = {
    {"fraud-apac", "OK", "13", "410.0", "44.8", "0.31 !!", ROLE_OK,
	{41, 40, 42, 41, 43, 52, 44, 43, 42, 44, 45, 44, 50, 44, 44.8}},
    {"fraud-us", "SLOW", "12", "588.4", "231.7", "0.06", ROLE_WARN,
	{40, 42, 41, 60, 80, 130, 170, 210, 212, 209, 180, 220, 225, 190, 231.7}},
    {"fraud-eu", "OK", "12", "642.1", "38.2", "0.04", ROLE_OK,
	{38, 37, 45, 38, 37, 39, 44, 37, 38, 46, 38, 37, 38, 45, 38.2}},
    {"fraud-batch", "DOWN", "-", "-", "-", "-", ROLE_CRIT,
	{30, 31, 30, 30, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}}};

static const struct table_column service_columns[] = {
    {.title = "SERVICE", .width = 12, .grow = true}, {.title = "STATE", .width = 5, .priority = 0},
    {.title = "VERSION", .short_title = "VER", .width = 4, .priority = 2},
    {.title = "REQ/S", .width = 7, .right = true, .priority = 3},
    {.title = "P99 ms", .width = 7, .right = true, .priority = 1},
    {.title = "P99, 15 MIN", .width = 15, .priority = 5},
    {.title = "DRIFT", .width = 8, .priority = 1}};

static void
service_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	(void)context;
	const struct service *service = &services[row % 4];
	const char *texts[] = {service->name, service->state, service->version, service->rate,
	    service->p99, NULL, service->psi};
	if (column == 5)
		spark_draw(canvas, area, service->role == ROLE_OK ? ROLE_GRAPH1 : service->role,
		    service->points, 15, 250);
	else if (service_columns[column].right)
		canvas_text_right(canvas, area, area.width, 0, ROLE_DEFAULT, texts[column]);
	else
		canvas_text(
		    canvas, area, 0, 0, column == 1 ? service->role : ROLE_DEFAULT, texts[column]);
}

static void
draw_table(struct canvas *canvas, struct area area)
{
	int top = 3;
	struct table table = {.columns = service_columns,
	    .columns_count = 7,
	    .rows = 4,
	    .selected = 1,
	    .sort = 4,
	    .sort_descending = true,
	    .cell = service_cell};
	table_draw(canvas, area_inset(area, 0, 0, 0, area.height - 6), &table);
	table.rows = 40;
	table.selected = 9;
	table.top = &top;
	table_draw(canvas, area_inset(area, 0, 7, area.width / 2, area.height - 14), &table);
	table_draw(canvas, area_inset(area, area.width / 2 + 20, 7, 0, area.height - 14), &table);
	table.selected = -1;
	table.rows = 0;
	table_draw(canvas, area_inset(area, 0, 16, 0, 4), &table);
}

static void
draw_sheet(struct canvas *canvas, struct area area)
{
	static struct prompt prompt;
	draw_table(canvas, area);
	struct area inside = dialog_draw(
	    canvas, 60, 8, ROLE_CRIT, "Roll back fraud_classifier @production-apac", "PROD");
	canvas_text(canvas, inside, 20, 0, ROLE_MUTED, "now: 13");
	canvas_text(canvas, inside, 38, 0, ROLE_MUTED, "to: 12");
	canvas_text(canvas, inside, 0, 1, ROLE_MUTED, "precision");
	canvas_text(canvas, inside, 20, 1, ROLE_CRIT, "61.0 % ±1.9");
	canvas_text(canvas, inside, 38, 1, ROLE_DEFAULT, "92.1 % ±0.9");
	canvas_text(
	    canvas, inside, 0, 3, ROLE_DEFAULT, "checks  ✔ 12 is READY  ✔ artifact sha256 matches");
	prompt_set(&prompt, "fraud_class");
	prompt_draw(
	    canvas, inside, 0, 7, "Type the model's name to go on, Esc to leave: ", &prompt);
}

static void
latency_curves_stand_on_round_axes(void **state)
{
	(void)state;
	check("latency", false, draw_latency);
}

static void
quality_curves_are_calm_and_muted_where_labels_lack(void **state)
{
	(void)state;
	check("quality", true, draw_quality);
}

static void
two_distributions_stand_side_by_side(void **state)
{
	(void)state;
	check("drift", false, draw_drift);
}

static void
a_table_shows_what_matters_at_any_width(void **state)
{
	(void)state;
	check("table", true, draw_table);
}

static void
a_sheet_lies_over_the_table(void **state)
{
	(void)state;
	check("sheet", true, draw_sheet);
}

int
main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(latency_curves_stand_on_round_axes),
	    cmocka_unit_test(quality_curves_are_calm_and_muted_where_labels_lack),
	    cmocka_unit_test(two_distributions_stand_side_by_side),
	    cmocka_unit_test(a_table_shows_what_matters_at_any_width),
	    cmocka_unit_test(a_sheet_lies_over_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
