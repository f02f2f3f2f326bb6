/* priority.h: which thread gets the processor first, where the system lets a program say so
 * (Linux); elsewhere nothing happens. Threads inherit it from the one that starts them. */
#ifndef FRAUDTOP_BASE_PRIORITY_H
#define FRAUDTOP_BASE_PRIORITY_H

/* The calling thread answers someone who waits: it takes short turns, and is let in the sooner when
 * it has something to do, before all that take turns of the usual length (Linux 6.12). */
void priority_come_first(void);
/* The calling thread computes in bulk: it gets its share, but never takes the processor from one
 * that is at work. */
void priority_give_way(void);

#endif
