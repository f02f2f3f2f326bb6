/* catchup.c: the program is opened on a log of some gigabytes: the newest window is on the screen
 * at once, keys are answered while the rest is read behind it, memory stays within bounds, catching
 * up is stopped and resumed, and in the end every line was counted.
 *
 * How fast it is, on a machine that does other things too: with each key a byte goes to a plain
 * process that does as much work as a screen takes and answers. A key may be later than its limit
 * by twice what that one was held up (the program has to be let run, and so has this one); where it
 * was held up itself, so may a key be. What is too late all the same may be due to the machine
 * once: the program is then started anew, without its checkpoint, three times at most.
 *
 * FRAUDTOP_CATCHUP_BYTES says how large the log is (1 GB if it does not). The tests are the steps
 * of one story, in order, on one screen. The program is the one without sanitizers: it is its speed
 * that is measured. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tests/kit/pty.h"

#define DEFAULT_BYTES "1000000000"

enum {
	RSS_MIB = 200,
	KEY_US = 50000,
	WORST_US = 250000,
	NEWEST_MS = 2500, /* to the first figures; a second on a machine that is not busy */
	NEWEST_TIMES = 10, /* or as often what the program needs for a log of one line */
	TRIES = 3,
	WORK_US = 5000, /* of the plain process */
	HELD_UP_US = 20000, /* no calm machine does that to it */
	PAUSE_MS = 100, /* between two keys: the program is to read, too */
	KEYS_LEAST = 20
};

static struct {
	struct pty pty;
	char folder[64];
	const char *build;
	uint64_t bytes, lines;
	long long began, newest_ms, ended_ms;
	long worst_us, keys, late_keys, rss_kib;
	long worst_plain_us, late_plain;
	pid_t plain;
	int to_plain, from_plain;
} test;

static long long
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static uint64_t
count_lines(const char *path)
{
	struct stat status;
	uint64_t lines = 0;
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &status) == 0);
	test.bytes = (uint64_t)status.st_size;
	const char *text = mmap(NULL, test.bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(text != MAP_FAILED);
	for (const char *at = text; (at = memchr(at, '\n', test.bytes - (size_t)(at - text))); at++)
		lines++;
	munmap((void *)(uintptr_t)text, test.bytes);
	close(fd);
	return lines;
}

static void
work(void)
{
	struct timespec used;
	long long until = 0;
	for (long long now = 0; until == 0 || now < until;) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
		now = used.tv_sec * 1000000LL + used.tv_nsec / 1000;
		until = until == 0 ? now + WORK_US : until;
	}
}

/* The process that answers each byte with one. */
static bool
start_plain(void)
{
	int to[2], from[2];
	char byte;
	if (pipe(to) != 0 || pipe(from) != 0)
		return false;
	test.plain = fork();
	if (test.plain == 0) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1) {
			work();
			if (write(from[1], &byte, 1) != 1)
				break;
		}
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	fcntl(to[1], F_SETFD, FD_CLOEXEC);
	test.to_plain = to[1];
	test.from_plain = from[0];
	return test.plain > 0;
}

/* The program on the log, without a checkpoint. */
static bool
open_program(void)
{
	char *program = mem_printf("%s/fraudtop", test.build);
	char *config = mem_printf("%s/config.yaml", test.folder);
	char *home = mem_printf("XDG_STATE_HOME=%s/state", test.folder);
	char *command = mem_printf("rm -rf '%s/state'", test.folder);
	char c[] = "-c";
	char *const argv[] = {program, c, config, NULL};
	const char *const environment[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", home, NULL};
	bool good = system(command) == 0;
	test.began = pty_now_ms();
	good = good && pty_start(&test.pty, argv, environment, 120, 40);
	free(program);
	free(config);
	free(home);
	free(command);
	return good;
}

static int
start(void **state)
{
	(void)state;
	const char *bytes = getenv("FRAUDTOP_CATCHUP_BYTES");
	test.build = getenv("BUILD") != NULL ? getenv("BUILD") : "build";
	snprintf(test.folder, sizeof(test.folder), "/tmp/fraudtop-catchup-XXXXXX");
	if (mkdtemp(test.folder) == NULL)
		return -1;
	char *command =
	    mem_printf("%s/tests/make_log %s 11 --service fraud-eu > %s/eu.jsonl && "
		       "echo 'no record' >> %s/eu.jsonl && printf 'version: 1\\nservices: "
		       "[{name: fraud-eu, log: eu.jsonl}]\\n' > %s/config.yaml",
		test.build, bytes != NULL ? bytes : DEFAULT_BYTES, test.folder, test.folder,
		test.folder);
	int code = system(command);
	free(command);
	if (code != 0)
		return -1;
	char *path = mem_printf("%s/eu.jsonl", test.folder);
	test.lines = count_lines(path);
	free(path);
	return start_plain() && open_program() ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	close(test.to_plain);
	waitpid(test.plain, NULL, 0);
	pty_close(&test.pty);
	char *command = mem_printf("rm -r '%s'", test.folder);
	int code = system(command);
	free(command);
	return code;
}

static void
note_memory(void)
{
	char path[64], line[256];
	long kib = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)test.pty.pid);
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "RssAnon: %ld kB", &kib) == 1 && kib > test.rss_kib)
			test.rss_kib = kib;
	}
	if (file != NULL)
		fclose(file);
}

/* Goes to a panel, known by what it alone shows, and notes how long it takes to be seen. */
static void
press(const char *key, const char *shows)
{
	assert_true(pty_wait_gone(&test.pty, shows));
	long long sent = now_us(), seen = 0, plain = 0;
	assert_true(pty_send(&test.pty, key));
	assert_int_equal(write(test.to_plain, key, 1), 1);
	while (seen == 0 || plain == 0) {
		char byte;
		struct pollfd fds[] = {{.fd = test.pty.master, .events = POLLIN},
		    {.fd = test.from_plain, .events = POLLIN}};
		assert_true(now_us() - sent < 120000000);
		poll(fds, 2, 20);
		if (plain == 0 && fds[1].revents != 0 && read(test.from_plain, &byte, 1) == 1)
			plain = now_us() - sent;
		pty_read(&test.pty, 0);
		if (seen == 0 && pty_shows(&test.pty, shows))
			seen = now_us() - sent;
	}
	long held_up = plain > WORK_US ? (long)plain - WORK_US : 0;
	test.worst_us = seen > test.worst_us ? (long)seen : test.worst_us;
	test.worst_plain_us = held_up > test.worst_plain_us ? held_up : test.worst_plain_us;
	test.late_keys += seen > KEY_US + 2 * held_up;
	test.late_plain += held_up > HELD_UP_US;
	test.keys++;
}

static void
press_some(int count)
{
	for (int i = 0; i < count; i++) {
		press("2", "latency in ms");
		press("1", "PRECISION");
		note_memory();
		for (long long end = pty_now_ms() + PAUSE_MS; pty_now_ms() < end;)
			pty_read(&test.pty, PAUSE_MS);
	}
}

/* What the program needs for a log of one line, in these moments. */
static long long
time_one_line(void)
{
	const char *at = test.folder;
	char *command = mem_printf(
	    "mkdir -p %s/one && head -n 1 %s/eu.jsonl > %s/one/eu.jsonl && cp %s/config.yaml "
	    "%s/one && XDG_STATE_HOME=%s/one/state %s/fraudtop -c %s/one/config.yaml --once > "
	    "%s/one/out",
	    at, at, at, at, at, at, test.build, at, at);
	long long began = pty_now_ms();
	assert_int_equal(system(command), 0);
	free(command);
	return pty_now_ms() - began;
}

static bool
newest_window_came_at_once(void)
{
	assert_true(pty_wait(&test.pty, "figures are of the newest "));
	assert_true(
	    pty_wait(&test.pty, "labels in")); /* of the service's model: there are figures */
	test.newest_ms = pty_now_ms() - test.began;
	long long one_ms = time_one_line();
	print_message("# %.1f GB: the newest window after %lld ms; one line after %lld ms\n",
	    (double)test.bytes / 1e9, test.newest_ms, one_ms);
	return test.newest_ms < NEWEST_MS || test.newest_ms < NEWEST_TIMES * one_ms;
}

static void
start_anew(void)
{
	print_message("# once more\n");
	pty_close(&test.pty);
	assert_true(open_program());
	assert_true(pty_wait(&test.pty, "CATCHING UP"));
}

static void
the_newest_window_is_there_at_once(void **state)
{
	(void)state;
	assert_true(pty_wait(&test.pty, "CATCHING UP"));
	for (int tries = 1; !newest_window_came_at_once(); tries++) {
		assert_true(tries < TRIES);
		start_anew();
	}
}

/* False: all was read before it was told to stop. */
static bool
stop_catching_up(void)
{
	long long end = pty_now_ms() + PTY_WAIT_MS;
	assert_true(pty_send(&test.pty, ":catchup stop\r"));
	while (pty_in_frame(&test.pty) || pty_shows(&test.pty, "CATCHING UP")) {
		assert_true(pty_now_ms() < end);
		pty_read(&test.pty, 20);
	}
	return pty_shows(&test.pty, "STOPPED AT");
}

static void
catching_up_is_stopped_and_resumed(void **state)
{
	(void)state;
	for (int tries = 1; !stop_catching_up(); tries++) { /* a fast machine */
		assert_true(tries < TRIES);
		start_anew();
	}
	char *before = pty_text(&test.pty);
	char *share = strstr(before, "STOPPED AT");
	share[18] = '\0';
	/* Some snapshots later it stands where it was. */
	for (long long end = pty_now_ms() + 1500; pty_now_ms() < end;)
		pty_read(&test.pty, 100);
	assert_true(pty_shows(&test.pty, share));
	free(before);
	assert_true(pty_send(&test.pty, ":catchup resume\r"));
	assert_true(pty_wait(&test.pty, "CATCHING UP"));
}

/* Presses keys until all is read. Were they answered in time? */
static bool
keys_were_answered(void)
{
	long long end = pty_now_ms() + 1800000;
	while (pty_shows(&test.pty, "CATCHING UP") && pty_now_ms() < end)
		press_some(1);
	test.ended_ms = pty_now_ms() - test.began;
	assert_false(pty_shows(&test.pty, "CATCHING UP"));
	while (test.keys < KEYS_LEAST)
		press_some(1);
	print_message("# all of it after %lld ms; %ld keys, at worst %.1f ms, %ld late; a plain "
		      "process held up %.1f ms at worst, %ld times; RssAnon %.0f MiB\n",
	    test.ended_ms, test.keys, (double)test.worst_us / 1000, test.late_keys,
	    (double)test.worst_plain_us / 1000, test.late_plain, (double)test.rss_kib / 1024);
	/* None, unless the machine held up the plain process as often. */
	return test.late_keys <= test.late_plain &&
	       test.worst_us < WORST_US + 4 * test.worst_plain_us;
}

static void
keys_are_answered_while_it_is_read(void **state)
{
	(void)state;
	for (int tries = 1; !keys_were_answered(); tries++) {
		assert_true(tries < TRIES);
		test.keys = test.late_keys = test.worst_us = 0;
		test.worst_plain_us = test.late_plain = 0;
		start_anew();
	}
}

static void
memory_stays_within_its_bounds(void **state)
{
	(void)state;
	note_memory();
	assert_true(test.rss_kib > 0);
	assert_true(test.rss_kib < RSS_MIB * 1024);
}

static void
every_line_was_counted_once(void **state)
{
	(void)state;
	char number[32], grouped[48] = "", text[96];
	snprintf(number, sizeof(number), "%llu", (unsigned long long)test.lines);
	for (size_t i = 0, length = strlen(number); i < length; i++) {
		size_t at = strlen(grouped);
		if (i > 0 && (length - i) % 3 == 0)
			grouped[at++] = ',';
		grouped[at] = number[i];
		grouped[at + 1] = '\0';
	}
	snprintf(text, sizeof(text), "%s lines, 1 rejected, 0 late", grouped);
	assert_true(pty_send(&test.pty, "6"));
	assert_true(pty_wait(&test.pty, text));
	assert_true(pty_send(&test.pty, "d"));
	assert_true(pty_wait(&test.pty, "Refused lines"));
	snprintf(text, sizeof(text), "first line %s, byte ", grouped);
	assert_true(pty_wait(&test.pty, text));
	assert_true(pty_wait(&test.pty, "no record"));
	assert_true(pty_send(&test.pty, "\003"));
	assert_true(pty_wait_end(&test.pty));
	assert_true(pty_is_restored(&test.pty));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_newest_window_is_there_at_once),
	    cmocka_unit_test(catching_up_is_stopped_and_resumed),
	    cmocka_unit_test(keys_are_answered_while_it_is_read),
	    cmocka_unit_test(memory_stays_within_its_bounds),
	    cmocka_unit_test(every_line_was_counted_once),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
