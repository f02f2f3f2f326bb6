/* judged.h: rows with scores, decisions and labels, fed to a monitor: for the tests of what it says
 * of them. */
#ifndef FRAUDTOP_TESTS_KIT_JUDGED_H
#define FRAUDTOP_TESTS_KIT_JUDGED_H

#include "core/base/rng.h"
#include "core/monitor/monitor.h"

#define JUDGED_START INT64_C(1769600000000000) /* 2026-01-28 */

/* What a test has, made anew for each. */
extern struct judged {
	struct config *config;
	struct monitor *monitor;
	size_t source;
	struct rng rng;
	struct snapshot *snapshot; /* of the last look */
} judged;

struct judged_row {
	wall_us ts;
	double score;
	int decision, label;
	const char *service, *segment;
	struct feature_value attributions[3];
	size_t attributions_count;
};

int judged_set_up(void **state);
int judged_tear_down(void **state);
/* Another monitor, of the configuration as it is now. */
void judged_restart(void);

/* The i-th, a second after the one before: flagged from 0.5, without a label. */
struct judged_row judged_row(size_t i, double score);
void judged_add(size_t i, const struct judged_row *row);
/* The label of the i-th. */
void judged_say(size_t i, int value, wall_us ts);

/* A profile of even scores whose labels are drawn by P(label | score) = score^2. The features end
 * with NULL; NULL is none. */
void judged_set_reference(size_t n, const char *const *features, const double *attributions);

/* The first series of a new snapshot. */
const struct series_view *judged_look(void);
void judged_near(double got, double wanted, double within);

#endif
