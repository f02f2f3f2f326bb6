/* poller.c and figures.c: what the answers to /metrics come to, whatever they are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/polled.h"

/* What is wrong with the metrics, and how it is named. */
struct failure {
	enum fake_metrics mode;
	const char *reason;
};

/* How long after it. */
static int64_t
wait_for_metrics(struct polled *world)
{
	polled_lose_patience(world);
	atomic_store(&world->fakes[0].mode, MODE_HTML_500);
	atomic_store(&world->fakes[0].metrics, METRICS_500);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->failures >= 7);
	atomic_store(&world->fakes[0].metrics, METRICS_GROW);
	atomic_store(&world->fakes[0].mode, MODE_GOOD);
	POLLED_UNTIL(world, service->up);
	mono_us start = clock_mono();
	POLLED_UNTIL(world, service->metrics_known);
	return clock_mono() - start;
}

static void
hanging_metrics_do_not_hold_health(void **state)
{
	struct polled *world = *state;
	polled_lose_patience(world);
	atomic_store(&world->fakes[0].metrics, METRICS_HANG);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->metrics_reason[0] != '\0');
	assert_string_equal(service->metrics_reason, "no answer within 500 ms");
	POLLED_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >=
				3 * atomic_load(&world->fakes[0].metrics_polls));
	POLLED_UNTIL(world, service->up && service->healthy && service->failures == 0);
}

static void
metrics_return_with_the_service(void **state)
{
	int tries = 0;
	while (wait_for_metrics(*state) > CLOCK_SECOND)
		assert_true(++tries < 3);
}

static void
two_scrapes_give_rates_and_quantiles(void **state)
{
	struct polled *world = *state;
	const struct poll_state *service = polled_add(world, 0);
	assert_true(isnan(service->rps) && isnan(service->p99_ms) && !service->metrics_known);
	POLLED_UNTIL(world, service->metrics_known);
	assert_int_equal(service->requests, 100);
	/* 100 in the interval of 27 to 33 ms, but where one of two answers was late. */
	POLLED_UNTIL(world, service->rps > 100 && service->rps < 100 / 0.015);
	assert_true(fabs(service->error_rate - 0.1) < 1e-12);
	assert_true(fabs(service->rejected_rate - 0.2) < 1e-12);
	assert_true(fabs(service->p50_ms - 10) < 1e-9);
	assert_true(fabs(service->p90_ms - 18) < 1e-9);
	assert_true(fabs(service->p95_ms - 19) < 1e-9);
	assert_true(fabs(service->p99_ms - 19.8) < 1e-9);
	/* No new request: the rate is 0, the shares unknown, the quantiles those of the last ones.
	 */
	atomic_store(&world->fakes[0].metrics, METRICS_STILL);
	POLLED_UNTIL(world, service->rps == 0);
	assert_int_equal(service->requests, 0);
	assert_true(isnan(service->error_rate));
	assert_true(fabs(service->p99_ms - 19.8) < 1e-9);
	/* The service began anew: what it counted since then is the increase. */
	atomic_store(&world->fakes[0].scored, 50);
	POLLED_UNTIL(world, service->rps > 0);
	assert_int_equal(service->requests, 50);
	assert_true(fabs(service->error_rate - 0.1) < 1e-12);
}

static void
bad_metrics_are_named_and_leave_health_alone(void **state)
{
	static const struct failure cases[] = {
	    {METRICS_GARBAGE, "line 2: a metric name must begin with a letter, _ or :"},
	    {METRICS_MISSING, "the service has no /metrics (HTTP 404)"},
	    {METRICS_500, "HTTP 500 on /metrics"},
	    {METRICS_FLOOD, "/metrics is longer than 16 MiB"},
	    {METRICS_OTHER, "no request counter or latency histogram of a known name"},
	};
	struct polled *world = *state;
	const struct poll_state *service = polled_add(world, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&world->fakes[0].metrics, METRICS_GROW);
		poller_refresh(world->poller, 0);
		POLLED_UNTIL(world, service->metrics_known);
		assert_string_equal(service->metrics_reason, "");
		atomic_store(&world->fakes[0].metrics, (int)cases[i].mode);
		POLLED_UNTIL(world, strcmp(service->metrics_reason, cases[i].reason) == 0);
		assert_false(service->metrics_known);
		assert_true(isnan(service->rps) && isnan(service->p50_ms));
		assert_true(service->up && service->healthy);
		assert_int_equal(service->failures, 0);
	}
}

static void
openmetrics_is_asked_for_and_read_by_its_content_type(void **state)
{
	struct polled *world = *state;
	atomic_store(&world->fakes[0].metrics, METRICS_OPEN);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->metrics_known || service->metrics_reason[0] != '\0');
	assert_string_equal(service->metrics_reason, "");
	assert_true(service->rps > 0);
}

static void
native_histograms_are_named_as_unread(void **state)
{
	struct polled *world = *state;
	atomic_store(&world->fakes[0].metrics, METRICS_NATIVE);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->metrics_known);
	assert_string_equal(service->metrics_reason,
	    "api_latency_seconds is a native histogram, which is not read");
	assert_true(service->rps == 0 && isnan(service->p50_ms));
	atomic_store(&world->fakes[0].metrics, METRICS_PROTOBUF);
	POLLED_UNTIL(world, !service->metrics_known);
	assert_string_equal(service->metrics_reason,
	    "protocol buffers, which native histograms come in, are not read");
}

static void
whatever_way_an_answer_comes_its_figures_are_the_same(void **state)
{
	static const enum fake_metrics modes[] = {
	    METRICS_CHUNKED, METRICS_GZIP, METRICS_OLD, METRICS_CLOSING, METRICS_GROW};
	struct polled *world = *state;
	const struct poll_state *service = polled_add(world, 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		atomic_store(&world->fakes[0].metrics, METRICS_OTHER);
		POLLED_UNTIL(world, !service->metrics_known);
		atomic_store(&world->fakes[0].metrics, (int)modes[i]);
		POLLED_UNTIL(world, service->metrics_known);
		POLLED_UNTIL(world, service->requests == 100);
		assert_string_equal(service->metrics_reason, "");
		assert_true(fabs(service->p99_ms - 19.8) < 1e-9);
		assert_true(service->healthy);
	}
}

static void
a_service_that_hangs_up_after_each_answer_is_asked_over_new_connections(void **state)
{
	struct polled *world = *state;
	atomic_store(&world->fakes[0].metrics, METRICS_CLOSING);
	const struct poll_state *service = polled_add(world, 0);
	POLLED_UNTIL(world, service->metrics_known);
	unsigned polls = atomic_load(&world->fakes[0].metrics_polls);
	POLLED_UNTIL(world, atomic_load(&world->fakes[0].metrics_polls) >= polls + 5);
	polled_run_for(world, 100000);
	assert_true(hostile_connections(world->fakes[0].server) >= 5);
	assert_true(service->metrics_known && service->healthy);
	assert_string_equal(service->metrics_reason, "");
	assert_int_equal(service->failures, 0);
}

static void
what_cannot_be_used_is_named_and_holds_no_other_service(void **state)
{
	static const struct failure cases[] = {
	    {METRICS_DRIP, "the answer did not end within 500 ms"},
	    {METRICS_DEFLATED_LIE, "the answer is packed in a way that is not understood"},
	    {METRICS_MOVED, "HTTP 302 on /metrics: moved to http://127.0.0.1:"},
	};
	struct polled *world = *state;
	polled_lose_patience(world);
	const struct poll_state *service = polled_add(world, 0), *other = polled_add(world, 1);
	POLLED_UNTIL(world, other->metrics_known);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned polls = atomic_load(&world->fakes[1].metrics_polls);
		atomic_store(&world->fakes[0].metrics, (int)cases[i].mode);
		poller_refresh(world->poller, 0);
		size_t length = strlen(cases[i].reason);
		POLLED_UNTIL(world, strncmp(service->metrics_reason, cases[i].reason, length) == 0);
		POLLED_UNTIL(world, atomic_load(&world->fakes[1].metrics_polls) > polls);
		assert_false(service->metrics_known);
		POLLED_UNTIL(world, service->healthy && other->metrics_known);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POLLED_CASE(hanging_metrics_do_not_hold_health),
	    POLLED_CASE(metrics_return_with_the_service),
	    POLLED_CASE(two_scrapes_give_rates_and_quantiles),
	    POLLED_CASE(bad_metrics_are_named_and_leave_health_alone),
	    POLLED_CASE(openmetrics_is_asked_for_and_read_by_its_content_type),
	    POLLED_CASE(native_histograms_are_named_as_unread),
	    POLLED_CASE(whatever_way_an_answer_comes_its_figures_are_the_same),
	    POLLED_CASE(a_service_that_hangs_up_after_each_answer_is_asked_over_new_connections),
	    POLLED_CASE(what_cannot_be_used_is_named_and_holds_no_other_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
