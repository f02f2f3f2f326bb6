/* profile.c: what is looked up in a profile. profile_data.c makes profiles from data,
 * profile_json.c writes and profile_parse.c reads them. */
#include "core/reference/profile.h"

#include <stdlib.h>
#include <string.h>

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	for (size_t i = 0; i < profile->features_count; i++)
		profile_feature_free(&profile->features[i]);
	for (size_t i = 0; i < profile->scores_count; i++)
		profile_feature_free(&profile->scores[i].score);
	free(profile->features);
	free(profile->scores);
	free(profile);
}

struct profile_feature *
profile_feature_of(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->features_count; i++) {
		if (strcmp(profile->features[i].name, name) == 0)
			return &profile->features[i];
	}
	return NULL;
}

const struct profile_score *
profile_score_of(const struct profile *profile, const char *version)
{
	const struct profile_score *any = NULL;
	for (size_t i = 0; i < profile->scores_count; i++) {
		if (strcmp(profile->scores[i].version, version) == 0)
			return &profile->scores[i];
		if (profile->scores[i].version[0] == '\0')
			any = &profile->scores[i];
	}
	return any;
}
