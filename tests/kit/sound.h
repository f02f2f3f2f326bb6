/* sound.h: records with nothing wrong in them, for a monitor with their reference: the tests of the
 * soundness of data and rates make them odd. */
#ifndef FRAUDTOP_TESTS_KIT_SOUND_H
#define FRAUDTOP_TESTS_KIT_SOUND_H

#include "core/base/rng.h"
#include "core/monitor/monitor.h"

#define SOUND_START INT64_C(1769385600000000) /* Monday, 2026-01-26 */

enum { SOUND_AMOUNT, SOUND_KIND, SOUND_COUNT, SOUND_FEATURES };

struct sound {
	struct config *config;
	struct monitor *monitor;
	struct rng rng;
	struct feature_value values[SOUND_FEATURES + 1];
	size_t count;
	double flagged; /* share */
	char id[32];
};

/* The reference, of so many days until the start. */
struct profile *sound_profile(struct rng *rng, int days);

/* A monitor of model m; a profile (NULL: of one day) is taken over. */
void sound_begin(struct sound *f, struct profile *profile, int64_t comparison_us);
void sound_end(struct sound *f);

/* Makes the values of the next record, as the reference has them; sends them. */
void sound_calm(struct sound *f);
void sound_send(struct sound *f, wall_us ts);

#endif
