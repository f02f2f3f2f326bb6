/* curve.h: one curve on an area, in braille dots or in box-drawing lines. What graph.h puts its
 * axes around. */
#ifndef FRAUDTOP_WIDGETS_CURVE_H
#define FRAUDTOP_WIDGETS_CURVE_H

#include "widgets/axis.h"
#include "widgets/canvas.h"

struct curve {
	const double *points; /* evenly spaced over the whole width; NaN: a gap */
	size_t count;
	enum role role;
	bool dotted; /* every other dot only: for what is not measured */
};

struct curve_plot {
	struct area area;
	struct axis axis;
	bool lines; /* box-drawing lines, one value a row; else braille, four */
	int muted_x; /* from this column on in ROLE_MUTED */
};

void curve_draw(struct canvas *canvas, const struct curve_plot *plot, const struct curve *curve);
/* The row of the area, from its top, on which a value lies. */
int curve_row(const struct curve_plot *plot, double value);

#endif
