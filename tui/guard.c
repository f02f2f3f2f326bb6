/* guard.c: gives the terminal back. What guard_restore touches is prepared before, in static
 * memory, and it calls only what POSIX allows in a signal handler. */
#include "tui/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/mem.h"

/* Crashes first: those are caught whoever else does. The rest end a program that does nothing about
 * them and are caught only while nobody does. */
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGHUP, SIGINT,
    SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
    SIGSYS, SIGTRAP, SIGPOLL};
enum { CRASHES = 5, FATAL = sizeof(fatal_signals) / sizeof(fatal_signals[0]), STACK_SIZE = 65536 };

static struct {
	volatile sig_atomic_t on;
	pid_t owner; /* a forked child leaves the terminal alone */
	int fd_in, fd_out;
	bool have_modes;
	struct termios modes;
	char bytes[256];
	size_t length;
	int error_fd; /* the real standard error, or -1 */
	int pipe_read;
	struct sigaction before[FATAL];
	stack_t stack_before;
} guard = {.error_fd = -1, .pipe_read = -1};

/* A crash by a full stack needs another one to report on. */
static char signal_stack[STACK_SIZE];

bool
guard_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		} else if (written < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			if (poll(&wait, 1, 1000) <= 0)
				return false;
		} else if (written == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* A background process that sets modes would be stopped by SIGTTOU and never end. */
static void
restore_modes(void)
{
	sigset_t block, before;
	if (!guard.have_modes)
		return;
	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &block, &before);
	tcsetattr(guard.fd_in, TCSANOW, &guard.modes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
hide_error(void)
{
	int ends[2];
	guard.error_fd = -1;
	if (pipe(ends) != 0)
		return;
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETFL, O_NONBLOCK); /* full: the rest is dropped, nobody waits */
	if (kept < 0 || dup2(ends[1], STDERR_FILENO) < 0) {
		if (kept >= 0)
			close(kept);
		close(ends[0]);
		close(ends[1]);
		return;
	}
	close(ends[1]);
	guard.error_fd = kept;
	guard.pipe_read = ends[0];
}

static void
show_error(void)
{
	char said[4096];
	ssize_t got;
	if (guard.error_fd < 0)
		return;
	dup2(guard.error_fd, STDERR_FILENO);
	close(guard.error_fd);
	guard.error_fd = -1;
	while ((got = read(guard.pipe_read, said, sizeof(said))) > 0)
		if (!guard_write(STDERR_FILENO, said, (size_t)got))
			break;
	close(guard.pipe_read);
	guard.pipe_read = -1;
}

bool
guard_is_gone(int fd)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	int waiting = 0;
	if (poll(&input, 1, 0) <= 0)
		return false;
	if (input.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	/* Readable and nothing to read: the end of the file. */
	return (input.revents & POLLIN) && ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 0;
}

void
guard_restore(void)
{
	int error = errno;
	if (guard.on && getpid() == guard.owner) {
		guard.on = 0;
		guard_write(guard.fd_out, guard.bytes, guard.length);
		restore_modes();
		show_error();
	}
	errno = error;
}

/* The handler that was there before (a sanitizer's, or the default that ends the process) has the
 * last word: the signal is blocked here and comes again on return. */
static void
on_fatal(int number)
{
	guard_restore();
	for (int i = 0; i < FATAL; i++)
		if (fatal_signals[i] == number)
			sigaction(number, &guard.before[i], NULL);
	raise(number);
}

static void
catch_signals(void)
{
	stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
	sigaltstack(&stack, &guard.stack_before);
	struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < FATAL; i++) {
		sigaction(fatal_signals[i], NULL, &guard.before[i]);
		if (i < CRASHES || guard.before[i].sa_handler == SIG_DFL)
			sigaction(fatal_signals[i], &action, NULL);
	}
}

/* A handler that came after ours stays. */
static void
release_signals(void)
{
	for (int i = 0; i < FATAL; i++) {
		struct sigaction now;
		sigaction(fatal_signals[i], NULL, &now);
		if (now.sa_handler == on_fatal)
			sigaction(fatal_signals[i], &guard.before[i], NULL);
	}
	sigaltstack(&guard.stack_before, NULL);
}

void
guard_begin(int fd_in, int fd_out)
{
	static bool at_exit;
	guard.fd_in = fd_in;
	guard.fd_out = fd_out;
	guard.length = 0;
	guard.have_modes = tcgetattr(fd_in, &guard.modes) == 0;
	hide_error();
	catch_signals();
	mem_set_die_hook(guard_restore);
	if (!at_exit)
		atexit(guard_restore);
	at_exit = true;
	guard.owner = getpid();
	guard.on = 1;
}

void
guard_set_bytes(const char *bytes, size_t length)
{
	guard.length = length < sizeof(guard.bytes) ? length : sizeof(guard.bytes);
	memcpy(guard.bytes, bytes, guard.length);
}

void
guard_end(void)
{
	if (!guard.on)
		return;
	guard.on = 0;
	restore_modes();
	show_error();
	release_signals();
	mem_set_die_hook(NULL);
}

void
guard_stop(void)
{
	struct sigaction stop = {.sa_handler = SIG_DFL}, before;
	sigset_t open, mask;
	sigemptyset(&stop.sa_mask);
	restore_modes();
	show_error();
	sigaction(SIGTSTP, &stop, &before);
	sigemptyset(&open);
	sigaddset(&open, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &open, &mask);
	raise(SIGTSTP);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	hide_error();
}
