/* graph.c: what stands around curves: the value axis with round ticks, the time axis, limits, marks
 * of events, names. Curves are drawn last to first, so that the first is never hidden; words are
 * set only where they cover nothing. */
#include "widgets/graph.h"

#include <math.h>
#include <stdio.h>

#include "widgets/axis.h"
#include "widgets/curve.h"

enum { CURVES_MAX = 4, LEVELS_MAX = 3, NAME_MAX = 14 };

struct frame {
	struct curve_plot plot;
	int gutter; /* columns left of the plot, its axis included */
	int number; /* columns of the axis' numbers */
	int decimals;
	size_t curves, levels;
	bool foot;
};

static bool
any_known(const struct graph *graph, double *low, double *high)
{
	*low = INFINITY, *high = -INFINITY;
	for (size_t i = 0; i < graph->curves_count && i < CURVES_MAX; i++)
		for (size_t j = 0; j < graph->curves[i].count; j++) {
			double value = graph->curves[i].points[j];
			if (!isfinite(value))
				continue;
			*low = fmin(*low, value);
			*high = fmax(*high, value);
		}
	return *low <= *high;
}

/* The asked range, or from 0 (or below) to the highest point and to the limits that are near it. */
static struct axis
fit_axis(const struct graph *graph, int height)
{
	double least, most;
	bool known = any_known(graph, &least, &most);
	int intervals = (height - 1) / 2 > 5 ? 5 : (height - 1) / 2;
	if (!isnan(graph->low) && !isnan(graph->high))
		return axis_fit(graph->low, graph->high, intervals, 0);
	double low = !isnan(graph->low) ? graph->low : known && least < 0 ? least : 0;
	double high = !isnan(graph->high) ? graph->high : known ? most : low + 1;
	for (size_t i = 0; isnan(graph->high) && known && i < graph->levels_count && i < LEVELS_MAX;
	     i++)
		if (graph->levels[i].value <= most * 1.5)
			high = fmax(high, graph->levels[i].value);
	return axis_fit(low, high, intervals, isnan(graph->high));
}

static int
tick_text(const struct frame *frame, double value, char *text, size_t size)
{
	if (fabs(value) < frame->plot.axis.step * 1e-6)
		value = 0;
	return snprintf(text, size, "%.*f", frame->decimals, value);
}

static struct frame
lay_out(const struct canvas *canvas, struct area area, const struct graph *graph)
{
	struct frame frame = {.curves = graph->curves_count, .levels = graph->levels_count};
	if (frame.curves > CURVES_MAX)
		frame.curves = CURVES_MAX;
	if (frame.levels > LEVELS_MAX)
		frame.levels = LEVELS_MAX;
	frame.foot = area.height >= 3 && (graph->left_label != NULL || graph->right_label != NULL);
	int height = area.height - (frame.foot ? 1 : 0), names = 0;
	frame.plot.lines = graph->lines || canvas->symbols != SYMBOLS_BRAILLE;
	frame.plot.axis = fit_axis(graph, height);
	frame.decimals =
	    frame.plot.axis.decimals > graph->decimals ? frame.plot.axis.decimals : graph->decimals;
	if (frame.decimals > 12)
		frame.decimals = 12;
	char text[64];
	for (int i = 0; i < 2; i++) {
		double end = i == 0 ? frame.plot.axis.first : frame.plot.axis.high;
		int width = tick_text(&frame, end, text, sizeof(text));
		frame.number = width > frame.number ? width : frame.number;
	}
	int unit =
	    graph->unit != NULL && graph->unit[0] != '\0' ? canvas_width(graph->unit) + 1 : 0;
	frame.gutter = frame.number + unit + 2;
	if (height < 2 || area.width < frame.gutter + 8)
		frame.gutter = 0;
	for (size_t i = 0; frame.curves > 1 && area.width >= 40 && i < frame.curves; i++) {
		int width = graph->curves[i].name != NULL ? canvas_width(graph->curves[i].name) : 0;
		names = width > names ? width : names;
	}
	names = names > NAME_MAX ? NAME_MAX + 1 : names > 0 ? names + 1 : 0;
	frame.plot.area = area_inset(area, frame.gutter, 0, names, frame.foot ? 1 : 0);
	double muted = graph->muted_from;
	frame.plot.muted_x = isnan(muted) || muted > 1 ? frame.plot.area.width
			     : muted < 0	       ? 0
						       : (int)ceil(muted * frame.plot.area.width);
	return frame;
}

static void
draw_axes(
    struct canvas *canvas, struct area area, const struct frame *frame, const struct graph *graph)
{
	const struct axis *axis = &frame->plot.axis;
	int height = frame->plot.area.height, at = frame->gutter - 1;
	for (int y = 0; y < height; y++)
		canvas_put(canvas, area, at, y, ROLE_BORDER, 0x2502);
	int last = -1;
	for (int i = 0; i < 32; i++) {
		double value = axis->first + i * axis->step;
		if (value > axis->high + axis->step * 1e-6)
			break;
		int y = curve_row(&frame->plot, value);
		char text[64];
		tick_text(frame, value, text, sizeof(text));
		if (y == last)
			continue;
		last = y;
		canvas_text_right(canvas, area, frame->number, y, ROLE_MUTED, text);
		canvas_put(canvas, area, at, y, ROLE_BORDER, 0x2524);
		bool top = value + axis->step > axis->high + axis->step * 1e-6;
		if (top && graph->unit != NULL)
			canvas_text(canvas, area, frame->number + 1, y, ROLE_MUTED, graph->unit);
	}
}

static void
draw_foot(
    struct canvas *canvas, struct area area, const struct frame *frame, const struct graph *graph)
{
	struct area line = {
	    frame->plot.area.x, area.y + area.height - 1, frame->plot.area.width, 1};
	canvas_fill(canvas, line, ROLE_BORDER, 0x2500);
	if (frame->gutter > 0)
		canvas_put(canvas, area, frame->gutter - 1, area.height - 1, ROLE_BORDER, 0x2514);
	int left = 0;
	if (graph->left_label != NULL && canvas_width(graph->left_label) + 2 <= line.width) {
		canvas_put(canvas, line, 0, 0, ROLE_BORDER, ' ');
		left = 1 + canvas_text(canvas, line, 1, 0, ROLE_MUTED, graph->left_label);
		canvas_put(canvas, line, left++, 0, ROLE_BORDER, ' ');
	}
	if (graph->right_label == NULL || canvas_width(graph->right_label) + 2 > line.width - left)
		return;
	int begin = canvas_text_right(canvas, line, line.width, 0, ROLE_MUTED, graph->right_label);
	canvas_put(canvas, line, begin - 1, 0, ROLE_BORDER, ' ');
}

/* Is there nothing but ground (blanks, limits' dots, shade, marks' lines) in these columns? */
static bool
is_free(const struct canvas *canvas, struct area area, int x, int y, int width)
{
	if (x < 0 || y < 0 || x + width > area.width || y >= area.height)
		return false;
	for (int i = 0; i < width; i++) {
		int cx = area.x + x + i, cy = area.y + y;
		if (cx < 0 || cy < 0 || cx >= canvas->width || cy >= canvas->height)
			return false;
		const struct cell *cell = &canvas->cells[cy * canvas->width + cx];
		bool ground = cell->code == ' ' || cell->code == 0xB7 || cell->code == '.' ||
			      cell->code == 0x2591 ||
			      (cell->role == ROLE_MARKER && cell->code == 0x250A);
		if (!ground)
			return false;
	}
	return true;
}

/* What lies under the curves: the shade of what is not yet to be trusted, limits, marks' lines. */
static void
draw_ground(struct canvas *canvas, const struct frame *frame, const struct graph *graph)
{
	struct area area = frame->plot.area;
	struct area shade = area_inset(area, frame->plot.muted_x, 0, 0, 0);
	canvas_fill(canvas, shade, ROLE_BORDER, 0x2591);
	for (size_t i = frame->levels; i-- > 0;) { /* of two on one row the first is seen */
		double value = graph->levels[i].value;
		if (!(value >= frame->plot.axis.low && value <= frame->plot.axis.high))
			continue;
		int y = curve_row(&frame->plot, value);
		for (int x = 0; x < area.width; x += 2)
			canvas_put(canvas, area, x, y, graph->levels[i].role, 0xB7);
	}
	for (size_t i = 0; i < graph->marks_count; i++) {
		double at = graph->marks[i].at;
		for (int y = 0; at >= 0 && at <= 1 && y < area.height; y++)
			canvas_put(canvas, area, (int)lround(at * (area.width - 1)), y, ROLE_MARKER,
			    0x250A);
	}
}

/* Is this cell of the time axis free of its labels? */
static bool
is_rule(const struct canvas *canvas, struct area foot, int x)
{
	if (foot.y < 0 || foot.y >= canvas->height || foot.x + x < 0 || foot.x + x >= canvas->width)
		return false;
	const struct cell *cell = &canvas->cells[foot.y * canvas->width + foot.x + x];
	return cell->role == ROLE_BORDER;
}

/* The words of marks, low and right of their line where there is room, and of limits, at the right.
 */
static void
draw_words(
    struct canvas *canvas, struct area whole, const struct frame *frame, const struct graph *graph)
{
	struct area area = frame->plot.area;
	for (size_t i = 0; i < graph->marks_count; i++) {
		const struct graph_mark *mark = &graph->marks[i];
		if (!(mark->at >= 0 && mark->at <= 1))
			continue;
		int x = (int)lround(mark->at * (area.width - 1));
		struct area foot = {area.x, whole.y + whole.height - 1, area.width, 1};
		if (frame->foot && is_rule(canvas, foot, x))
			canvas_put(canvas, foot, x, 0, ROLE_MARKER, 0x25B2);
		int width = mark->text != NULL ? canvas_width(mark->text) : 0;
		bool done = width == 0;
		for (int y = area.height - 1; y >= 0 && !done; y--) {
			int at = is_free(canvas, area, x + 1, y, width + 1) ? x + 2 : x - width - 1;
			done = is_free(canvas, area, at, y, width);
			if (done)
				canvas_text(canvas, area, at, y, ROLE_MARKER, mark->text);
		}
	}
	for (size_t i = 0; i < frame->levels; i++) {
		const struct graph_level *level = &graph->levels[i];
		int width = level->text != NULL ? canvas_width(level->text) : 0;
		if (width == 0 || !(level->value >= frame->plot.axis.low) ||
		    !(level->value <= frame->plot.axis.high))
			continue;
		int y = curve_row(&frame->plot, level->value), at = area.width - width - 1;
		if (!is_free(canvas, area, at - 1, y, width + 2))
			at = 1;
		if (is_free(canvas, area, at - 1, y, width + 2))
			canvas_printf(canvas, area, at - 1, y, level->role, " %s ", level->text);
	}
}

/* Each curve's name beside its newest point, so that colour is not needed to tell them apart. */
static void
draw_names(
    struct canvas *canvas, struct area whole, const struct frame *frame, const struct graph *graph)
{
	struct area plot = frame->plot.area;
	int x = plot.x - whole.x + plot.width + 1, rows[CURVES_MAX];
	size_t order[CURVES_MAX], count = 0;
	for (size_t i = 0; i < frame->curves; i++) {
		const struct graph_curve *curve = &graph->curves[i];
		size_t last = curve->count;
		while (last > 0 && !isfinite(curve->points[last - 1]))
			last--;
		if (last == 0 || curve->name == NULL || count >= (size_t)plot.height)
			continue;
		int row = curve_row(&frame->plot, curve->points[last - 1]);
		size_t at = count++;
		for (; at > 0 && rows[at - 1] > row; at--) {
			rows[at] = rows[at - 1];
			order[at] = order[at - 1];
		}
		rows[at] = row;
		order[at] = i;
	}
	for (size_t i = 1; i < count; i++)
		if (rows[i] <= rows[i - 1])
			rows[i] = rows[i - 1] + 1;
	for (size_t i = count; i-- > 0;) {
		int lowest = plot.height - (int)(count - i);
		if (rows[i] > lowest)
			rows[i] = lowest;
		const struct graph_curve *curve = &graph->curves[order[i]];
		canvas_text(canvas, whole, x, rows[i], curve->role, curve->name);
	}
}

void
graph_draw(struct canvas *canvas, struct area area, const struct graph *graph)
{
	if (area.width <= 0 || area.height <= 0)
		return;
	struct frame frame = lay_out(canvas, area, graph);
	struct area plot = frame.plot.area;
	double low, high;
	canvas_fill(canvas, area, ROLE_DEFAULT, ' ');
	if (frame.gutter > 0)
		draw_axes(canvas, area, &frame, graph);
	if (frame.foot)
		draw_foot(canvas, area, &frame, graph);
	if (!any_known(graph, &low, &high)) {
		int x = (plot.width - 7) / 2;
		canvas_text(canvas, plot, x > 0 ? x : 0, plot.height / 2, ROLE_MUTED, "no data");
		return;
	}
	draw_ground(canvas, &frame, graph);
	for (size_t i = frame.curves; i-- > 0;)
		curve_draw(canvas, &frame.plot,
		    &(struct curve){graph->curves[i].points, graph->curves[i].count,
			graph->curves[i].role, graph->curves[i].dotted});
	draw_words(canvas, area, &frame, graph);
	if (plot.x + plot.width < area.x + area.width)
		draw_names(canvas, area, &frame, graph);
}
