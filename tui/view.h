/* view.h: what the operator looks at: a snapshot, what is selected in it, and how it is drawn.
 * Selections are identities (a name), never places: a row that moves takes its selection with it,
 * and one that is gone is selected no more. */
#ifndef FRAUDTOP_TUI_VIEW_H
#define FRAUDTOP_TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/config.h"
#include "core/monitor/snapshot.h"
#include "tui/rows.h"
#include "widgets/canvas.h"

#define VIEW_SCORE                                                                                 \
	"\001score" /* the score's identity among the features; no clean name equals it */

enum subject {
	SUBJECT_NONE,
	SUBJECT_SERVICE,
	SUBJECT_FEATURE,
	SUBJECT_VERSION,
	SUBJECT_LINE,
	SUBJECT_CHANGE, /* one of the largest of a replay */
	SUBJECT_COUNT
};

struct view {
	const struct snapshot *snapshot; /* never NULL */
	const struct asked_view *asked; /* of the newest snapshot, frozen or not; NULL: nothing */
	char selected[SUBJECT_COUNT][VIEW_ID];
	bool frozen, local_time;
	const struct config *config; /* NULL: defaults */
	double maturity; /* share of labels below which a stretch of a quality curve is immature */
	wall_us now;
};

/* The selected service, and its present series; NULL if nothing is known. */
const struct service_view *view_service(const struct view *view);
const struct series_view *view_series(const struct view *view);
/* The target that a service follows, or NULL. */
const struct target_view *view_target(const struct view *view, const struct service_view *service);
/* The series of (service, model, version); service "" is the one over all services. Or NULL. */
const struct series_view *view_find_series(
    const struct snapshot *snapshot, const char *service, const char *model, const char *version);
const struct reference_view *view_reference(const struct view *view, const char *model);

/* Splits the identity of a version: "MODEL\x1fVERSION". */
void view_version_id(char id[VIEW_ID], const char *model, const char *version);
bool view_version_split(const char *id, char model[SNAPSHOT_NAME], char version[SNAPSHOT_NAME]);

/* The identity of a prediction: "TIME\x1fREQUEST". */
void view_change_id(char id[VIEW_ID], const struct replay_change *change);
/* The selected one of the largest changes, or the first where that is none of them any more:
 * nothing is done to it but looked at. NULL: there is none. */
const struct replay_change_view *view_change(const struct view *view);

/* `14:06:04` and `13:41`, in the zone that is on; `-` for 0. With a date in front if it is not of
 * the day of `now`. Returns dst. */
char *view_time(const struct view *view, char dst[32], wall_us time);
char *view_minute(const struct view *view, char dst[32], wall_us time);
const char *view_zone(const struct view *view, char dst[16]);

#endif
