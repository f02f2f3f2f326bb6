/* polled.h: a poller that asks, for its tests, and three services that do as they are told. */
#ifndef FRAUDTOP_TESTS_KIT_POLLED_H
#define FRAUDTOP_TESTS_KIT_POLLED_H

#include "core/poll/poller.h"
#include "tests/kit/fake.h"

struct polled {
	struct loop *loop;
	struct http *http;
	struct poller *poller;
	struct fake fakes[3];
};

/* The state of a test is a struct polled, which asks every 30 ms and waits a minute. */
int polled_setup(void **state);
int polled_teardown(void **state);
#define POLLED_CASE(name) cmocka_unit_test_setup_teardown(name, polled_setup, polled_teardown)

/* Another poller, that asks nobody yet. */
void polled_renew(struct polled *world, const struct poller_options *options);
/* Waits half a second at most, for what hangs. A service that is well may be as late on a machine
 * that is busy: what is said of it is waited for. */
void polled_lose_patience(struct polled *world);
/* From now on this one of the services is asked. */
const struct poll_state *polled_add(struct polled *world, size_t fake);

void polled_run_for(struct polled *world, int64_t us);
/* Runs until the condition holds; fails if it does not within two minutes. */
#define POLLED_UNTIL(world, condition)                                                             \
	do {                                                                                       \
		mono_us run_start = clock_mono();                                                  \
		while (!(condition) && clock_mono() - run_start < 2 * CLOCK_MINUTE)                \
			loop_run_once((world)->loop, 10000);                                       \
		assert_true(condition);                                                            \
	} while (0)

#endif
