/* dialog.h: a box in the middle of the screen, with a shadowless border, a title at its left and
 * one at its right. dialog_draw clears what is below and returns the area inside. */
#ifndef FRAUDTOP_WIDGETS_DIALOG_H
#define FRAUDTOP_WIDGETS_DIALOG_H

#include "widgets/canvas.h"

/* Wanted inner size; cut to the canvas. */
struct area dialog_draw(struct canvas *canvas, int width, int height, enum role border,
    const char *title, const char *right_title);

#endif
