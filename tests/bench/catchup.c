/* catchup.c: a log caught up with: from the file into the windows, latency, drift and quality on,
 * every prediction waiting for its label, by the intake that the program uses.
 *
 * One worker beside goaccess on the very same lines (its JSON log format: time, client, status and
 * latency are read), both by the processor's time of the whole process; and two workers beside one
 * by the clock on the wall. The log (make_log, seeded) is in the page cache. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/config/config_file.h"
#include "core/monitor/intake.h"
#include "core/monitor/intake_view.h"
#include "tests/bench/bench.h"

#define SMALL_BYTES 150000000
#define LARGE_BYTES 250000000

struct cost {
	double processor, wall;
};

static double
clock_of(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
run_shell(char *command, const char *what)
{
	if (system(command) != 0)
		bench_fail(what, "it failed");
	free(command);
}

static double
size_of(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		bench_fail(path, strerror(errno));
	return (double)status.st_size;
}

static struct cost
catch_up(const char *path, unsigned workers)
{
	struct err err = {0};
	struct cost cost;
	char *text = mem_printf("version: 1\nservices: [{name: eu, log: \"%s\"}]\n", path);
	struct config *config = config_parse("bench", text, strlen(text), NULL, &err);
	struct monitor *monitor = config != NULL ? monitor_new(config) : NULL;
	struct intake *intake = config != NULL ? intake_new(config, monitor, &err) : NULL;
	if (intake == NULL)
		bench_fail("intake", err.text);
	cost.processor = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	cost.wall = clock_of(CLOCK_MONOTONIC);
	intake_start(intake, workers);
	while (intake_running(intake)) {
		struct timespec rest = {.tv_nsec = 1000000};
		nanosleep(&rest, NULL);
	}
	intake_stop(intake);
	cost.processor = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cost.processor;
	cost.wall = clock_of(CLOCK_MONOTONIC) - cost.wall;
	const struct intake_file *file = intake_file(intake, 0);
	if (file->refusals.count > 0 || file->late > 0 || file->accepted != file->source->lines)
		bench_fail("intake", "a record was not accepted");
	intake_free(intake);
	monitor_free(monitor);
	config_free(config);
	free(text);
	return cost;
}

static double
goaccess(const char *path, const char *folder)
{
	char *out = mem_printf("%s/goaccess.json", folder);
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp("goaccess", "goaccess", path, "--no-global-config",
		    "--log-format={\"ts\":\"%dT%t.%^\",\"request_id\":\"%h\",\"service\":\"%U\","
		    "\"status\":\"%s\",\"latency_ms\":\"%L\"}",
		    "--date-format=%Y-%m-%d", "--time-format=%H:%M:%S", "--no-ip-validation",
		    "--no-progress", "-o", out, (char *)NULL);
		_exit(127);
	}
	int status;
	struct rusage usage;
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
		bench_fail("goaccess", "it failed; apt-get install goaccess");
	free(out);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static char *
make_log(const char *program, const char *folder, const char *name, long bytes)
{
	char *path = mem_printf("%s/%s", folder, name), *copy = mem_string(program);
	run_shell(
	    mem_printf("%s/../tests/make_log %ld 5 > %s", dirname(copy), bytes, path), "make_log");
	free(copy);
	return path;
}

int
main(int argc, char *argv[])
{
	char folder[] = "/tmp/fraudtop-bench-XXXXXX";
	struct bench_runs ours, theirs, one, two;
	(void)argc;
	if (mkdtemp(folder) == NULL)
		bench_fail(folder, strerror(errno));
	char *small = make_log(argv[0], folder, "small.jsonl", SMALL_BYTES);
	char *large = make_log(argv[0], folder, "large.jsonl", LARGE_BYTES);
	double small_mb = size_of(small) / 1e6, large_mb = size_of(large) / 1e6;
	for (int run = 0; run < BENCH_RUNS; run++) {
		ours.values[run] = catch_up(small, 1).processor;
		theirs.values[run] = goaccess(small, folder);
		one.values[run] = catch_up(large, 1).wall;
		two.values[run] = catch_up(large, 2).wall;
	}
	bench_line("a log into the windows, one worker", "MB/s", bench_rates(small_mb, ours),
	    "goaccess, the same lines", bench_rates(small_mb, theirs));
	bench_line("the same, two workers, by the wall's clock", "MB/s", bench_rates(large_mb, two),
	    "one worker", bench_rates(large_mb, one));
	free(small);
	free(large);
	run_shell(mem_printf("rm -r '%s'", folder), "rm");
	return 0;
}
