/* bar.h: a horizontal bar of eighths of a cell, for a share or a size beside others. */
#ifndef FRAUDTOP_WIDGETS_BAR_H
#define FRAUDTOP_WIDGETS_BAR_H

#include "widgets/canvas.h"

/* share in [0,1] of area.width; NaN draws `·`. */
void bar_draw(struct canvas *canvas, struct area area, enum role role, double share);

#endif
