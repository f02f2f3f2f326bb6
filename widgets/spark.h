/* spark.h: a curve in one row. NaN points are gaps, drawn `·`, never as 0. */
#ifndef FRAUDTOP_WIDGETS_SPARK_H
#define FRAUDTOP_WIDGETS_SPARK_H

#include "widgets/canvas.h"

/* Draws the newest `area.width` columns' worth of points at the right; points are averaged (maximum
 * for peaks) when there are more than columns. Scale is 0 to the highest point shown, or to `top`
 * if > 0. */
void spark_draw(struct canvas *canvas, struct area area, enum role role, const double *points,
    size_t count, double top);

#endif
