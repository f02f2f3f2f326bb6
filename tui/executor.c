#include "tui/executor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { ARGUMENTS = 16, FILES_MAX = 4096 };

struct executor {
	const struct config *config;
	const char *argv0;
	struct audit *audit; /* opened when first needed */
	pid_t pid; /* 0: none was started */
	bool ended;
	int code;
};

struct executor *
executor_new(const struct config *config, const char *argv0)
{
	struct executor *executor = mem_alloc(sizeof(*executor));
	executor->config = config;
	executor->argv0 = argv0 != NULL ? argv0 : "fraudtop";
	return executor;
}

void
executor_free(struct executor *executor)
{
	if (executor == NULL)
		return;
	audit_close(executor->audit);
	free(executor);
}

static bool
open_audit(struct executor *executor, struct err *err)
{
	if (executor->audit == NULL)
		executor->audit = audit_open(NULL, err);
	return executor->audit != NULL;
}

static bool
arm(void *context, struct audit_row *row, struct err *err)
{
	struct executor *executor = context;
	if (!open_audit(executor, err))
		return false;
	audit_new_action_id(row->action_id);
	return audit_append(executor->audit, row, err);
}

static bool
prepare(void *context, struct rollout_plan *plan, struct rollout_check *checks, unsigned *count,
    struct err *err)
{
	struct executor *executor = context;
	const struct config_registry *named = config_registry(executor->config, plan->registry);
	if (named == NULL)
		return err_set(
		    err, ERR_CONFIG, "no registry `%s` in the configuration", plan->registry);
	plan->verify_timeout_us = executor->config->verify_timeout_us;
	struct registry *registry =
	    registry_open(named->name, named->kind, named->location, false, err);
	if (registry == NULL)
		return false;
	bool ready = rollout_prepare(plan, registry, checks, count, err);
	registry_close(registry);
	return ready;
}

char **
executor_argv(const struct config *config, const char *argv0, const struct rollout_plan *plan)
{
	char **argv = mem_alloc(sizeof(*argv) * ARGUMENTS);
	const struct config_registry *named = config_registry(config, plan->registry);
	bool promote = strcmp(plan->operation, "promote") == 0;
	/* Without a file the child could not look the registry's name up. */
	const char *registry =
	    config->path[0] == '\0' && named != NULL ? named->location : plan->registry;
	size_t n = 0;
	argv[n++] = mem_string(argv0);
	argv[n++] = mem_string(promote ? "promote" : "rollback");
	argv[n++] = mem_printf("--alias=%s", plan->alias);
	argv[n++] = mem_printf("--registry=%s", registry);
	if (!promote)
		argv[n++] = mem_printf("--to=%s", plan->to);
	argv[n++] = mem_printf("--expect-version=%s", plan->from);
	argv[n++] = mem_printf("--expect-epoch=%lld", (long long)plan->epoch);
	argv[n++] = mem_printf("--confirm=%s", plan->model);
	argv[n++] = mem_printf("--reason=%s", plan->reason);
	argv[n++] = mem_printf("--action-id=%s", plan->action_id);
	if (config->path[0] != '\0')
		argv[n++] = mem_printf("--config=%s", config->path);
	argv[n++] = mem_string("--");
	argv[n++] = mem_string(plan->model);
	if (promote)
		argv[n++] = mem_string(plan->to);
	return argv;
}

void
executor_argv_free(char **argv)
{
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

/* In the child: only calls that are safe after fork. */
static _Noreturn void
become(char **argv, int report)
{
	static const int caught[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGCHLD};
	sigset_t none;
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		signal(caught[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	for (int fd = 3; fd < FILES_MAX; fd++) {
		if (fd != report)
			close(fd);
	}
	execv("/proc/self/exe", argv);
	execvp(argv[0], argv);
	int why = errno;
	ssize_t written = write(report, &why, sizeof(why));
	_exit(written == sizeof(why) ? 127 : 126);
}

/* Waits until the child is on its way: the pipe closes with its exec, or brings the reason it
 * failed. */
static bool
await_exec(int report, struct err *err)
{
	int why = 0;
	ssize_t got;
	do
		got = read(report, &why, sizeof(why));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return true;
	return err_set(err, ERR_FAILED, "cannot start the executor: %s",
	    strerror(got == (ssize_t)sizeof(why) ? why : EIO));
}

static bool
start(void *context, const struct rollout_plan *plan, struct err *err)
{
	struct executor *executor = context;
	int report[2];
	/* If its log cannot be read the action could not be followed; better not to begin it. */
	if (!open_audit(executor, err))
		return false;
	if (pipe(report) != 0)
		return err_set(err, ERR_FAILED, "cannot start the executor: %s", strerror(errno));
	fcntl(report[0], F_SETFD, FD_CLOEXEC);
	fcntl(report[1], F_SETFD, FD_CLOEXEC);
	char **argv = executor_argv(executor->config, executor->argv0, plan);
	pid_t pid = fork();
	int why = errno;
	if (pid == 0)
		become(argv, report[1]);
	executor_argv_free(argv);
	close(report[1]);
	bool started =
	    pid > 0 ? await_exec(report[0], err)
		    : err_set(err, ERR_FAILED, "cannot start the executor: %s", strerror(why));
	close(report[0]);
	if (started) {
		executor->pid = pid;
		executor->ended = false;
	} else if (pid > 0) {
		waitpid(pid, NULL, 0);
	}
	return started;
}

static bool
rows(void *context, const char *action_id, int64_t after, struct audit_row **list, size_t *count,
    struct err *err)
{
	struct executor *executor = context;
	return open_audit(executor, err) &&
	       audit_rows(executor->audit, after, action_id, list, count, err);
}

static bool
running(void *context, int *code)
{
	struct executor *executor = context;
	int status;
	if (executor->pid > 0 && !executor->ended) {
		pid_t found = waitpid(executor->pid, &status, WNOHANG);
		if (found == 0 || (found < 0 && errno == EINTR))
			return true;
		executor->ended = true;
		executor->code = found < 0	     ? -1
				 : WIFEXITED(status) ? WEXITSTATUS(status)
						     : 128 + WTERMSIG(status);
	}
	*code = executor->code;
	return false;
}

struct driver
executor_driver(struct executor *executor)
{
	return (struct driver){.arm = arm,
	    .prepare = prepare,
	    .start = start,
	    .rows = rows,
	    .running = running,
	    .context = executor};
}
