/* intake.c: what the configuration names as one set of sources; what came of each file; where it
 * all is, for a checkpoint. */
#include "core/monitor/intake.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/intake_state.h"
#include "core/monitor/state.h"

enum { SAVED_FILES = 1 << 20 };

/* The mapping is the kind's from now on. */
static size_t
add_kind(struct intake *intake, struct mapping *mapping, const char *format, bool labels)
{
	intake->kinds = mem_grow(intake->kinds, intake->kinds_count + 1, sizeof(*intake->kinds));
	struct intake_kind *kind = &intake->kinds[intake->kinds_count];
	*kind = (struct intake_kind){.mapping = mapping,
	    .format = format,
	    .labels = labels,
	    .alone = !mapping_is_parallel(mapping),
	    .decoder = decoder_new(mapping, labels)};
	kind->teller = kind->alone ? NULL : decoder_new(mapping, labels);
	return intake->kinds_count++;
}

/* The kind of a format, made when it is first named. SIZE_MAX and err: there is no such format. */
static size_t
kind_of(struct intake *intake, const char *format, bool labels, struct err *err)
{
	for (size_t i = 0; i < intake->kinds_count; i++) {
		if (intake->kinds[i].labels == labels &&
		    strcmp(intake->kinds[i].format, format) == 0)
			return i;
	}
	struct mapping *mapping = mapping_new(intake->config, format, err);
	return mapping != NULL ? add_kind(intake, mapping, format, labels) : SIZE_MAX;
}

static uint64_t
most_of(const struct config_service *service)
{
	return service->sample > 1 ? UINT64_MAX / (uint64_t)service->sample : UINT64_MAX;
}

static struct intake_context *
find_named(const struct intake *intake, const char *path, const char *table, bool labels)
{
	for (size_t i = 0; i < intake->contexts_count; i++) {
		struct intake_context *context = intake->contexts[i];
		if (strcmp(context->path, path) == 0 &&
		    intake->kinds[context->kind].labels == labels &&
		    (labels || strcmp(context->service->table, table) == 0))
			return context;
	}
	return NULL;
}

static struct intake_context *
add_context(struct intake *intake, const struct config_service *service, const char *path,
    size_t kind, uint64_t newest)
{
	bool labels = intake->kinds[kind].labels;
	struct intake_context *context = mem_alloc(sizeof(*context));
	*context = (struct intake_context){.intake = intake,
	    .service = service,
	    .path = path,
	    .kind = kind,
	    .most = most_of(service)};
	intake->contexts =
	    mem_grow(intake->contexts, intake->contexts_count + 1, sizeof(struct intake_context *));
	intake->contexts[intake->contexts_count++] = context;
	const struct source_options options = {.path = path,
	    .table = labels ? "" : service->table,
	    .frame = mapping_frame(intake->kinds[kind].mapping),
	    .labels = labels,
	    .ahead = &intake->config->ahead,
	    .newest = newest,
	    .context = context};
	sources_add(intake->sources, &options);
	return context;
}

struct intake_context *
intake_add(struct intake *intake, const struct config_service *service, const char *path,
    bool labels, uint64_t newest, struct err *err)
{
	size_t kind = kind_of(intake, service->format, labels, err);
	if (kind != SIZE_MAX)
		return add_context(intake, service, path, kind, newest);
	err_prefix(err, "service %s", service->name);
	return NULL;
}

/* Each path is read once, however many services name it; of labels as many as any of them needs.
 */
static bool
add_once(struct intake *intake, const struct config_service *service, const char *path, bool labels,
    struct err *err)
{
	struct intake_context *named = find_named(intake, path, service->table, labels);
	if (named == NULL)
		return intake_add(intake, service, path, labels, 0, err) != NULL;
	if (labels && named->most < most_of(service))
		named->most = most_of(service);
	return true;
}

static bool
add_paths(struct intake *intake, struct err *err)
{
	for (size_t i = 0; i < intake->config->services_count; i++) {
		const struct config_service *service = &intake->config->services[i];
		for (size_t j = 0; j < service->logs_count; j++) {
			if (!add_once(intake, service, service->logs[j], false, err))
				return false;
		}
		for (size_t j = 0; j < service->labels_count; j++) {
			if (!add_once(intake, service, service->labels[j], true, err))
				return false;
		}
	}
	return true;
}

struct intake *
intake_make(const struct config *config, struct monitor *monitor)
{
	struct intake *intake = mem_alloc(sizeof(*intake));
	intake->config = config;
	intake->monitor = monitor;
	intake->sources = sources_new();
	intake->progress.left_us = -1;
	turnlock_init(&intake->monitor_lock);
	pthread_mutex_init(&intake->mutex, NULL);
	pthread_cond_init(&intake->changed, NULL);
	intake->slots = mem_alloc(sizeof(*intake->slots));
	slot_init(&intake->slots[intake->slots_count++]);
	sources_on_time(intake->sources, intake_ask);
	return intake;
}

struct intake *
intake_new(const struct config *config, struct monitor *monitor, struct err *err)
{
	struct intake *intake = intake_make(config, monitor);
	if (!add_paths(intake, err)) {
		intake_free(intake);
		return NULL;
	}
	return intake;
}

struct intake *
intake_new_again(struct intake *before, struct monitor *monitor)
{
	struct intake *intake = intake_make(before->config, monitor);
	for (size_t i = 0; i < before->kinds_count; i++) {
		struct intake_kind *kind = &before->kinds[i];
		add_kind(intake, kind->mapping, kind->format, kind->labels);
		kind->mapping = NULL;
	}
	for (size_t i = 0; i < before->contexts_count; i++) {
		const struct intake_context *context = before->contexts[i];
		add_context(intake, context->service, context->path, context->kind, 0)->most =
		    context->most;
	}
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	intake_stop(intake);
	sources_free(intake->sources);
	for (size_t i = 0; i < intake->slots_count; i++)
		slot_clear(&intake->slots[i]);
	for (size_t i = 0; i < intake->kinds_count; i++) {
		decoder_free(intake->kinds[i].decoder);
		decoder_free(intake->kinds[i].teller);
		mapping_free(intake->kinds[i].mapping);
	}
	for (size_t i = 0; i < intake->contexts_count; i++)
		free(intake->contexts[i]);
	for (size_t i = 0; i < intake->items_count; i++)
		free(intake->items[i]);
	turnlock_destroy(&intake->monitor_lock);
	pthread_mutex_destroy(&intake->mutex);
	pthread_cond_destroy(&intake->changed);
	stretch_free(&intake->told);
	free(intake->slots);
	free(intake->kinds);
	free(intake->contexts);
	free(intake->items);
	free(intake->paces);
	free(intake->saved);
	free(intake);
}

void
intake_lock(struct intake *intake)
{
	turnlock_enter(&intake->monitor_lock, true);
}

bool
intake_try_lock(struct intake *intake)
{
	return turnlock_ask(&intake->monitor_lock);
}

void
intake_unlock(struct intake *intake)
{
	turnlock_leave(&intake->monitor_lock);
}

void
intake_look_now(struct intake *intake)
{
	if (intake->whole != NULL)
		intake_look_newest(intake);
	sources_look(intake->sources);
	turnlock_enter(&intake->monitor_lock, false);
	intake_adopt(intake);
	turnlock_leave(&intake->monitor_lock);
}

void
intake_look(struct intake *intake)
{
	pthread_mutex_lock(&intake->mutex);
	bool running = intake->running > 0;
	intake->look = running;
	pthread_mutex_unlock(&intake->mutex);
	if (running)
		return;
	intake_stop(intake); /* they may have ended by themselves */
	intake_look_now(intake);
	intake_settle(intake);
}

static struct intake_item *
new_item(struct intake *intake, const struct source_stats *source)
{
	struct intake_item *item = mem_alloc(sizeof(*item));
	struct intake_file *file = &item->file;
	item->source = *source;
	item->context = source->context;
	memcpy(item->path, source->path, sizeof(item->path));
	file->source = &item->source;
	file->service = item->context->service;
	for (size_t i = 0; i < intake->saved_count; i++) {
		struct intake_saved *saved = &intake->saved[i];
		if ((saved->labels != 0) != source->labels ||
		    strcmp(saved->path, source->path) != 0)
			continue;
		file->accepted = saved->accepted;
		file->late = saved->late;
		file->sampled_out = saved->sampled_out;
		file->newest = saved->newest;
		file->refusals = saved->refusals;
		item->number = saved->number;
		item->too_long = saved->too_long;
		saved->path[0] = '\0'; /* once */
		return item;
	}
	item->number = SIZE_MAX;
	if (source->labels)
		return item;
	item->number = monitor_add_source(intake->monitor);
	if (file->service->sample > 1)
		monitor_weigh_source(
		    intake->monitor, item->number, (uint32_t)file->service->sample);
	return item;
}

void
intake_adopt(struct intake *intake)
{
	size_t count = sources_count(intake->sources);
	if (count <= intake->items_count)
		return;
	pthread_mutex_lock(&intake->mutex);
	intake->items = mem_grow(intake->items, count, sizeof(struct intake_item *));
	for (size_t i = intake->items_count; i < count; i++)
		intake->items[i] = new_item(intake, sources_stats(intake->sources, i));
	intake->items_count = count;
	pthread_mutex_unlock(&intake->mutex);
}

void
intake_settle(struct intake *intake)
{
	intake_adopt(intake);
	for (size_t i = 0; i < intake->items_count; i++)
		intake_source(intake->items[i], sources_stats(intake->sources, i));
	intake->progress.caught_up |= sources_at_end(intake->sources);
	intake->progress.total = intake->progress.bytes + sources_behind(intake->sources);
}

size_t
intake_files(const struct intake *intake)
{
	return intake->items_count;
}

const struct intake_file *
intake_file(const struct intake *intake, size_t number)
{
	return &intake->items[number]->file;
}

struct intake_progress
intake_progress(const struct intake *intake)
{
	struct intake_progress progress = intake->progress;
	double left = (double)(progress.total - progress.bytes);
	progress.left_us = progress.bytes_s > 0 ? (int64_t)(left / progress.bytes_s * 1e6) : -1;
	return progress;
}

void
intake_on_line(struct intake *intake,
    void (*take)(const struct intake_file *file, const struct line_view *line, void *context),
    void *context)
{
	intake->take_line = take;
	intake->line_context = context;
}

void
intake_save(const struct intake *intake, struct buf *pack)
{
	pack_u64(pack, intake->items_count);
	for (size_t i = 0; i < intake->items_count; i++) {
		const struct intake_item *item = intake->items[i];
		pack_text(pack, item->source.path);
		pack_u64(pack, item->source.labels);
		pack_u64(pack, item->file.accepted);
		pack_u64(pack, item->file.late);
		pack_u64(pack, item->file.sampled_out);
		pack_u64(pack, item->too_long);
		pack_u64(pack, item->number);
		pack_i64(pack, item->file.newest);
		refusals_save(&item->file.refusals, pack);
	}
	sources_save(intake->sources, pack);
	for (size_t i = 0; i < intake->kinds_count; i++)
		decoder_save(intake->kinds[i].decoder, pack);
}

/* Is every file still one of the configuration's? */
static bool
all_are_named(const struct intake *intake)
{
	for (size_t i = 0; i < sources_count(intake->sources); i++) {
		if (sources_stats(intake->sources, i)->context == NULL)
			return false;
	}
	return true;
}

bool
intake_load(struct intake *intake, struct unpack *unpack)
{
	size_t count = unpack_count(unpack, SAVED_FILES);
	struct intake_saved *list = NULL;
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		list = mem_grow(list, i + 1, sizeof(*list));
		struct intake_saved *saved = &list[i];
		unpack_text(unpack, saved->path, sizeof(saved->path));
		saved->labels = unpack_u64(unpack);
		saved->accepted = unpack_u64(unpack);
		saved->late = unpack_u64(unpack);
		saved->sampled_out = unpack_u64(unpack);
		saved->too_long = unpack_u64(unpack);
		saved->number = unpack_u64(unpack);
		saved->newest = unpack_i64(unpack);
		refusals_load(&saved->refusals, unpack);
		if ((saved->labels != 0) != (saved->number == SIZE_MAX) ||
		    (saved->labels == 0 && saved->number >= intake->monitor->sources_count))
			unpack_fail(unpack);
	}
	if (unpack->failed || !sources_load(intake->sources, unpack) || !all_are_named(intake)) {
		free(list);
		return false;
	}
	free(intake->saved);
	intake->saved = list;
	intake->saved_count = count;
	for (size_t i = 0; i < intake->kinds_count; i++)
		decoder_load(intake->kinds[i].decoder, unpack);
	return !unpack->failed;
}
