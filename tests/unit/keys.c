/* keys.c: what follows an Escape is a key, or none, and is read to its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/keys.h"
#include "tui/term.h"

static const char *feed_at;

static int
feed_next(void *context)
{
	(void)context;
	return *feed_at != '\0' ? (unsigned char)*feed_at++ : -1;
}

static int
feed_back(int byte)
{
	feed_at--;
	return byte;
}

static void
sequences_are_read_to_their_end(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t key;
		const char *left;
	} cases[] = {{"", TERM_ESCAPE, ""}, {"x", TERM_ESCAPE, "x"}, {"[", TERM_ESCAPE, "["},
	    {"[Ax", TERM_UP, "x"}, {"ODx", TERM_LEFT, "x"}, {"[1~x", TERM_HOME, "x"},
	    {"[8~", TERM_END, ""}, {"[3;5~R", TERM_NONE, "R"}, {"[1;5AR", TERM_NONE, "R"},
	    {"[?2026;2$yR", TERM_NONE, "R"}, {"[99999999999~R", TERM_NONE, "R"},
	    {"OR", TERM_NONE, ""}, {"[12;40R", TERM_NONE, ""}, {"[1;2", TERM_NONE, ""}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		feed_at = cases[i].bytes;
		assert_int_equal(keys_after_escape(feed_next, NULL, feed_back), cases[i].key);
		assert_string_equal(feed_at, cases[i].left);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sequences_are_read_to_their_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
