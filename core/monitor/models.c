/* models.c: the models of a monitor, their columns and versions, each with its reference. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/kept.h"
#include "core/monitor/models.h"
#include "core/monitor/monitor.h"
#include "core/monitor/state.h"

void
models_free(struct monitor *monitor)
{
	for (size_t m = 0; m < monitor->models_count; m++) {
		struct model_state *model = monitor->models[m];
		for (size_t i = 0; i < model->features_count; i++)
			reference_column_free(&model->features[i]);
		for (size_t i = 0; i < model->versions_count; i++) {
			reference_column_free(&model->versions[i].score);
			kept_free(model->versions[i].kept);
		}
		free(model->features);
		free(model->places);
		free(model->sizes);
		free(model->versions);
		profile_free(model->profile);
		for (size_t i = 0; i < model->suites_count; i++)
			suite_free(model->suites[i]);
		free(model->suites);
		free(model);
	}
	free(monitor->models);
}

struct model_state *
models_get(struct monitor *monitor, const char *name, size_t *index)
{
	for (size_t i = 0; i < monitor->models_count; i++) {
		if (strcmp(monitor->models[i]->name, name) == 0) {
			*index = i;
			return monitor->models[i];
		}
	}
	mem_reserve(&monitor->models, &monitor->models_capacity, monitor->models_count + 1,
	    sizeof(*monitor->models));
	struct model_state *model = mem_alloc(sizeof(*model));
	text_copy(model->name, sizeof(model->name), name);
	model->sizes = mem_alloc(monitor->lengths.features_count * sizeof(*model->sizes));
	*index = monitor->models_count;
	monitor->models[monitor->models_count++] = model;
	return model;
}

void
models_place(struct model_state *model, size_t column)
{
	struct model_place *place = &model->places[column];
	place->offset = model->sizes[place->ring];
	model->sizes[place->ring] += cell_size(model->features[column].feature.bins.count);
}

static size_t
add_column(struct monitor *monitor, struct model_state *model, const char *name)
{
	const struct config *config = monitor->config;
	size_t count = model->features_count + 1;
	model->features = mem_grow(model->features, count, sizeof(*model->features));
	model->places = mem_grow(model->places, count, sizeof(*model->places));
	reference_column_init(&model->features[count - 1], name);
	struct model_place *place = &model->places[count - 1];
	*place = (struct model_place){.offset = SIZE_MAX,
	    .config = config_feature(config, model->features[count - 1].feature.name)};
	int64_t window = config_feature_window(config, place->config);
	while (monitor->lengths.features[place->ring] != window)
		place->ring++;
	model->features_count = count;
	room_add_column(monitor, model);
	return count - 1;
}

void
monitor_add_suite(struct monitor *monitor, const char *model_name, struct suite *suite)
{
	size_t index;
	struct model_state *model = models_get(monitor, model_name, &index);
	model->suites = mem_grow(model->suites, model->suites_count + 1, sizeof(*model->suites));
	model->suites[model->suites_count++] = suite;
}

void
monitor_set_profile(
    struct monitor *monitor, const char *model_name, const char *path, struct profile *profile)
{
	size_t index;
	struct model_state *model = models_get(monitor, model_name, &index);
	text_copy(model->profile_path, sizeof(model->profile_path), path);
	model->profile = profile;
	for (size_t i = 0; i < profile->features_count && i < MONITOR_FEATURES_MAX; i++) {
		size_t column = add_column(monitor, model, profile->features[i].name);
		reference_column_set(&model->features[column], &profile->features[i]);
		models_place(model, column);
	}
}

void
monitor_take_references(struct monitor *monitor, struct monitor *before)
{
	for (size_t m = 0; m < before->models_count; m++) {
		struct model_state *model = before->models[m];
		if (model->profile != NULL)
			monitor_set_profile(
			    monitor, model->name, model->profile_path, model->profile);
		for (size_t i = 0; i < model->suites_count; i++)
			monitor_add_suite(monitor, model->name, model->suites[i]);
		model->profile = NULL;
		model->suites_count = 0;
	}
}

size_t
models_version(struct model_state *model, const char *version)
{
	for (size_t i = 0; i < model->versions_count; i++) {
		if (strcmp(model->versions[i].version, version) == 0)
			return i;
	}
	size_t count = model->versions_count + 1;
	model->versions = mem_grow(model->versions, count, sizeof(*model->versions));
	struct version_state *state = &model->versions[count - 1];
	*state = (struct version_state){0};
	text_copy(state->version, sizeof(state->version), version);
	reference_column_init(&state->score, "score");
	const struct profile_score *score =
	    model->profile != NULL ? profile_score_of(model->profile, version) : NULL;
	if (score != NULL)
		reference_column_set(&state->score, &score->score);
	model->versions_count = count;
	return count - 1;
}

const char *
models_kept_name(char room[SNAPSHOT_NAME], const char *name)
{
	if (strlen(name) < SNAPSHOT_NAME)
		return name;
	text_copy(room, SNAPSHOT_NAME, name);
	return room;
}

size_t
models_column(struct monitor *monitor, struct model_state *model, size_t i, const char *name)
{
	if (i < model->features_count && strcmp(model->features[i].feature.name, name) == 0)
		return i;
	char room[SNAPSHOT_NAME];
	name = models_kept_name(room, name);
	for (size_t at = 0; at < model->features_count; at++) {
		if (strcmp(model->features[at].feature.name, name) == 0)
			return at;
	}
	if (model->features_count == MONITOR_FEATURES_MAX)
		return SIZE_MAX;
	if (!room_has_column(monitor)) {
		monitor->room.passed++;
		return SIZE_MAX;
	}
	size_t column = add_column(monitor, model, name);
	if (model->profile != NULL) {
		model->places[column].extra = true;
		models_place(model, column);
	}
	return column;
}
