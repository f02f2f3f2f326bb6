#include "tests/kit/sound.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tests/kit/monitored.h"

enum { REFERENCE = 20000 };

struct profile *
sound_profile(struct rng *rng, int days)
{
	static const char *const words[] = {"retail", "travel", "food"};
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->features = mem_alloc(SOUND_FEATURES * sizeof(*profile->features));
	profile->features_count = SOUND_FEATURES;
	double *amounts = mem_grow(NULL, REFERENCE, sizeof(*amounts));
	double *counts = mem_grow(NULL, REFERENCE, sizeof(*counts));
	uint64_t kinds[3] = {REFERENCE / 2, REFERENCE / 4, REFERENCE / 4};
	for (int i = 0; i < REFERENCE; i++) {
		amounts[i] = i % 100 == 0 ? NAN : 100 * rng_uniform(rng);
		counts[i] = floor(4 * rng_uniform(rng));
	}
	profile_feature_from_numbers(
	    &profile->features[SOUND_AMOUNT], "amount", amounts, REFERENCE);
	profile_feature_from_numbers(&profile->features[SOUND_COUNT], "count", counts, REFERENCE);
	struct profile_feature *kind = &profile->features[SOUND_KIND];
	profile_feature_init(kind, "kind");
	bins_from_categories(&kind->bins, words, kinds, 3);
	kind->counts = mem_alloc(kind->bins.count * sizeof(*kind->counts));
	for (int i = 0; i < 3; i++)
		kind->counts[bins_find_word(&kind->bins, words[i])] = kinds[i];
	kind->n = REFERENCE;
	free(amounts);
	free(counts);
	profile->first_ts = SOUND_START - days * CLOCK_DAY;
	profile->last_ts = SOUND_START;
	profile->records = REFERENCE;
	profile->scores = mem_alloc(sizeof(*profile->scores));
	return profile;
}

void
sound_begin(struct sound *f, struct profile *profile, int64_t comparison_us)
{
	*f = (struct sound){.flagged = 0.02, .count = SOUND_FEATURES};
	rng_seed(&f->rng, 42, 54);
	f->config = config_new();
	f->config->comparison_us = comparison_us;
	clock_freeze(SOUND_START + 30 * CLOCK_DAY);
	f->monitor = monitor_new(f->config);
	monitor_add_source(f->monitor);
	if (profile == NULL)
		profile = sound_profile(&f->rng, 1);
	monitor_set_profile(f->monitor, "m", "test", profile);
}

void
sound_end(struct sound *f)
{
	monitor_free(f->monitor);
	config_free(f->config);
}

void
sound_calm(struct sound *f)
{
	static const char *const words[] = {"retail", "retail", "travel", "food"};
	f->values[SOUND_AMOUNT] = monitored_number("amount", 100 * rng_uniform(&f->rng));
	if (rng_uniform(&f->rng) < 0.01)
		f->values[SOUND_AMOUNT] = monitored_missing("amount");
	f->values[SOUND_KIND] = monitored_word("kind", words[(size_t)(4 * rng_uniform(&f->rng))]);
	f->values[SOUND_COUNT] = monitored_number("count", floor(4 * rng_uniform(&f->rng)));
}

void
sound_send(struct sound *f, wall_us ts)
{
	bool flagged = rng_uniform(&f->rng) < f->flagged;
	struct prediction prediction = monitored_prediction(ts);
	prediction.request_id = f->id;
	prediction.score = flagged ? 0.9 : 0.1;
	prediction.decision = flagged;
	prediction.features = f->values;
	prediction.features_count = f->count;
	monitored_send(f->monitor, 0, &prediction);
}
