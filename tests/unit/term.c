/* term.c: the terminal in a pseudo-terminal. This program starts itself as a small screen program
 * (`term child`, tests/support/term/child.h). */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "tests/kit/pty.h"
#include "tests/support/term/child.h"
#include "tui/term.h"

static char self[4096];

static void
start(struct pty *pty, const char *const *environment, int width, int height)
{
	char *const argv[] = {self, (char[]){"child"}, NULL};
	unsetenv("NO_COLOR");
	unsetenv("TMUX");
	unsetenv("STY");
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_true(pty_start(pty, argv, environment, width, height));
}

/* Is any colour asked for, even the default one? `ESC [ ... m` with 30..49 or 90..107 in it. */
static bool
raw_has_colour(const struct pty *pty)
{
	for (size_t i = 0; i + 1 < pty->raw.length; i++) {
		if (pty->raw.data[i] != '\033' || pty->raw.data[i + 1] != '[')
			continue;
		const char *at = pty->raw.data + i + 2;
		bool colour = false;
		while ((*at >= '0' && *at <= '9') || *at == ';') {
			long number = strtol(at, NULL, 10);
			colour |= (number >= 30 && number < 50) || (number >= 90 && number < 108);
			at += strspn(at, "0123456789");
			at += *at == ';';
		}
		if (*at == 'm' && colour)
			return true;
	}
	return false;
}

static void
quit(struct pty *pty)
{
	assert_true(pty_send(pty, "q"));
	assert_true(pty_wait_end(pty));
	assert_int_equal(pty_exit_code(pty), 0);
	assert_true(pty_is_restored(pty));
	pty_close(pty);
}

static void
what_is_drawn_is_on_the_screen_and_gone_at_the_end(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_shows(&pty, "80x24"));
	assert_true(pty_shows(&pty, "OK  SLOW  DOWN"));
	assert_true(pty_shows(&pty, "支付 ▁▂▃ ⣿ é"));
	assert_true(pty.alternate);
	assert_false(pty.cursor);
	assert_true(pty_wrote(&pty, "38;5;") && pty_wrote(&pty, "\033[?2026h"));
	assert_true(pty_send(&pty, "q"));
	assert_true(pty_wait(&pty, "farewell"));
	quit(&pty);
}

static void
known_terminals_start_without_a_word(void **state)
{
	(void)state;
	static const char *const names[] = {"TERM=xterm-256color", "TERM=tmux-256color",
	    "TERM=screen", "TERM=screen-256color", "TERM=linux", "TERM=xterm", "TERM=vt100"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *const environment[] = {names[i], NULL};
		struct pty pty;
		start(&pty, environment, 80, 24);
		assert_true(pty_wait(&pty, "corner"));
		assert_true(pty_shows(&pty, "OK  SLOW  DOWN"));
		assert_false(pty_wrote(&pty, "fraudtop:"));
		bool poor = strstr(names[i], "linux") != NULL || strstr(names[i], "vt") != NULL;
		assert_int_equal(pty_wrote(&pty, "2026"), !poor);
		quit(&pty);
	}
}

static void
an_unknown_terminal_falls_back_with_one_line(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	    {"TERM=xterm-ghostty",
		"terminal type `xterm-ghostty` is not known here; using xterm-256color"},
	    {"TERM=screen.xterm", "terminal type `screen.xterm` is not known here; using xterm\r"},
	    {"TERM=no\033[31mpe", "terminal type `no\xEF\xBF\xBD[31mpe` is not known here"},
	    {"TERM=", "TERM is not set; using xterm-256color"},
	    {"TERM", "TERM is not set; using xterm-256color"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const environment[] = {cases[i][0], NULL};
		struct pty pty;
		start(&pty, environment, 100, 24);
		assert_true(pty_wait(&pty, "corner"));
		assert_true(pty_wrote(&pty, cases[i][1]));
		quit(&pty);
	}
}

static void
a_terminal_that_cannot_place_text_is_refused_with_a_way_out(void **state)
{
	(void)state;
	const char *const environment[] = {"TERM=dumb", NULL};
	struct pty pty;
	start(&pty, environment, 80, 24);
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), ERR_UNAVAILABLE);
	assert_true(pty_shows(&pty, "fraudtop: the terminal type `dumb` cannot place text"));
	assert_true(pty_shows(&pty, "--batch"));
	assert_true(pty_is_restored(&pty));
	pty_close(&pty);
}

static void
without_a_terminal_opening_fails_with_a_reason(void **state)
{
	(void)state;
	struct theme theme = {0};
	struct err err = {0};
	int kept = dup(STDOUT_FILENO), file = open("/dev/null", O_WRONLY);
	dup2(file, STDOUT_FILENO);
	struct term *term = term_open(&theme, TERM_COLOR_AUTO, &err);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	close(file);
	assert_null(term);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "not a terminal"));
}

static void
no_color_sends_no_colour_and_keeps_severities_apart(void **state)
{
	(void)state;
	static const char *const cases[] = {"NO_COLOR=1", "CHILD_COLOR=1", "TERM=vt100"};
	for (size_t i = 0; i < 3; i++) {
		const char *const environment[] = {cases[i], NULL};
		struct pty pty;
		start(&pty, environment, 80, 24);
		assert_true(pty_wait(&pty, "corner"));
		VTermScreenCell ok, slow, down;
		vterm_screen_get_cell(pty.screen, (VTermPos){2, 0}, &ok);
		vterm_screen_get_cell(pty.screen, (VTermPos){2, 4}, &slow);
		vterm_screen_get_cell(pty.screen, (VTermPos){2, 10}, &down);
		assert_true(slow.attrs.bold && !ok.attrs.bold);
		assert_true(down.attrs.reverse && !slow.attrs.reverse);
		assert_true(pty_send(&pty, "q"));
		assert_true(pty_wait_end(&pty));
		assert_false(raw_has_colour(&pty));
		assert_true(pty_is_restored(&pty));
		pty_close(&pty);
	}
	const char *const empty[] = {"NO_COLOR=", "FRAUDTOP_NO_SYNC=1", NULL};
	struct pty pty;
	start(&pty, empty, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_wrote(&pty, "38;5;"));
	assert_false(pty_wrote(&pty, "2026"));
	quit(&pty);
}

static void
sixteen_colours_are_enough(void **state)
{
	(void)state;
	const char *const environment[] = {"CHILD_COLOR=2", NULL};
	struct pty pty;
	start(&pty, environment, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_false(pty_wrote(&pty, "38;5;"));
	assert_true(raw_has_colour(&pty));
	quit(&pty);
}

static void
an_unchanged_canvas_sends_nothing(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 200, 50);
	assert_true(pty_wait(&pty, "corner"));
	pty_settle(&pty, 200);
	size_t before = pty.bytes;
	assert_true(pty_send(&pty, "s"));
	pty_settle(&pty, 500);
	assert_int_equal(pty.bytes, before);
	assert_true(pty_send(&pty, "j"));
	assert_true(pty_wait(&pty, "keys 6a."));
	assert_in_range(pty.bytes - before, 1, 60);
	quit(&pty);
}

static void
keys_arrive_as_what_they_are(void **state)
{
	(void)state;
	static const char *const cases[][2] = {{"\033OA\033[B", "keys 110001 110002."},
	    {"\033[5~\033[6~\033[Z", "keys 110007 110008 11000b."}, {"\r\t", "keys d 9."},
	    {"\x7f", "keys 110009."}, {"é支", "keys e9 652f."}, {"\x15\x17\x03", "keys 15 17."},
	    {"\033OP\033[3~\033[H\033OF", "keys 11000c 11000a 110005 110006."}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pty pty;
		start(&pty, NULL, 80, 24);
		assert_true(pty_wait(&pty, "keys."));
		assert_true(pty_send(&pty, cases[i][0]));
		if (i == 5) { /* Ctrl-C is a signal, for the application */
			assert_true(pty_wait_end(&pty));
			assert_int_equal(pty_exit_code(&pty), 130);
			assert_true(pty_is_restored(&pty));
			pty_close(&pty);
			continue;
		}
		assert_true(pty_wait(&pty, cases[i][1]));
		quit(&pty);
	}
}

static void
a_lone_escape_is_a_key_and_an_unknown_sequence_is_none(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "keys."));
	assert_true(pty_send(&pty, "\033"));
	assert_true(pty_wait(&pty, "keys 1b."));
	assert_true(pty_send(&pty, "\033[24;80R\033[200~\033OR\033[1;5Rk"));
	assert_true(pty_wait(&pty, "keys 1b 6b."));
	quit(&pty);
}

static void
any_size_is_drawn_and_none_ends_it(void **state)
{
	(void)state;
	struct pty pty;
	struct rng rng;
	rng_seed(&rng, 42, 1);
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "80x24"));
	for (int i = 0; i < 60; i++) {
		int width = i == 0 ? 1 : i == 1 ? 400 : 1 + (int)rng_below(&rng, i % 2 ? 400 : 20);
		int height = i == 0 ? 1 : i == 1 ? 120 : 1 + (int)rng_below(&rng, i % 2 ? 120 : 6);
		char wanted[32];
		snprintf(wanted, sizeof(wanted), "%dx%d", width, height);
		pty_resize(&pty, width, height);
		if (width > 8 && height > 1) /* on one row the corner lies over it */
			assert_true(pty_wait(&pty, wanted));
		else
			pty_settle(&pty, 30);
		assert_int_equal(kill(pty.pid, 0), 0);
	}
	pty_resize(&pty, 80, 24);
	assert_true(pty_wait(&pty, "80x24"));
	quit(&pty);
}

static void
one_cell_is_enough_to_start(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 1, 1);
	assert_true(pty_wait_wrote(&pty, "\033[?2026l"));
	assert_true(pty.alternate);
	quit(&pty);
}

static void
every_signal_that_can_be_caught_gives_the_terminal_back(void **state)
{
	(void)state;
	static const int asked[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGUSR1,
	    SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGSYS, SIGTRAP, SIGPIPE, SIGPOLL};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct pty pty;
		start(&pty, NULL, 80, 24);
		assert_true(pty_wait(&pty, "corner"));
		kill(pty.pid, asked[i]);
		assert_true(pty_wait_end(&pty));
		assert_int_equal(pty_exit_code(&pty), 128 + asked[i]);
		assert_true(pty_is_restored(&pty));
		pty_close(&pty);
	}
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		struct pty pty;
		start(&pty, NULL, 80, 24);
		assert_true(pty_wait(&pty, "corner"));
		assert_true(pty.alternate);
		kill(pty.pid, fatal[i]);
		assert_true(pty_wait_end(&pty));
		int by = pty_end_signal(&pty); /* a sanitizer's own handler ends with SIGABRT */
		assert_true(by == fatal[i] || by == SIGABRT);
		assert_true(pty_is_restored(&pty));
		pty_close(&pty);
	}
}

static void
a_crash_from_within_gives_the_terminal_back(void **state)
{
	(void)state;
	static const struct {
		const char *key, *says;
		int code;
	} cases[] = {{"D", "fraudtop: broken on purpose", -1}, {"X", NULL, 3}, {"O", NULL, -1}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pty pty;
		start(&pty, NULL, 80, 24);
		assert_true(pty_wait(&pty, "corner"));
		assert_true(pty_send(&pty, cases[i].key));
		assert_true(pty_wait_end(&pty));
		assert_int_equal(pty_exit_code(&pty), cases[i].code);
		assert_true(pty_is_restored(&pty));
		if (cases[i].says != NULL)
			assert_true(pty_shows(&pty, cases[i].says));
		pty_close(&pty);
	}
}

static void
a_lost_terminal_ends_the_program(void **state)
{
	(void)state;
	for (int ignored = 0; ignored < 2; ignored++) {
		struct pty pty;
		/* Once with SIGHUP doing its work, once with a program that was started by nohup.
		 */
		char *const plain[] = {self, (char[]){"child"}, NULL};
		char *const nohup[] = {(char[]){"sh"}, (char[]){"-c"},
		    (char[]){"trap '' HUP; \"$0\" child"}, self, NULL};
		setenv("TERM", "xterm-256color", 1);
		assert_true(pty_start(&pty, ignored ? nohup : plain, NULL, 80, 24));
		assert_true(pty_wait(&pty, "corner"));
		pty_hang_up(&pty);
		assert_true(pty_wait_end(&pty));
		pty_close(&pty);
	}
}

static void
what_libraries_say_waits_for_the_end(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_send(&pty, "ej"));
	assert_true(pty_wait(&pty, "keys 6a."));
	assert_false(pty_wrote(&pty, "library noise"));
	assert_true(pty_send(&pty, "q"));
	assert_true(pty_wait(&pty, "library noise"));
	assert_true(pty_wait_end(&pty));
	assert_true(pty_is_restored(&pty));
	pty_close(&pty);
}

static void
the_end_of_a_forked_child_leaves_the_screen_alone(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_send(&pty, "f"));
	pty_settle(&pty, 500);
	assert_true(pty.alternate);
	assert_true(pty_send(&pty, "j"));
	assert_true(pty_wait(&pty, "keys 6a."));
	quit(&pty);
}

static void
a_stopped_program_gives_the_terminal_back_and_takes_it_again(void **state)
{
	(void)state;
	struct pty pty;
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},
	    (char[]){"set -m; \"$0\" child; stty -a | grep -o ' icanon'; echo STOPPED; read x;"
		     " fg >/dev/null; echo DONE"},
	    self, NULL};
	setenv("TERM", "xterm-256color", 1);
	assert_true(pty_start(&pty, argv, NULL, 80, 24));
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_send(&pty, "z"));
	assert_true(pty_wait(&pty, "STOPPED"));
	assert_true(pty_shows(&pty, "icanon"));
	assert_false(pty.alternate);
	assert_true(pty.cursor);
	assert_true(pty_send(&pty, "\n"));
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty.alternate);
	assert_false(pty.cursor);
	assert_true(pty_send(&pty, "j"));
	assert_true(pty_wait(&pty, "6a."));
	assert_false(pty_wrote(&pty, "\033]104")); /* the user's palette stays */
	assert_true(pty_send(&pty, "q"));
	assert_true(pty_wait(&pty, "DONE"));
	assert_true(pty_wait_end(&pty));
	assert_true(pty_is_restored(&pty));
	pty_close(&pty);
}

static void
a_copy_reaches_the_clipboard(void **state)
{
	(void)state;
	struct pty pty;
	start(&pty, NULL, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	assert_true(pty_send(&pty, "c"));
	assert_true(pty_wait_wrote(&pty, "\033]52;c;aGVsbG8=\033\\"));
	quit(&pty);
}

static void
a_locale_without_utf8_gets_ascii(void **state)
{
	(void)state;
	const char *const environment[] = {"LC_ALL=C", NULL};
	struct pty pty;
	start(&pty, environment, 80, 24);
	assert_true(pty_wait(&pty, "corner"));
	for (size_t i = 0; i < pty.raw.length; i++)
		assert_true((unsigned char)pty.raw.data[i] < 0x80);
	assert_true(pty_shows(&pty, "?? .:- ? ?"));
	quit(&pty);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "child") == 0)
		return child_run();
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		snprintf(self, sizeof(self), "%s", argv[0]);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_drawn_is_on_the_screen_and_gone_at_the_end),
	    cmocka_unit_test(known_terminals_start_without_a_word),
	    cmocka_unit_test(an_unknown_terminal_falls_back_with_one_line),
	    cmocka_unit_test(a_terminal_that_cannot_place_text_is_refused_with_a_way_out),
	    cmocka_unit_test(without_a_terminal_opening_fails_with_a_reason),
	    cmocka_unit_test(no_color_sends_no_colour_and_keeps_severities_apart),
	    cmocka_unit_test(sixteen_colours_are_enough),
	    cmocka_unit_test(an_unchanged_canvas_sends_nothing),
	    cmocka_unit_test(keys_arrive_as_what_they_are),
	    cmocka_unit_test(a_lone_escape_is_a_key_and_an_unknown_sequence_is_none),
	    cmocka_unit_test(any_size_is_drawn_and_none_ends_it),
	    cmocka_unit_test(one_cell_is_enough_to_start),
	    cmocka_unit_test(every_signal_that_can_be_caught_gives_the_terminal_back),
	    cmocka_unit_test(a_crash_from_within_gives_the_terminal_back),
	    cmocka_unit_test(a_lost_terminal_ends_the_program),
	    cmocka_unit_test(what_libraries_say_waits_for_the_end),
	    cmocka_unit_test(the_end_of_a_forked_child_leaves_the_screen_alone),
	    cmocka_unit_test(a_stopped_program_gives_the_terminal_back_and_takes_it_again),
	    cmocka_unit_test(a_copy_reaches_the_clipboard),
	    cmocka_unit_test(a_locale_without_utf8_gets_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
