/* turnlock.h: a lock that is taken in turns. Who comes with precedence is let in before all who do
 * not, however fast these ask again (a plain mutex starves one who asks seldom). */
#ifndef FRAUDTOP_BASE_TURNLOCK_H
#define FRAUDTOP_BASE_TURNLOCK_H

#include <pthread.h>
#include <stdbool.h>

struct turnlock {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool held;
	bool asked; /* by one who does not wait; counted among `first` */
	unsigned first; /* wait with precedence */
};

void turnlock_init(struct turnlock *lock);
void turnlock_destroy(struct turnlock *lock);
void turnlock_enter(struct turnlock *lock, bool precedence);
/* Takes it with precedence if it is free. False: nobody without precedence is let in until the
 * asker, of whom there is one, has come again, in this way or the other. */
bool turnlock_ask(struct turnlock *lock);
void turnlock_leave(struct turnlock *lock);

#endif
