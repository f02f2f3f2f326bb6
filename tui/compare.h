/* compare.h: two versions of a model side by side. */
#ifndef FRAUDTOP_TUI_COMPARE_H
#define FRAUDTOP_TUI_COMPARE_H

#include "tui/view.h"
#include "widgets/canvas.h"

/* The version that one wants beside this one: what an alias pointed at before it, else one that an
 * alias points at, else any that was seen. NULL: there is none. */
const struct version_view *compare_other(const struct snapshot *snapshot,
    const struct model_view *model, const struct version_view *version);
/* How far the first is from the second, signed, at the right end; nothing unless both are known. */
void compare_difference(struct canvas *canvas, struct area cell, const struct metric *first,
    const struct metric *second, double scale, int decimals);
/* A rule, a heading, and one row for each figure; returns the rows used. */
int compare_draw(struct canvas *canvas, struct area area, const struct version_view *version,
    const struct version_view *other);

#endif
