/* The exposition parser on any bytes: it refuses with a place and a reason, or gives clean samples
 * within their bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/poll/exposition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_clean(const char *text)
{
	size_t length = strlen(text), size = 3 * length + 1;
	char *scrubbed = malloc(size);
	if (text_scrub(scrubbed, size, text, length) != length || memcmp(scrubbed, text, length))
		abort();
	free(scrubbed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	size_t count;
	struct exposition *exposition = exposition_parse((const char *)data, size, &err);
	if (exposition == NULL) {
		if (strncmp(err.text, "line ", 5) != 0 || err.code != ERR_DATA)
			abort();
		return 0;
	}
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	for (size_t i = 0; i < count; i++) {
		check_clean(samples[i].name);
		if (samples[i].name[0] == '\0' || samples[i].labels_count > EXPOSITION_MAX_LABELS)
			abort();
		for (size_t j = 0; j < samples[i].labels_count; j++) {
			check_clean(samples[i].labels[j].name);
			check_clean(samples[i].labels[j].value);
		}
	}
	exposition_free(exposition);
	return 0;
}
