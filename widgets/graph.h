/* graph.h: line graphs with axes over time. Up to four curves; gaps (NaN) stay gaps. The value
 * axis is at the left with round numbers and aligned points, the time axis below with the given
 * labels. */
#ifndef FRAUDTOP_WIDGETS_GRAPH_H
#define FRAUDTOP_WIDGETS_GRAPH_H

#include "widgets/canvas.h"

struct graph_curve {
	const double *points;
	size_t count;
	enum role role;
	const char *name;
	bool dotted; /* as in curve.h */
};

struct graph_mark { /* a vertical line with a letter or word, where something happened */
	double at; /* 0 (left) to 1 (right) */
	const char *text;
};

struct graph_level { /* a horizontal dotted line: a limit */
	double value;
	enum role role;
	const char *text;
};

struct graph {
	struct graph_curve curves[4];
	size_t curves_count;
	const struct graph_mark *marks;
	size_t marks_count;
	struct graph_level levels[3]; /* of those on one row the first is seen */
	size_t levels_count;
	double low, high; /* of the value axis; both NaN: from the data, from 0 */
	const char *unit; /* after the top number */
	double muted_from; /* from here (0..1) to the right drawn muted: not yet to be trusted; >1:
			      nowhere */
	const char *left_label, *right_label; /* of the time axis */
	int decimals; /* of the axis, at least; more where its step needs them */
	bool lines; /* box-drawing lines even where braille could be: for few, calm values */
};

void graph_draw(struct canvas *canvas, struct area area, const struct graph *graph);

#endif
