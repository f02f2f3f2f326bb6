/* curve.c: one curve on an area. Every point is a column's: where there are more points than
 * columns the one farthest from their mean stands for them, so that a spike is never averaged away;
 * where there are fewer, a curve drawn in lines holds its value and one in dots runs straight to
 * the next. Nothing is drawn over a gap. */
#include "widgets/curve.h"

#include <math.h>

/* The point of [from, to) that stands for all: the farthest from the mean of these and as many on
 * either side (of two points alone neither is farther from their own mean); NaN if none is known.
 */
static double
standing(const struct curve *curve, size_t from, size_t to)
{
	size_t width = to - from;
	size_t first = from > width ? from - width : 0;
	size_t last = to + width < curve->count ? to + width : curve->count;
	double sum = 0, best = NAN;
	size_t known = 0;
	for (size_t i = first; i < last; i++)
		if (isfinite(curve->points[i])) {
			sum += curve->points[i];
			known++;
		}
	double mean = known > 0 ? sum / (double)known : NAN;
	for (size_t i = from; i < to; i++) {
		double point = curve->points[i];
		if (isfinite(point) && (isnan(best) || fabs(point - mean) > fabs(best - mean)))
			best = point;
	}
	return best;
}

/* The curve's value at fine column x of `columns`; NaN is a gap. */
static double
value_at(const struct curve *curve, size_t x, size_t columns, bool sloped)
{
	size_t count = curve->count;
	if (count == 0)
		return NAN;
	if (count >= columns)
		return standing(curve, x * count / columns, (x + 1) * count / columns);
	if (!sloped || count == 1 || columns == 1)
		return curve->points[x * count / columns];
	double at = (double)x * (double)(count - 1) / (double)(columns - 1);
	/* The column nearest to a point shows just that point, so that peaks keep their height. */
	double nearest = round(at);
	if (lround(nearest * (double)(columns - 1) / (double)(count - 1)) == (long)x)
		return curve->points[(size_t)nearest];
	size_t left = (size_t)at;
	double rest = at - (double)left;
	if (rest < 1e-9 || left + 1 >= count)
		return curve->points[left];
	double a = curve->points[left], b = curve->points[left + 1];
	if (isnan(a) || isnan(b)) /* the known end keeps its own half of the way */
		return rest < 0.5 ? a : b;
	return a + (b - a) * rest;
}

/* The dot row, from the top, of a value. */
static int
dot_row(const struct curve_plot *plot, double value)
{
	int rows = plot->area.height * (plot->lines ? 1 : 4);
	return rows - 1 - (int)lround(axis_share(&plot->axis, value) * (rows - 1));
}

static enum role
role_at(const struct curve_plot *plot, int x, enum role role)
{
	return x >= plot->muted_x ? ROLE_MUTED : role;
}

static void
put_dot(struct canvas *canvas, const struct curve_plot *plot, int x, int y, enum role role)
{
	static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	struct area area = plot->area;
	int column = x / 2, row = y / 4;
	long long cx = (long long)area.x + column, cy = (long long)area.y + row;
	uint32_t code = 0x2800;
	if (cx >= 0 && cy >= 0 && cx < canvas->width && cy < canvas->height) {
		uint32_t there = canvas->cells[cy * canvas->width + cx].code;
		if (there >= 0x2800 && there < 0x2900)
			code = there;
	}
	canvas_put(
	    canvas, area, column, row, role_at(plot, column, role), code | bits[y % 4][x % 2]);
}

static void
draw_dots(struct canvas *canvas, const struct curve_plot *plot, const struct curve *curve)
{
	int columns = plot->area.width * 2, last = -1;
	for (int x = 0; x < columns; x++) {
		double value = value_at(curve, (size_t)x, (size_t)columns, true);
		if (!isfinite(value)) {
			last = -1;
			continue;
		}
		int y = dot_row(plot, value), from = y;
		if (last >= 0 && last < y)
			from = last + 1;
		else if (last > y)
			from = last - 1;
		int step = from < y ? 1 : -1;
		for (int i = from; i != y + step; i += step)
			if (!curve->dotted || (x + i) % 2 == 0)
				put_dot(canvas, plot, x, i, curve->role);
		last = y;
	}
}

static void
draw_lines(struct canvas *canvas, const struct curve_plot *plot, const struct curve *curve)
{
	int last = -1;
	for (int x = 0; x < plot->area.width; x++) {
		double value = value_at(curve, (size_t)x, (size_t)plot->area.width, false);
		enum role role = role_at(plot, x, curve->role);
		if (!isfinite(value)) {
			last = -1;
			continue;
		}
		int y = dot_row(plot, value);
		if (curve->dotted) {
			if (x % 2 == 0)
				canvas_put(canvas, plot->area, x, y, role, 0xB7);
			continue;
		}
		if (last < 0 || last == y) {
			canvas_put(canvas, plot->area, x, y, role, 0x2500);
			last = y;
			continue;
		}
		bool down = y > last;
		for (int i = (down ? last : y) + 1; i < (down ? y : last); i++)
			canvas_put(canvas, plot->area, x, i, role, 0x2502);
		canvas_put(canvas, plot->area, x, last, role, down ? 0x256E : 0x256F);
		canvas_put(canvas, plot->area, x, y, role, down ? 0x2570 : 0x256D);
		last = y;
	}
}

void
curve_draw(struct canvas *canvas, const struct curve_plot *plot, const struct curve *curve)
{
	if (plot->area.width <= 0 || plot->area.height <= 0)
		return;
	if (plot->lines)
		draw_lines(canvas, plot, curve);
	else
		draw_dots(canvas, plot, curve);
}

int
curve_row(const struct curve_plot *plot, double value)
{
	return dot_row(plot, value) / (plot->lines ? 1 : 4);
}
