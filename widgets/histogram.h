/* histogram.h: two distributions over the same bins, side by side: reference `▒` and current `█`,
 * upright with a share axis and bin labels below, as many as fit. */
#ifndef FRAUDTOP_WIDGETS_HISTOGRAM_H
#define FRAUDTOP_WIDGETS_HISTOGRAM_H

#include "widgets/canvas.h"

struct histogram {
	const double *reference, *current; /* shares; reference may be NULL: one distribution */
	size_t bins;
	char (*labels)[24]; /* NULL: none */
	const char *reference_name, *current_name; /* NULL: `reference` and `now` */
	enum role current_role;
	double mark; /* a place among the bins, from their left end, that is marked; 0: none */
};

/* With its legend, where there are rows enough. */
void histogram_draw(struct canvas *canvas, struct area area, const struct histogram *histogram);
bool histogram_has_legend(struct area area, const struct histogram *histogram);
/* Its legend alone, between blanks at the right end of a row that has room for it. */
void histogram_legend(struct canvas *canvas, struct area row, const struct histogram *histogram);

#endif
