/* collector_replay.c: which other model each service's newest predictions are put to, a little of
 * it between two keys, and why a prediction that was asked about has its score. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_parts.h"
#include "core/monitor/collector_replay.h"
#include "core/monitor/replayed.h"
#include "core/monitor/monitor_view.h"

static const int64_t slice_us = 2000, loading_us = 10000, idle_us = 100000;

struct replay_service {
	char name[SNAPSHOT_NAME];
	char wish[256]; /* version or file chosen by hand; "" none */
	struct replayed *replayed;
	bool ready; /* there is something to ask */
	mono_us due; /* of the next result */
	struct replay_view view;
};

struct asked { /* about one prediction */
	bool any, done;
	bool everywhere; /* whichever service and version it is of */
	bool sought;
	char version[SNAPSHOT_NAME];
	struct recent *recent; /* NULL: it is not kept */
	uint64_t number;
	char model[SNAPSHOT_NAME];
	struct asked_view view;
};

struct collector_replays {
	struct replay_files *files;
	struct replay_service **services;
	size_t count, capacity;
	size_t turn; /* whose is next */
	struct asked asked;
};

void
collector_replay_open(struct collector *collector)
{
	collector->replays = mem_alloc(sizeof(*collector->replays));
	collector->replays->files = replay_files_new();
}

void
collector_replay_close(struct collector *collector)
{
	struct collector_replays *replays = collector->replays;
	if (replays == NULL)
		return;
	for (size_t i = 0; i < replays->count; i++) {
		replayed_free(replays->services[i]->replayed);
		free(replays->services[i]);
	}
	free(replays->services);
	replay_files_free(replays->files);
	free(replays);
}

static struct replay_service *
service_of(struct collector_replays *replays, const char *name)
{
	for (size_t i = 0; i < replays->count; i++) {
		if (strcmp(replays->services[i]->name, name) == 0)
			return replays->services[i];
	}
	mem_reserve(&replays->services, &replays->capacity, replays->count + 1,
	    sizeof(struct replay_service *));
	struct replay_service *service = mem_alloc(sizeof(*service));
	text_copy(service->name, sizeof(service->name), name);
	service->replayed = replayed_new();
	replays->services[replays->count++] = service;
	return service;
}

static const struct version_view *
find_version(const struct model_view *model, const char *version)
{
	for (size_t i = 0; model != NULL && i < model->versions_count; i++) {
		if (model->versions[i].registered &&
		    strcmp(model->versions[i].version, version) == 0)
			return &model->versions[i];
	}
	return NULL;
}

/* The file of a version, begun to be read if it is new; NULL: no registry tells of one. */
static struct replay_file *
file_of(struct collector *collector, const char *registry, const char *model,
    const struct version_view *version)
{
	struct replay_files *files = collector->replays->files;
	if (version == NULL || version->path[0] == '\0')
		return NULL;
	struct replay_file *file = replay_files_find(files, version->path, version->sha256);
	if (file != NULL)
		return file;
	char *metadata = collector_registry_metadata(collector, registry, model, version->version);
	file = replay_files_begin(files, version->path, version->sha256, metadata);
	free(metadata);
	return file;
}

/* What a rollback would bring, else the newest version; never the one that serves. */
static const struct version_view *
default_other(const struct snapshot *snapshot, const struct service_view *service,
    const struct model_view *model)
{
	const struct target_view *target =
	    snapshot_target(snapshot, service->registry, service->model, service->alias);
	const struct version_view *other = NULL;
	if (target != NULL && strcmp(target->version, service->version) == 0)
		other = find_version(model, target->previous);
	for (size_t i = 0; other == NULL && model != NULL && i < model->versions_count; i++) {
		if (model->versions[i].registered &&
		    strcmp(model->versions[i].version, service->version) != 0)
			other = &model->versions[i];
	}
	return other;
}

/* Names the other model in the view and finds its file; NULL: there is none, the view says why. */
static struct replay_file *
choose_other(struct collector *collector, struct replay_service *one,
    const struct service_view *service, const struct snapshot *snapshot)
{
	const struct model_view *model = snapshot_model(snapshot, service->current->model);
	struct replay_view *view = &one->view;
	if (strcmp(one->wish, service->version) == 0) /* it serves by now */
		one->wish[0] = '\0';
	const struct version_view *other = one->wish[0] != '\0'
					       ? find_version(model, one->wish)
					       : default_other(snapshot, service, model);
	view->by_hand = one->wish[0] != '\0';
	view->threshold = NAN;
	const char *name = view->by_hand ? one->wish : other != NULL ? other->version : "";
	text_scrub(view->other, sizeof(view->other), name, strlen(name));
	if (other != NULL) {
		if (metric_known(&other->threshold))
			view->threshold = other->threshold.value;
		return file_of(collector, service->registry, service->current->model, other);
	}
	if (view->by_hand) {
		struct replay_files *files = collector->replays->files;
		struct replay_file *file = replay_files_find(files, one->wish, "");
		return file != NULL ? file : replay_files_begin(files, one->wish, "", NULL);
	}
	snprintf(view->problem, sizeof(view->problem),
	    "no other version of %.120s is registered; :replay FILE asks a model file",
	    service->current->model);
	return NULL;
}

/* Settles what one service's rows are put to. */
static void
plan(struct collector *collector, struct replay_service *one, const struct service_view *service,
    const struct snapshot *snapshot)
{
	struct replay_view *view = &one->view;
	const struct series_view *series = service->current;
	char other[sizeof(view->other)];
	text_copy(other, sizeof(other), view->other);
	view->problem[0] = '\0';
	struct replayed_pair pair = {.recent = monitor_recent(collector->monitor, service->name,
					 series->model, series->version)};
	struct replay_file *file = choose_other(collector, one, service, snapshot);
	pair.other = file;
	pair.own = file_of(collector, service->registry, series->model,
	    find_version(snapshot_model(snapshot, series->model), series->version));
	if (strcmp(view->logged, series->version) != 0 || strcmp(other, view->other) != 0)
		view->made_at = one->due = 0;
	text_copy(view->logged, sizeof(view->logged), series->version);
	/* The reasons of a result are both versions': it waits for both files. */
	bool loading = file != NULL && (file->loading || (pair.own != NULL && pair.own->loading));
	bool loaded = file != NULL && !loading && file->model != NULL;
	if (loaded && isnan(view->threshold))
		view->threshold = model_threshold(file->model);
	if (file != NULL && !loading && file->model == NULL)
		text_copy(view->problem, sizeof(view->problem), file->problem.text);
	pair.threshold = view->threshold;
	one->ready = loaded && pair.recent != NULL;
	if (!one->ready)
		pair.recent = NULL;
	replayed_set(one->replayed, &pair);
	view->progress = file == NULL	      ? REPLAY_IDLE
			 : loading	      ? REPLAY_LOADING
			 : !loaded	      ? REPLAY_BROKEN
			 : view->made_at == 0 ? REPLAY_BEGUN
					      : REPLAY_THERE;
	view->window = series->records;
	view->kept = view->asked = 0;
	if (pair.recent == NULL)
		return;
	uint64_t first = recent_first(pair.recent), asked = replayed_asked(one->replayed);
	view->kept = recent_end(pair.recent) - first;
	view->whole = recent_lost(pair.recent) <
		      monitor_clock(collector->monitor) - collector->config->comparison_us;
	view->asked = asked > first ? asked - first : 0;
}

static void
note_row(struct asked *asked, struct recent *recent, uint64_t number,
    const struct series_view *series, const struct recent_row *row)
{
	struct asked_view *view = &asked->view;
	asked->recent = recent;
	asked->number = number;
	text_copy(asked->model, sizeof(asked->model), series->model);
	text_copy(asked->version, sizeof(asked->version), series->version);
	text_copy(view->service, sizeof(view->service), series->service);
	text_copy(view->why.version, sizeof(view->why.version), series->version);
	view->score = row->score;
	view->decision = row->decision;
	view->label = row->label;
}

/* Locked. Where it is; of those everywhere the newest, or in words that it is not kept. */
static void
seek(struct collector *collector, const struct snapshot *snapshot, struct asked *asked)
{
	struct asked_view *view = &asked->view;
	wall_us ts = view->ts;
	asked->sought = true;
	for (size_t i = 0; i < snapshot->series_count; i++) {
		const struct series_view *series = &snapshot->series[i];
		if (!asked->everywhere && (strcmp(series->service, view->service) != 0 ||
					      strcmp(series->version, asked->version) != 0))
			continue;
		struct recent *recent = monitor_recent(
		    collector->monitor, series->service, series->model, series->version);
		uint64_t number = recent == NULL ? 0 : recent_find(recent, view->request_id, ts);
		if (recent == NULL || number == recent_end(recent))
			continue;
		struct recent_row row = recent_get(recent, number);
		if (asked->recent != NULL && (!asked->everywhere || row.ts <= view->ts))
			continue;
		note_row(asked, recent, number, series, &row);
		if (asked->everywhere)
			view->ts = row.ts;
	}
	if (asked->recent != NULL)
		asked->everywhere = false;
	else if (collector->config->replay_rows == 0)
		text_copy(view->why.problem, sizeof(view->why.problem),
		    "replay.rows is 0: no predictions are kept");
	else if (asked->everywhere)
		snprintf(view->why.problem, sizeof(view->why.problem),
		    "%s is not among the newest predictions", view->request_id);
	else
		snprintf(view->why.problem, sizeof(view->why.problem),
		    "it is not among the newest %lld of its version, which are kept",
		    (long long)collector->config->replay_rows);
}

static void
answer(struct collector *collector, struct snapshot *snapshot)
{
	struct asked *asked = &collector->replays->asked;
	if (!asked->sought)
		seek(collector, snapshot, asked);
	const struct service_view *service = snapshot_service(snapshot, asked->view.service);
	if (!asked->done && asked->recent != NULL) {
		struct replay_file *file =
		    file_of(collector, service != NULL ? service->registry : "", asked->model,
			find_version(snapshot_model(snapshot, asked->model), asked->version));
		asked->view.waiting = file != NULL && file->loading;
		asked->done = !asked->view.waiting;
		if (asked->number < recent_first(asked->recent)) {
			text_copy(asked->view.why.problem, sizeof(asked->view.why.problem),
			    "it left the window while the model's file was read");
			asked->done = true;
		} else {
			const struct prediction *prediction =
			    recent_prediction(asked->recent, asked->number);
			replay_file_explain(
			    file, prediction, prediction->threshold, &asked->view.why);
		}
	}
	struct asked_view *view = snapshot_alloc(snapshot, sizeof(*view));
	*view = asked->view;
	snapshot->asked = view;
}

void
collector_replay_view(struct collector *collector, struct snapshot *snapshot)
{
	struct collector_replays *replays = collector->replays;
	replay_files_poll(replays->files);
	for (size_t i = 0; i < snapshot->services_count; i++) {
		struct service_view *service = &snapshot->services[i];
		if (collector->config->replay_rows == 0)
			break;
		struct replay_service *one = service_of(replays, service->name);
		if (service->current == NULL) { /* no file may be held on to beyond the sweep */
			one->ready = false;
			replayed_set(one->replayed, &(struct replayed_pair){0});
			continue;
		}
		plan(collector, one, service, snapshot);
		struct replay_view *view = snapshot_alloc(snapshot, sizeof(*view));
		*view = one->view;
		service->replay = view;
	}
	if (replays->asked.any)
		answer(collector, snapshot);
	replay_files_sweep(replays->files);
}

static void
conclude(struct collector *collector, struct replay_service *one)
{
	mono_us began = clock_mono();
	replayed_conclude(one->replayed,
	    monitor_clock(collector->monitor) - collector->config->comparison_us, collector->config,
	    &one->view);
	one->view.made_at = clock_wall();
	for (size_t i = 0; i < one->view.changes_count; i++) {
		struct replay_change_view *change = &one->view.changes[i];
		text_copy(change->logged.version, sizeof(change->logged.version), one->view.logged);
		text_copy(change->other.version, sizeof(change->other.version), one->view.other);
	}
	int64_t cost = clock_mono() - began;
	one->due = began + (cost * 10 > collector->config->delay_us ? cost * 10
								    : collector->config->delay_us);
}

int64_t
collector_replay_work(struct collector *collector)
{
	struct collector_replays *replays = collector->replays;
	mono_us until = clock_mono() + slice_us;
	int64_t rest = idle_us;
	if (replay_files_poll(replays->files))
		collector_update_soon(collector); /* plans what can be asked now */
	for (size_t i = 0; i < replays->count; i++) {
		struct replay_service *one = replays->services[replays->turn++ % replays->count];
		if (one->view.progress == REPLAY_LOADING && rest > loading_us)
			rest = loading_us;
		if (!one->ready)
			continue;
		if (clock_mono() >= until && i > 0)
			return 0;
		if (replayed_ask(one->replayed, until))
			rest = 0;
		else if (replayed_is_due(one->replayed) && clock_mono() >= one->due)
			conclude(collector, one);
	}
	return rest;
}

bool
collector_replay_settled(const struct collector *collector)
{
	const struct collector_replays *replays = collector->replays;
	for (size_t i = 0; i < replays->count; i++) {
		const struct replay_service *one = replays->services[i];
		if (one->view.progress == REPLAY_LOADING || (one->ready && one->view.made_at == 0))
			return false;
	}
	return true;
}

bool
collector_replay(
    struct collector *collector, const char *service, const char *other, struct err *err)
{
	const struct service_view *view = snapshot_service(collector->snapshot, service);
	if (collector->config->replay_rows == 0)
		return err_set(err, ERR_CONFIG, "replay.rows is 0: no predictions are kept");
	if (view == NULL || view->current == NULL)
		return err_set(err, ERR_USAGE, "nothing has been logged by %s yet", service);
	if (strcmp(other, view->version) == 0)
		return err_set(err, ERR_USAGE, "%s serves %s itself", service, other);
	const struct model_view *model = snapshot_model(collector->snapshot, view->current->model);
	struct replay_service *one = service_of(collector->replays, service);
	if (other[0] != '\0' && find_version(model, other) == NULL) {
		if (strlen(other) >= sizeof(one->wish))
			return err_set(err, ERR_USAGE, "the path is too long");
		if (access(other, R_OK) != 0)
			return err_set(err, ERR_NO_INPUT,
			    "%s is neither a version of %s (Tab lists them) nor a file", other,
			    view->current->model);
	}
	text_copy(one->wish, sizeof(one->wish), other);
	collector_replay_forget(collector);
	collector_update_soon(collector);
	return true;
}

static struct asked
make_question(const char *service, const char *version, const char *request_id, wall_us ts)
{
	struct asked asked = {
	    .any = true, .view = {.ts = ts, .score = NAN, .decision = -1, .label = -1}};
	text_copy(asked.version, sizeof(asked.version), version);
	text_copy(asked.view.service, sizeof(asked.view.service), service);
	text_copy(asked.view.request_id, sizeof(asked.view.request_id), request_id);
	text_copy(asked.view.why.version, sizeof(asked.view.why.version), version);
	return asked;
}

void
collector_ask(struct collector *collector, const char *service, const char *version,
    const char *request_id, wall_us ts)
{
	collector->replays->asked = make_question(service, version, request_id, ts);
	collector->replays->asked.any = service[0] != '\0';
	collector_update_soon(collector);
}

bool
collector_ask_request(struct collector *collector, const char *request_id, struct err *err)
{
	struct asked asked = make_question("", "", request_id, 0);
	asked.everywhere = true;
	if (collector_try_lock(collector)) { /* else the snapshot tells */
		seek(collector, collector->snapshot, &asked);
		collector_unlock(collector);
		if (asked.recent == NULL)
			return err_set(err, ERR_NO_INPUT, "%s", asked.view.why.problem);
	}
	collector->replays->asked = asked;
	collector_update_soon(collector);
	return true;
}

void
collector_replay_forget(struct collector *collector)
{
	replay_files_forget(collector->replays->files);
}

void
collector_replay_moved(struct collector *collector)
{
	struct collector_replays *replays = collector->replays;
	for (size_t i = 0; i < replays->count; i++) {
		replays->services[i]->ready = false;
		replayed_set(replays->services[i]->replayed, &(struct replayed_pair){0});
	}
	const struct asked was = replays->asked;
	if (!was.any)
		return;
	replays->asked =
	    make_question(was.view.service, was.version, was.view.request_id, was.view.ts);
	replays->asked.everywhere = was.everywhere;
}
