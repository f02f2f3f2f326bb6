/* expected.h: how many false alarms a configuration is to expect if nothing drifts, for
 * --check-config. */
#ifndef FRAUDTOP_TUI_EXPECTED_H
#define FRAUDTOP_TUI_EXPECTED_H

#include "core/base/buf.h"
#include "core/config/config.h"

/* A paragraph a model. Features are counted from its profile; where there is none, or it cannot be
 * read, that is said with what is assumed instead. */
void expected_print(const struct config *config, struct buf *out);

#endif
