/* replayed.h: the newest rows of one series put to another model, a few at a time. What was said of
 * a row is kept as long as the row, so that only new rows cost anything. */
#ifndef FRAUDTOP_MONITOR_REPLAYED_H
#define FRAUDTOP_MONITOR_REPLAYED_H

#include "core/config/config.h"
#include "core/monitor/recent.h"
#include "core/monitor/replay_files.h"
#include "core/monitor/replay_view.h"

struct replayed;

struct replayed *replayed_new(void);
void replayed_free(struct replayed *replayed); /* NULL is fine */

struct replayed_pair {
	struct recent *recent; /* the rows of; NULL: nothing is asked */
	const struct replay_file *own; /* this model, for reasons; NULL: its file is not known */
	const struct replay_file *other; /* that is asked; loaded */
	double threshold; /* the other's; NaN: as each row says */
};

/* Begins anew unless the pair is the same as before. */
void replayed_set(struct replayed *replayed, const struct replayed_pair *pair);
/* Asks about further rows until `until`; true if more are left. */
bool replayed_ask(struct replayed *replayed, mono_us until);
/* The row after the last that was asked about. */
uint64_t replayed_asked(const struct replayed *replayed);
/* Is there anything new since the last result? */
bool replayed_is_due(const struct replayed *replayed);
/* Fills the view's result and changes from the asked rows that are of `from` or later. Figures that
 * rest on fewer labelled cases than limits.min_labels are warming. */
void replayed_conclude(
    struct replayed *replayed, wall_us from, const struct config *config, struct replay_view *view);

#endif
