#include "core/base/turnlock.h"

void
turnlock_init(struct turnlock *lock)
{
	*lock = (struct turnlock){0};
	pthread_mutex_init(&lock->mutex, NULL);
	pthread_cond_init(&lock->changed, NULL);
}

void
turnlock_destroy(struct turnlock *lock)
{
	pthread_cond_destroy(&lock->changed);
	pthread_mutex_destroy(&lock->mutex);
}

/* Who asked is here again. */
static void
forget_asked(struct turnlock *lock)
{
	lock->first -= lock->asked;
	lock->asked = false;
}

bool
turnlock_ask(struct turnlock *lock)
{
	pthread_mutex_lock(&lock->mutex);
	bool taken = !lock->held;
	forget_asked(lock);
	lock->held = true;
	lock->asked = !taken;
	lock->first += lock->asked;
	pthread_mutex_unlock(&lock->mutex);
	return taken;
}

void
turnlock_enter(struct turnlock *lock, bool precedence)
{
	pthread_mutex_lock(&lock->mutex);
	if (precedence)
		forget_asked(lock);
	lock->first += precedence;
	while (lock->held || (!precedence && lock->first > 0))
		pthread_cond_wait(&lock->changed, &lock->mutex);
	lock->first -= precedence;
	lock->held = true;
	pthread_mutex_unlock(&lock->mutex);
}

void
turnlock_leave(struct turnlock *lock)
{
	pthread_mutex_lock(&lock->mutex);
	lock->held = false;
	pthread_cond_broadcast(&lock->changed);
	pthread_mutex_unlock(&lock->mutex);
}
