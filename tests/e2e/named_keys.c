/* named_keys.c: the dashboard on standard input: keys come from the terminal, and end it while the
 * log still flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/operator.h"

static int
set_up(void **state)
{
	(void)state;
	return operator_make_place() ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	operator_remove_place();
	return 0;
}

static void
keys_work_while_the_log_comes_in_on_standard_input(void **state)
{
	(void)state;
	struct pty pty;
	char shell[] = "/bin/sh", option[] = "-c", script[1200];
	snprintf(script, sizeof(script),
	    "mkfifo %s/log; exec 7<>%s/log\n"
	    "echo '{\"ts\":\"2026-01-28T14:06:04Z\",\"score\":0.5,\"service\":\"fraud-eu\"}' >&7\n"
	    "exec %s - <&7 7<&-",
	    place, place, operator_program());
	char *const argv[] = {shell, option, script, NULL};
	assert_true(pty_start(&pty, argv, NULL, 120, 40));
	assert_true(pty_wait(&pty, "fraud-eu"));
	assert_true(pty_send(&pty, "6"));
	assert_true(pty_wait(&pty, "stdin"));
	assert_true(pty_send(&pty, "1"));
	assert_true(pty_wait_gone(&pty, "stdin"));
	assert_true(pty_send(&pty, "q"));
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 0);
	assert_true(pty_is_restored(&pty));
	pty_close(&pty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_work_while_the_log_comes_in_on_standard_input),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
