/* checkpoint_opening.c: the checkpoint and err are the thread's until it has ended. Where there is
 * no thread to be had, the caller's opens it. */
#include "core/monitor/checkpoint_opening.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct checkpoint_opening {
	const struct config *config;
	struct checkpoint *checkpoint;
	struct err err;
	pthread_t thread;
	bool threaded;
	atomic_bool ended;
};

static void *
open_it(void *context)
{
	struct checkpoint_opening *opening = context;
	opening->checkpoint = checkpoint_open(opening->config, &opening->err);
	atomic_store(&opening->ended, true);
	return NULL;
}

struct checkpoint_opening *
checkpoint_opening_start(const struct config *config)
{
	struct checkpoint_opening *opening = mem_alloc(sizeof(*opening));
	opening->config = config;
	opening->threaded = pthread_create(&opening->thread, NULL, open_it, opening) == 0;
	if (!opening->threaded)
		open_it(opening);
	return opening;
}

bool
checkpoint_opening_ended(const struct checkpoint_opening *opening)
{
	return atomic_load(&opening->ended);
}

struct checkpoint *
checkpoint_opening_take(struct checkpoint_opening *opening, struct err *err)
{
	if (opening->threaded)
		pthread_join(opening->thread, NULL);
	struct checkpoint *checkpoint = opening->checkpoint;
	if (opening->err.code != ERR_NONE)
		*err = opening->err;
	free(opening);
	return checkpoint;
}
