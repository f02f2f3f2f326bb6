/* due.c: what is due for a negative comes out in its order, each once, and within its memory
 * however many are of one second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/join/due.h"
#include "tests/folder.h"

enum { MEMORY = 1 << 18, ITEMS = 200000 };

static uint64_t
key_of(uint64_t number)
{
	return (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Takes all of that second and earlier; returns how many. */
static uint64_t
take_all(struct due *due, uint32_t second)
{
	struct due_item item, last = {0};
	uint64_t taken = 0;
	for (; due_next(due, second, &item); taken++) {
		assert_true(item.second > last.second ||
			    (item.second == last.second && item.key > last.key));
		assert_true(due_memory(due) <= MEMORY);
		last = item;
	}
	return taken;
}

static void
a_second_with_very_many_comes_out_in_parts(void **state)
{
	(void)state;
	char path[FOLDER_SIZE];
	assert_true(folder_make(path, "due"));
	struct folder *folder = folder_new(path);
	struct due *due = due_new(folder, MEMORY);
	for (uint64_t i = 0; i < ITEMS; i++) {
		due_add(due, key_of(i), i % 100 == 0 ? 1000 + (uint32_t)i / 100 : 1000);
		assert_true(due_memory(due) <= MEMORY);
	}
	assert_int_equal(take_all(due, 999), 0);
	assert_int_equal(take_all(due, 1000), ITEMS - ITEMS / 100 + 1);
	assert_int_equal(take_all(due, 1000 + ITEMS), ITEMS / 100 - 1);
	assert_int_equal(due_dropped(due), 0);
	due_free(due);
	folder_free(folder);
	folder_remove(path);
}

static void
without_files_the_first_due_are_dropped_and_counted(void **state)
{
	(void)state;
	struct due *due = due_new(NULL, MEMORY);
	for (uint64_t i = 0; i < ITEMS; i++) {
		due_add(due, key_of(i), 1000 + (uint32_t)(i / 100));
		assert_true(due_memory(due) <= MEMORY);
	}
	uint64_t taken = take_all(due, UINT32_MAX - 1);
	assert_true(taken > 0 && due_dropped(due) > 0);
	assert_int_equal(taken + due_dropped(due), ITEMS);
	due_free(due);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_second_with_very_many_comes_out_in_parts),
	    cmocka_unit_test(without_files_the_first_due_are_dropped_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
