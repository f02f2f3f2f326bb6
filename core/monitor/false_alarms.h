/* false_alarms.h: how many alarms of drift one model is to expect if nothing drifts: a bound.
 *
 * A look at one window of one calm column warns with at most the chance that verdict_false_alarm
 * says. An alarm begins at a look at which the newest window warns, so no more alarms begin in a
 * day than the sum of that over columns and looks, whatever windows have in common; that k of n
 * must agree can only lessen it. */
#ifndef FRAUDTOP_MONITOR_FALSE_ALARMS_H
#define FRAUDTOP_MONITOR_FALSE_ALARMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/config.h"
#include "core/reference/profile.h"

/* How often a window is looked at within its length, and what is assumed without a profile. */
enum { FALSE_ALARMS_LOOKS = 12, FALSE_ALARMS_FEATURES = 12, FALSE_ALARMS_BINS = 10 };

struct false_alarms_rate {
	double n; /* records of a window, where a column has no min_samples of its own */
	double window, day; /* alarms to expect at most */
};

struct false_alarms {
	struct false_alarms_rate least, larger; /* at min_samples, and at ten times as many */
	size_t columns; /* features and the score */
	size_t seasonal; /* of them, compared with the same hours of the reference */
	size_t few; /* never judged: what they are compared with has fewer than min_samples */
	char few_names[120]; /* the first of them, as the profile names them */
	bool few_more; /* there are more than are named */
};

struct false_alarms false_alarms_of_profile(
    const struct config *config, const struct profile *profile);
/* Without a profile: FALSE_ALARMS_FEATURES and a score, against limits.reference_records. */
struct false_alarms false_alarms_assumed(const struct config *config);

#endif
