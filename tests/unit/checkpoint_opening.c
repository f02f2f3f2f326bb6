/* checkpoint_opening.c: the checkpoint's store is opened beside the screen: on a disk that takes
 * its time a key is answered meanwhile, and who leaves then loses nothing. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/loop.h"
#include "tests/kit/collected.h"

enum { LINES = 30, LONGEST_MS = 10000 };

static pthread_t screen;
static atomic_bool waits, pressed; /* something waits for the disk; a key came meanwhile */
static atomic_uint syncs, screen_syncs;

/* A disk that is not done before a key was answered. */
static int
wait_for_disk(void)
{
	atomic_fetch_add(&syncs, 1);
	if (pthread_equal(pthread_self(), screen))
		atomic_fetch_add(&screen_syncs, 1);
	atomic_store(&waits, true);
	for (int ms = 0; ms < LONGEST_MS && !atomic_load(&pressed); ms++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return 0;
}

/* SQLite calls one or the other, by how it was built. */
int
fsync(int fd)
{
	(void)fd;
	return wait_for_disk();
}

int
fdatasync(int fd)
{
	(void)fd;
	return wait_for_disk();
}

static void
press(void *context)
{
	(void)context;
	if (atomic_load(&waits))
		atomic_store(&pressed, true);
}

/* A log and a state folder of its own. */
static void
begin(struct collected *f)
{
	screen = pthread_self();
	atomic_store(&waits, false);
	atomic_store(&pressed, false);
	atomic_store(&syncs, 0);
	atomic_store(&screen_syncs, 0);
	place_make(f->folder, "opening");
	char *state = place_path(f->folder, "state");
	assert_int_equal(setenv("XDG_STATE_HOME", state, 1), 0);
	free(state);
	FILE *file = place_open(f->folder, "eu.jsonl", "w");
	for (int i = 0; i < LINES; i++)
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:00:%02dZ\",\"request_id\":\"r%d\",\"service\":\"eu\","
		    "\"model\":\"m\",\"version\":\"1\",\"score\":0.25,\"threshold\":0.5}\n",
		    i, i);
	place_close(file);
	collected_open(f, "services: [{name: eu, log: \"@/eu.jsonl\"}]\n");
}

static void
end(struct collected *f)
{
	atomic_store(&pressed, true);
	collected_end(f);
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
}

static void
read_all(struct collected *f)
{
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	const struct snapshot *snapshot = collected_turn(f, 1000);
	while (snapshot->sources_count == 0 || snapshot->sources[0].lines < LINES) {
		assert_true(clock_mono() < limit);
		snapshot = collected_turn(f, 1000);
	}
	assert_int_equal(snapshot->sources[0].accepted, LINES);
}

static void
a_key_is_answered_while_a_new_store_waits_for_its_disk(void **state)
{
	(void)state;
	struct collected f;
	begin(&f);
	struct loop_timer *keys = loop_timer_add(f.loop, 0, 1000, press, NULL);
	read_all(&f);
	assert_true(atomic_load(&pressed));
	assert_true(atomic_load(&syncs) > 0);
	assert_int_equal(atomic_load(&screen_syncs), 0);
	assert_true(collector_snapshot(f.collector)->checkpoint.kept);
	loop_timer_cancel(f.loop, keys);
	end(&f);
}

static void
a_restart_waits_for_no_disk_on_the_screens_thread(void **state)
{
	(void)state;
	struct collected f;
	begin(&f);
	atomic_store(&pressed, true);
	read_all(&f);
	collector_free(f.collector); /* which keeps a checkpoint */
	atomic_store(&screen_syncs, 0);
	collected_begin(&f);
	read_all(&f);
	assert_true(collector_snapshot(f.collector)->checkpoint.resumed);
	assert_int_equal(atomic_load(&screen_syncs), 0);
	end(&f);
}

static void
who_leaves_while_it_is_opened_loses_nothing(void **state)
{
	(void)state;
	struct collected f;
	begin(&f);
	atomic_store(&pressed, true);
	read_all(&f);
	for (int turns = 0; turns < 4; turns++) { /* sooner and later */
		collector_free(f.collector);
		collected_begin(&f);
		for (int i = 0; i < turns; i++)
			loop_run_once(f.loop, 0);
	}
	read_all(&f);
	assert_true(collector_snapshot(f.collector)->checkpoint.resumed);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_is_answered_while_a_new_store_waits_for_its_disk),
	    cmocka_unit_test(a_restart_waits_for_no_disk_on_the_screens_thread),
	    cmocka_unit_test(who_leaves_while_it_is_opened_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
