/* turnlock.c: a lock that is taken in turns: who has precedence comes before all who have none, and
 * who only asks is never kept waiting, but is the next to have it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/turnlock.h"

struct others { /* they take it again and again */
	struct turnlock lock;
	pthread_t threads[3];
	atomic_bool over;
	int inside; /* guarded by the lock */
	atomic_ulong turns;
};

static void *
take_turns(void *context)
{
	struct others *others = context;
	while (!atomic_load(&others->over)) {
		turnlock_enter(&others->lock, false);
		others->inside++;
		atomic_fetch_add(&others->turns, 1);
		usleep(200);
		others->inside--;
		turnlock_leave(&others->lock);
	}
	return NULL;
}

static void
begin(struct others *others)
{
	turnlock_init(&others->lock);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&others->threads[i], NULL, take_turns, others), 0);
}

static void
end(struct others *others)
{
	atomic_store(&others->over, true);
	for (int i = 0; i < 3; i++)
		pthread_join(others->threads[i], NULL);
	turnlock_destroy(&others->lock);
}

static void
who_asks_is_told_no_and_comes_next(void **state)
{
	(void)state;
	struct others others = {0};
	int refused = 0;
	begin(&others);
	for (int i = 0; i < 200; i++) {
		bool taken = turnlock_ask(&others.lock);
		if (!taken) {
			refused++;
			/* Only the one who had it then is let finish. */
			unsigned long turns = atomic_load(&others.turns);
			while (!turnlock_ask(&others.lock))
				usleep(50);
			assert_true(atomic_load(&others.turns) <= turns + 1);
		}
		assert_int_equal(others.inside, 0);
		turnlock_leave(&others.lock);
		usleep(100);
	}
	assert_true(refused > 0);
	end(&others);
}

static void
who_asked_may_wait_after_all(void **state)
{
	(void)state;
	struct others others = {0};
	begin(&others);
	for (int i = 0; i < 50; i++) {
		if (!turnlock_ask(&others.lock))
			turnlock_enter(&others.lock, true);
		assert_int_equal(others.inside, 0);
		turnlock_leave(&others.lock);
	}
	/* Nothing is kept for one who came. */
	unsigned long turns = atomic_load(&others.turns);
	for (int i = 0; i < 10000 && atomic_load(&others.turns) < turns + 20; i++)
		usleep(1000);
	assert_true(atomic_load(&others.turns) >= turns + 20);
	end(&others);
}

static void
a_free_lock_is_had_at_once(void **state)
{
	(void)state;
	struct turnlock lock;
	turnlock_init(&lock);
	assert_true(turnlock_ask(&lock));
	assert_false(turnlock_ask(&lock));
	turnlock_leave(&lock);
	assert_true(turnlock_ask(&lock));
	turnlock_leave(&lock);
	turnlock_enter(&lock, false);
	turnlock_leave(&lock);
	turnlock_destroy(&lock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_free_lock_is_had_at_once),
	    cmocka_unit_test(who_asks_is_told_no_and_comes_next),
	    cmocka_unit_test(who_asked_may_wait_after_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
