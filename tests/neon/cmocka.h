/* cmocka.h: the little of cmocka that the reader's tests use, to build them for a processor for
 * which no cmocka is installed (make check-neon). The first failure ends the program. */
#ifndef FRAUDTOP_TESTS_NEON_CMOCKA_H
#define FRAUDTOP_TESTS_NEON_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*run)(void **state);
	int (*set_up)(void **state), (*tear_down)(void **state);
};

#define cmocka_unit_test(test)                                                                     \
	{                                                                                          \
		.name = #test, .run = test                                                         \
	}
#define cmocka_unit_test_teardown(test, after)                                                     \
	{                                                                                          \
		.name = #test, .run = test, .tear_down = after                                     \
	}
#define cmocka_unit_test_setup_teardown(test, before, after)                                       \
	{                                                                                          \
		.name = #test, .run = test, .set_up = before, .tear_down = after                   \
	}

#define fail_msg(...)                                                                              \
	do {                                                                                       \
		printf("not ok - %s:%d: ", __FILE__, __LINE__);                                    \
		printf(__VA_ARGS__);                                                               \
		puts("");                                                                          \
		exit(1);                                                                           \
	} while (0)
#define assert_true(condition)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("%s", #condition);                                                \
	} while (0)
#define assert_false(condition) assert_true(!(condition))
#define assert_null(pointer) assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_string_equal(a, b) assert_true(strcmp((a), (b)) == 0)

/* A group's set-up is for all its tests. */
#define cmocka_run_group_tests(tests, before, after)                                               \
	cmocka_run(tests, sizeof(tests) / sizeof(tests[0]), before, after)

static inline int
cmocka_run(
    const struct CMUnitTest *tests, size_t count, int (*before)(void **), int (*after)(void **))
{
	void *state = NULL;
	if (before != NULL)
		before(&state);
	for (size_t i = 0; i < count; i++) {
		if (tests[i].set_up != NULL)
			tests[i].set_up(&state);
		tests[i].run(&state);
		if (tests[i].tear_down != NULL)
			tests[i].tear_down(&state);
		printf("ok - %s\n", tests[i].name);
	}
	if (after != NULL)
		after(&state);
	return 0;
}

#endif
