/* poller.c against services that hang, die, lie and come back: their health. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/kit/polled.h"

static void
a_healthy_service_tells_its_model_and_version(void **state)
{
	struct polled *world = *state;
	const struct poll_state *service = polled_add(world, 0);
	assert_false(service->asked);
	assert_true(isnan(service->rtt_ms));
	POLLED_UNTIL(world, service->answered);
	assert_true(service->asked && service->up && service->healthy && service->model_loaded);
	assert_string_equal(service->model, "fraud");
	assert_string_equal(service->version, "12");
	assert_string_equal(service->reason, "");
	assert_int_equal(service->epoch, 4);
	assert_int_equal(service->failures, 0);
	assert_int_equal(service->down_since, 0);
	assert_true(service->rtt_ms > 0 && service->rtt_ms < 60000);
	assert_true(clock_mono() - service->last_answer < CLOCK_MINUTE);
	assert_true(clock_wall() - service->last_answer_wall < CLOCK_MINUTE);
	atomic_store(&world->fakes[0].mode, MODE_INTEGER);
	POLLED_UNTIL(world, strcmp(service->version, "13") == 0);
	assert_string_equal(service->model, "");
	assert_int_equal(service->epoch, -1);
	atomic_store(&world->fakes[0].mode, MODE_CONTROLS);
	POLLED_UNTIL(world, service->version[1] != '3');
	assert_string_equal(service->version, "1\xef\xbf\xbd[31m\xef\xbf\xbd");
	atomic_store(&world->fakes[0].mode, MODE_PLAIN);
	POLLED_UNTIL(world, service->version[0] == '\0');
	assert_true(service->healthy);
}

static void
connections_are_kept_between_polls(void **state)
{
	struct polled *world = *state;
	polled_add(world, 0);
	POLLED_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >= 10);
	assert_in_range(hostile_connections(world->fakes[0].server), 1, 2);
	unsigned sent = atomic_load(&world->fakes[0].health_polls) +
			atomic_load(&world->fakes[0].metrics_polls);
	assert_in_range(poller_requests(world->poller), sent, sent + 2);
}

static void
polls_come_once_an_interval(void **state)
{
	struct polled *world = *state;
	mono_us start = clock_mono();
	polled_add(world, 0);
	POLLED_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >= 30);
	unsigned polls = atomic_load(&world->fakes[0].health_polls);
	assert_true(clock_mono() - start >= (polls - 2) * 27000);
}

static void
a_service_that_hangs_holds_no_other(void **state)
{
	struct polled *world = *state;
	polled_lose_patience(world);
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[1].metrics, METRICS_HANG);
	const struct poll_state *good = polled_add(world, 0), *hung = polled_add(world, 1);
	POLLED_UNTIL(world, hung->failures > 0);
	assert_false(hung->answered);
	assert_false(hung->up);
	assert_string_equal(hung->reason, "no answer within 500 ms");
	assert_true(hung->down_since > 0);
	POLLED_UNTIL(world, good->up && good->healthy);
	/* The hanging one takes 500 ms; the other is asked again and again meanwhile. */
	POLLED_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >=
				3 * atomic_load(&world->fakes[1].health_polls));
}

static void
each_way_to_fail_has_its_reason(void **state)
{
	static const struct {
		enum fake_health mode;
		bool up;
		const char *reason;
	} cases[] = {
	    {MODE_RESET, false, "connection reset in the middle of the answer"},
	    {MODE_SLOW, false, "the answer did not end within 500 ms"},
	    {MODE_HTML_500, false, "HTTP 500 on /health: an HTML page instead of health"},
	    {MODE_FLOOD, true, "the health answer is too long"},
	};
	struct polled *world = *state;
	polled_lose_patience(world);
	const struct poll_state *service = polled_add(world, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&world->fakes[0].mode, MODE_GOOD);
		poller_refresh(world->poller, 0);
		POLLED_UNTIL(world, service->healthy);
		assert_string_equal(service->reason, "");
		atomic_store(&world->fakes[0].mode, (int)cases[i].mode);
		POLLED_UNTIL(world, strcmp(service->reason, cases[i].reason) == 0);
		assert_false(service->healthy);
		assert_int_equal(service->up, cases[i].up);
	}
}

static void
nobody_listening_is_connection_refused_and_asked_more_rarely(void **state)
{
	struct polled *world = *state;
	char base[64], url[128];
	int gone = hostile_bind(base);
	snprintf(url, sizeof(url), "%s//", base);
	size_t index = poller_add(world->poller, url, NULL);
	const struct poll_state *service = poller_service(world->poller, index);
	mono_us start = clock_mono();
	POLLED_UNTIL(world, service->failures >= 3);
	assert_string_equal(service->reason, "connection refused");
	assert_string_equal(service->metrics_reason, "connection refused");
	assert_false(service->answered);
	int64_t since = service->down_since;
	assert_true(since > 0);
	/* 30, 60, 120, 240, 480 ms, a tenth or two off. */
	POLLED_UNTIL(world, service->failures >= 6);
	assert_true(clock_mono() - start > 700000);
	assert_int_equal(service->down_since, since);
	close(gone);
}

/* How long it took. */
static int64_t
refresh_one_that_failed(struct polled *world)
{
	polled_lose_patience(world);
	atomic_store(&world->fakes[0].mode, MODE_HTML_500);
	atomic_store(&world->fakes[0].metrics, METRICS_500);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->failures >= 7); /* the next is 1.3 to 1.9 s away */
	assert_string_equal(service->metrics_reason, "HTTP 500 on /metrics");
	atomic_store(&world->fakes[0].mode, MODE_GOOD);
	atomic_store(&world->fakes[0].metrics, METRICS_GROW);
	mono_us start = clock_mono();
	poller_refresh(world->poller, 0);
	POLLED_UNTIL(world, service->up && service->metrics_reason[0] == '\0');
	assert_int_equal(service->failures, 0);
	assert_int_equal(service->down_since, 0);
	assert_string_equal(service->reason, "");
	return clock_mono() - start;
}

static void
a_refresh_does_not_wait_for_the_back_off(void **state)
{
	int tries = 0;
	while (refresh_one_that_failed(*state) > CLOCK_SECOND) /* the machine's, three times? */
		assert_true(++tries < 3);
}

static void
a_poller_may_go_at_any_moment(void **state)
{
	struct polled *world = *state;
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[2].mode, MODE_SLOW);
	for (size_t i = 0; i < 3; i++)
		polled_add(world, i);
	polled_run_for(world, 150000);
	poller_refresh(world->poller, 1);
	poller_free(world->poller);
	world->poller = NULL;
	polled_run_for(world, 50000);
	poller_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POLLED_CASE(a_healthy_service_tells_its_model_and_version),
	    POLLED_CASE(connections_are_kept_between_polls),
	    POLLED_CASE(polls_come_once_an_interval),
	    POLLED_CASE(a_service_that_hangs_holds_no_other),
	    POLLED_CASE(each_way_to_fail_has_its_reason),
	    POLLED_CASE(nobody_listening_is_connection_refused_and_asked_more_rarely),
	    POLLED_CASE(a_refresh_does_not_wait_for_the_back_off),
	    POLLED_CASE(a_poller_may_go_at_any_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
