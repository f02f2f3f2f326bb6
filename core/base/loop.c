/* loop.c: the one wait of the thread.
 *
 * One poll waits for the sockets that curl has named and for our own descriptors; the nearest
 * timer, ours or curl's, bounds it. Only the transfers whose sockets are ready are told, so that a
 * turn costs what happened in it, not what is under way.
 *
 * What always holds: the timers are a heap by (due, sequence), and each knows its place; the
 * sockets of curl stand at the beginning of `polled`, the watches of this turn behind them; a watch
 * is freed only when no handler is running, so that a list may be walked while handlers add and
 * remove. A timer or watch that a handler adds is not served before the next turn, so a turn always
 * ends. A signal handler only sets a flag and writes a byte to a pipe: a signal can be merged with
 * its like, as signals are, never lost. */
#include "core/base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/loop_curl.h"
#include "core/base/mem.h"

enum { SIGNALS = 65, WAYS = 4 };

struct loop_timer {
	size_t place; /* in the heap */
	int64_t period;
	void (*call)(void *context);
	void *context;
	bool running, cancelled;
};

/* A place in the heap holds what is compared, so that other timers are not touched. */
struct turn {
	mono_us due;
	uint64_t sequence;
	struct loop_timer *timer;
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
	struct turn *turns; /* of the timers, the next one first */
	size_t turns_count, turns_capacity;
	uint64_t sequence;
	struct loop_watch *watches;
	unsigned depth; /* turns under way: more than one if a handler waits itself */
	struct pollfd *polled;
	size_t sockets, polled_capacity;
	size_t *places; /* in `polled`, of each of curl's sockets by its number */
	size_t places_capacity;
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

/* curl says what to wait for on one of its sockets. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	(void)easy;
	struct loop *loop = context;
	if (what == CURL_POLL_REMOVE) {
		size_t place = loop->places[fd];
		loop->polled[place] = loop->polled[--loop->sockets];
		loop->places[loop->polled[place].fd] = place;
		return 0;
	}
	if (known == NULL) {
		mem_reserve(&loop->polled, &loop->polled_capacity, loop->sockets + 1,
		    sizeof(*loop->polled));
		mem_reserve(
		    &loop->places, &loop->places_capacity, (size_t)fd + 1, sizeof(*loop->places));
		loop->places[fd] = loop->sockets;
		loop->polled[loop->sockets++] = (struct pollfd){.fd = fd};
		curl_multi_assign(loop->multi, fd, loop);
	}
	loop->polled[loop->places[fd]].events =
	    (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
	return 0;
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
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
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
	for (size_t i = 0; i < loop->turns_count; i++)
		free(loop->turns[i].timer);
	free(loop->turns);
	for (struct loop_watch *watch = loop->watches, *next; watch != NULL; watch = next) {
		next = watch->next;
		free(watch);
	}
	curl_multi_cleanup(loop->multi);
	curl_global_cleanup();
	free(loop->polled);
	free(loop->places);
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
is_before(const struct turn *a, const struct turn *b)
{
	return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void
place_turn(struct loop *loop, const struct turn *turn, size_t place)
{
	loop->turns[place] = *turn;
	turn->timer->place = place;
}

/* The first of the turns below a place, or `place` itself if there are none. */
static size_t
first_below(const struct loop *loop, size_t place)
{
	size_t first = WAYS * place + 1, end = first + WAYS;
	if (first >= loop->turns_count)
		return place;
	for (size_t i = first + 1; i < end && i < loop->turns_count; i++) {
		if (is_before(&loop->turns[i], &loop->turns[first]))
			first = i;
	}
	return first;
}

/* Puts a turn where it belongs, from a place that is free. */
static void
settle_turn(struct loop *loop, struct turn turn, size_t place)
{
	for (size_t above; place > 0; place = above) {
		above = (place - 1) / WAYS;
		if (!is_before(&turn, &loop->turns[above]))
			break;
		place_turn(loop, &loop->turns[above], place);
	}
	for (size_t below; (below = first_below(loop, place)) != place; place = below) {
		if (!is_before(&loop->turns[below], &turn))
			break;
		place_turn(loop, &loop->turns[below], place);
	}
	place_turn(loop, &turn, place);
}

static void
insert_timer(struct loop *loop, struct loop_timer *timer, mono_us due)
{
	mem_reserve(
	    &loop->turns, &loop->turns_capacity, loop->turns_count + 1, sizeof(*loop->turns));
	struct turn turn = {.due = due, .sequence = loop->sequence++, .timer = timer};
	settle_turn(loop, turn, loop->turns_count++);
}

static void
remove_timer(struct loop *loop, const struct loop_timer *timer)
{
	struct turn last = loop->turns[--loop->turns_count];
	if (last.timer != timer)
		settle_turn(loop, last, timer->place);
}

struct loop_timer *
loop_timer_add(struct loop *loop, int64_t delay_us, int64_t period_us, void (*due)(void *context),
    void *context)
{
	struct loop_timer *timer = mem_alloc(sizeof(*timer));
	mono_us now = clock_mono();
	if (delay_us < 0)
		delay_us = 0;
	timer->period = period_us;
	timer->call = due;
	timer->context = context;
	insert_timer(loop, timer, delay_us > INT64_MAX - now ? INT64_MAX : now + delay_us);
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
	if (timer->place >= loop->turns_count || loop->turns[timer->place].timer != timer)
		mem_die("a timer was cancelled that is not there");
	remove_timer(loop, timer);
	free(timer);
}

static void
call_timers(struct loop *loop)
{
	mono_us now = clock_mono();
	uint64_t limit = loop->sequence;
	while (loop->turns_count > 0) {
		struct turn turn = loop->turns[0];
		struct loop_timer *timer = turn.timer;
		if (turn.due > now || turn.sequence >= limit)
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
		mono_us next = turn.due + timer->period;
		insert_timer(loop, timer, next > now ? next : now + timer->period);
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
/* Until curl wants to be called for its own timers, in ms; negative: it has none. */
static long
curl_wait_ms(const struct loop *loop)
{
	long ms = -1;
	CURLMcode code = curl_multi_timeout(loop->multi, &ms);
	if (code != CURLM_OK)
		mem_die("curl_multi_timeout: %s", curl_multi_strerror(code));
	return ms;
}

static int
wait_ms(const struct loop *loop, int64_t max_wait_us)
{
	int64_t wait = max_wait_us < 0 ? INT64_MAX : max_wait_us;
	if (loop->turns_count > 0) {
		int64_t left = loop->turns[0].due - clock_mono();
		if (left < wait)
			wait = left > 0 ? left : 0;
	}
	/* Rounded up: waking early would only mean to wait again. */
	int64_t ms = wait / 1000 + (wait % 1000 != 0);
	long curl_ms = curl_wait_ms(loop);
	if (curl_ms >= 0 && curl_ms < ms)
		ms = curl_ms;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Waits, and marks the watches that are ready. */
static void
wait_ready(struct loop *loop, int64_t max_wait_us)
{
	size_t count = loop->sockets;
	for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
		if (watch->dead)
			continue;
		mem_reserve(
		    &loop->polled, &loop->polled_capacity, count + 1, sizeof(*loop->polled));
		loop->polled[count++] = (struct pollfd){.fd = watch->fd, .events = POLLIN};
	}
	if (poll(loop->polled, (nfds_t)count, wait_ms(loop, max_wait_us)) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			mem_die("poll: %s", strerror(errno));
		for (size_t i = 0; i < count; i++)
			loop->polled[i].revents = 0;
	}
	size_t i = loop->sockets;
	for (struct loop_watch *watch = loop->watches; watch != NULL; watch = watch->next) {
		if (!watch->dead) /* what has hung up, too, is to be read */
			watch->ready = loop->polled[i++].revents != 0;
	}
}

/* Backwards, because what curl lets go of is replaced by the last. */
static void
act_on_sockets(struct loop *loop)
{
	int running;
	for (size_t i = loop->sockets; i-- > 0;) {
		short events = i < loop->sockets ? loop->polled[i].revents : 0;
		if (events == 0)
			continue;
		loop->polled[i].revents = 0;
		int mask = (events & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
			   (events & POLLOUT ? CURL_CSELECT_OUT : 0) |
			   (events & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
		curl_multi_socket_action(loop->multi, loop->polled[i].fd, mask, &running);
	}
	if (curl_wait_ms(loop) == 0)
		curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void
call_transfers(struct loop *loop)
{
	int left;
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
	act_on_sockets(loop);
	call_watches(loop);
	call_transfers(loop);
	call_timers(loop);
	if (--loop->depth == 0)
		sweep_watches(loop);
}
