/* kept.h: what is kept of one subject of a view (a series, a version over all services, a service
 * over all versions) from one picture to the next, so that only what has changed is counted again.
 *
 * Nothing in it says anything that the buckets do not: each part bears by what it is known to be as
 * they are, and a picture made without it is the same to the bit. */
#ifndef FRAUDTOP_MONITOR_KEPT_H
#define FRAUDTOP_MONITOR_KEPT_H

#include "core/monitor/history.h"

struct kept_column {
	bool ready; /* these three: what it was worked out for */
	enum season season;
	uint64_t min_samples;
	uint64_t seen; /* of its reference, which may still grow */
	struct history history;
	struct verdict_evidence evidence[VERDICT_WINDOWS]; /* newest first */
	double curve[SNAPSHOT_SPARK], levels[SNAPSHOT_SPARK]; /* NaN where too few */
	struct metric psi, js, hellinger, kl, ks, wasserstein, wasserstein_norm;
	char (*labels)[24]; /* of the PSI bins */
};

struct kept {
	struct kept_column *columns; /* of the features; the model's numbers */
	size_t columns_count;
	struct kept_column score;
	struct history *hours; /* of the rings, where a season asks for them */
	size_t rings_count;
	struct history score_hours;
};

struct kept *kept_new(void);
void kept_free(struct kept *kept); /* NULL is fine */

/* Of a feature, HISTORY_SCORES the score; emptied if it was worked out for anything else. */
struct kept_column *kept_column(
    struct kept *kept, size_t number, bool ready, enum season season, uint64_t min_samples);
/* Records by the hour of the week of a ring, HISTORY_SCORES that of the scores, up to date. */
const struct history *kept_hours(
    struct kept *kept, const struct window *window, size_t ring, size_t of);

#endif
