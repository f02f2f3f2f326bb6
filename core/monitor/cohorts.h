/* cohorts.h: the groups of one series, by one field of its records: so many kept apart, the rest
 * `other`.
 *
 * A cohort is a number that stands for its name as long as anything in the quality window or any
 * label that could still change it may bear it: a place is given to a new name only when the window
 * has passed the last record of the old one. So a burst of junk names fills the list for a window,
 * not for ever. Memory is COHORTS_MOST names. */
#ifndef FRAUDTOP_MONITOR_COHORTS_H
#define FRAUDTOP_MONITOR_COHORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/config.h"
#include "core/ingest/record.h"
#include "core/monitor/drift_view.h"

#define COHORTS_MOST 64

struct cohort_counts { /* of one bucket of time */
	uint32_t n, decided, flagged, labelled;
	uint32_t tp, fp, tn, fn; /* labelled ones with a decision */
};

struct cohort {
	uint64_t hash; /* of the name; 0: free */
	double number; /* the number whose text the name is, if it came as one; NaN */
	int64_t last; /* the newest bucket it was counted in */
	char name[SNAPSHOT_NAME];
};

struct cohorts {
	const char *by; /* the configuration's; "": none are kept */
	size_t most; /* names kept; number `most` is other, most + 1 missing */
	size_t hint; /* where in the records the feature stood last */
	uint64_t given; /* places, so far: until the next, a name keeps its number */
	struct cohort *list; /* `most` of them; NULL until the first name */
};

void cohorts_init(struct cohorts *cohorts, const struct config *config);
void cohorts_free(struct cohorts *cohorts); /* what it owns */
/* How many counts a bucket has: most + 2, or 0 without a field. */
size_t cohorts_room(const struct cohorts *cohorts);

/* A prediction's segment as a value. */
struct feature_value cohorts_segment(const struct prediction *prediction);
/* The number of the prediction's cohort, counted in bucket `index`; places that no bucket of the
 * newest `ring` holds anything of may be given away. */
uint8_t cohorts_find(
    struct cohorts *cohorts, const struct prediction *prediction, int64_t index, int64_t ring);
/* The same by the value of its field; NULL: it has none. */
uint8_t cohorts_find_value(
    struct cohorts *cohorts, const struct feature_value *value, int64_t index, int64_t ring);
/* The name of a number: `other`, `missing`, or NULL if nothing bears it. */
const char *cohorts_name(const struct cohorts *cohorts, size_t number);
uint64_t cohorts_hash(const char *name);

#endif
