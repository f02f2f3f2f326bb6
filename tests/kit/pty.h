/* pty.h: a program in a pseudo-terminal, for tests. What it writes is fed to libvterm, so that the
 * screen can be read back as text, its modes asked for, and its bytes counted. Waits are for a
 * condition, and for whole frames; their time-out is far more than a loaded machine needs. */
#ifndef FRAUDTOP_TESTS_KIT_PTY_H
#define FRAUDTOP_TESTS_KIT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#include <vterm.h>

#include "core/base/buf.h"

#define PTY_WAIT_MS 120000

struct pty {
	int master, slave; /* the slave stays open here, so that its modes can be read at the end */
	pid_t pid;
	VTerm *vt;
	VTermScreen *screen;
	bool alternate, cursor; /* as the program left them */
	bool ever_alternate;
	size_t bytes; /* that the program wrote */
	struct buf raw; /* those bytes */
	struct termios before;
	bool ended;
	int status; /* of waitpid, once ended */
};
long long pty_now_ms(void);
bool pty_start(
    struct pty *pty, char *const argv[], const char *const *environment, int width, int height);

/* Reads what is there, waiting up to wait_ms for the first of it. False if nothing came. */
bool pty_read(struct pty *pty, int wait_ms);

/* Reads until nothing has come for quiet_ms. */
void pty_settle(struct pty *pty, int quiet_ms);

/* The screen, trailing blanks dropped, a newline a row. Free it. */
char *pty_text(struct pty *pty);
bool pty_shows(struct pty *pty, const char *text);

/* Is the program in the midst of a frame (synchronized output)? The screen is then of two. */
bool pty_in_frame(const struct pty *pty);
bool pty_wait(struct pty *pty, const char *text);
bool pty_wait_gone(struct pty *pty, const char *text);
bool pty_wrote(const struct pty *pty, const char *bytes);
bool pty_wait_wrote(struct pty *pty, const char *bytes);
bool pty_send(struct pty *pty, const char *keys);

/* The screen is a new one in the same modes, empty until the program has drawn all of it again. */
void pty_resize(struct pty *pty, int width, int height);

/* Closes the terminal under the program, as a lost connection does. */
void pty_hang_up(struct pty *pty);

/* Waits for the program's end; false if it does not come. */
bool pty_wait_end(struct pty *pty);
int pty_exit_code(const struct pty *pty);
int pty_end_signal(const struct pty *pty);

/* Are the modes as before, the alternate screen left, the cursor to be seen? Says what is not. */
bool pty_is_restored(struct pty *pty);

/* Ends what still runs and frees everything. */
void pty_close(struct pty *pty);

#endif
