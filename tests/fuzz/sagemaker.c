/* sagemaker.c: whatever a baseline of another tool holds becomes a profile that this program reads
 * back, or is refused. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/reference/profile_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	struct buf notes = {0}, json = {0};
	struct err err = {0};
	struct profile *profile = profile_from_sagemaker(text, text, "label", &notes, &err);
	if (profile != NULL) {
		profile_to_json(profile, &json);
		struct profile *again = profile_from_json(json.data, "again", &err);
		if (again == NULL) {
			fprintf(stderr, "%s\n%s", err.text, json.data);
			abort();
		}
		profile_free(again);
	}
	profile_free(profile);
	buf_free(&json);
	buf_free(&notes);
	free(text);
	return 0;
}
