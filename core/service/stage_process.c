/* stage_process.c: starting and ending the stage's processes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/service/stage_run.h"

enum { START_MS = 20000, MAX_ARGUMENTS = 24 };
static const int64_t end_us = 5 * CLOCK_SECOND;

extern char **environ;

static bool
make_pipe(int ends[2], struct err *err)
{
	if (pipe(ends) != 0)
		return err_set(err, ERR_UNAVAILABLE, "no pipe: %s", strerror(errno));
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

/* output: where its standard output goes; negative: nowhere. */
static bool
spawn(struct stage_run *run, const char *const *arguments, int output,
    struct stage_process *process, struct err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	char *argv[MAX_ARGUMENTS + 1] = {NULL};
	int input[2];
	if (!make_pipe(input, err))
		return false;
	for (int i = 0; i < MAX_ARGUMENTS && arguments[i] != NULL; i++)
		argv[i] = mem_string(arguments[i]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
	if (output >= 0)
		posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGTERM);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGHUP);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	pid_t pid = 0;
	int code = posix_spawnp(&pid, run->program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		free(argv[i]);
	close(input[0]);
	if (code != 0) {
		close(input[1]);
		return err_set(err, ERR_UNAVAILABLE, "%s: %s", run->program, strerror(code));
	}
	*process = (struct stage_process){.pid = pid, .input = input[1]};
	return true;
}

/* One line, cut to fit, within START_MS. False if it ended first. */
static bool
read_line(int fd, char *line, size_t size)
{
	mono_us until = clock_mono() + START_MS * 1000;
	size_t length = 0;
	while (length + 1 < size) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left = until - clock_mono();
		if (left <= 0)
			return false;
		if (poll(&wait, 1, (int)(left / 1000) + 1) <= 0)
			continue;
		ssize_t got = read(fd, line + length, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	return length > 0;
}

static bool
learn_port(struct stage_service *service, int fd, struct err *err)
{
	char line[256];
	const char *at = NULL;
	if (read_line(fd, line, sizeof(line)))
		at = strstr(line, "://127.0.0.1:");
	service->port = at != NULL ? (unsigned)strtoul(at + strlen("://127.0.0.1:"), NULL, 10) : 0;
	return service->port != 0 ||
	       err_set(err, ERR_UNAVAILABLE, "the service %s did not start", service->name);
}

bool
stage_start_service(struct stage_run *run, struct stage_service *service, struct err *err)
{
	char port[16];
	char *registry = stage_path(run, "registry.db");
	char *log = stage_path(run, service->log);
	int output[2] = {-1, -1};
	bool first = service->port == 0;
	snprintf(port, sizeof(port), "%u", service->port);
	const char *arguments[] = {"fraudtop", "serve", "--registry", registry, "--model-name",
	    STAGE_MODEL, "--alias", service->alias, "--service", service->name, "--log", log,
	    "--port", port, "--simulate-delay", "--until-eof", NULL};
	bool good = (!first || make_pipe(output, err)) &&
		    spawn(run, arguments, output[1], &service->process, err);
	if (output[1] >= 0)
		close(output[1]);
	if (good && first)
		good = learn_port(service, output[0], err);
	if (output[0] >= 0)
		close(output[0]);
	free(registry);
	free(log);
	return good;
}

bool
stage_start_traffic(struct stage_run *run, struct err *err)
{
	char rate[32], speed[32], seed[32], delay[32], urls[STAGE_SERVICES][64];
	char *labels = stage_path(run, "labels.jsonl");
	snprintf(rate, sizeof(rate), "%.6g", run->options.rate);
	snprintf(speed, sizeof(speed), "%.6g", run->options.speed);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)run->options.seed);
	/* The traffic divides by the speed itself. */
	snprintf(delay, sizeof(delay), "%.3fs", stage_label_delay_s(run) * run->options.speed);
	for (int i = 0; i < STAGE_SERVICES; i++)
		snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1:%u", run->services[i].port);
	const char *arguments[] = {"fraudtop", "traffic", "--rate", rate, "--speed", speed,
	    "--seed", seed, "--label-delay", delay, "--labels", labels, "--scenario",
	    scenario_names()[run->options.scenario], "--until-eof", urls[0], urls[1], urls[2],
	    NULL};
	bool good = spawn(run, arguments, -1, &run->traffic, err);
	free(labels);
	return good;
}

void
stage_kill(struct stage_process *process)
{
	if (process->pid == 0)
		return;
	kill(process->pid, SIGKILL);
	waitpid(process->pid, NULL, 0);
	close(process->input);
	*process = (struct stage_process){0};
}

void
stage_end_all(struct stage_run *run)
{
	struct stage_process *all[STAGE_SERVICES + 1] = {&run->traffic};
	mono_us until = clock_mono() + end_us;
	for (int i = 0; i < STAGE_SERVICES; i++)
		all[i + 1] = &run->services[i].process;
	for (int i = 0; i <= STAGE_SERVICES; i++) {
		if (all[i]->pid != 0)
			kill(all[i]->pid, SIGTERM);
	}
	for (int i = 0; i <= STAGE_SERVICES; i++) {
		while (all[i]->pid != 0 && clock_mono() < until) {
			if (waitpid(all[i]->pid, NULL, WNOHANG) != 0) {
				close(all[i]->input);
				*all[i] = (struct stage_process){0};
			} else {
				poll(NULL, 0, 10);
			}
		}
		stage_kill(all[i]);
	}
}
