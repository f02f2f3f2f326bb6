#include "tests/kit/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"

long long
pty_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int
pty_on_property(VTermProp property, VTermValue *value, void *context)
{
	struct pty *pty = context;
	if (property == VTERM_PROP_ALTSCREEN) {
		pty->alternate = value->boolean;
		pty->ever_alternate |= value->boolean;
	}
	if (property == VTERM_PROP_CURSORVISIBLE)
		pty->cursor = value->boolean;
	return 1;
}

static void
pty_on_answer(const char *bytes, size_t length, void *context)
{
	struct pty *pty = context;
	if (pty->master >= 0 && write(pty->master, bytes, length) < 0)
		return;
}

/* In the child: the pseudo-terminal for everything, our environment with `environment` over it (a
 * name without `=` is unset), signals as a login shell leaves them. */
static void
pty_exec(struct pty *pty, char *const argv[], const char *const *environment)
{
	close(pty->master);
	login_tty(pty->slave);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	setenv("ASAN_OPTIONS", "abort_on_error=1:detect_leaks=0", 1);
	for (; environment != NULL && *environment != NULL; environment++) {
		if (strchr(*environment, '=') != NULL)
			putenv(strdup(*environment));
		else
			unsetenv(*environment);
	}
	execvp(argv[0], argv);
	_exit(127);
}

static void
pty_new_screen(struct pty *pty, int width, int height)
{
	static const VTermScreenCallbacks callbacks = {.settermprop = pty_on_property};
	/* A wide character in a single column is outside of libvterm 0.1's memory. */
	pty->vt = vterm_new(height, width > 1 ? width : 2);
	vterm_set_utf8(pty->vt, 1);
	vterm_output_set_callback(pty->vt, pty_on_answer, pty);
	pty->screen = vterm_obtain_screen(pty->vt);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
	vterm_screen_reset(pty->screen, 1);
}

bool
pty_start(
    struct pty *pty, char *const argv[], const char *const *environment, int width, int height)
{
	struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};
	memset(pty, 0, sizeof(*pty));
	pty->cursor = true;
	if (openpty(&pty->master, &pty->slave, NULL, NULL, &size) != 0)
		return false;
	fcntl(pty->master, F_SETFD, FD_CLOEXEC);
	fcntl(pty->master, F_SETFL, O_NONBLOCK);
	tcgetattr(pty->slave, &pty->before);
	pty_new_screen(pty, width, height);
	pty->pid = fork();
	if (pty->pid == 0)
		pty_exec(pty, argv, environment);
	return pty->pid > 0;
}

bool
pty_read(struct pty *pty, int wait_ms)
{
	char bytes[8192];
	struct pollfd master = {.fd = pty->master, .events = POLLIN};
	if (pty->master < 0 || poll(&master, 1, wait_ms) <= 0)
		return false;
	ssize_t got = read(pty->master, bytes, sizeof(bytes));
	if (got <= 0)
		return false;
	pty->bytes += (size_t)got;
	buf_append(&pty->raw, bytes, (size_t)got);
	vterm_input_write(pty->vt, bytes, (size_t)got);
	return true;
}

void
pty_settle(struct pty *pty, int quiet_ms)
{
	while (pty_read(pty, quiet_ms))
		continue;
}

char *
pty_text(struct pty *pty)
{
	struct buf out = {0};
	int rows, columns;
	vterm_get_size(pty->vt, &rows, &columns);
	for (int y = 0; y < rows; y++) {
		size_t full = out.length;
		for (int x = 0; x < columns; x++) {
			VTermScreenCell cell;
			char encoded[4];
			vterm_screen_get_cell(pty->screen, (VTermPos){y, x}, &cell);
			uint32_t code = cell.chars[0] == 0 ? ' ' : cell.chars[0];
			if (code == (uint32_t)-1) /* right half of a wide character */
				continue;
			buf_append(&out, encoded, text_encode(encoded, code));
			if (code != ' ')
				full = out.length;
		}
		out.length = full;
		buf_append(&out, "\n", 1);
	}
	buf_append(&out, "", 1);
	return out.data;
}

bool
pty_shows(struct pty *pty, const char *text)
{
	char *screen = pty_text(pty);
	bool found = strstr(screen, text) != NULL;
	free(screen);
	return found;
}

bool
pty_in_frame(const struct pty *pty)
{
	static const char mark[] = "\033[?2026";
	const size_t length = sizeof(mark) - 1;
	for (size_t at = pty->raw.length; at-- > 0;) {
		if (at + length < pty->raw.length && memcmp(pty->raw.data + at, mark, length) == 0)
			return pty->raw.data[at + length] == 'h';
	}
	return false;
}

/* Waits until a whole frame shows the text, or does not; prints the screen if that does not come.
 */
static bool
pty_wait_as(struct pty *pty, const char *text, bool wanted, int wait_ms)
{
	long long end = pty_now_ms() + wait_ms;
	while (pty_shows(pty, text) != wanted || pty_in_frame(pty)) {
		if (pty_now_ms() >= end) {
			char *screen = pty_text(pty);
			fprintf(stderr, "`%s` did not %s; the screen is:\n%s", text,
			    wanted ? "appear" : "go", screen);
			free(screen);
			return false;
		}
		pty_read(pty, 50);
	}
	return true;
}

bool
pty_wait(struct pty *pty, const char *text)
{
	return pty_wait_as(pty, text, true, PTY_WAIT_MS);
}

bool
pty_wait_gone(struct pty *pty, const char *text)
{
	return pty_wait_as(pty, text, false, PTY_WAIT_MS);
}

bool
pty_wrote(const struct pty *pty, const char *bytes)
{
	const size_t length = strlen(bytes);
	for (size_t at = 0; at + length <= pty->raw.length; at++) {
		if (memcmp(pty->raw.data + at, bytes, length) == 0)
			return true;
	}
	return false;
}

bool
pty_wait_wrote(struct pty *pty, const char *bytes)
{
	for (long long end = pty_now_ms() + PTY_WAIT_MS; !pty_wrote(pty, bytes);) {
		if (pty_now_ms() >= end)
			return false;
		pty_read(pty, 50);
	}
	return true;
}

bool
pty_send(struct pty *pty, const char *keys)
{
	size_t length = strlen(keys);
	return write(pty->master, keys, length) == (ssize_t)length;
}

void
pty_resize(struct pty *pty, int width, int height)
{
	struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};
	pty_settle(pty, 0);
	bool alternate = pty->alternate, cursor = pty->cursor;
	vterm_free(pty->vt);
	pty_new_screen(pty, width, height);
	if (alternate)
		vterm_input_write(pty->vt, "\033[?1049h", 8);
	if (!cursor)
		vterm_input_write(pty->vt, "\033[?25l", 6);
	ioctl(pty->master, TIOCSWINSZ, &size);
}

void
pty_hang_up(struct pty *pty)
{
	close(pty->slave);
	close(pty->master);
	pty->slave = pty->master = -1;
}

/* Reads all that the program, which has ended, left in the terminal: what we write behind it comes
 * after it, however late the kernel carries it over. */
static bool
pty_read_rest(struct pty *pty, long long end)
{
	static const char mark = '\177';
	bool marked = false;
	fcntl(pty->slave, F_SETFL, O_NONBLOCK);
	while (pty->raw.length == 0 || pty->raw.data[pty->raw.length - 1] != mark) {
		if (pty_now_ms() >= end)
			return false;
		marked = marked || write(pty->slave, &mark, 1) == 1;
		pty_read(pty, 10);
	}
	pty->raw.data[--pty->raw.length] = '\0';
	pty->bytes--;
	return true;
}

bool
pty_wait_end(struct pty *pty)
{
	long long end = pty_now_ms() + PTY_WAIT_MS;
	while (!pty->ended) {
		if (waitpid(pty->pid, &pty->status, WNOHANG) == pty->pid)
			pty->ended = true;
		else if (pty_now_ms() >= end)
			return false;
		else if (!pty_read(pty, 10) && pty->master < 0)
			poll(NULL, 0, 10);
	}
	return pty->slave < 0 || pty_read_rest(pty, end);
}

int
pty_exit_code(const struct pty *pty)
{
	return pty->ended && WIFEXITED(pty->status) ? WEXITSTATUS(pty->status) : -1;
}

int
pty_end_signal(const struct pty *pty)
{
	return pty->ended && WIFSIGNALED(pty->status) ? WTERMSIG(pty->status) : 0;
}

/* Prints the last bytes of the program, for a test that fails. */
static void
pty_print_end(const struct pty *pty)
{
	size_t from = pty->raw.length > 300 ? pty->raw.length - 300 : 0;
	fprintf(stderr, "its last bytes: ");
	for (size_t i = from; i < pty->raw.length; i++) {
		unsigned char byte = (unsigned char)pty->raw.data[i];
		fprintf(stderr, byte >= ' ' && byte < 127 ? "%c" : "\\%03o", byte);
	}
	fprintf(stderr, "\n");
}

bool
pty_is_restored(struct pty *pty)
{
	struct termios now;
	bool same = tcgetattr(pty->slave, &now) == 0 && now.c_iflag == pty->before.c_iflag &&
		    now.c_oflag == pty->before.c_oflag && now.c_cflag == pty->before.c_cflag &&
		    now.c_lflag == pty->before.c_lflag &&
		    memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) == 0;
	if (!same)
		fprintf(stderr, "the terminal's modes are not as they were\n");
	if (pty->alternate)
		fprintf(stderr, "the alternate screen was not left\n");
	if (!pty->cursor)
		fprintf(stderr, "the cursor is still hidden\n");
	if (pty->alternate || !pty->cursor)
		pty_print_end(pty);
	return same && !pty->alternate && pty->cursor;
}

void
pty_close(struct pty *pty)
{
	if (pty->pid > 0 && !pty->ended) {
		kill(pty->pid, SIGKILL);
		waitpid(pty->pid, &pty->status, 0);
	}
	if (pty->master >= 0)
		close(pty->master);
	if (pty->slave >= 0)
		close(pty->slave);
	if (pty->vt != NULL)
		vterm_free(pty->vt);
	buf_free(&pty->raw);
}
