/* profile.c: a profile of some of the features, with a calibration of version 1 and attributions.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/support/batch/random_log.h"

struct profile *
profile_make(void)
{
	struct rng rng;
	rng_seed(&rng, 5, 6);
	double *values = mem_alloc(3000 * sizeof(*values));
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->features_count = 2;
	profile->features = mem_alloc(2 * sizeof(*profile->features));
	for (size_t i = 0; i < 3000; i++)
		values[i] = rng_lognormal(&rng, 50, 1);
	profile_feature_from_numbers(&profile->features[0], "amount", values, 3000);
	profile->features[0].attribution = 1;
	static const char *const words[] = {"k0", "k1", "k2", "2"};
	static const uint64_t counts[] = {10, 20, 30, 40};
	struct profile_feature *kinds = &profile->features[1];
	profile_feature_init(kinds, "kind");
	bins_from_categories(&kinds->bins, words, counts, 4);
	kinds->counts = mem_alloc(kinds->bins.count * sizeof(*kinds->counts));
	kinds->attribution = 2;
	profile->scores_count = 1;
	profile->scores = mem_alloc(sizeof(*profile->scores));
	struct profile_score *score = &profile->scores[0];
	snprintf(score->version, sizeof(score->version), "1");
	for (size_t i = 0; i < 3000; i++)
		values[i] = rng_uniform(&rng);
	profile_feature_from_numbers(&score->score, "score", values, 3000);
	score->calibration = (struct calibration_map){2, {0.1, 0.9}, {0.01, 0.6}};
	score->calibrated = true;
	free(values);
	return profile;
}
