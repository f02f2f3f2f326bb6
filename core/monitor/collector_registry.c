/* collector_registry.c: what the registries say: each target's version, the versions, who moved
 * what. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_parts.h"

enum { HISTORY = 16 };

static void
add_target(struct collector *collector, const struct config_service *service,
    const struct config_registry *registry)
{
	const char *alias = service->alias[0] != '\0' ? service->alias : "production";
	for (size_t i = 0; i < collector->targets_count; i++) {
		const struct target_view *view = &collector->targets[i].view;
		if (strcmp(view->registry, registry->name) == 0 &&
		    strcmp(view->model, service->model) == 0 && strcmp(view->alias, alias) == 0)
			return;
	}
	mem_reserve(&collector->targets, &collector->targets_capacity, collector->targets_count + 1,
	    sizeof(*collector->targets));
	struct collector_target *target = &collector->targets[collector->targets_count++];
	*target = (struct collector_target){.config = registry};
	text_copy(target->view.registry, sizeof(target->view.registry), registry->name);
	text_copy(target->view.model, sizeof(target->view.model), service->model);
	text_copy(target->view.alias, sizeof(target->view.alias), alias);
	text_copy(target->view.error, sizeof(target->view.error), "not read yet");
}

void
collector_registry_open(struct collector *collector)
{
	const struct config *config = collector->config;
	collector->registries =
	    mem_alloc(config->registries_count * sizeof(*collector->registries));
	collector->registries_count = config->registries_count;
	for (size_t i = 0; i < config->registries_count; i++)
		collector->registries[i].config = &config->registries[i];
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_registry *registry =
		    config_registry_of(config, &config->services[i]);
		if (registry != NULL && config->services[i].model[0] != '\0')
			add_target(collector, &config->services[i], registry);
	}
}

void
collector_registry_close(struct collector *collector)
{
	for (size_t i = 0; i < collector->registries_count; i++)
		registry_close(collector->registries[i].registry);
	free(collector->registries);
	free(collector->targets);
	free(collector->told);
}

static struct registry *
open_registry(struct collector *collector, const struct config_registry *config, struct err *err)
{
	for (size_t i = 0; i < collector->registries_count; i++) {
		struct collector_registry *entry = &collector->registries[i];
		if (entry->config != config)
			continue;
		if (entry->registry == NULL)
			entry->registry =
			    registry_open(config->name, config->kind, config->location, false, err);
		return entry->registry;
	}
	return NULL;
}

static const char *
service_of_alias(const struct collector *collector, const struct target_view *view)
{
	const struct config *config = collector->config;
	for (size_t i = 0; i < config->services_count; i++) {
		if (strcmp(config->services[i].alias, view->alias) == 0 &&
		    strcmp(config->services[i].model, view->model) == 0)
			return config->services[i].name;
	}
	return view->alias;
}

static void
note_history(
    struct collector *collector, struct collector_target *target, struct registry *registry)
{
	struct registry_change *list = NULL;
	size_t count = 0;
	if (!registry_history(
		registry, target->view.model, target->view.alias, HISTORY, &list, &count, NULL))
		return;
	for (size_t i = count; i-- > 0;) { /* oldest first */
		const struct registry_change *change = &list[i];
		if (change->seq <= target->seen_seq)
			continue;
		target->seen_seq = change->seq;
		if (change->from_version[0] == '\0')
			continue;
		collector_event(collector, EVENT_ALIAS, SEVERITY_OK,
		    service_of_alias(collector, &target->view), change->at,
		    "%.40s %.40s -> %.40s by %.40s", target->view.alias, change->from_version,
		    change->to_version, change->by);
	}
	free(list);
}

static void
read_target(struct collector *collector, struct collector_target *target)
{
	struct target_view *view = &target->view;
	struct registry_alias alias;
	struct err err = {0};
	struct registry *registry = open_registry(collector, target->config, &err);
	view->known = registry != NULL &&
		      registry_get_alias(registry, view->model, view->alias, &alias, &err);
	if (!view->known) {
		text_copy(view->error, sizeof(view->error), err.text);
		return;
	}
	view->error[0] = '\0';
	view->read_at = clock_wall();
	view->epoch = alias.epoch;
	view->changed_at = alias.changed_at;
	text_copy(view->version, sizeof(view->version), alias.version);
	text_copy(view->changed_by, sizeof(view->changed_by), alias.changed_by);
	text_copy(view->reason, sizeof(view->reason), alias.reason);
	if (!registry_previous(registry, view->model, view->alias, view->previous, &err))
		view->previous[0] = '\0';
	note_history(collector, target, registry);
}

void
collector_registry_read(struct collector *collector)
{
	for (size_t i = 0; i < collector->targets_count; i++)
		read_target(collector, &collector->targets[i]);
}

static struct version_view *
find_version(struct model_view *model, const char *version)
{
	for (size_t i = 0; i < model->versions_count; i++) {
		if (strcmp(model->versions[i].version, version) == 0)
			return &model->versions[i];
	}
	return NULL;
}

/* The model's view with room for `more` versions; made if no record of the model was seen. */
static struct model_view *
grow_model(struct snapshot *snapshot, const char *name, size_t more)
{
	size_t at = 0;
	while (at < snapshot->models_count && strcmp(snapshot->models[at].model, name) != 0)
		at++;
	if (at == snapshot->models_count) {
		struct model_view *models =
		    snapshot_alloc(snapshot, (snapshot->models_count + 1) * sizeof(*models));
		memcpy(models, snapshot->models, snapshot->models_count * sizeof(*models));
		text_copy(models[at].model, sizeof(models[at].model), name);
		text_copy(models[at].reference.model, sizeof(models[at].reference.model), name);
		snapshot->models = models;
		snapshot->models_count++;
	}
	struct model_view *model = &snapshot->models[at];
	struct version_view *versions =
	    snapshot_alloc(snapshot, (model->versions_count + more) * sizeof(*versions));
	if (model->versions_count > 0)
		memcpy(versions, model->versions, model->versions_count * sizeof(*versions));
	model->versions = versions;
	return model;
}

static int
newest_version_first(const void *a, const void *b)
{
	const struct version_view *left = a, *right = b;
	if (left->created_at != right->created_at)
		return left->created_at > right->created_at ? -1 : 1;
	return strcmp(right->version, left->version);
}

static void
add_versions(struct collector *collector, struct snapshot *snapshot, const char *registry,
    const char *name, const struct registry_version *list, size_t count)
{
	struct model_view *model = grow_model(snapshot, name, count);
	for (size_t i = 0; i < count; i++) {
		struct version_view *version = find_version(model, list[i].version);
		if (version == NULL)
			version = &model->versions[model->versions_count++];
		text_copy(version->version, sizeof(version->version), list[i].version);
		text_copy(version->created_by, sizeof(version->created_by), list[i].created_by);
		text_copy(version->sha256, sizeof(version->sha256), list[i].sha256);
		text_copy(version->path, sizeof(version->path), list[i].path);
		version->created_at = list[i].created_at;
		version->threshold = metric_ok(list[i].threshold, 1);
		version->registered = true;
		collector_metadata_view(collector, registry, name, version);
	}
	for (size_t i = 0; i < snapshot->targets_count; i++) {
		const struct target_view *target = &snapshot->targets[i];
		if (!target->known || strcmp(target->model, name) != 0)
			continue;
		struct version_view *version = find_version(model, target->version);
		struct version_view *before = find_version(model, target->previous);
		if (before != NULL && target->changed_at > before->last_live)
			before->last_live = target->changed_at; /* when it was replaced */
		if (version == NULL)
			continue;
		text_append(version->aliases, sizeof(version->aliases), "%s%s",
		    version->aliases[0] != '\0' ? ", " : "", target->alias);
		if (target->changed_at > version->last_live)
			version->last_live = target->changed_at;
	}
	qsort(
	    model->versions, model->versions_count, sizeof(*model->versions), newest_version_first);
}

void
collector_registry_view(struct collector *collector, struct snapshot *snapshot)
{
	snapshot->targets =
	    snapshot_alloc(snapshot, collector->targets_count * sizeof(*snapshot->targets));
	snapshot->targets_count = collector->targets_count;
	for (size_t i = 0; i < collector->targets_count; i++)
		snapshot->targets[i] = collector->targets[i].view;
	for (size_t i = 0; i < collector->targets_count; i++) {
		const struct collector_target *target = &collector->targets[i];
		struct registry *registry = open_registry(collector, target->config, NULL);
		struct registry_version *list = NULL;
		size_t count = 0;
		bool done = false; /* several targets share a model */
		for (size_t j = 0; j < i; j++)
			done |= strcmp(collector->targets[j].view.model, target->view.model) == 0;
		if (done || registry == NULL ||
		    !registry_versions(registry, target->view.model, &list, &count, NULL))
			continue;
		add_versions(
		    collector, snapshot, target->view.registry, target->view.model, list, count);
		free(list);
	}
}

char *
collector_registry_metadata(
    struct collector *collector, const char *name, const char *model, const char *version)
{
	for (size_t i = 0; i < collector->registries_count; i++) {
		const struct config_registry *config = collector->registries[i].config;
		struct registry *registry =
		    strcmp(config->name, name) == 0 ? open_registry(collector, config, NULL) : NULL;
		if (registry != NULL)
			return registry_metadata(registry, model, version, NULL);
	}
	return NULL;
}
