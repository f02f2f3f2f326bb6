/* removal.c: see removal.h. The thread begins with the first file. Where none is to be had, files
 * are removed at once. */
#include "core/join/removal.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/join/folder.h"

enum { WAITING = 256 }; /* files: the parts of four merges */

struct removal {
	const char *folder;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t numbers[WAITING];
	size_t count;
	bool begun, end;
};

struct removal *
removal_new(const char *folder)
{
	struct removal *removal = mem_alloc(sizeof(*removal));
	removal->folder = folder;
	pthread_mutex_init(&removal->lock, NULL);
	pthread_cond_init(&removal->changed, NULL);
	return removal;
}

static void
remove_file(const struct removal *removal, uint64_t number)
{
	char path[FOLDER_PATH];
	folder_path(removal->folder, number, path);
	unlink(path);
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
		uint64_t number = removal->numbers[--removal->count];
		pthread_mutex_unlock(&removal->lock);
		remove_file(removal, number);
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
removal_add(struct removal *removal, uint64_t number)
{
	bool waits = false;
	if (removal->begun || begin(removal)) {
		pthread_mutex_lock(&removal->lock);
		waits = removal->count < WAITING;
		if (waits)
			removal->numbers[removal->count++] = number;
		pthread_cond_signal(&removal->changed);
		pthread_mutex_unlock(&removal->lock);
	}
	if (!waits)
		remove_file(removal, number);
}

uint64_t
removal_memory(void)
{
	return sizeof(struct removal);
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
	free(removal);
}
