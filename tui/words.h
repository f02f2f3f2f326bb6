/* words.h: what is wrong with a series, in sentences, for the strip of 1 Overview and for --plain.
 */
#ifndef FRAUDTOP_TUI_WORDS_H
#define FRAUDTOP_TUI_WORDS_H

#include "tui/view.h"

#define WORDS_MOST 8

struct words {
	enum severity severity; /* warning or critical */
	char text[SNAPSHOT_NAME + SNAPSHOT_WORDS + 64];
};

/* Beyond drift of inputs and drops of quality, which have figures of their own: data, rates,
 * changes, groups, attributions, expectations. Worst first; returns how many, WORDS_MOST at most.
 */
size_t words_of_series(
    const struct view *view, const struct series_view *series, struct words list[WORDS_MOST]);
/* The worst column's verdict: `transactions_24h: PSI 0.31, 37 times ...`. False if none alarms. */
bool words_of_drift(const struct series_view *series, struct words *words);

#endif
