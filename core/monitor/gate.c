#include "core/monitor/gate.h"

void
gate_init(struct gate *gate)
{
	*gate = (struct gate){0};
	pthread_mutex_init(&gate->mutex, NULL);
	pthread_cond_init(&gate->changed, NULL);
}

void
gate_destroy(struct gate *gate)
{
	pthread_cond_destroy(&gate->changed);
	pthread_mutex_destroy(&gate->mutex);
}

void
gate_enter(struct gate *gate, bool precedence)
{
	pthread_mutex_lock(&gate->mutex);
	gate->first += precedence;
	while (gate->held || (!precedence && gate->first > 0))
		pthread_cond_wait(&gate->changed, &gate->mutex);
	gate->first -= precedence;
	gate->held = true;
	pthread_mutex_unlock(&gate->mutex);
}

void
gate_leave(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->held = false;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}
