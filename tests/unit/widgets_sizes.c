/* widgets_sizes.c: whatever is drawn, at any size and anywhere, stays inside its area. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/rng.h"
#include "tests/kit/sample_table.h"
#include "widgets/bar.h"
#include "widgets/canvas.h"
#include "widgets/dialog.h"
#include "widgets/graph.h"
#include "widgets/histogram.h"
#include "widgets/prompt.h"
#include "widgets/spark.h"
#include "widgets/table.h"

static const enum symbols all_symbols[] = {SYMBOLS_BRAILLE, SYMBOLS_BLOCK, SYMBOLS_ASCII};

enum { POINTS = 300 };

static double
some_number(struct rng *rng)
{
	static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 0, -0.0, 1e-300};
	if (rng_below(rng, 12) == 0)
		return odd[rng_below(rng, 8)];
	return (rng_uniform(rng) - 0.2) * pow(10, (int)rng_below(rng, 9) - 4);
}

static void
draw_some_graph(struct canvas *canvas, struct area area, struct rng *rng, const double *points)
{
	struct graph_mark marks[] = {{some_number(rng), "13 promoted"}, {rng_uniform(rng), NULL}};
	struct graph graph = {.curves_count = rng_below(rng, 5),
	    .marks = marks,
	    .marks_count = rng_below(rng, 3),
	    .levels_count = rng_below(rng, 5),
	    .low = NAN,
	    .high = NAN,
	    .unit = rng_below(rng, 2) ? "ms" : NULL,
	    .muted_from = some_number(rng),
	    .decimals = (int)rng_below(rng, 4),
	    .lines = rng_below(rng, 2)};
	for (int i = 0; i < 4; i++) {
		size_t from = rng_below(rng, POINTS);
		graph.curves[i] =
		    (struct graph_curve){points + from, rng_below(rng, POINTS - from + 1),
			ROLE_GRAPH1, rng_below(rng, 2) ? "p99" : NULL, rng_below(rng, 2) == 1};
		if (i < 3)
			graph.levels[i] =
			    (struct graph_level){some_number(rng), ROLE_WARN, "critical"};
	}
	if (rng_below(rng, 2))
		graph.low = some_number(rng);
	if (rng_below(rng, 2))
		graph.high = some_number(rng);
	if (rng_below(rng, 2))
		graph.left_label = "13:06", graph.right_label = "14:06";
	graph_draw(canvas, area, &graph);
}

static void
draw_some_histogram(struct canvas *canvas, struct area area, struct rng *rng, const double *points)
{
	static char labels[60][24];
	for (int i = 0; i < 60; i++)
		snprintf(labels[i], sizeof(labels[i]), i % 7 ? "%d" : "long label %d", i);
	struct histogram histogram = {.reference = rng_below(rng, 2) ? points : NULL,
	    .current = points + 100,
	    .bins = rng_below(rng, 61),
	    .labels = rng_below(rng, 2) ? labels : NULL,
	    .current_role = ROLE_GRAPH1,
	    .mark = some_number(rng)};
	histogram_draw(canvas, area, &histogram);
}

static void
draw_something(struct canvas *canvas, struct area area, struct rng *rng, const double *points)
{
	int top = (int)rng_below(rng, 30) - 5;
	struct table table = {.columns = sample_columns,
	    .columns_count = rng_below(rng, 5),
	    .rows = rng_below(rng, 30),
	    .selected = (int)rng_below(rng, 40) - 5,
	    .top = &top,
	    .sort = (int)rng_below(rng, 5) - 1,
	    .gap = (int)rng_below(rng, 4),
	    .cell = sample_cell};
	struct prompt prompt = {0};
	switch (rng_below(rng, 7)) {
	case 0:
		table_draw(canvas, area, &table);
		break;
	case 1:
		spark_draw(
		    canvas, area, ROLE_GRAPH1, points, rng_below(rng, POINTS), some_number(rng));
		break;
	case 2:
		bar_draw(canvas, area, ROLE_GRAPH1, some_number(rng));
		break;
	case 3:
		draw_some_histogram(canvas, area, rng, points);
		break;
	case 4:
		prompt_set(&prompt, "modèle 支付 fraud_classifier");
		for (int i = (int)rng_below(rng, 12); i > 0; i--)
			prompt_key(&prompt, PROMPT_LEFT);
		prompt_draw(canvas, area, (int)rng_below(rng, 5) - 1, (int)rng_below(rng, 3) - 1,
		    "filter: ", &prompt);
		break;
	case 5:
		canvas_rule(canvas, area, (int)rng_below(rng, 4) - 1, "支付 title");
		canvas_select_row(canvas, area, (int)rng_below(rng, 4) - 1);
		break;
	default:
		draw_some_graph(canvas, area, rng, points);
		break;
	}
}

static void
nothing_is_ever_drawn_outside_its_area(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 2026, 1);
	for (int round = 0; round < 12000; round++) {
		double points[POINTS];
		for (int i = 0; i < POINTS; i++)
			points[i] = some_number(&rng);
		int width = (int)rng_below(&rng, 90), height = (int)rng_below(&rng, 30);
		struct canvas *canvas = canvas_new(width, height, all_symbols[round % 3]);
		struct area area = {(int)rng_below(&rng, 100) - 5, (int)rng_below(&rng, 34) - 3,
		    (int)rng_below(&rng, 95) - 1, (int)rng_below(&rng, 32) - 1};
		canvas_fill(canvas, canvas_area(canvas), ROLE_STALE, '@');
		draw_something(canvas, area, &rng, points);
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++) {
				const struct cell *cell = &canvas->cells[y * width + x];
				bool inside = x >= area.x && x < area.x + area.width &&
					      y >= area.y && y < area.y + area.height;
				if (!inside && (cell->code != '@' || cell->role != ROLE_STALE ||
						   cell->reverse))
					fail_msg("round %d wrote at %d,%d outside %d,%d %dx%d",
					    round, x, y, area.x, area.y, area.width, area.height);
			}
		canvas_free(canvas);
	}
}

static void
a_dialog_stays_inside_any_canvas(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 5, 1);
	for (int i = 0; i < 3000; i++) {
		struct canvas *canvas =
		    canvas_new((int)rng_below(&rng, 60), (int)rng_below(&rng, 20), SYMBOLS_BRAILLE);
		struct area inside =
		    dialog_draw(canvas, (int)rng_below(&rng, 90) - 5, (int)rng_below(&rng, 30) - 5,
			ROLE_BORDER, "Roll back fraud_classifier", "PROD");
		assert_true(inside.x >= 0 && inside.y >= 0 && inside.width >= 0 &&
			    inside.height >= 0 && inside.x + inside.width <= canvas->width &&
			    inside.y + inside.height <= canvas->height);
		canvas_free(canvas);
	}
}

int
main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_ever_drawn_outside_its_area),
	    cmocka_unit_test(a_dialog_stays_inside_any_canvas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
