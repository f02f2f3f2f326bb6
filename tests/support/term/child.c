#include "tests/support/term/child.h"

#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/entry.h"
#include "tui/term.h"

static volatile sig_atomic_t child_signal;
static volatile int depth;

static void
child_on_signal(int number)
{
	if (number != SIGWINCH)
		child_signal = number;
}

static int
child_overflow(int n)
{
	volatile char waste[4096];
	waste[0] = (char)n;
	return (depth < 0 ? 0 : child_overflow(n + 1)) + waste[0];
}

static void
child_draw(struct term *term, struct canvas *canvas, const char *keys)
{
	int width, height;
	term_size(term, &width, &height);
	if (width != canvas->width || height != canvas->height)
		canvas_resize(canvas, width, height);
	canvas_clear(canvas);
	struct area all = canvas_area(canvas);
	canvas_printf(canvas, all, 0, 0, ROLE_TITLE, "%dx%d", width, height);
	canvas_printf(canvas, all, 0, 1, ROLE_DEFAULT, "keys%s.", keys);
	canvas_text(canvas, all, 0, 2, ROLE_OK, "OK");
	canvas_text(canvas, all, 4, 2, ROLE_WARN, "SLOW");
	canvas_text(canvas, all, 10, 2, ROLE_CRIT, "DOWN");
	canvas_text(canvas, all, 0, 3, ROLE_DEFAULT, "支付 ▁▂▃ ⣿ é");
	canvas_text(canvas, all, 0, 4, ROLE_MUTED, "selected row");
	canvas_select_row(canvas, all, 4);
	canvas_text_right(canvas, all, width, height - 1, ROLE_MUTED, "corner");
	term_draw(term, canvas);
}

/* Returns false to end. */
static bool
child_act(struct term *term, struct canvas *canvas, uint32_t key, char *keys, size_t size)
{
	switch (key) {
	case 'q':
	case TERM_HANGUP:
		return false;
	case 's':
		for (int i = 0; i < 50; i++)
			term_draw(term, canvas);
		return true;
	case 'e':
		fprintf(stderr, "library noise\n");
		return true;
	case 'c':
		term_copy(term, "hello");
		return true;
	case 'z':
		term_suspend(term);
		break;
	case 'f':
		if (fork() == 0)
			exit(0);
		return true;
	case 'D':
		mem_die("broken on purpose");
	case 'X':
		exit(3);
	case 'O':
		child_overflow(0);
		return true;
	default:
		break;
	}
	if (strlen(keys) > 60)
		keys[0] = '\0';
	if (key != TERM_RESIZE)
		text_append(keys, size, " %x", (unsigned)key);
	child_draw(term, canvas, keys);
	return true;
}

int
child_run(void)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH};
	struct theme theme = {0};
	struct err err = {0};
	const char *name = getenv("CHILD_THEME"), *color = getenv("CHILD_COLOR");
	setlocale(LC_ALL, "");
	if (!theme_load(&theme, name != NULL ? name : "default", &err))
		return err.code;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &(struct sigaction){.sa_handler = child_on_signal}, NULL);
	struct term *term =
	    term_open(&theme, color != NULL ? (enum term_color)atoi(color) : TERM_COLOR_AUTO, &err);
	if (term == NULL) {
		fprintf(stderr, "fraudtop: %s\n", err.text);
		return err.code;
	}
	struct canvas *canvas = canvas_new(0, 0, entry_utf8() ? SYMBOLS_BRAILLE : SYMBOLS_ASCII);
	char keys[128] = "";
	child_draw(term, canvas, keys);
	bool on = true;
	while (on && child_signal == 0) {
		struct pollfd input = {.fd = term_input_fd(term), .events = POLLIN};
		poll(&input, 1, 200);
		uint32_t key;
		while (on && (key = term_key(term)) != 0)
			on = child_act(term, canvas, key, keys, sizeof(keys));
	}
	canvas_free(canvas);
	term_close(term);
	printf("farewell\n");
	return child_signal != 0 ? 128 + child_signal : 0;
}
