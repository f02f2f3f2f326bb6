/* collector_silence.c: why nothing is heard of a service that has a log. */
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/collector_parts.h"

void
collector_explain_silence(
    const struct config_service *config, const struct snapshot *snapshot, char *reason, size_t size)
{
	const struct source_view *found = NULL, *missing = NULL;
	uint64_t accepted = 0, rejected = 0;
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		const struct source_view *source = &snapshot->sources[i];
		if (source->labels || strcmp(source->name, config->name) != 0)
			continue;
		if (source->present && (found == NULL || source->rejected > found->rejected))
			found = source;
		else if (!source->present && missing == NULL && source->last_reason[0] != '\0')
			missing = source;
		accepted += source->accepted;
		rejected += source->rejected;
	}
	reason[0] = '\0';
	if (accepted > 0)
		text_append(reason, size, "its log is of other services only");
	else if (rejected > 0)
		text_append(reason, size, "no line of its log is understood: fraudtop probe %s",
		    found->path);
	else if (missing != NULL && found == NULL)
		text_append(reason, size, "%s", missing->last_reason);
	else if (found == NULL && config->logs_count > 0)
		text_append(
		    reason, size, "no file yet where its log should be: %.200s", config->logs[0]);
	else
		text_append(reason, size, "nothing heard yet");
}
