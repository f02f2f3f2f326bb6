/* soak_sources.c: four writers, each a process of its own, whose logs rotate every second, each in
 * another way, while they are read: what is read is what was written, each record once. Lines come
 * in halves; the reader is ended and goes on from what it saved every few seconds. Of what is
 * truncated none is lost because the copy has it, or because the writer waits until the reader says
 * that it is at the end: nothing else could promise it. And none rotates again before the reader
 * has read all there was and looked since, a few times: on a machine that is busy it may not run
 * for seconds, when more is written and removed than any follower could see.
 *
 * FRAUDTOP_SOAK_SECONDS (60) is how long the writers write. Speaks TAP. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/source/sources.h"

#define WRITERS 4
#define MOST_LINES 4000000
#define RESTART_US (5 * CLOCK_SECOND)
#define LOOKS 3 /* a fifth of a second each, or more until all that is in between was taken */
#define AFTER_US (120 * CLOCK_SECOND) /* for what is still to come once the writers are done */

struct shared {
	_Atomic unsigned
	    ends; /* how often the reader came to the end of the log that is truncated */
	_Atomic unsigned
	    looks; /* how often the reader looked what there is, having read all it knew of */
	_Atomic uint64_t written[WRITERS];
	_Atomic unsigned rotations[WRITERS];
};

static struct shared *shared;
static char folder[64];
static pid_t reader, writers[WRITERS];
static int ended[WRITERS]; /* how a writer whose process is 0 by now did */

/* --- writing -------------------------------------------------------------------------------------
 */

struct writer {
	int number, fd;
	uint64_t next;
	unsigned rotations;
	unsigned seed;
	char path[128];
};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("# %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static void
write_whole(int fd, const char *bytes, size_t length)
{
	must(write(fd, bytes, length) == (ssize_t)length, "write");
}

static void
write_lines(struct writer *writer, int count)
{
	static const char filling[] =
	    "................................................................";
	for (int i = 0; i < count; i++) {
		char line[160];
		size_t length = (size_t)snprintf(line, sizeof(line),
		    "{\"writer\":%d,\"number\":%llu,\"text\":\"%.*s\"}\n", writer->number,
		    (unsigned long long)writer->next++, rand_r(&writer->seed) % 60, filling);
		size_t half = rand_r(&writer->seed) % 16 == 0
				  ? (size_t)rand_r(&writer->seed) % length
				  : length;
		write_whole(writer->fd, line, half);
		if (half < length && rand_r(&writer->seed) % 16 == 0)
			usleep(3000);
		if (half < length)
			write_whole(writer->fd, line + half, length - half);
	}
	shared->written[writer->number] = writer->next;
}

static void
open_log(struct writer *writer, const char *path)
{
	writer->fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	must(writer->fd >= 0, path);
}

/* Renamed, as logrotate does, along a row of names; the writer hears of it late. */
static void
rotate_by_rename(struct writer *writer)
{
	char from[160], to[160];
	for (int i = 5; i >= 1; i--) {
		snprintf(from, sizeof(from), "%s.%d", writer->path, i);
		snprintf(to, sizeof(to), "%s.%d", writer->path, i + 1);
		rename(from, to);
	}
	must(rename(writer->path, from) == 0, "rename");
	write_lines(writer, 20);
	close(writer->fd);
	open_log(writer, writer->path);
}

/* Copied and truncated; no line comes in between. */
static void
rotate_by_copy(struct writer *writer)
{
	char bytes[65536], copy[160], older[160];
	snprintf(copy, sizeof(copy), "%s.1", writer->path);
	snprintf(older, sizeof(older), "%s.2", writer->path);
	rename(copy, older);
	int from = open(writer->path, O_RDONLY);
	int to = open(copy, O_WRONLY | O_CREAT | O_EXCL, 0600);
	must(from >= 0 && to >= 0, copy);
	for (ssize_t got; (got = read(from, bytes, sizeof(bytes))) > 0;)
		write_whole(to, bytes, (size_t)got);
	close(from);
	close(to);
	must(ftruncate(writer->fd, 0) == 0, "ftruncate");
}

/* A file a second; those before the last are packed. */
static void
rotate_by_date(struct writer *writer)
{
	char command[512];
	unsigned at = writer->rotations;
	close(writer->fd);
	snprintf(writer->path, sizeof(writer->path), "%s/dated/log-2026-11-21-%05u.jsonl", folder,
	    at + 1);
	open_log(writer, writer->path);
	if (at < 2)
		return;
	snprintf(command, sizeof(command), "cd '%s/dated' && %s log-2026-11-21-%05u.jsonl", folder,
	    at % 2 == 0 ? "gzip" : "zstd -q --rm", at - 2);
	must(system(command) == 0, command);
}

/* Truncated, once all that was written has been read. */
static void
rotate_by_truncation(struct writer *writer)
{
	for (unsigned from = shared->ends; shared->ends - from < 3;) {
		must(getppid() == reader, "the reader has left");
		usleep(500);
	}
	must(ftruncate(writer->fd, 0) == 0, "ftruncate");
}

static void (*const rotate[WRITERS])(struct writer *writer) = {
    rotate_by_rename, rotate_by_copy, rotate_by_date, rotate_by_truncation};
static const char *const names[WRITERS] = {
    "renamed.log", "copied.log", "dated/log-2026-11-21-00000.jsonl", "truncated.log"};
static const char *const ways[WRITERS] = {
    "renamed", "copied and truncated", "by dated names, packed behind", "truncated once read"};

static void
write_log(int number, int seconds)
{
	struct writer writer = {.number = number, .seed = (unsigned)number};
	snprintf(writer.path, sizeof(writer.path), "%s/%s", folder, names[number]);
	open_log(&writer, writer.path);
	mono_us begun = clock_mono(), rotated = begun;
	unsigned looks = shared->looks;
	while (clock_mono() - begun < seconds * CLOCK_SECOND) {
		write_lines(&writer, 20 + rand_r(&writer.seed) % 40);
		usleep(5000);
		if (clock_mono() - rotated < CLOCK_SECOND || shared->looks - looks < LOOKS)
			continue;
		rotate[number](&writer);
		shared->rotations[number] = ++writer.rotations;
		rotated = clock_mono();
		looks = shared->looks;
	}
	_exit(0);
}

/* --- reading -------------------------------------------------------------------------------------
 */

static unsigned char *seen[WRITERS]; /* how often each line came */
static uint64_t lines, strange;

static struct sources *
begin(struct buf *saved)
{
	static const char *const paths[] = {"renamed.log*", "copied.log", "dated", "truncated.log"};
	struct sources *sources = sources_new();
	for (int i = 0; i < WRITERS; i++) {
		char path[160];
		snprintf(path, sizeof(path), "%s/%s", folder, paths[i]);
		sources_add(sources, &(struct source_options){.path = path});
	}
	struct unpack unpack = {.at = saved->data, .end = saved->data + saved->length};
	if (saved->length > 0 && !sources_load(sources, &unpack))
		printf("not ok - what was saved is taken back\n");
	return sources;
}

static void
count_lines(const struct stretch *stretch)
{
	for (const char *at = stretch->text, *end = at + stretch->length; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		int writer = -1;
		unsigned long long number;
		lines++;
		if (newline == NULL || newline[-1] != '}' ||
		    sscanf(at, "{\"writer\":%d,\"number\":%llu,\"text\":\"", &writer, &number) !=
			2 ||
		    writer < 0 || writer >= WRITERS || number >= MOST_LINES) {
			if (strange++ < 5)
				printf("# strange: %.*s\n", 100, at);
		} else if (seen[writer][number] < 255) {
			seen[writer][number]++;
		}
		at = newline != NULL ? newline + 1 : end;
	}
}

static uint64_t
all_written(void)
{
	uint64_t all = 0;
	for (int i = 0; i < WRITERS; i++)
		all += shared->written[i];
	return all;
}

static bool
is_at_end(const struct sources *sources, const char *name)
{
	for (size_t i = 0; i < sources_count(sources); i++) {
		const struct source_stats *stats = sources_stats(sources, i);
		if (strcmp(stats->path + strlen(folder) + 1, name) == 0)
			return stats->at_end;
	}
	return false;
}

static bool
have_ended(void)
{
	bool all = true;
	for (int i = 0; i < WRITERS; i++) {
		if (writers[i] != 0 && waitpid(writers[i], &ended[i], WNOHANG) == writers[i])
			writers[i] = 0;
		all &= writers[i] == 0;
	}
	return all;
}

/* Reads until all that was written has come, or long after. */
static void
read_all(int seconds, unsigned *restarts)
{
	struct buf saved = {0};
	struct stretch stretch = {0};
	struct sources *sources = begin(&saved);
	mono_us begun = clock_mono(), restarted = begun, looked = 0;
	bool taken = false;
	for (;;) {
		mono_us now = clock_mono();
		if (now - looked > CLOCK_SECOND / 5) {
			sources_look(sources);
			shared->looks += taken;
			taken = false;
			looked = now;
		}
		if (sources_take(sources, &stretch, 65536)) {
			count_lines(&stretch);
		} else {
			shared->ends += is_at_end(sources, names[WRITERS - 1]);
			taken = true;
			if ((have_ended() && lines >= all_written()) ||
			    now - begun > seconds * CLOCK_SECOND + AFTER_US)
				break;
			usleep(2000);
		}
		if (now - restarted > RESTART_US) {
			buf_clear(&saved);
			sources_save(sources, &saved);
			sources_free(sources);
			sources = begin(&saved);
			restarted = now;
			++*restarts;
		}
	}
	sources_free(sources);
	stretch_free(&stretch);
	buf_free(&saved);
}

/* --- both ----------------------------------------------------------------------------------------
 */

static bool
verdict(bool good, const char *name)
{
	printf("%s - %s\n", good ? "ok" : "not ok", name);
	return good;
}

static bool
judge(int writer)
{
	uint64_t missing = 0, doubled = 0, written = shared->written[writer];
	char name[128];
	for (uint64_t i = 0; i < MOST_LINES; i++) {
		missing += i < written && seen[writer][i] == 0;
		doubled += seen[writer][i] > (i < written);
		if (i < written && seen[writer][i] != 1 && missing + doubled < 5)
			printf("# number %llu came %d times\n", (unsigned long long)i,
			    seen[writer][i]);
	}
	printf("# %s: %llu lines in %u rotations, %llu missing, %llu doubled\n", ways[writer],
	    (unsigned long long)written, shared->rotations[writer], (unsigned long long)missing,
	    (unsigned long long)doubled);
	snprintf(name, sizeof(name), "each record of a log is read once: %s", ways[writer]);
	return verdict(missing == 0 && doubled == 0 && written > 0, name);
}

int
main(void)
{
	const char *asked = getenv("FRAUDTOP_SOAK_SECONDS");
	int seconds = asked != NULL ? atoi(asked) : 60;
	unsigned restarts = 0;
	bool good = true;
	strcpy(folder, "/tmp/fraudtop-soak-XXXXXX");
	must(mkdtemp(folder) != NULL, "mkdtemp");
	char dated[96];
	snprintf(dated, sizeof(dated), "%s/dated", folder);
	must(mkdir(dated, 0700) == 0, dated);
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "mmap");
	reader = getpid();
	for (int i = 0; i < WRITERS; i++) {
		seen[i] = calloc(MOST_LINES, 1);
		must(seen[i] != NULL, "calloc");
		writers[i] = fork();
		must(writers[i] >= 0, "fork");
		if (writers[i] == 0)
			write_log(i, seconds);
	}
	read_all(seconds, &restarts);
	for (int i = 0; i < WRITERS; i++) {
		good &= verdict(writers[i] == 0 && ended[i] == 0, "a writer could write");
		if (writers[i] != 0) {
			kill(writers[i], SIGKILL);
			waitpid(writers[i], NULL, 0);
		}
		good &= judge(i);
		free(seen[i]);
	}
	printf("# %llu lines, %u restarts of the reader\n", (unsigned long long)lines, restarts);
	good &= verdict(strange == 0, "every line that came is one that was written, whole");
	good &= verdict(lines == all_written(), "as many came as were written");
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) == 0 && good ? 0 : 1;
}
