#include "core/service/served.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/artifact.h"
#include "core/registry/registry.h"

static const int64_t retry_us = 2 * CLOCK_SECOND;

struct held_served {
	struct served served; /* first, so that a pointer to it is one to the whole */
	struct model *model;
	atomic_uint holders;
};

struct served_follower {
	struct registry *registry; /* NULL: a file, or it must be opened again */
	char *registry_path, *model_name, *alias;
	double threshold;
	int64_t refused_epoch;
	mono_us retry_at;
	bool threaded;
	pthread_t thread;

	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t wake;
	bool stopping;
	struct held_served *current;
	struct served_state state;
};

static struct held_served *
make_served(
    struct model *model, const char *name, const char *version, double threshold, int64_t epoch)
{
	struct held_served *held = mem_alloc(sizeof(*held));
	held->model = model;
	held->served.model = model;
	text_scrub(held->served.name, sizeof(held->served.name), name, strlen(name));
	text_scrub(held->served.version, sizeof(held->served.version), version, strlen(version));
	held->served.threshold = !isnan(threshold)		  ? threshold
				 : !isnan(model_threshold(model)) ? model_threshold(model)
								  : SERVED_DEFAULT_THRESHOLD;
	held->served.epoch = epoch;
	atomic_init(&held->holders, 1);
	return held;
}

void
served_release(const struct served *served)
{
	/* The only door to the whole; what served_hold gave out is its first member. */
	struct held_served *held = (struct held_served *)(uintptr_t)served;
	if (atomic_fetch_sub(&held->holders, 1) != 1)
		return;
	model_free(held->model);
	free(held);
}

const struct served *
served_hold(struct served_follower *follower)
{
	pthread_mutex_lock(&follower->lock);
	struct held_served *held = follower->current;
	atomic_fetch_add(&held->holders, 1);
	pthread_mutex_unlock(&follower->lock);
	return &held->served;
}

void
served_get_state(struct served_follower *follower, struct served_state *state)
{
	pthread_mutex_lock(&follower->lock);
	*state = follower->state;
	pthread_mutex_unlock(&follower->lock);
}

static struct held_served *
load_file(const struct served_source *source, struct err *err)
{
	struct model *model = artifact_load_file(source->model_path, err);
	if (model == NULL)
		return NULL;
	const char *slash = strrchr(source->model_path, '/');
	char name[128];
	text_copy(name, sizeof(name), slash != NULL ? slash + 1 : source->model_path);
	char *dot = strrchr(name, '.');
	if (dot != NULL && dot != name)
		*dot = '\0';
	const char *version = source->version != NULL ? source->version : model_version(model);
	if (model_name(model)[0] != '\0')
		text_copy(name, sizeof(name), model_name(model));
	return make_served(model, source->model_name != NULL ? source->model_name : name,
	    version[0] != '\0' ? version : "unknown", source->threshold, 0);
}

static struct held_served *
load_version(struct served_follower *follower, const struct registry_alias *alias, struct err *err)
{
	struct registry_version version;
	if (!registry_get_version(follower->registry, alias->model, alias->version, &version, err))
		return NULL;
	char *metadata = registry_metadata(follower->registry, version.model, version.version, err);
	if (metadata == NULL)
		return NULL;
	struct model *model = artifact_load(version.path, version.sha256, metadata, err);
	free(metadata);
	if (model == NULL)
		return NULL;
	double threshold = isnan(follower->threshold) ? version.threshold : follower->threshold;
	return make_served(model, version.model, version.version, threshold, alias->epoch);
}

static bool
read_alias(struct served_follower *follower, struct registry_alias *alias, struct err *err)
{
	if (follower->registry == NULL)
		follower->registry =
		    registry_open("local", "local", follower->registry_path, false, err);
	return follower->registry != NULL && registry_get_alias(follower->registry,
						 follower->model_name, follower->alias, alias, err);
}

static void
note_failure(struct served_follower *follower, const char *version, const struct err *err)
{
	pthread_mutex_lock(&follower->lock);
	struct served_state *state = &follower->state;
	text_copy(state->refused_version, sizeof(state->refused_version), version);
	state->reason[0] = '\0';
	if (version[0] != '\0')
		text_append(state->reason, sizeof(state->reason), "version %s refused: ", version);
	else
		text_append(state->reason, sizeof(state->reason), "registry: ");
	text_append(state->reason, sizeof(state->reason), "%s", err->text);
	pthread_mutex_unlock(&follower->lock);
}

static void
switch_to(struct served_follower *follower, struct held_served *next)
{
	pthread_mutex_lock(&follower->lock);
	struct held_served *old = follower->current;
	follower->current = next;
	follower->state.switches++;
	pthread_mutex_unlock(&follower->lock);
	served_release(&old->served);
}

static void
look(struct served_follower *follower)
{
	struct registry_alias alias;
	struct err err = {0};
	if (!read_alias(follower, &alias, &err)) {
		note_failure(follower, "", &err);
		registry_close(follower->registry); /* the file may have been replaced */
		follower->registry = NULL;
		return;
	}
	/* Only this thread changes `current`, so it may read it without the lock. */
	bool moved = alias.epoch != follower->current->served.epoch;
	if (moved && alias.epoch == follower->refused_epoch && clock_mono() < follower->retry_at)
		return;
	struct held_served *next = moved ? load_version(follower, &alias, &err) : NULL;
	if (moved && next == NULL) {
		pthread_mutex_lock(&follower->lock);
		follower->state.refusals += alias.epoch != follower->refused_epoch;
		pthread_mutex_unlock(&follower->lock);
		follower->refused_epoch = alias.epoch;
		follower->retry_at = clock_mono() + retry_us;
		note_failure(follower, alias.version, &err);
		return;
	}
	if (next != NULL)
		switch_to(follower, next);
	pthread_mutex_lock(&follower->lock);
	follower->state.reason[0] = follower->state.refused_version[0] = '\0';
	pthread_mutex_unlock(&follower->lock);
}

static void *
follow(void *context)
{
	struct served_follower *follower = context;
	pthread_mutex_lock(&follower->lock);
	while (!follower->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		long nanoseconds = until.tv_nsec + SERVED_POLL_US * 1000L;
		until.tv_sec += nanoseconds / 1000000000;
		until.tv_nsec = nanoseconds % 1000000000;
		pthread_cond_timedwait(&follower->wake, &follower->lock, &until);
		if (follower->stopping)
			break;
		pthread_mutex_unlock(&follower->lock);
		look(follower);
		pthread_mutex_lock(&follower->lock);
	}
	pthread_mutex_unlock(&follower->lock);
	return NULL;
}

static struct served_follower *
new_follower(const struct served_source *source)
{
	struct served_follower *follower = mem_alloc(sizeof(*follower));
	pthread_condattr_t attributes;
	follower->threshold = source->threshold;
	follower->refused_epoch = -1;
	pthread_mutex_init(&follower->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&follower->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (source->registry_path != NULL) {
		follower->registry_path = mem_string(source->registry_path);
		follower->model_name = mem_string(source->model_name);
		follower->alias = mem_string(source->alias);
	}
	return follower;
}

struct served_follower *
served_follow(const struct served_source *source, struct err *err)
{
	struct served_follower *follower = new_follower(source);
	if (source->registry_path == NULL) {
		follower->current = load_file(source, err);
	} else {
		struct registry_alias alias;
		if (read_alias(follower, &alias, err))
			follower->current = load_version(follower, &alias, err);
	}
	bool good = follower->current != NULL;
	if (good && source->registry_path != NULL) {
		follower->threaded = pthread_create(&follower->thread, NULL, follow, follower) == 0;
		good = follower->threaded ||
		       err_set(err, ERR_UNAVAILABLE, "no thread to follow the registry with");
	}
	if (!good) {
		served_follower_free(follower);
		return NULL;
	}
	return follower;
}

void
served_follower_free(struct served_follower *follower)
{
	if (follower == NULL)
		return;
	if (follower->threaded) {
		pthread_mutex_lock(&follower->lock);
		follower->stopping = true;
		pthread_cond_signal(&follower->wake);
		pthread_mutex_unlock(&follower->lock);
		pthread_join(follower->thread, NULL);
	}
	if (follower->current != NULL)
		served_release(&follower->current->served);
	registry_close(follower->registry);
	pthread_cond_destroy(&follower->wake);
	pthread_mutex_destroy(&follower->lock);
	free(follower->registry_path);
	free(follower->model_name);
	free(follower->alias);
	free(follower);
}
