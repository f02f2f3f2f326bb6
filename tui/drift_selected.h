/* drift_selected.h: what 3 Drift shows of the selected row, and what its table shares with that. */
#ifndef FRAUDTOP_TUI_DRIFT_SELECTED_H
#define FRAUDTOP_TUI_DRIFT_SELECTED_H

#include "tui/view.h"
#include "widgets/canvas.h"

/* The identities of the rows that are no columns; no clean name equals them. */
#define DRIFT_DECISIONS "\001decisions"
#define DRIFT_VOLUME "\001volume"

/* The verdict in words, the numbers behind it, the checks of the data, both distributions and PSI
 * over time, or, of a rate, what it was and is. */
void drift_draw_selected(
    struct canvas *canvas, struct area area, const struct view *view, const struct row *row);
/* The last windows, oldest first: filled where one was over its limit. */
void drift_draw_windows(struct canvas *canvas, struct area area, const struct drift_view *feature);
const char *drift_season(enum season season); /* "hour of week", or "-" */
/* `1.20 → 2.10 %, z 4.2, p 3e-05`: a share, or records a second. */
void drift_rate_words(
    const struct canvas *canvas, const struct rate_view *rate, bool share, char *dst, size_t size);

#endif
