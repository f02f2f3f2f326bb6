/* removal.c: see removal.h. The thread begins with the first file. Where none is to be had, files
 * are removed at once. */
#include "core/join/removal.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

struct removal {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char **paths;
	size_t count, capacity;
	bool begun, end;
};

struct removal *
removal_new(void)
{
	struct removal *removal = mem_alloc(sizeof(*removal));
	pthread_mutex_init(&removal->lock, NULL);
	pthread_cond_init(&removal->changed, NULL);
	return removal;
}

static void *
run(void *context)
{
	struct removal *removal = context;
	pthread_mutex_lock(&removal->lock);
	for (;;) {
		while (removal->count == 0 && !removal->end)
			pthread_cond_wait(&removal->changed, &removal->lock);
		if (removal->count == 0)
			break;
		char *path = removal->paths[--removal->count];
		pthread_mutex_unlock(&removal->lock);
		unlink(path);
		free(path);
		pthread_mutex_lock(&removal->lock);
	}
	pthread_mutex_unlock(&removal->lock);
	return NULL;
}

static bool
begin(struct removal *removal)
{
	sigset_t all, before;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	removal->begun = pthread_create(&removal->thread, NULL, run, removal) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return removal->begun;
}

void
removal_add(struct removal *removal, const char *path)
{
	if (!removal->begun && !begin(removal)) {
		unlink(path);
		return;
	}
	pthread_mutex_lock(&removal->lock);
	mem_reserve(&removal->paths, &removal->capacity, removal->count + 1, sizeof(char *));
	removal->paths[removal->count++] = mem_string(path);
	pthread_cond_signal(&removal->changed);
	pthread_mutex_unlock(&removal->lock);
}

void
removal_free(struct removal *removal)
{
	if (removal == NULL)
		return;
	pthread_mutex_lock(&removal->lock);
	removal->end = true;
	pthread_cond_signal(&removal->changed);
	pthread_mutex_unlock(&removal->lock);
	if (removal->begun)
		pthread_join(removal->thread, NULL);
	pthread_cond_destroy(&removal->changed);
	pthread_mutex_destroy(&removal->lock);
	free(removal->paths);
	free(removal);
}
