/* reasons.h: why a prediction has its score, as one version's model file tells. */
#ifndef FRAUDTOP_TUI_REASONS_H
#define FRAUDTOP_TUI_REASONS_H

#include "core/monitor/replay_view.h"
#include "widgets/canvas.h"

/* The score, then the largest contributions as bars and words, then what they add up from, as far
 * as there is room. Returns the rows used. */
int reasons_draw(struct canvas *canvas, struct area area, const struct why_view *why);

#endif
