#include "core/service/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registry/registry.h"
#include "core/service/stage_run.h"

static const double default_rate = 40, default_history_s = 720;
static const double label_delay_s = 20; /* 48 hours, 8,640 times compressed */
static const int64_t stop_us = 15 * CLOCK_SECOND;
enum { TURN_MS = 50, LOG_LIMIT = 64 << 20 };

struct stage {
	pid_t pid;
	int alive; /* the stage ends when this is closed */
	char folder[512], config[600];
};

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
	(void)number;
	ended = 1;
}

double
stage_label_delay_s(const struct stage_run *run)
{
	return label_delay_s / run->options.speed;
}

/* So that a demo left running does not fill a disk. What a service writes before it has heard of it
 * is still in the old file, which stays until the next rotation. */
static void
rotate_log(struct stage_run *run, struct stage_service *service)
{
	struct stat about;
	char *path = stage_path(run, service->log);
	if (service->process.pid != 0 && stat(path, &about) == 0 && about.st_size > LOG_LIMIT) {
		char *old = mem_printf("%s.1", path);
		if (rename(path, old) == 0)
			kill(service->process.pid, SIGHUP);
		free(old);
	}
	free(path);
}

static void
deploy(struct stage_run *run)
{
	struct stage_service *service = &run->services[SCENARIO_APAC];
	struct registry_alias alias;
	int64_t epoch;
	char *path = stage_path(run, "registry.db");
	struct registry *registry = registry_open("demo", "local", path, false, NULL);
	/* If somebody moved it in between, it is tried again in the next turn. */
	run->deployed = registry != NULL &&
			registry_get_alias(registry, STAGE_MODEL, service->alias, &alias, NULL) &&
			registry_set_alias(registry, STAGE_MODEL, service->alias, "13", alias.epoch,
			    "deploy-bot", "new velocity features", &epoch, NULL);
	registry_close(registry);
	free(path);
}

/* On its old port, which somebody may hold for a moment. */
static void
revive(struct stage_run *run, struct stage_service *service)
{
	if (service->process.pid != 0 || clock_mono() < run->revive_at)
		return;
	run->revive_at = clock_mono() + CLOCK_SECOND;
	stage_start_service(run, service, NULL);
}

static void
play(struct stage_run *run)
{
	enum scenario scenario = run->options.scenario;
	struct stage_service *us = &run->services[SCENARIO_US];
	double t = (double)(clock_mono() - run->started) / 1e6 * run->options.speed;
	if (scenario_deployed(scenario, t) && !run->deployed)
		deploy(run);
	if (scenario == SCENARIO_OUTAGE && scenario_down(scenario, t))
		stage_kill(&us->process);
	else if (scenario == SCENARIO_OUTAGE)
		revive(run, us);
	for (int i = 0; i < STAGE_SERVICES; i++)
		rotate_log(run, &run->services[i]);
	labels_write_due(run->labels, clock_wall(), run->feed);
}

static void
reap(struct stage_process *process)
{
	if (process->pid != 0 && waitpid(process->pid, NULL, WNOHANG) == process->pid) {
		close(process->input);
		*process = (struct stage_process){0};
	}
}

static void
run_script(struct stage_run *run, int alive)
{
	struct pollfd watch = {.fd = alive, .events = POLLIN};
	while (!ended && poll(&watch, 1, TURN_MS) <= 0) {
		reap(&run->traffic);
		for (int i = 0; i < STAGE_SERVICES; i++)
			reap(&run->services[i].process);
		play(run);
	}
}

static bool
make_folder(struct stage_run *run, struct err *err)
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *place = places[i];
		if (place == NULL || place[0] != '/' || access(place, W_OK | X_OK) != 0)
			continue;
		snprintf(run->folder, sizeof(run->folder), "%s/fraudtop-demo.XXXXXX", place);
		if (mkdtemp(run->folder) != NULL)
			return true;
	}
	run->folder[0] = '\0';
	return err_set(err, ERR_CREATE, "no folder for the demo: %s", strerror(errno));
}

static void
find_program(struct stage_run *run)
{
	char *path = run->program;
	ssize_t length = -1;
	if (run->options.program != NULL)
		text_copy(path, sizeof(run->program), run->options.program);
	else
		length = readlink("/proc/self/exe", path, sizeof(run->program) - 1);
	if (length > 0)
		path[length] = '\0';
	if (run->options.program == NULL && (length <= 0 || access(path, X_OK) != 0))
		text_copy(path, sizeof(run->program),
		    access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : "fraudtop");
}

static bool
set_up(struct stage_run *run, struct err *err)
{
	static const struct stage_service services[STAGE_SERVICES] = {
	    {.name = "fraud-eu", .alias = "production-eu", .log = "eu.jsonl"},
	    {.name = "fraud-us", .alias = "production-us", .log = "us.jsonl"},
	    {.name = "fraud-apac", .alias = "production-apac", .log = "apac.jsonl"},
	};
	memcpy(run->services, services, sizeof(services));
	find_program(run);
	if (!make_folder(run, err) || !stage_write_files(run, err))
		return false;
	for (int i = 0; i < STAGE_SERVICES; i++) {
		if (!stage_start_service(run, &run->services[i], err))
			return false;
	}
	char *labels = stage_path(run, "labels.jsonl");
	run->feed = predlog_open(labels, err);
	free(labels);
	run->labels = labels_new();
	run->started = clock_mono();
	return run->feed != NULL && stage_write_config(run, err) && stage_write_history(run, err) &&
	       stage_start_traffic(run, err);
}

/* The first line that the parent reads: `+FOLDER`, or `-CODE TEXT`. */
static void tell(int ready, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
tell(int ready, const char *format, ...)
{
	char line[700];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	while (write(ready, line, (size_t)length) < 0 && errno == EINTR)
		;
	close(ready);
}

static void
detach(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	setsid(); /* keys of the terminal are the dashboard's */
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

/* The stage's process, from its first moment to its last. */
static void
be_stage(const struct stage_options *options, int alive, int ready)
{
	struct stage_run run = {.options = *options};
	struct err err = {0};
	detach();
	if (set_up(&run, &err)) {
		run.started = clock_mono();
		tell(ready, "+%s", run.folder);
		run_script(&run, alive);
	} else {
		tell(ready, "-%d %s", err.code, err.text);
	}
	stage_end_all(&run);
	labels_free(run.labels);
	predlog_close(run.feed);
	if (run.folder[0] != '\0')
		stage_remove_folder(run.folder);
}

static bool
hear(struct stage *stage, int ready, struct err *err)
{
	char line[700];
	size_t length = 0;
	ssize_t got;
	do {
		got = read(ready, line + length, sizeof(line) - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	line[length] = '\0';
	if (line[0] != '+') {
		char *text = line + (length > 0);
		long code = strtol(text, &text, 10);
		return err_set(err, code > 0 ? (int)code : ERR_INTERNAL, "the demo:%s",
		    length > 0 ? text : " it ended before it was ready");
	}
	text_copy(stage->folder, sizeof(stage->folder), line + 1);
	snprintf(stage->config, sizeof(stage->config), "%s/config.yaml", stage->folder);
	return true;
}

static bool
open_pipes(int alive[2], int ready[2])
{
	if (pipe(alive) != 0)
		return false;
	if (pipe(ready) != 0) {
		close(alive[0]);
		close(alive[1]);
		return false;
	}
	for (int i = 0; i < 2; i++) {
		fcntl(alive[i], F_SETFD, FD_CLOEXEC);
		fcntl(ready[i], F_SETFD, FD_CLOEXEC);
	}
	return true;
}

struct stage *
stage_start(const struct stage_options *options, struct err *err)
{
	int alive[2], ready[2];
	struct stage_options filled = *options;
	filled.speed = filled.speed > 0 ? filled.speed : 1;
	filled.rate = filled.rate > 0 ? filled.rate : default_rate;
	filled.history_s = filled.history_s > 0 ? filled.history_s : default_history_s;
	pid_t pid = -1;
	if (open_pipes(alive, ready)) {
		pid = fork();
		if (pid == 0) {
			close(alive[1]);
			close(ready[0]);
			be_stage(&filled, alive[0], ready[1]);
			_exit(0); /* style: the child of the fork, not the program */
		}
		close(alive[0]);
		close(ready[1]);
	}
	if (pid < 0) {
		err_set(err, ERR_UNAVAILABLE, "the demo: no process: %s", strerror(errno));
		return NULL;
	}
	struct stage *stage = mem_alloc(sizeof(*stage));
	*stage = (struct stage){.pid = pid, .alive = alive[1]};
	bool good = hear(stage, ready[0], err);
	close(ready[0]);
	if (!good) {
		stage_stop(stage);
		return NULL;
	}
	return stage;
}

void
stage_stop(struct stage *stage)
{
	if (stage == NULL)
		return;
	mono_us until = clock_mono() + stop_us;
	close(stage->alive);
	while (waitpid(stage->pid, NULL, WNOHANG) == 0) {
		if (clock_mono() > until)
			kill(stage->pid, SIGKILL);
		poll(NULL, 0, 5);
	}
	if (stage->folder[0] != '\0') /* its own work, unless it was killed */
		stage_remove_folder(stage->folder);
	free(stage);
}

const char *
stage_config(const struct stage *stage)
{
	return stage->config;
}
