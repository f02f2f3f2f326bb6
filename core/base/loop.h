/* loop.h: one thread, one wait. File descriptors, timers, signals and HTTP transfers share it.
 *
 * Handlers run on the thread that calls loop_run_once and must not block. Signals arrive as
 * ordinary events through a pipe. A handler may add or remove any watch or timer, its own included,
 * and may call loop_run_once itself. Timers follow clock_mono: under a frozen clock clock_advance
 * makes them due. */
#ifndef FRAUDTOP_BASE_LOOP_H
#define FRAUDTOP_BASE_LOOP_H

#include <stdbool.h>

#include "core/base/clock.h"

struct loop;
struct loop_timer;
struct loop_watch;

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* frees what is still watched; NULL is fine */

/* Calls `ready` whenever fd can be read (or has hung up). */
struct loop_watch *loop_watch_read(
    struct loop *loop, int fd, void (*ready)(void *context), void *context);
void loop_unwatch(struct loop *loop, struct loop_watch *watch); /* NULL is fine */

/* Calls `due` once after delay_us, and then every period_us (0: never again). A one-shot timer
 * frees itself after its call; do not cancel it then. */
struct loop_timer *loop_timer_add(struct loop *loop, int64_t delay_us, int64_t period_us,
    void (*due)(void *context), void *context);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer); /* NULL is fine */

/* Calls `arrived` on the loop's thread after the process got `signal`. One handler a signal, for
 * one loop a process; the old disposition returns with loop_free. */
void loop_on_signal(
    struct loop *loop, int signal, void (*arrived)(int signal, void *context), void *context);

/* Waits at most max_wait_us (negative: no limit) for something, handles all that is ready. */
void loop_run_once(struct loop *loop, int64_t max_wait_us);

/* The CURLM * of the loop, for http.c alone. */
void *loop_curl(struct loop *loop);

#endif
