/* profile.c: a profile is a file somebody else may have made: whatever it holds is refused or
 * usable. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	struct err err = {0};
	struct profile *profile = profile_from_json(text, "fuzz", &err);
	for (size_t i = 0; profile != NULL && i < profile->features_count; i++) {
		const struct bins *bins = &profile->features[i].bins;
		uint64_t coarse[BINS_MAX + 1];
		char label[24];
		bins_to_coarse(bins, profile->features[i].counts, coarse);
		bins_label(bins, 0, label, sizeof(label));
		if (bins->kind == BINS_CATEGORIES_KIND)
			bins_find_word(bins, "x");
		else
			bins_find_number(bins, 1.5);
	}
	profile_free(profile);
	free(text);
	return 0;
}
