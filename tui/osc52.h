/* osc52.h: the bytes that ask a terminal to put text into the clipboard. */
#ifndef FRAUDTOP_TUI_OSC52_H
#define FRAUDTOP_TUI_OSC52_H

#include "core/base/buf.h"

#define OSC52_MAX 74994 /* encoded bytes that every known terminal takes */

/* Appends the sequence for `text`, cut at a whole character to what OSC52_MAX allows, wrapped for
 * tmux or GNU screen if $TMUX or $STY says so. Appends nothing if FRAUDTOP_CLIPBOARD is `off`. */
void osc52_encode(struct buf *out, const char *text);

#endif
