/* json_ingest.h: what is read, as JSON. */
#ifndef FRAUDTOP_TUI_JSON_INGEST_H
#define FRAUDTOP_TUI_JSON_INGEST_H

#include "core/base/jsonw.h"
#include "core/ingest/refusals.h"
#include "core/monitor/snapshot.h"

/* The member "ingest". Keys are only ever added. */
void json_ingest(struct jsonw *json, const struct snapshot *snapshot);
/* One line that was refused, as a member or (NULL) an element. */
void json_refusal(struct jsonw *json, const char *key, const struct refusal *refusal);

#endif
