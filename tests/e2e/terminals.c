/* terminals.c: the dashboard on terminals of all kinds: those that terminfo knows, those that it
 * does not, none at all, and without colour. Nothing it watches is alive, which is no reason not to
 * start. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "tests/kit/operator.h"

static char config[600];
static struct pty pty;
static bool started;

/* A service that refuses connections and a log that is not there. */
static int
set_up(void **state)
{
	(void)state;
	if (!operator_make_place())
		return -1;
	struct buf text = {0};
	snprintf(config, sizeof(config), "%s/config.yaml", place);
	buf_printf(&text,
	    "version: 1\ncontext: prod\nservices:\n  - {name: fraud-eu, url: "
	    "\"http://127.0.0.1:1\", log: %s/none.jsonl}\n",
	    place);
	bool written = buf_write_file(config, text.data, text.length, 0600, NULL);
	buf_free(&text);
	return written ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	operator_remove_place();
	return 0;
}

static int
close_terminal(void **state)
{
	(void)state;
	if (started)
		pty_close(&pty);
	started = false;
	return 0;
}

static void
start(const char *const *environment)
{
	const char *const arguments[] = {"-c", config, NULL};
	close_terminal(NULL);
	started = operator_start_in(&pty, arguments, environment);
	assert_true(started);
}

static void
quit(void)
{
	pty_send(&pty, "q");
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 0);
	assert_true(pty_is_restored(&pty));
}

/* How many parameters of SGR sequences set a colour. */
static int
count_colors(const struct buf *raw)
{
	int colors = 0;
	for (size_t i = 0; i + 2 < raw->length; i++) {
		size_t end = i + 2;
		if (raw->data[i] != '\033' || raw->data[i + 1] != '[')
			continue;
		while (end < raw->length &&
		       (isdigit((unsigned char)raw->data[end]) || raw->data[end] == ';'))
			end++;
		if (end == raw->length || raw->data[end] != 'm')
			continue;
		for (size_t at = i + 2; at < end; at++) {
			int number = atoi(raw->data + at);
			colors += (number >= 30 && number <= 38) ||
				  (number >= 40 && number <= 48) || (number >= 90 && number <= 107);
			while (at < end && raw->data[at] != ';')
				at++;
		}
	}
	return colors;
}

static int
colors_of_a_screen(const char *const *environment)
{
	start(environment);
	assert_true(pty_wait(&pty, "DOWN"));
	assert_true(pty_wait(&pty, "connection refused"));
	quit();
	return count_colors(&pty.raw);
}

static void
no_color_means_no_colour_at_all_and_states_in_words(void **state)
{
	static const char *const without[] = {"NO_COLOR=1", NULL};
	static const char *const empty[] = {"NO_COLOR=", NULL};
	(void)state;
	assert_int_equal(colors_of_a_screen(without), 0);
	assert_true(colors_of_a_screen(empty) > 0); /* set, but empty, means nothing */
	assert_true(colors_of_a_screen(NULL) > 0);
}

static void
known_terminals_show_the_screen(void **state)
{
	static const char *const names[] = {"TERM=xterm-256color", "TERM=xterm",
	    "TERM=tmux-256color", "TERM=screen-256color", "TERM=screen", "TERM=linux",
	    "TERM=vt100"};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *const environment[] = {names[i], NULL};
		start(environment);
		assert_true(pty_wait(&pty, "1 Overview"));
		assert_true(pty_wait(&pty, "DOWN"));
		quit();
		assert_null(strstr(pty.raw.data, "fraudtop: ")); /* no warning */
	}
}

static void
unknown_terminals_show_the_screen_and_say_what_was_taken(void **state)
{
	static const struct {
		const char *name, *said;
	} terminals[] = {{"TERM=xterm-ghostty", "`xterm-ghostty` is not known here; using "},
	    {"TERM=nothing\033]52;c;AA\007", "is not known here; using "},
	    {"TERM=", "TERM is not set; using "}, {"TERM", "TERM is not set; using "}};
	(void)state;
	for (size_t i = 0; i < sizeof(terminals) / sizeof(terminals[0]); i++) {
		const char *const environment[] = {terminals[i].name, NULL};
		start(environment);
		assert_true(pty_wait(&pty, "1 Overview"));
		quit();
		assert_non_null(strstr(pty.raw.data, terminals[i].said));
		assert_null(strstr(pty.raw.data, "\033]52"));
	}
}

/* The story: curses may scroll by saving and restoring the cursor; a terminal of libvterm counts
 * its being hidden to that, and hid it again when the alternate screen was left, now and then. */
static void
the_cursor_is_shown_after_the_alternate_screen_is_left(void **state)
{
	(void)state;
	start(NULL);
	assert_true(pty_wait(&pty, "DOWN"));
	quit();
	const char *left = strstr(pty.raw.data, "\033[?1049l");
	assert_non_null(left);
	assert_non_null(strstr(left, "\033[?25h"));
}

/* It ends, with the reason and a way out on one line, and has not touched the terminal. */
static void
a_dumb_terminal_is_told_the_way_out(void **state)
{
	static const char *const environment[] = {"TERM=dumb", NULL};
	(void)state;
	start(environment);
	assert_true(pty_wait_end(&pty));
	assert_int_equal(pty_exit_code(&pty), 69);
	assert_true(pty_shows(&pty, "`dumb` cannot place text on a screen"));
	assert_true(pty_shows(&pty, "--batch"));
	assert_null(strchr(pty.raw.data, '\033'));
	assert_true(pty_is_restored(&pty));
}

/* --- a log written by somebody who wants the terminal --- */

#define ESCAPED "e\\u001b]52;c;ZXZpbA==\\u0007\\u001b[2J\\u009b3\\u202e"
#define EVIL "e\033]52;c;ZXZpbA==\007\033[2J\302\2333\342\200\256\377"

/* Rejected, accepted, and both kinds very long. The newest are records of many inputs. */
static void
write_hostile_log(const char *path)
{
	struct buf log = {0};
	char ts[32];
	clock_format(ts, sizeof(ts), clock_wall());
	for (int i = 0; i < 5; i++) {
		buf_puts(&log, "garbage " EVIL "\n");
		buf_printf(&log,
		    "{\"ts\":\"%s\",\"request_id\":\"" ESCAPED
		    "\",\"service\":\"fraud-eu\",\"model\":"
		    "\"" ESCAPED "\",\"version\":\"" ESCAPED "\",\"segment\":\"" ESCAPED
		    "\",\"score\":0.5,\"features\":{\"" ESCAPED "\":\"" ESCAPED "\"}}\n",
		    ts);
	}
	for (int i = 0; i < (2 << 20); i += 16)
		buf_puts(&log, "0123456789abcdef");
	buf_puts(&log, "\n");
	for (int inputs = 300; inputs <= 500; inputs += 200) {
		buf_printf(
		    &log, "{\"ts\":\"%s\",\"version\":\"12\",\"score\":0.5,\"features\":{", ts);
		for (int i = 0; i < inputs; i++)
			buf_printf(&log, "%s\"input_%d_of_some_length_%03d\":0.123456789",
			    i > 0 ? "," : "", inputs, i);
		buf_puts(&log, "}}\n");
	}
	assert_true(buf_write_file(path, log.data, log.length, 0600, NULL));
	buf_free(&log);
}

static void
a_hostile_log_is_shown_clean_on_every_panel(void **state)
{
	static const char *const controls[] = {
	    "\033]52;c;ZXZ", "\007", "\302\233", "\342\200\256", "\377"};
	char path[600];
	(void)state;
	snprintf(path, sizeof(path), "%s/none.jsonl", place);
	write_hostile_log(path);
	start(NULL);
	assert_true(pty_wait(&pty, "DOWN"));
	for (const char *key = "1234567"; *key != '\0'; key++) {
		char keys[2] = {*key, '\0'};
		pty_send(&pty, keys);
		pty_settle(&pty, 300);
		assert_true(pty_wait(&pty, "1 Overview"));
	}
	pty_send(&pty, "6");
	assert_true(pty_wait(&pty, "REJECTED  garbage"));
	assert_true(pty_wait(&pty, "13 lines, 6 rejected"));
	assert_true(pty_wait(&pty, "input_300_of_some_length_000=0.123457"));
	pty_send(
	    &pty, "/REJECTED|input_[0-9]+_of\r"); /* filters are of the text, not of the mark */
	assert_true(pty_wait_gone(&pty, "garbage"));
	assert_true(pty_shows(&pty, "input_300_of_some_length_000=0.123457"));
	assert_true(pty_shows(&pty, "input_500_of_some_length_000=0.123457")); /* however long */
	assert_false(pty_shows(&pty, "REJECTED  "));
	quit();
	assert_int_equal(strlen(pty.raw.data), pty.raw.length);
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		assert_null(strstr(pty.raw.data, controls[i]));
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(
		no_color_means_no_colour_at_all_and_states_in_words, close_terminal),
	    cmocka_unit_test_teardown(known_terminals_show_the_screen, close_terminal),
	    cmocka_unit_test_teardown(
		unknown_terminals_show_the_screen_and_say_what_was_taken, close_terminal),
	    cmocka_unit_test_teardown(a_hostile_log_is_shown_clean_on_every_panel, close_terminal),
	    cmocka_unit_test_teardown(
		the_cursor_is_shown_after_the_alternate_screen_is_left, close_terminal),
	    cmocka_unit_test_teardown(a_dumb_terminal_is_told_the_way_out, close_terminal),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
