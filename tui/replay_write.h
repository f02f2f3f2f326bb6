/* replay_write.h: members of a replay as JSON, the same in `fraudtop replay` and in the dashboard's
 * object (docs/replay.md). */
#ifndef FRAUDTOP_TUI_REPLAY_WRITE_H
#define FRAUDTOP_TUI_REPLAY_WRITE_H

#include "core/base/jsonw.h"
#include "core/replay/replay.h"

void replay_write_flag(struct jsonw *json, const char *key, int flag); /* -1: null */
void replay_write_scored(struct jsonw *json, const struct replay_result *result);
void replay_write_agreement(struct jsonw *json, const struct replay_result *result);
void replay_write_psi(struct jsonw *json, const struct replay_result *result);
void replay_write_side(
    struct jsonw *json, const char *key, const char *name, const struct replay_side *side);
void replay_write_tests(struct jsonw *json, const struct replay_result *result);
void replay_write_verdict(struct jsonw *json, const struct replay_result *result);

#endif
