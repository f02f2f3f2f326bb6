/* loop.c: the one wait of the thread.
 *
 * curl_multi_poll waits for curl's own sockets and for ours at once; the nearest timer bounds it.
 * What always holds: the timers are a binary heap by (due, sequence), and each knows its place; a
 * watch is freed only when no handler is running, so that a list may be walked while handlers add
 * and remove. A timer or watch that a handler adds is not served before the next turn, so a turn
 * always ends. A signal handler only sets a flag and writes a byte to a pipe: a signal can be
 * merged with its like, as signals are, never lost. */
#include "core/base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/loop_curl.h"
#include "core/base/mem.h"

enum { SIGNALS = 65 };

struct loop_timer {
	size_t place; /* in the heap */
	mono_us due;
	int64_t period;
	uint64_t sequence;
	void (*call)(void *context);
	void *context;
	bool running, cancelled;
};

struct loop_watch {
	struct loop_watch *next;
	int fd;
	bool ready, dead;
	void (*call)(void *context);
	void *context;
};

struct signal_entry {
	void (*call)(int signal, void *context);
	void *context;
	struct sigaction before;
};

struct loop {
	CURLM *multi;
	void (*finished)(CURL *easy, CURLcode result, void *context);
	void *finished_context;
	struct loop_timer **timers;
	size_t timers_count, timers_capacity;
	uint64_t sequence;
	struct loop_watch *watches;
	unsigned depth; /* turns under way: more than one if a handler waits itself */
	struct curl_waitfd *fds;
	size_t fds_capacity;
	int signal_read;
	struct signal_entry signals[SIGNALS];
};

/* A signal handler has no context: these belong to the one loop that takes signals. */
static volatile sig_atomic_t signal_pending[SIGNALS];
static volatile sig_atomic_t signal_write = -1;

static void
on_signal(int number)
{
	int saved = errno;
	signal_pending[number] = 1;
	if (write(signal_write, "", 1) < 0)
		errno = 0; /* the pipe is full: the loop will wake up anyway */
	errno = saved;
}

struct loop *
loop_new(void)
{
	struct loop *loop = mem_alloc(sizeof(*loop));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		mem_die("libcurl does not start");
	loop->multi = curl_multi_init();
	if (loop->multi == NULL)
		mem_die("out of memory");
	loop->signal_read = -1;
	return loop;
}

static void
close_signals(struct loop *loop)
{
	if (loop->signal_read < 0)
		return;
	for (int i = 1; i < SIGNALS; i++) {
		if (loop->signals[i].call != NULL)
			sigaction(i, &loop->signals[i].before, NULL);
		signal_pending[i] = 0;
	}
	int write_end = signal_write;
	signal_write = -1;
	close(write_end);
	close(loop->signal_read);
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	close_signals(loop);
	for (size_t i = 0; i < loop->timers_count; i++)
		free(loop->timers[i]);
	free(loop->timers);
	for (struct loop_watch *watch = loop->watches, *next; watch != NULL; watch = next) {
		next = watch->next;
		free(watch);
	}
	curl_multi_cleanup(loop->multi);
	curl_global_cleanup();
	free(loop->fds);
	free(loop);
}

void *
loop_curl(struct loop *loop)
{
	return loop->multi;
}

void
loop_curl_listen(
    struct loop *loop, void (*finished)(CURL *easy, CURLcode result, void *context), void *context)
{
	loop->finished = finished;
	loop->finished_context = context;
}

/* --- watches --- */
struct loop_watch *
loop_watch_read(struct loop *loop, int fd, void (*ready)(void *context), void *context)
{
	struct loop_watch *watch = mem_alloc(sizeof(*watch));
	watch->fd = fd;
	watch->call = ready;
	watch->context = context;
	watch->next = loop->watches;
	loop->watches = watch;
	return watch;
}

static void
sweep_watches(struct loop *loop)
{
	for (struct loop_watch **at = &loop->watches; *at != NULL;) {
		struct loop_watch *watch = *at;
		if (watch->dead) {
			*at = watch->next;
			free(watch);
		} else {
			at = &watch->next;
		}
	}
}

void
loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	watch->dead = true;
	if (loop->depth == 0)
		sweep_watches(loop);
}

static void
call_watches(struct loop *loop)
{
	for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
		if (!watch->ready || watch->dead)
			continue;
		watch->ready = false;
		watch->call(watch->context);
	}
}

/* --- timers --- */
static bool
is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void
place_timer(struct loop *loop, struct loop_timer *timer, size_t place)
{
	loop->timers[place] = timer;
	timer->place = place;
}

/* Puts a timer where it belongs, from a place that is free. */
static void
settle_timer(struct loop *loop, struct loop_timer *timer, size_t place)
{
	for (size_t parent; place > 0; place = parent) {
		parent = (place - 1) / 2;
		if (!is_before(timer, loop->timers[parent]))
			break;
		place_timer(loop, loop->timers[parent], place);
	}
	for (size_t child; (child = 2 * place + 1) < loop->timers_count; place = child) {
		if (child + 1 < loop->timers_count &&
		    is_before(loop->timers[child + 1], loop->timers[child]))
			child++;
		if (!is_before(loop->timers[child], timer))
			break;
		place_timer(loop, loop->timers[child], place);
	}
	place_timer(loop, timer, place);
}

static void
insert_timer(struct loop *loop, struct loop_timer *timer)
{
	timer->sequence = loop->sequence++;
	mem_reserve(&loop->timers, &loop->timers_capacity, loop->timers_count + 1,
	    sizeof(struct loop_timer *));
	loop->timers_count++;
	settle_timer(loop, timer, loop->timers_count - 1);
}

static void
remove_timer(struct loop *loop, const struct loop_timer *timer)
{
	struct loop_timer *last = loop->timers[--loop->timers_count];
	if (last != timer)
		settle_timer(loop, last, timer->place);
}

struct loop_timer *
loop_timer_add(struct loop *loop, int64_t delay_us, int64_t period_us, void (*due)(void *context),
    void *context)
{
	struct loop_timer *timer = mem_alloc(sizeof(*timer));
	mono_us now = clock_mono();
	if (delay_us < 0)
		delay_us = 0;
	timer->due = delay_us > INT64_MAX - now ? INT64_MAX : now + delay_us;
	timer->period = period_us;
	timer->call = due;
	timer->context = context;
	insert_timer(loop, timer);
	return timer;
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	if (timer->running) { /* it is on the stack of call_timers, which frees it */
		timer->cancelled = true;
		return;
	}
	if (timer->place >= loop->timers_count || loop->timers[timer->place] != timer)
		mem_die("a timer was cancelled that is not there");
	remove_timer(loop, timer);
	free(timer);
}

static void
call_timers(struct loop *loop)
{
	mono_us now = clock_mono();
	uint64_t limit = loop->sequence;
	while (loop->timers_count > 0) {
		struct loop_timer *timer = loop->timers[0];
		if (timer->due > now || timer->sequence >= limit)
			break;
		remove_timer(loop, timer);
		timer->running = true;
		timer->call(timer->context);
		timer->running = false;
		if (timer->cancelled || timer->period <= 0) {
			free(timer);
			continue;
		}
		/* Keep the beat; after a long stop once, not once for each beat that was missed. */
		timer->due += timer->period;
		if (timer->due <= now)
			timer->due = now + timer->period;
		insert_timer(loop, timer);
	}
}

/* --- signals --- */
static void
drain_signals(struct loop *loop)
{
	char bytes[64];
	while (read(loop->signal_read, bytes, sizeof(bytes)) > 0)
		continue;
	for (int i = 1; i < SIGNALS; i++) {
		if (!signal_pending[i])
			continue;
		signal_pending[i] = 0;
		if (loop->signals[i].call != NULL)
			loop->signals[i].call(i, loop->signals[i].context);
	}
}

static void
signals_ready(void *context)
{
	drain_signals(context);
}

static void
open_signals(struct loop *loop)
{
	int ends[2];
	if (signal_write >= 0)
		mem_die("two loops want the signals of one process");
	if (pipe(ends) != 0)
		mem_die("pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		fcntl(ends[i], F_SETFL, fcntl(ends[i], F_GETFL) | O_NONBLOCK);
	}
	loop->signal_read = ends[0];
	signal_write = ends[1];
	loop_watch_read(loop, loop->signal_read, signals_ready, loop);
}

void
loop_on_signal(
    struct loop *loop, int number, void (*arrived)(int signal, void *context), void *context)
{
	if (number <= 0 || number >= SIGNALS)
		mem_die("there is no signal %d", number);
	if (loop->signal_read < 0)
		open_signals(loop);
	struct signal_entry *entry = &loop->signals[number];
	bool new = entry->call == NULL;
	entry->call = arrived;
	entry->context = context;
	if (!new)
		return;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigfillset(&action.sa_mask);
	if (sigaction(number, &action, &entry->before) != 0)
		mem_die("signal %d: %s", number, strerror(errno));
}

/* --- the wait --- */
static int
wait_ms(const struct loop *loop, int64_t max_wait_us)
{
	int64_t wait = max_wait_us < 0 ? INT64_MAX : max_wait_us;
	if (loop->timers_count > 0) {
		int64_t left = loop->timers[0]->due - clock_mono();
		if (left < wait)
			wait = left > 0 ? left : 0;
	}
	/* Rounded up: waking early would only mean to wait again. */
	int64_t ms = wait / 1000 + (wait % 1000 != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void
wait_ready(struct loop *loop, int64_t max_wait_us)
{
	unsigned count = 0;
	for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
		if (watch->dead)
			continue;
		mem_reserve(&loop->fds, &loop->fds_capacity, count + 1, sizeof(*loop->fds));
		loop->fds[count++] =
		    (struct curl_waitfd){.fd = watch->fd, .events = CURL_WAIT_POLLIN};
	}
	int changed = 0;
	CURLMcode code =
	    curl_multi_poll(loop->multi, loop->fds, count, wait_ms(loop, max_wait_us), &changed);
	if (code != CURLM_OK && code != CURLM_UNRECOVERABLE_POLL)
		mem_die("curl_multi_poll: %s", curl_multi_strerror(code));
	unsigned i = 0;
	for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
		if (!watch->dead)
			watch->ready = (loop->fds[i++].revents & CURL_WAIT_POLLIN) != 0;
	}
}

static void
call_transfers(struct loop *loop)
{
	int running, left;
	CURLMcode code = curl_multi_perform(loop->multi, &running);
	if (code != CURLM_OK)
		mem_die("curl_multi_perform: %s", curl_multi_strerror(code));
	for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
		if (message->msg == CURLMSG_DONE && loop->finished != NULL)
			loop->finished(
			    message->easy_handle, message->data.result, loop->finished_context);
	}
}

void
loop_run_once(struct loop *loop, int64_t max_wait_us)
{
	loop->depth++;
	wait_ready(loop, max_wait_us);
	call_watches(loop);
	call_transfers(loop);
	call_timers(loop);
	if (--loop->depth == 0)
		sweep_watches(loop);
}
