/* spark.c: a curve in one row. When several points share a column the highest is drawn, so that a
 * peak of one second is never averaged away. */
#include "widgets/spark.h"

#include <math.h>

static const uint32_t ladder[] = {0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588};
static const char ascii_ladder[] = {'.', ':', '-', '=', '+', '*', '#'};

/* The highest known point of [from, to), or NaN. */
static double
highest(const double *points, size_t from, size_t to)
{
	double best = NAN;
	for (size_t i = from; i < to; i++)
		if (!isnan(points[i]) && !(points[i] <= best))
			best = points[i];
	return best;
}

static uint32_t
step_of(const struct canvas *canvas, double value, double top)
{
	double share = top > 0 ? value / top : 0;
	share = !(share > 0) ? 0 : share > 1 ? 1 : share;
	if (canvas->symbols == SYMBOLS_ASCII)
		return (unsigned char)ascii_ladder[lround(share * (sizeof(ascii_ladder) - 1))];
	return ladder[lround(share * 7)];
}

void
spark_draw(struct canvas *canvas, struct area area, enum role role, const double *points,
    size_t count, double top)
{
	if (area.width <= 0 || area.height <= 0)
		return;
	size_t width = (size_t)area.width;
	if (!(top > 0))
		top = highest(points, 0, count);
	for (size_t x = 0; x < width; x++) {
		double value = NAN;
		if (count > width)
			value = highest(points, x * count / width, (x + 1) * count / width);
		else if (x + count >= width)
			value = points[x + count - width];
		if (isnan(value)) /* in ASCII a dot is the lowest step */
			canvas_put(canvas, area, (int)x, 0, ROLE_MUTED,
			    canvas->symbols == SYMBOLS_ASCII ? ' ' : 0xB7);
		else
			canvas_put(canvas, area, (int)x, 0, role, step_of(canvas, value, top));
	}
}
