/* concept.h: does the relation of scores and truth change: a detector each on a series' label
 * errors (1: a wrong decision; in the order labels become known), decisions and scores (METRICS.md
 * 5).
 *
 * Unlike all other state of a series this one goes by order of arrival and cannot be merged. Every
 * prediction and every label is fed once: a corrected label was fed as it was first known. ADWIN's
 * delta is shared by the streams.
 *
 * When a detector speaks, where the change lies is looked for among CONCEPT_MARKS marks (count, sum
 * and prediction time, closer together towards now: within a fifth of their age): there where the
 * two sides differ most surely, by k (n - k) / n (mean1 - mean2)^2. ADWIN's own cut is the oldest
 * that it can prove, often long before. About 45 KiB a series at most. */
#ifndef FRAUDTOP_MONITOR_CONCEPT_H
#define FRAUDTOP_MONITOR_CONCEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/config.h"
#include "core/monitor/quality_view.h"
#include "core/stats/adwin.h"
#include "core/stats/ddm.h"
#include "core/stats/page_hinkley.h"

#define CONCEPT_MARKS 64
#define CONCEPT_QUEUE 64
#define CONCEPT_LEAST 100 /* values before a stream is judged */

struct concept_mark {
	uint64_t n; /* values fed before it, since the detector began */
	double sum;
	wall_us prediction; /* of the value after it */
};

struct concept_stream_state {
	struct adwin *adwin; /* NULL: another one is configured */
	struct page_hinkley page_hinkley;
	struct ddm ddm;
	uint64_t fed, changes;
	uint64_t n; /* since the detector began */
	double sum;
	struct concept_mark marks[CONCEPT_MARKS];
	size_t marks_count;
	wall_us changed_at, changed_prediction;
	double before, after;
	enum change_direction direction;
};

struct concept_queue { /* values of one stream that are not fed yet, in their order */
	size_t count;
	double values[CONCEPT_QUEUE];
	wall_us seen[CONCEPT_QUEUE], predictions[CONCEPT_QUEUE];
};

struct concept {
	enum change_kind kind;
	struct concept_stream_state streams[CONCEPT_STREAMS];
	struct concept_queue queues[CONCEPT_STREAMS];
};

void concept_init(struct concept *concept, const struct config *config);
void concept_free(struct concept *concept); /* what it owns */

/* One value in [0,1] of a stream: `seen` when it became known, `prediction` the time of the
 * prediction it is of. It may wait for others, as many together are fed faster; concept_settle
 * feeds all that wait, and has to come before anything is asked. */
void concept_add(struct concept *concept, enum concept_stream stream, double value, wall_us seen,
    wall_us prediction);
void concept_settle(struct concept *concept);

/* The views of the streams at the clock. */
void concept_fill(
    const struct concept *concept, wall_us clock, struct concept_view views[CONCEPT_STREAMS]);

#endif
