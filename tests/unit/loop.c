/* loop.c: what the loop promises: order, removal from within handlers, signals, and an end to each
 * turn. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/loop.h"

struct trace {
	struct loop *loop;
	struct loop_timer *timer, *other;
	struct loop_watch *watch, *other_watch;
	int fds[2], other_fds[2];
	char text[64];
	int calls, other_calls, last_signal;
};

static void
say(struct trace *trace, char c)
{
	size_t length = strlen(trace->text);
	if (length + 1 < sizeof(trace->text))
		trace->text[length] = c;
}

static void
say_a(void *context)
{
	say(context, 'a');
}

static void
say_b(void *context)
{
	say(context, 'b');
}

static void
say_c(void *context)
{
	say(context, 'c');
}

static void
run_for(struct loop *loop, int64_t us)
{
	mono_us end = clock_mono() + us;
	for (int64_t left = us; left > 0; left = end - clock_mono())
		loop_run_once(loop, left);
}

/* Until the handlers have said so much, or far too long. */
static void
run_until_said(struct trace *trace, size_t length)
{
	mono_us end = clock_mono() + CLOCK_MINUTE;
	while (strlen(trace->text) < length && clock_mono() < end)
		loop_run_once(trace->loop, CLOCK_SECOND);
}

static int
setup(void **state)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	trace->loop = loop_new();
	if (pipe(trace->fds) != 0 || pipe(trace->other_fds) != 0)
		return -1;
	*state = trace;
	return 0;
}

static int
teardown(void **state)
{
	struct trace *trace = *state;
	loop_free(trace->loop);
	for (int i = 0; i < 2; i++) {
		close(trace->fds[i]);
		close(trace->other_fds[i]);
	}
	free(trace);
	return 0;
}

static void
timers_are_called_in_the_order_of_their_time_and_then_of_their_making(void **state)
{
	struct trace *trace = *state;
	mono_us begun;
	do { /* once without a pause between the first and the last */
		loop_free(trace->loop);
		trace->loop = loop_new();
		begun = clock_mono();
		loop_timer_add(trace->loop, 20000, 0, say_c, trace);
		loop_timer_add(trace->loop, 0, 0, say_a, trace);
		loop_timer_add(trace->loop, 0, 0, say_b, trace);
		loop_timer_add(trace->loop, -5, 0, say_a, trace);
	} while (clock_mono() - begun > 10000);
	run_until_said(trace, 4);
	assert_string_equal(trace->text, "abac");
}

static void
a_periodic_timer_keeps_its_beat(void **state)
{
	struct trace *trace = *state;
	mono_us begun = clock_mono();
	struct loop_timer *timer = loop_timer_add(trace->loop, 5000, 10000, say_a, trace);
	run_until_said(trace, 10);
	size_t calls = strlen(trace->text);
	assert_int_equal(calls, 10);
	assert_true(clock_mono() - begun >= 5000 + 9 * 10000);
	loop_timer_cancel(trace->loop, timer);
	run_for(trace->loop, 30000);
	assert_int_equal(strlen(trace->text), calls);
}

static void
a_timer_that_was_late_does_not_catch_up_in_a_burst(void **state)
{
	struct trace *trace = *state;
	struct loop_timer *timer = loop_timer_add(trace->loop, 1000, 1000, say_a, trace);
	usleep(30000);
	loop_run_once(trace->loop, 0);
	assert_string_equal(trace->text, "a");
	loop_timer_cancel(trace->loop, timer);
}

static void
cancel_both(void *context)
{
	struct trace *trace = context;
	trace->calls++;
	loop_timer_cancel(trace->loop, trace->other);
	loop_timer_cancel(trace->loop, trace->timer);
}

static void
a_handler_may_cancel_its_own_timer_and_another_that_is_due(void **state)
{
	struct trace *trace = *state;
	trace->timer = loop_timer_add(trace->loop, 0, 1000, cancel_both, trace);
	trace->other = loop_timer_add(trace->loop, 0, 1000, say_a, trace);
	run_for(trace->loop, 20000);
	assert_int_equal(trace->calls, 1);
	assert_string_equal(trace->text, "");
}

static void
add_again(void *context)
{
	struct trace *trace = context;
	trace->calls++;
	loop_timer_add(trace->loop, 0, 0, add_again, trace);
}

static void
a_timer_that_a_handler_adds_waits_for_the_next_turn(void **state)
{
	struct trace *trace = *state;
	loop_timer_add(trace->loop, 0, 0, add_again, trace);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 1);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 2);
}

static void
read_byte(void *context)
{
	struct trace *trace = context;
	char byte;
	if (read(trace->fds[0], &byte, 1) == 1)
		say(trace, byte);
	else
		trace->calls++;
}

static void
a_watch_hears_bytes_and_the_hang_up(void **state)
{
	struct trace *trace = *state;
	struct loop_watch *watch = loop_watch_read(trace->loop, trace->fds[0], read_byte, trace);
	loop_run_once(trace->loop, 0);
	assert_string_equal(trace->text, "");
	assert_int_equal(write(trace->fds[1], "xy", 2), 2);
	loop_run_once(trace->loop, -1);
	loop_run_once(trace->loop, -1);
	assert_string_equal(trace->text, "xy");
	assert_int_equal(trace->calls, 0);
	close(trace->fds[1]);
	trace->fds[1] = dup(0);
	loop_run_once(trace->loop, CLOCK_SECOND);
	assert_int_equal(trace->calls, 1);
	loop_unwatch(trace->loop, watch);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 1);
}

static void
unwatch_both(void *context)
{
	struct trace *trace = context;
	trace->calls++;
	loop_unwatch(trace->loop, trace->watch);
	loop_unwatch(trace->loop, trace->other_watch);
	trace->watch = loop_watch_read(trace->loop, trace->fds[0], read_byte, trace);
}

static void
a_handler_may_remove_every_watch_and_add_one_for_the_same_descriptor(void **state)
{
	struct trace *trace = *state;
	trace->watch = loop_watch_read(trace->loop, trace->fds[0], unwatch_both, trace);
	trace->other_watch = loop_watch_read(trace->loop, trace->other_fds[0], unwatch_both, trace);
	assert_int_equal(write(trace->fds[1], "x", 1), 1);
	assert_int_equal(write(trace->other_fds[1], "x", 1), 1);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 1);
	assert_string_equal(trace->text, "");
	loop_run_once(trace->loop, 0);
	assert_string_equal(trace->text, "x");
}

static void
wait_inside(void *context)
{
	struct trace *trace = context;
	char byte;
	assert_int_equal(read(trace->fds[0], &byte, 1), 1);
	loop_unwatch(trace->loop, trace->watch);
	for (int i = 0; i < 3; i++)
		loop_run_once(trace->loop, 5000);
	say(trace, 'z');
}

static void
a_handler_may_run_the_loop_itself(void **state)
{
	struct trace *trace = *state;
	trace->watch = loop_watch_read(trace->loop, trace->fds[0], wait_inside, trace);
	loop_timer_add(trace->loop, 0, 0, say_a, trace);
	assert_int_equal(write(trace->fds[1], "x", 1), 1);
	loop_run_once(trace->loop, CLOCK_SECOND);
	assert_string_equal(trace->text, "az");
}

static void
on_arrived(int number, void *context)
{
	struct trace *trace = context;
	trace->calls++;
	trace->last_signal = number;
}

static void
ignored(int number)
{
	(void)number;
}

static void
a_signal_is_an_event_and_the_old_disposition_returns(void **state)
{
	struct trace *trace = *state;
	struct sigaction before = {.sa_handler = ignored}, after;
	sigaction(SIGUSR1, &before, NULL);
	loop_on_signal(trace->loop, SIGUSR1, on_arrived, trace);
	raise(SIGUSR1);
	assert_int_equal(trace->calls, 0);
	loop_run_once(trace->loop, CLOCK_SECOND);
	assert_int_equal(trace->calls, 1);
	assert_int_equal(trace->last_signal, SIGUSR1);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 1);
	loop_free(trace->loop);
	sigaction(SIGUSR1, NULL, &after);
	assert_ptr_equal(after.sa_handler, ignored);
	raise(SIGUSR1);
	trace->loop = loop_new();
	loop_on_signal(trace->loop, SIGUSR1, on_arrived, trace);
	loop_run_once(trace->loop, 0);
	assert_int_equal(trace->calls, 1);
}

static void
a_flood_of_one_signal_does_not_lose_another(void **state)
{
	struct trace *trace = *state;
	loop_on_signal(trace->loop, SIGUSR1, on_arrived, trace);
	loop_on_signal(trace->loop, SIGUSR2, on_arrived, trace);
	for (int i = 0; i < 70000; i++) /* more than the pipe holds */
		raise(SIGUSR1);
	raise(SIGUSR2);
	loop_run_once(trace->loop, CLOCK_SECOND);
	assert_int_equal(trace->calls, 2);
	assert_int_equal(trace->last_signal, SIGUSR2);
}

static void
a_signal_ends_a_long_wait(void **state)
{
	struct trace *trace = *state;
	loop_on_signal(trace->loop, SIGALRM, on_arrived, trace);
	mono_us start = clock_mono();
	ualarm(30000, 0);
	while (trace->calls == 0 && clock_mono() - start < 2 * CLOCK_MINUTE)
		loop_run_once(trace->loop, 2 * CLOCK_MINUTE);
	assert_int_equal(trace->calls, 1);
	assert_true(clock_mono() - start < CLOCK_MINUTE);
}

static void
the_wait_ends_when_its_time_is_over(void **state)
{
	struct trace *trace = *state;
	mono_us start = clock_mono();
	loop_run_once(trace->loop, 20000);
	assert_in_range(clock_mono() - start, 15000, CLOCK_MINUTE);
}

static void
timers_follow_a_frozen_clock(void **state)
{
	struct trace *trace = *state;
	clock_freeze(0); /* for good: this test is the last */
	loop_timer_add(trace->loop, CLOCK_HOUR, 0, say_a, trace);
	loop_run_once(trace->loop, 0);
	clock_advance(CLOCK_HOUR - 1);
	loop_run_once(trace->loop, 0);
	assert_string_equal(trace->text, "");
	clock_advance(1);
	loop_run_once(trace->loop, -1);
	assert_string_equal(trace->text, "a");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(timers_are_called_in_the_order_of_their_time_and_then_of_their_making),
	    CASE(a_periodic_timer_keeps_its_beat),
	    CASE(a_timer_that_was_late_does_not_catch_up_in_a_burst),
	    CASE(a_handler_may_cancel_its_own_timer_and_another_that_is_due),
	    CASE(a_timer_that_a_handler_adds_waits_for_the_next_turn),
	    CASE(a_watch_hears_bytes_and_the_hang_up),
	    CASE(a_handler_may_remove_every_watch_and_add_one_for_the_same_descriptor),
	    CASE(a_handler_may_run_the_loop_itself),
	    CASE(a_signal_is_an_event_and_the_old_disposition_returns),
	    CASE(a_flood_of_one_signal_does_not_lose_another),
	    CASE(a_signal_ends_a_long_wait),
	    CASE(the_wait_ends_when_its_time_is_over),
	    CASE(timers_follow_a_frozen_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
