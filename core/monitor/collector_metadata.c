/* collector_metadata.c: what the registries keep of a version's training, for people: when it was
 * trained, its metrics, a note. Read once a version and file, for it does not change with them.
 * Whether it fits the file is told by `fraudtop inspect` and by a replay. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_parts.h"

struct collector_told {
	char registry[SNAPSHOT_NAME], model[SNAPSHOT_NAME], version[SNAPSHOT_NAME], sha256[65];
	struct version_told told;
};

static void
take_text(char *dst, size_t size, const cJSON *root, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
	if (cJSON_IsString(item))
		text_scrub(dst, size, item->valuestring, strlen(item->valuestring));
}

static void
read_told(struct version_told *told, const char *text)
{
	cJSON *root = cJSON_Parse(text);
	const cJSON *item;
	take_text(told->trained_at, sizeof(told->trained_at), root, "trained_at");
	take_text(told->note, sizeof(told->note), root, "note");
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "metrics"))
	{
		struct version_metric *metric = &told->metrics[told->metrics_count];
		if (told->metrics_count == VERSION_METRICS)
			break;
		if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->string == NULL)
			continue;
		text_scrub(metric->name, sizeof(metric->name), item->string, strlen(item->string));
		metric->value = item->valuedouble;
		told->metrics_count++;
	}
	cJSON_Delete(root);
}

static struct collector_told *
find(const struct collector *collector, const char *registry, const char *model,
    const struct version_view *version)
{
	for (size_t i = 0; i < collector->told_count; i++) {
		struct collector_told *told = &collector->told[i];
		if (strcmp(told->version, version->version) == 0 &&
		    strcmp(told->model, model) == 0 && strcmp(told->registry, registry) == 0)
			return told;
	}
	return NULL;
}

void
collector_metadata_view(struct collector *collector, const char *registry, const char *model,
    struct version_view *version)
{
	struct collector_told *told = find(collector, registry, model, version);
	if (told == NULL) {
		mem_reserve(&collector->told, &collector->told_capacity, collector->told_count + 1,
		    sizeof(*collector->told));
		told = &collector->told[collector->told_count++];
		*told = (struct collector_told){0};
		text_copy(told->registry, sizeof(told->registry), registry);
		text_copy(told->model, sizeof(told->model), model);
		text_copy(told->version, sizeof(told->version), version->version);
	}
	if (strcmp(told->sha256, version->sha256) != 0) {
		char *text =
		    collector_registry_metadata(collector, registry, model, version->version);
		if (text != NULL) { /* else it is asked for again */
			told->told = (struct version_told){0};
			read_told(&told->told, text);
			text_copy(told->sha256, sizeof(told->sha256), version->sha256);
		}
		free(text);
	}
	version->told = told->told;
}
