/* json_replay.h: a replay as JSON. */
#ifndef FRAUDTOP_TUI_JSON_REPLAY_H
#define FRAUDTOP_TUI_JSON_REPLAY_H

#include "core/base/jsonw.h"
#include "core/monitor/snapshot.h"

/* One object, as an element of an array; service->replay must be there. */
void json_replay(struct jsonw *json, const struct service_view *service);

#endif
