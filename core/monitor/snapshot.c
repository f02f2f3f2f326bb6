#include "core/monitor/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct snapshot_block { /* what snapshot_alloc gave out, to be freed with the snapshot */
	struct snapshot_block *next;
	max_align_t memory[];
};

struct snapshot *
snapshot_new(void)
{
	struct snapshot *snapshot = mem_alloc(sizeof(*snapshot));
	snapshot->holders = 1;
	snapshot->rps = metric_none();
	return snapshot;
}

struct snapshot *
snapshot_hold(struct snapshot *snapshot)
{
	snapshot->holders++;
	return snapshot;
}

void
snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL || --snapshot->holders > 0)
		return;
	while (snapshot->blocks != NULL) {
		struct snapshot_block *next = snapshot->blocks->next;
		free(snapshot->blocks);
		snapshot->blocks = next;
	}
	free(snapshot);
}

void *
snapshot_alloc(struct snapshot *snapshot, size_t size)
{
	struct snapshot_block *block = mem_alloc(sizeof(*block) + size);
	block->next = snapshot->blocks;
	snapshot->blocks = block;
	return block->memory;
}

const struct service_view *
snapshot_service(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->services_count; i++) {
		if (strcmp(snapshot->services[i].name, name) == 0)
			return &snapshot->services[i];
	}
	return NULL;
}

const struct model_view *
snapshot_model(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->models_count; i++) {
		if (strcmp(snapshot->models[i].model, name) == 0)
			return &snapshot->models[i];
	}
	return NULL;
}

const struct target_view *
snapshot_target(
    const struct snapshot *snapshot, const char *registry, const char *model, const char *alias)
{
	for (size_t i = 0; i < snapshot->targets_count; i++) {
		const struct target_view *target = &snapshot->targets[i];
		if (strcmp(target->registry, registry) == 0 && strcmp(target->model, model) == 0 &&
		    strcmp(target->alias, alias) == 0)
			return target;
	}
	return NULL;
}

double
catchup_share(const struct catchup_view *catchup)
{
	return catchup->total > 0 ? (double)catchup->bytes / (double)catchup->total : 1;
}

const char *
snapshot_state_name(enum service_state state)
{
	static const char *const names[] = {"UNKNOWN", "OK", "SLOW", "FAILING", "DOWN"};
	return names[state];
}

const char *
replay_progress_name(enum replay_progress progress)
{
	static const char *const names[] = {"idle", "loading", "broken", "begun", "there"};
	return names[progress];
}

const char *
snapshot_source_name(enum figure_source source)
{
	static const char *const names[] = {"none", "log", "metrics", "probe"};
	return names[source];
}

const char *
snapshot_kind_name(enum source_kind kind)
{
	static const char *const names[] = {"file", "compressed", "table", "stdin"};
	return names[kind];
}
