/* replay.h: what another model would have said of predictions that were made: `logged` is what the
 * log says, `other` the other model on the same features.
 *
 * Used over whole logs (fraudtop replay) and over the newest rows, live. All figures are exact over
 * the rows that were added. */
#ifndef FRAUDTOP_REPLAY_REPLAY_H
#define FRAUDTOP_REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/replay/result.h"

struct replay_row {
	wall_us ts;
	const char *id; /* "" unknown */
	double logged, other; /* scores; NaN if not scored */
	int logged_flag, other_flag; /* 1, 0, -1 not known */
	int label; /* 1, 0, -1 not known */
	enum replay_reason reason;
};

struct replay;

/* The decision of the log's own: as logged (-1: not), else by its threshold, else by `threshold`;
 * thresholds may be NaN. -1: not known. */
int replay_flag_logged(int decision, double score, double logged_threshold, double threshold);
/* The other model's: by `threshold`, else by that of the model, else by the row's. */
int replay_flag_other(double score, double threshold, double model_threshold, double row_threshold);

/* `changes`: how many of the largest changes to keep. */
struct replay *replay_new(size_t changes);
void replay_free(struct replay *replay); /* NULL is fine */
/* What the verdict calls the two sides; else `the log` and `the other model`. Clean texts. */
void replay_name(struct replay *replay, const char *logged, const char *other);
void replay_add(struct replay *replay, const struct replay_row *row);
/* O(n log n) in the rows added, which it may sort; further rows may be added after it. */
void replay_result(struct replay *replay, struct replay_result *result);

#endif
