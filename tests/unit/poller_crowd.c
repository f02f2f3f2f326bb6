/* poller.c with many services: none holds another, and how often they are asked. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/kit/polled.h"

enum { MANY = 200, MORE = 850, WHAT = 16 };

/* Of /INDEX/WHAT. False: no such service. */
static bool
asked_of(const struct hostile_request *request, unsigned services, unsigned *index, char *what)
{
	return sscanf(request->path, "/%u/%15s", index, what) == 2 && *index < services;
}

/* Many services behind one address, each with a path of its own. */
struct crowd {
	struct hostile *server;
	pthread_mutex_t lock;
	unsigned polls[MANY]; /* of metrics */
};

static bool
serve_crowd(struct hostile_request *request, void *context)
{
	struct crowd *crowd = context;
	unsigned index;
	char what[WHAT];
	if (!asked_of(request, MANY, &index, what))
		return hostile_answer(request, "404 Not Found", "");
	if (strcmp(what, "health") == 0)
		return hostile_answer(request, "200 OK", "{\"status\":\"ok\"}");
	pthread_mutex_lock(&crowd->lock);
	crowd->polls[index]++;
	pthread_mutex_unlock(&crowd->lock);
	return fake_counters(request, 100);
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
all_known(const struct polled *world)
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
	struct polled *world = *state;
	char url[128], refusing[64];
	int gone = hostile_bind(refusing);
	polled_renew(world, &options);
	crowd.server = hostile_start(serve_crowd, &crowd);
	atomic_store(&world->fakes[1].mode, MODE_HANG);
	atomic_store(&world->fakes[1].metrics, METRICS_HANG);
	const struct poll_state *hung = polled_add(world, 1);
	const struct poll_state *dead =
	    poller_service(world->poller, poller_add(world->poller, refusing, NULL));
	mono_us start = clock_mono();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(url, sizeof(url), "%s/%u", crowd.server->url, i);
		poller_add(world->poller, url, NULL);
	}
	POLLED_UNTIL(world, fewest_polls(&crowd) >= 5);
	POLLED_UNTIL(world, all_known(world));
	assert_string_equal(dead->reason, "connection refused");
	assert_false(hung->answered || hung->failures > 0); /* it still hangs */
	pthread_mutex_lock(&crowd.lock);
	unsigned beats = (unsigned)((clock_mono() - start) / (9 * CLOCK_SECOND / 10)) + 2;
	for (unsigned i = 0; i < MANY; i++) {
		assert_in_range(crowd.polls[i], 5, beats);
	}
	pthread_mutex_unlock(&crowd.lock);
	/* As many connections as polls meet, not one a poll. */
	assert_in_range(hostile_connections(crowd.server), 1, MANY);
	poller_free(world->poller);
	world->poller = NULL;
	hostile_stop(crowd.server);
	close(gone);
}

/* Services behind one address that count how often each was asked for its health. */
struct ward {
	struct hostile *server;
	atomic_uint health[MORE], metrics[MORE];
	atomic_int broken; /* the one whose metrics are none, or -1 */
};

static bool
serve_ward(struct hostile_request *request, void *context)
{
	struct ward *ward = context;
	unsigned index;
	char what[WHAT];
	if (!asked_of(request, MORE, &index, what))
		return hostile_answer(request, "404 Not Found", "");
	if (strcmp(what, "health") == 0) {
		atomic_fetch_add(&ward->health[index], 1);
		return hostile_answer(request, "200 OK", "{\"status\":\"ok\"}");
	}
	atomic_fetch_add(&ward->metrics[index], 1);
	if ((int)index == atomic_load(&ward->broken))
		return hostile_answer(request, "500 Oh", "no");
	return hostile_answer(request, "200 OK", "api_requests_total 7\n");
}

/* So many intervals of time that stands still until all that was asked is answered. */
static void
run_intervals(struct polled *world, int64_t intervals)
{
	enum { STEPS = 32 };
	for (int64_t step = 0; step < intervals * STEPS; step++) {
		clock_advance(CLOCK_SECOND / STEPS);
		loop_run_once(world->loop, 0);
		while (poller_waiting(world->poller) > 0)
			loop_run_once(world->loop, 10000);
	}
}

static void
of_very_many_services_health_is_asked_more_rarely_while_metrics_answer(void **state)
{
	static struct ward ward;
	static const struct poller_options options = {.interval_us = CLOCK_SECOND};
	struct polled *world = *state;
	char url[128];
	clock_freeze(1769609164000000);
	polled_renew(world, &options);
	atomic_store(&ward.broken, 7);
	ward.server = hostile_start(serve_ward, &ward);
	for (unsigned i = 0; i < MORE; i++) {
		snprintf(url, sizeof(url), "%s/%u", ward.server->url, i);
		poller_add(world->poller, url, NULL);
	}
	run_intervals(world, 3);
	for (unsigned i = 0; i < MORE; i++) {
		atomic_store(&ward.health[i], 0);
		atomic_store(&ward.metrics[i], 0);
	}
	run_intervals(world, 6);
	for (unsigned i = 0; i < MORE; i++) {
		assert_true(poller_service(world->poller, i)->healthy);
		if (i == 7) {
			assert_in_range(atomic_load(&ward.health[i]), 5, 6); /* every beat */
			continue;
		}
		assert_in_range(atomic_load(&ward.metrics[i]), 5, 6);
		assert_in_range(atomic_load(&ward.health[i]), 2, 2); /* every third */
	}
	poller_free(world->poller);
	world->poller = NULL;
	hostile_stop(ward.server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POLLED_CASE(of_many_services_one_that_hangs_and_one_that_is_gone_hold_no_other),
	    POLLED_CASE(of_very_many_services_health_is_asked_more_rarely_while_metrics_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
