/* osc52.c: how a copy is put to the terminal, by what stands between it and the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "tui/osc52.h"

static void
a_copy_goes_through_tmux_and_screen_and_not_where_it_is_forbidden(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
	    {"TMUX", "x", "\033Ptmux;\033\033]52;c;aGVsbG8=\033\033\\\033\\"},
	    {"STY", "x", "\033P\033]52;c;aGVsbG8=\a\033\\"}, {"FRAUDTOP_CLIPBOARD", "off", ""}};
	for (size_t i = 0; i < 3; i++) {
		struct buf out = {0};
		setenv(cases[i][0], cases[i][1], 1);
		osc52_encode(&out, "hello");
		assert_string_equal(out.data != NULL ? out.data : "", cases[i][2]);
		unsetenv(cases[i][0]);
		buf_free(&out);
	}
}

static void
what_is_too_long_is_cut_at_a_whole_character(void **state)
{
	(void)state;
	static char much[100001];
	memset(much, 'a', sizeof(much) - 1);
	memcpy(much + OSC52_MAX / 4 * 3 - 1, "\xC3\xA9", 2); /* astride the limit */
	struct buf out = {0};
	osc52_encode(&out, much);
	assert_int_equal(out.length, 7 + 74992 + 2);
	buf_free(&out);
}

int
main(void)
{
	unsetenv("TMUX");
	unsetenv("STY");
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_goes_through_tmux_and_screen_and_not_where_it_is_forbidden),
	    cmocka_unit_test(what_is_too_long_is_cut_at_a_whole_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
