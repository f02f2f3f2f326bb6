/* collector.h: puts the parts together on one loop: poller, intake, registries, monitor. It is what
 * a face starts; the face then only reads snapshots.
 *
 * Logs are read in slices that fit between two keys (a few milliseconds each), and by workers while
 * a large log is caught up. Nothing here blocks but SQLite's short reads of the registry. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_H
#define FRAUDTOP_MONITOR_COLLECTOR_H

#include <stdbool.h>

#include "core/base/loop.h"
#include "core/config/config.h"
#include "core/monitor/snapshot.h"

struct collector;

/* config must outlive it. Sources that are not there are waited for; only a broken reference
 * profile is an error. */
struct collector *collector_new(struct loop *loop, const struct config *config, struct err *err);
void collector_free(struct collector *collector); /* before loop_free; NULL is fine */

/* `made` is called on the loop's thread with each new snapshot (every config->delay_us). */
void collector_on_snapshot(struct collector *collector, void (*made)(void *context), void *context);

/* The newest snapshot; never NULL after collector_new. It stays valid while it is held: a face that
 * wants to keep it (a frozen view) calls snapshot_hold, and snapshot_free when done. */
struct snapshot *collector_snapshot(struct collector *collector);

/* Right after collector_new: of large logs the newest window is read first, and shown while the
 * rest is read behind it. */
void collector_newest_first(struct collector *collector);
/* Stops reading history: what is shown stays that of the newest; and goes on with it. False and
 * err: there is nothing to stop, or to resume. */
bool collector_catchup_stop(struct collector *collector, struct err *err);
bool collector_catchup_resume(struct collector *collector, struct err *err);

/* Makes a snapshot now. */
void collector_update(struct collector *collector);
/* Polls every service and reads every registry and source now. */
void collector_refresh(struct collector *collector);
/* Reads the registries now, without polling anything. */
void collector_registry_refresh(struct collector *collector);
/* From now on asks `other`, a registered version or the path of a model file, about what the
 * service predicts; "": the version that a rollback would bring, else the newest other one, as
 * without this call. False and err if there is no such version or file. */
bool collector_replay(
    struct collector *collector, const char *service, const char *other, struct err *err);
/* Asks why a prediction of a service has its score; the answer is in the snapshots from now on,
 * once the model's file is read. service "": no more. */
void collector_ask(struct collector *collector, const char *service, const char *version,
    const char *request_id, wall_us ts);
/* The same for a request id, whichever service and version it is of; of those that it came to more
 * than once the newest. False and err: it is not among those that are kept; where a worker has them
 * just then, the answer in the snapshots says so. */
bool collector_ask_request(struct collector *collector, const char *request_id, struct err *err);
/* True once every source has been read to its end, every service has been asked once, and the
 * replays have a result, which is not waited for longer than three seconds. */
bool collector_caught_up(const struct collector *collector);
/* Is standard input read, and not over yet? */
bool collector_input_open(const struct collector *collector);

#endif
