/* profile.c: a profile is a file somebody else may have made: whatever it holds is refused, or
 * usable and written as what reads back the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/reference/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use_feature(const struct profile_feature *feature)
{
	const struct bins *bins = &feature->bins;
	uint64_t coarse[BINS_MAX + 1], window[SEASON_HOURS] = {[5] = 3, [90] = 1};
	double counts[BINS_MAX + 1], effective;
	char label[24];
	bins_to_coarse(bins, feature->counts, coarse);
	bins_label(bins, 0, label, sizeof(label));
	if (bins->kind == BINS_CATEGORIES_KIND)
		bins_find_word(bins, "x");
	else
		bins_find_number(bins, 1.5);
	for (double q = 0; q <= 1; q += 0.125)
		profile_feature_quantile(feature, q);
	if (feature->hours == NULL)
		return;
	season_recognise(feature->hours, bins->coarse_count, 28 * CLOCK_DAY);
	season_mix(
	    feature->hours, bins->coarse_count, SEASON_HOUR_OF_DAY, window, counts, &effective);
}

static void
write_again(const struct profile *profile)
{
	struct buf first = {0}, second = {0};
	struct err err = {0};
	profile_to_json(profile, &first);
	struct profile *again = profile_from_json(first.data, "again", &err);
	if (again != NULL)
		profile_to_json(again, &second);
	if (again == NULL || strcmp(first.data, second.data) != 0) {
		fprintf(stderr, "%s\n%s\n%s\n", err.text, first.data, second.data);
		abort();
	}
	profile_free(again);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	struct err err = {0};
	struct profile *profile = profile_from_json(text, "fuzz", &err);
	for (size_t i = 0; profile != NULL && i < profile->features_count; i++)
		use_feature(&profile->features[i]);
	for (size_t i = 0; profile != NULL && i < profile->scores_count; i++) {
		use_feature(&profile->scores[i].score);
		calibration_apply(&profile->scores[i].calibration, 0.4);
	}
	if (profile != NULL)
		write_again(profile);
	profile_free(profile);
	free(text);
	return 0;
}
