/* operator.h: what the end-to-end tests in C share: a private place for state and runtime files,
 * the program at $FRAUDTOP in a pseudo-terminal, the keys that an operator presses, and what can be
 * asked from outside: HTTP, the audit log, the processes. Every wait is for a condition. */
#ifndef FRAUDTOP_TESTS_KIT_OPERATOR_H
#define FRAUDTOP_TESTS_KIT_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "core/base/buf.h"
#include "tests/kit/pty.h"

#define OPERATOR_MODEL "fraud_classifier"

extern char place[512]; /* the test's own folder */

/* --- the place --- */

const char *operator_program(void);
bool operator_make_place(void);
void operator_remove_place(void);

/* Starts the program, with `environment` (NULL is fine; as pty_start's) over ours. */
bool operator_start_in(
    struct pty *pty, const char *const arguments[], const char *const *environment);

/* The same with leaks reported: its output is then no clean screen, its exit code 23. */
bool operator_start(struct pty *pty, const char *const arguments[]);

/* --- what the screen shows --- */

bool operator_wait_version(struct pty *pty, const char *service, const char *wanted);

/* --- what the operator does --- */

/* Moves down until the service's row is the selected one: a key once the one before is answered. */
bool operator_select(struct pty *pty, const char *service);

/* R and a reason: the session is armed and the sheet opens. */
bool operator_open_sheet(struct pty *pty, const char *reason);

/* The model's name, seen on the sheet, then Enter. */
bool operator_confirm(struct pty *pty);

/* --- HTTP --- */

/* GET, or POST of JSON. The parsed answer, or NULL; the status in *status (0: no answer). */
cJSON *operator_call(const char *base, const char *path, const char *body, long *status);

/* Does the member hold this string? */
bool operator_says(const cJSON *json, const char *key, const char *wanted);
bool operator_serves(const char *base, const char *version);

/* --- the program as a command, and its audit log --- */

/* The exit code; what it printed is appended to out. */
int operator_run(const char *arguments, struct buf *out);

/* Is there a row of this event (NULL: any) and outcome (NULL: any) in the log? Read in place, as
 * another process would. */
bool operator_audited(const char *event, const char *outcome);
bool operator_wait_audited(const char *event, const char *outcome);

/* --- processes --- */
/* A file of /proc/PID, with a 0 behind it; its length, 0 if there is no such process. */
size_t operator_read_process(pid_t pid, const char *what, char *bytes, size_t size);
struct operator_process {
	pid_t pid, parent;
	unsigned long long started; /* tells a process from a later one of the same number */
};
size_t operator_processes(struct operator_process *list, size_t size);

/* The processes below this one, at any depth. */
size_t operator_descendants(pid_t root, struct operator_process *list, size_t size);
bool operator_gone(const struct operator_process *list, size_t count);

#endif
