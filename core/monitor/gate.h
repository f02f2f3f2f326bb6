/* gate.h: a lock that is taken in turns. Who comes with precedence is let in before all who do not,
 * however fast these ask again (a plain mutex starves one who asks seldom). */
#ifndef FRAUDTOP_MONITOR_GATE_H
#define FRAUDTOP_MONITOR_GATE_H

#include <pthread.h>
#include <stdbool.h>

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool held;
	unsigned first; /* wait with precedence */
};

void gate_init(struct gate *gate);
void gate_destroy(struct gate *gate);
void gate_enter(struct gate *gate, bool precedence);
void gate_leave(struct gate *gate);

#endif
