/* poller.c against services that hang, die, lie and come back. */
#define _GNU_SOURCE /* strcasestr */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/poll/poller.h"
#include "tests/support/hostile.c"

enum mode {
	MODE_GOOD,
	MODE_INTEGER,
	MODE_CONTROLS,
	MODE_PLAIN,
	MODE_HANG,
	MODE_RESET,
	MODE_HTML_500,
	MODE_FLOOD,
	MODE_SLOW,
};

enum metrics_mode {
	METRICS_GROW,
	METRICS_STILL,
	METRICS_GARBAGE,
	METRICS_MISSING,
	METRICS_HANG,
	METRICS_FLOOD,
	METRICS_OTHER,
	METRICS_500,
	METRICS_OPEN,
	METRICS_NATIVE,
	METRICS_PROTOBUF,
};

enum { MANY = 200 };

/* Many services behind one address, each with a path of its own. */
struct crowd {
	struct hostile *server;
	pthread_mutex_t lock;
	unsigned polls[MANY]; /* of metrics */
};

/* What one fake service does; written by the test, read by the server's threads. */
struct fake {
	struct hostile *server;
	atomic_int mode, metrics;
	atomic_uint health_polls, metrics_polls;
	atomic_uint scored; /* requests the service pretends to have had */
};

struct world {
	struct loop *loop;
	struct http *http;
	struct poller *poller;
	struct fake fakes[3];
};

static bool
flood(struct hostile_request *request, size_t bytes)
{
	char head[128], block[65536];
	int length =
	    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes);
	memset(block, '#', sizeof(block));
	for (size_t i = 1000; i < sizeof(block); i += 1000)
		block[i] = '\n';
	if (!hostile_send(request, head, (size_t)length))
		return false;
	for (; bytes > 0; bytes -= bytes < sizeof(block) ? bytes : sizeof(block)) {
		if (!hostile_send(request, block, bytes < sizeof(block) ? bytes : sizeof(block)))
			return false;
	}
	return true;
}

static bool
serve_health(struct hostile_request *request, int mode)
{
	static const char partial[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"ok";
	switch (mode) {
	case MODE_GOOD:
		return hostile_answer(request, "200 OK\r\nContent-Type: application/json",
		    "{\"status\":\"healthy\",\"model_loaded\":true,\"model\":\"fraud\","
		    "\"version\":\"12\",\"epoch\":4}");
	case MODE_INTEGER:
		return hostile_answer(request, "200 OK", "{\"status\":\"ok\",\"version\":13}");
	case MODE_CONTROLS:
		return hostile_answer(
		    request, "200 OK", "{\"status\":\"ok\",\"version\":\"1\\u001b[31m\x07\"}");
	case MODE_PLAIN:
		return hostile_answer(request, "200 OK", "OK");
	case MODE_HTML_500:
		return hostile_answer(request,
		    "500 Internal Server Error\r\nContent-Type: text/html",
		    "<html><body>Traceback</body></html>");
	case MODE_FLOOD:
		return flood(request, (size_t)17 << 20);
	case MODE_RESET:
	case MODE_SLOW:
		hostile_send(request, partial, sizeof(partial) - 1);
		hostile_hang(request, mode == MODE_SLOW ? 120000000 : 30000);
		hostile_reset(request);
		return false;
	default: /* MODE_HANG */
		hostile_hang(request, 1200000000);
		return false;
	}
}

static bool
serve_counters(struct hostile_request *request, unsigned scored)
{
	/* Of each 10 requests 1 failed and 2 were rejected; half took up to 10 ms, half up to 20.
	 */
	char body[2048];
	snprintf(body, sizeof(body),
	    "# TYPE api_requests_total counter\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} %u\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"422\"} %u\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"500\"} %u\n"
	    "api_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.01\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.02\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"+Inf\"} %u\n",
	    scored / 10 * 7, scored / 10 * 2, scored / 10, 7777 * scored, scored / 2, scored,
	    scored);
	return hostile_answer(request, "200 OK\r\nContent-Type: text/plain; version=0.0.4", body);
}

/* What is no OpenMetrics, if it was not asked for first: a comma at the end of the labels. */
static bool
serve_open(struct hostile_request *request, unsigned scored)
{
	char body[256];
	bool asked = strstr(request->text, "Accept: application/openmetrics-text;version=1.0.0,"
					   "text/plain;version=0.0.4;q=0.9,") != NULL;
	snprintf(body, sizeof(body),
	    "# TYPE api_requests counter\n"
	    "api_requests_total{endpoint=\"/predict\"%s} %u # {trace=\"1\"} 1\n# EOF\n",
	    asked ? "" : ",", scored);
	return hostile_answer(request,
	    "200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8",
	    body);
}

static bool
serve_metrics(struct hostile_request *request, struct fake *fake)
{
	switch (atomic_load(&fake->metrics)) {
	case METRICS_GROW:
		return serve_counters(request, atomic_fetch_add(&fake->scored, 100));
	case METRICS_STILL:
		return serve_counters(request, atomic_load(&fake->scored));
	case METRICS_GARBAGE:
		return hostile_answer(request, "200 OK", "# fine\n<html>\x1b[2J\n");
	case METRICS_MISSING:
		return hostile_answer(request, "404 Not Found", "{\"detail\":\"Not Found\"}");
	case METRICS_FLOOD:
		return flood(request, (size_t)17 << 20);
	case METRICS_OTHER:
		return hostile_answer(request, "200 OK", "process_open_fds 7\n");
	case METRICS_500:
		return hostile_answer(request, "500 Oh", "no");
	case METRICS_OPEN:
		return serve_open(request, atomic_fetch_add(&fake->scored, 100));
	case METRICS_NATIVE:
		return hostile_answer(request, "200 OK\r\nContent-Type: text/plain; version=0.0.4",
		    "api_requests_total 7\napi_latency_seconds_bucket{le=\"+Inf\"} 5\n"
		    "api_latency_seconds_count 5\napi_latency_seconds_sum 1\n");
	case METRICS_PROTOBUF:
		return hostile_answer(request,
		    "200 OK\r\nContent-Type: application/vnd.google.protobuf; encoding=delimited",
		    "\x12");
	default:
		hostile_hang(request, 1200000000);
		return false;
	}
}

static bool
serve(struct hostile_request *request, void *context)
{
	struct fake *fake = context;
	if (strcmp(request->path, "/health") == 0) {
		atomic_fetch_add(&fake->health_polls, 1);
		return serve_health(request, atomic_load(&fake->mode));
	}
	if (strcmp(request->path, "/metrics") == 0) {
		atomic_fetch_add(&fake->metrics_polls, 1);
		return serve_metrics(request, fake);
	}
	return hostile_answer(request, "404 Not Found", "");
}

static int
setup(void **state)
{
	static const struct poller_options options = {
	    .interval_us = 30000, .timeout_us = CLOCK_MINUTE, .seed = 42};
	struct world *world = calloc(1, sizeof(*world));
	world->loop = loop_new();
	world->http = http_new(world->loop);
	world->poller = poller_new(world->loop, world->http, &options);
	for (size_t i = 0; i < 3; i++)
		world->fakes[i].server = hostile_start(serve, &world->fakes[i]);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;
	poller_free(world->poller);
	http_free(world->http);
	loop_free(world->loop);
	for (size_t i = 0; i < 3; i++)
		hostile_stop(world->fakes[i].server);
	free(world);
	return 0;
}

/* For what hangs. A service that is well may be as late on a machine that is busy: what is said of
 * it is waited for. */
static void
lose_patience(struct world *world)
{
	static const struct poller_options options = {
	    .interval_us = 30000, .timeout_us = 500000, .seed = 42};
	poller_free(world->poller);
	world->poller = poller_new(world->loop, world->http, &options);
}

static const struct poll_state *
add(struct world *world, size_t fake)
{
	size_t index = poller_add(world->poller, world->fakes[fake].server->url);
	return poller_service(world->poller, index);
}

static void
run_for(struct world *world, int64_t us)
{
	mono_us end = clock_mono() + us;
	for (int64_t left = us; left > 0; left = end - clock_mono())
		loop_run_once(world->loop, left);
}

/* Runs until the condition holds; fails if it does not within two minutes. */
#define RUN_UNTIL(world, condition)                                                                \
	do {                                                                                       \
		mono_us run_start = clock_mono();                                                  \
		while (!(condition) && clock_mono() - run_start < 2 * CLOCK_MINUTE)                \
			loop_run_once((world)->loop, 10000);                                       \
		assert_true(condition);                                                            \
	} while (0)

static void
a_healthy_service_tells_its_model_and_version(void **state)
{
	struct world *world = *state;
	const struct poll_state *service = add(world, 0);
	assert_false(service->asked);
	assert_true(isnan(service->rtt_ms));
	RUN_UNTIL(world, service->answered);
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
	RUN_UNTIL(world, strcmp(service->version, "13") == 0);
	assert_string_equal(service->model, "");
	assert_int_equal(service->epoch, -1);
	atomic_store(&world->fakes[0].mode, MODE_CONTROLS);
	RUN_UNTIL(world, service->version[1] != '3');
	assert_string_equal(service->version, "1\xef\xbf\xbd[31m\xef\xbf\xbd");
	atomic_store(&world->fakes[0].mode, MODE_PLAIN);
	RUN_UNTIL(world, service->version[0] == '\0');
	assert_true(service->healthy);
}

static void
connections_are_kept_between_polls(void **state)
{
	struct world *world = *state;
	add(world, 0);
	RUN_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >= 10);
	assert_in_range(hostile_connections(world->fakes[0].server), 1, 2);
	unsigned sent = atomic_load(&world->fakes[0].health_polls) +
			atomic_load(&world->fakes[0].metrics_polls);
	assert_in_range(poller_requests(world->poller), sent, sent + 2);
}

static void
polls_come_once_an_interval(void **state)
{
	struct world *world = *state;
	mono_us start = clock_mono();
	add(world, 0);
	RUN_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >= 30);
	unsigned polls = atomic_load(&world->fakes[0].health_polls);
	assert_true(clock_mono() - start >= (polls - 2) * 27000);
}

static void
a_service_that_hangs_holds_no_other(void **state)
{
	struct world *world = *state;
	lose_patience(world);
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[1].metrics, METRICS_HANG);
	const struct poll_state *good = add(world, 0), *hung = add(world, 1);
	RUN_UNTIL(world, hung->failures > 0);
	assert_false(hung->answered);
	assert_false(hung->up);
	assert_string_equal(hung->reason, "no answer within 500 ms");
	assert_true(hung->down_since > 0);
	RUN_UNTIL(world, good->up && good->healthy);
	/* The hanging one takes 500 ms; the other is asked again and again meanwhile. */
	RUN_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >=
			     3 * atomic_load(&world->fakes[1].health_polls));
}

static void
hanging_metrics_do_not_hold_health(void **state)
{
	struct world *world = *state;
	lose_patience(world);
	atomic_store(&world->fakes[0].metrics, METRICS_HANG);
	const struct poll_state *service = add(world, 0);
	RUN_UNTIL(world, service->metrics_reason[0] != '\0');
	assert_string_equal(service->metrics_reason, "no answer within 500 ms");
	RUN_UNTIL(world, atomic_load(&world->fakes[0].health_polls) >=
			     3 * atomic_load(&world->fakes[0].metrics_polls));
	RUN_UNTIL(world, service->up && service->healthy && service->failures == 0);
}

static void
each_way_to_fail_has_its_reason(void **state)
{
	static const struct {
		enum mode mode;
		bool up;
		const char *reason;
	} cases[] = {
	    {MODE_RESET, false, "connection reset in the middle of the answer"},
	    {MODE_SLOW, false, "the answer did not end within 500 ms"},
	    {MODE_HTML_500, false, "HTTP 500 on /health: an HTML page instead of health"},
	    {MODE_FLOOD, true, "the health answer is too long"},
	};
	struct world *world = *state;
	lose_patience(world);
	const struct poll_state *service = add(world, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&world->fakes[0].mode, MODE_GOOD);
		poller_refresh(world->poller, 0);
		RUN_UNTIL(world, service->healthy);
		assert_string_equal(service->reason, "");
		atomic_store(&world->fakes[0].mode, (int)cases[i].mode);
		RUN_UNTIL(world, strcmp(service->reason, cases[i].reason) == 0);
		assert_false(service->healthy);
		assert_int_equal(service->up, cases[i].up);
	}
}

static void
nobody_listening_is_connection_refused_and_asked_more_rarely(void **state)
{
	struct world *world = *state;
	struct hostile *gone = hostile_start(serve, &world->fakes[0]);
	char url[128];
	snprintf(url, sizeof(url), "%s//", gone->url);
	hostile_stop(gone);
	size_t index = poller_add(world->poller, url);
	const struct poll_state *service = poller_service(world->poller, index);
	mono_us start = clock_mono();
	RUN_UNTIL(world, service->failures >= 3);
	assert_string_equal(service->reason, "connection refused");
	assert_string_equal(service->metrics_reason, "connection refused");
	assert_false(service->answered);
	int64_t since = service->down_since;
	assert_true(since > 0);
	/* 30, 60, 120, 240, 480 ms, a tenth or two off. */
	RUN_UNTIL(world, service->failures >= 6);
	assert_true(clock_mono() - start > 700000);
	assert_int_equal(service->down_since, since);
}

/* How long it took. */
static int64_t
refresh_one_that_failed(struct world *world)
{
	lose_patience(world);
	atomic_store(&world->fakes[0].mode, MODE_HTML_500);
	atomic_store(&world->fakes[0].metrics, METRICS_500);
	const struct poll_state *service = add(world, 0);
	RUN_UNTIL(world, service->failures >= 7); /* the next is 1.3 to 1.9 s away */
	assert_string_equal(service->metrics_reason, "HTTP 500 on /metrics");
	atomic_store(&world->fakes[0].mode, MODE_GOOD);
	atomic_store(&world->fakes[0].metrics, METRICS_GROW);
	mono_us start = clock_mono();
	poller_refresh(world->poller, 0);
	RUN_UNTIL(world, service->up && service->metrics_reason[0] == '\0');
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

/* How long after it. */
static int64_t
wait_for_metrics(struct world *world)
{
	lose_patience(world);
	atomic_store(&world->fakes[0].mode, MODE_HTML_500);
	atomic_store(&world->fakes[0].metrics, METRICS_500);
	const struct poll_state *service = add(world, 0);
	RUN_UNTIL(world, service->failures >= 7);
	atomic_store(&world->fakes[0].metrics, METRICS_GROW);
	atomic_store(&world->fakes[0].mode, MODE_GOOD);
	RUN_UNTIL(world, service->up);
	mono_us start = clock_mono();
	RUN_UNTIL(world, service->metrics_known);
	return clock_mono() - start;
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
	struct world *world = *state;
	const struct poll_state *service = add(world, 0);
	assert_true(isnan(service->rps) && isnan(service->p99_ms) && !service->metrics_known);
	RUN_UNTIL(world, service->metrics_known);
	assert_int_equal(service->requests, 100);
	/* 100 in the interval of 27 to 33 ms, but where one of two answers was late. */
	RUN_UNTIL(world, service->rps > 100 && service->rps < 100 / 0.015);
	assert_true(fabs(service->error_rate - 0.1) < 1e-12);
	assert_true(fabs(service->rejected_rate - 0.2) < 1e-12);
	assert_true(fabs(service->p50_ms - 10) < 1e-9);
	assert_true(fabs(service->p90_ms - 18) < 1e-9);
	assert_true(fabs(service->p95_ms - 19) < 1e-9);
	assert_true(fabs(service->p99_ms - 19.8) < 1e-9);
	/* No new request: the rate is 0, the shares unknown, the quantiles those of the last ones.
	 */
	atomic_store(&world->fakes[0].metrics, METRICS_STILL);
	RUN_UNTIL(world, service->rps == 0);
	assert_int_equal(service->requests, 0);
	assert_true(isnan(service->error_rate));
	assert_true(fabs(service->p99_ms - 19.8) < 1e-9);
	/* The service began anew: what it counted since then is the increase. */
	atomic_store(&world->fakes[0].scored, 50);
	RUN_UNTIL(world, service->rps > 0);
	assert_int_equal(service->requests, 50);
	assert_true(fabs(service->error_rate - 0.1) < 1e-12);
}

static void
bad_metrics_are_named_and_leave_health_alone(void **state)
{
	static const struct {
		enum metrics_mode mode;
		const char *reason;
	} cases[] = {
	    {METRICS_GARBAGE, "line 2: a metric name must begin with a letter, _ or :"},
	    {METRICS_MISSING, "the service has no /metrics (HTTP 404)"},
	    {METRICS_500, "HTTP 500 on /metrics"},
	    {METRICS_FLOOD, "/metrics is longer than 16 MiB"},
	    {METRICS_OTHER, "no request counter or latency histogram of a known name"},
	};
	struct world *world = *state;
	const struct poll_state *service = add(world, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&world->fakes[0].metrics, METRICS_GROW);
		poller_refresh(world->poller, 0);
		RUN_UNTIL(world, service->metrics_known);
		assert_string_equal(service->metrics_reason, "");
		atomic_store(&world->fakes[0].metrics, (int)cases[i].mode);
		RUN_UNTIL(world, strcmp(service->metrics_reason, cases[i].reason) == 0);
		assert_false(service->metrics_known);
		assert_true(isnan(service->rps) && isnan(service->p50_ms));
		assert_true(service->up && service->healthy);
		assert_int_equal(service->failures, 0);
	}
}

static void
openmetrics_is_asked_for_and_read_by_its_content_type(void **state)
{
	struct world *world = *state;
	atomic_store(&world->fakes[0].metrics, METRICS_OPEN);
	const struct poll_state *service = add(world, 0);
	RUN_UNTIL(world, service->metrics_known || service->metrics_reason[0] != '\0');
	assert_string_equal(service->metrics_reason, "");
	assert_true(service->rps > 0);
}

static void
native_histograms_are_named_as_unread(void **state)
{
	struct world *world = *state;
	atomic_store(&world->fakes[0].metrics, METRICS_NATIVE);
	const struct poll_state *service = add(world, 0);
	RUN_UNTIL(world, service->metrics_known);
	assert_string_equal(service->metrics_reason,
	    "api_latency_seconds is a native histogram, which is not read");
	assert_true(service->rps == 0 && isnan(service->p50_ms));
	atomic_store(&world->fakes[0].metrics, METRICS_PROTOBUF);
	RUN_UNTIL(world, !service->metrics_known);
	assert_string_equal(service->metrics_reason,
	    "protocol buffers, which native histograms come in, are not read");
}

static bool
serve_crowd(struct hostile_request *request, void *context)
{
	struct crowd *crowd = context;
	unsigned index = 0;
	char what[16] = "";
	if (sscanf(request->path, "/%u/%15s", &index, what) != 2 || index >= MANY)
		return hostile_answer(request, "404 Not Found", "");
	if (strcmp(what, "health") == 0)
		return hostile_answer(request, "200 OK", "{\"status\":\"ok\"}");
	pthread_mutex_lock(&crowd->lock);
	crowd->polls[index]++;
	pthread_mutex_unlock(&crowd->lock);
	return serve_counters(request, 100);
}

static unsigned
fewest_polls(struct crowd *crowd)
{
	unsigned fewest = UINT_MAX;
	pthread_mutex_lock(&crowd->lock);
	for (unsigned i = 0; i < MANY; i++)
		fewest = crowd->polls[i] < fewest ? crowd->polls[i] : fewest;
	pthread_mutex_unlock(&crowd->lock);
	return fewest;
}

/* Of those after the first two. */
static bool
all_known(const struct world *world)
{
	for (unsigned i = 0; i < MANY; i++) {
		const struct poll_state *good = poller_service(world->poller, 2 + i);
		if (!good->healthy || !good->metrics_known)
			return false;
	}
	return true;
}

static void
of_many_services_one_that_hangs_and_one_that_is_gone_hold_no_other(void **state)
{
	static struct crowd crowd = {.lock = PTHREAD_MUTEX_INITIALIZER};
	static const struct poller_options options = {
	    .interval_us = CLOCK_SECOND, .timeout_us = 10 * CLOCK_MINUTE};
	struct world *world = *state;
	struct hostile *gone = hostile_start(serve, &world->fakes[0]);
	char url[128];
	poller_free(world->poller);
	world->poller = poller_new(world->loop, world->http, &options);
	crowd.server = hostile_start(serve_crowd, &crowd);
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[1].metrics, METRICS_HANG);
	const struct poll_state *hung = add(world, 1);
	const struct poll_state *dead =
	    poller_service(world->poller, poller_add(world->poller, gone->url));
	hostile_stop(gone);
	mono_us start = clock_mono();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(url, sizeof(url), "%s/%u", crowd.server->url, i);
		poller_add(world->poller, url);
	}
	RUN_UNTIL(world, fewest_polls(&crowd) >= 5);
	RUN_UNTIL(world, all_known(world));
	assert_string_equal(dead->reason, "connection refused");
	assert_false(hung->answered || hung->failures > 0); /* it still hangs */
	pthread_mutex_lock(&crowd.lock);
	unsigned beats = (unsigned)((clock_mono() - start) / (9 * CLOCK_SECOND / 10)) + 2, all = 0;
	for (unsigned i = 0; i < MANY; i++) {
		all += crowd.polls[i];
		assert_in_range(crowd.polls[i], 5, beats);
	}
	pthread_mutex_unlock(&crowd.lock);
	/* As many connections as polls meet, not one a poll. */
	assert_in_range(hostile_connections(crowd.server), 1, MANY);
	/* Health costs little with so many: it was asked at the first beat and every fifth. */
	assert_true(poller_requests(world->poller) < all + MANY * (2 + beats / 5) + 2 * beats);
	poller_free(world->poller);
	world->poller = NULL;
	hostile_stop(crowd.server);
}

static void
a_poller_may_go_at_any_moment(void **state)
{
	struct world *world = *state;
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[2].mode, MODE_SLOW);
	for (size_t i = 0; i < 3; i++)
		add(world, i);
	run_for(world, 150000);
	poller_refresh(world->poller, 1);
	poller_free(world->poller);
	world->poller = NULL;
	run_for(world, 50000);
	poller_free(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_healthy_service_tells_its_model_and_version),
	    CASE(connections_are_kept_between_polls),
	    CASE(polls_come_once_an_interval),
	    CASE(a_service_that_hangs_holds_no_other),
	    CASE(hanging_metrics_do_not_hold_health),
	    CASE(each_way_to_fail_has_its_reason),
	    CASE(nobody_listening_is_connection_refused_and_asked_more_rarely),
	    CASE(a_refresh_does_not_wait_for_the_back_off),
	    CASE(metrics_return_with_the_service),
	    CASE(two_scrapes_give_rates_and_quantiles),
	    CASE(bad_metrics_are_named_and_leave_health_alone),
	    CASE(of_many_services_one_that_hangs_and_one_that_is_gone_hold_no_other),
	    CASE(openmetrics_is_asked_for_and_read_by_its_content_type),
	    CASE(native_histograms_are_named_as_unread),
	    CASE(a_poller_may_go_at_any_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
