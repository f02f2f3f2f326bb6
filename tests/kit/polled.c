#include "tests/kit/polled.h"

#include <stdlib.h>

int
polled_setup(void **state)
{
	static const struct poller_options options = {
	    .interval_us = 30000, .timeout_us = CLOCK_MINUTE, .seed = 42};
	struct polled *world = calloc(1, sizeof(*world));
	world->loop = loop_new();
	world->http = http_new(world->loop);
	world->poller = poller_new(world->loop, world->http, &options);
	for (size_t i = 0; i < 3; i++)
		world->fakes[i].server = hostile_start(fake_serve, &world->fakes[i]);
	*state = world;
	return 0;
}

int
polled_teardown(void **state)
{
	struct polled *world = *state;
	poller_free(world->poller);
	http_free(world->http);
	loop_free(world->loop);
	for (size_t i = 0; i < 3; i++)
		hostile_stop(world->fakes[i].server);
	free(world);
	return 0;
}

void
polled_renew(struct polled *world, const struct poller_options *options)
{
	poller_free(world->poller);
	world->poller = poller_new(world->loop, world->http, options);
}

void
polled_lose_patience(struct polled *world)
{
	static const struct poller_options options = {
	    .interval_us = 30000, .timeout_us = 500000, .seed = 42};
	polled_renew(world, &options);
}

const struct poll_state *
polled_add(struct polled *world, size_t fake)
{
	size_t index = poller_add(world->poller, world->fakes[fake].server->url, NULL);
	return poller_service(world->poller, index);
}

void
polled_run_for(struct polled *world, int64_t us)
{
	mono_us end = clock_mono() + us;
	for (int64_t left = us; left > 0; left = end - clock_mono())
		loop_run_once(world->loop, left);
}
