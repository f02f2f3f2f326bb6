/* join.c: predictions and labels finding each other, in memory, from files and after a restart.
 *
 * Ids are numbers, hashed; each operation is asked for with join_prefetch 16 ids ahead, as batches
 * do it. The peer is a plain chained table of as many entries with malloc for each. Files lie in
 * the page cache mostly: what is measured is the processor's time.
 *
 * `JOIN_PENDING=283000000 build/bench/join` fills one join with so many (1,640 a second for 48
 * hours) and tells how it goes on the way, which takes some minutes and 12 GB in /var/tmp. With
 * JOIN_MEMORY=8 it has 8 MiB, not 64: an eighth of the pending ones to it is the same ratio. */
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/join/save.h"
#include "core/join/stats.h"
#include "tests/bench/bench.h"

enum {
	PENDING = 2800000,
	OPERATIONS = 4000000,
	FILED = 30000000,
	LOOKUPS = 200000,
	AHEAD = 16,
	GROUP = 100
};

/* With a folder six sixteenths are for entries. */
#define MEMORY_OF(pending) ((size_t)(pending)*JOIN_ENTRY_BYTES / 6 * 16)
#define TTL (48 * 3600 * CLOCK_SECOND)

static char folder[] = "/var/tmp/fraudtop-join-XXXXXX";

static uint64_t
hash_of(uint64_t id)
{
	id = (id + 1) * UINT64_C(0x9E3779B97F4A7C15);
	id = (id ^ id >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	id = (id ^ id >> 27) * UINT64_C(0x94D049BB133111EB);
	return id ^ id >> 31;
}

static void
predict(struct join *join, uint64_t id)
{
	struct join_entry entry = {.ts = (wall_us)id * 600 + 1000000,
	    .score = (double)(id % 1000) / 1000,
	    .series = id % 7,
	    .label = -1};
	join_prediction(join, hash_of(id), &entry, NULL);
}

static void
fill(struct join *join, uint64_t from, uint64_t count)
{
	for (uint64_t id = from; id < from + count; id++) {
		join_prefetch(join, hash_of(id + AHEAD));
		predict(join, id);
	}
}

static struct join *
make(size_t memory, const char *path)
{
	const struct join_options options = {.memory = memory, .folder = path, .ttl_us = TTL};
	return join_new(&options);
}

/* What was asked for, or is allowed. */
static struct bench_runs
all(double value)
{
	struct bench_runs runs;
	for (int run = 0; run < BENCH_RUNS; run++)
		runs.values[run] = value;
	return runs;
}

/* --- the peer --- */

struct node {
	struct node *next;
	uint64_t hash;
	struct join_entry entry;
};

static double
peer_seconds(void)
{
	size_t size = 4194304;
	struct node **table = mem_alloc(size * sizeof(struct node *));
	struct rng rng;
	rng_seed(&rng, 1, 1);
	double began = 0;
	for (uint64_t i = 0; i < PENDING + OPERATIONS; i++) {
		bool label = i >= PENDING && i % 2 == 0;
		if (i == PENDING)
			began = bench_now();
		uint64_t id = i < PENDING ? i : PENDING + (i - PENDING) / 2;
		uint64_t hash = hash_of(label ? id - 1 - rng_below(&rng, PENDING - 1) : id);
		struct node **at = &table[hash % size];
		while (*at != NULL && (*at)->hash != hash)
			at = &(*at)->next;
		if (label && *at != NULL) {
			(*at)->entry.label = 1;
		} else if (!label && *at == NULL) {
			*at = mem_alloc(sizeof(**at));
			(*at)->hash = hash;
			(*at)->entry.ts = (wall_us)i;
		}
	}
	double seconds = bench_now() - began;
	for (size_t i = 0; i < size; i++) {
		for (struct node *node = table[i], *next; node != NULL; node = next) {
			next = node->next;
			free(node);
		}
	}
	free(table);
	return seconds;
}

/* --- ours --- */

/* As many new predictions as labels of what is pending, in memory. */
static double
mix(struct join *join)
{
	struct rng rng;
	struct join_entry entry;
	uint64_t *ids = mem_alloc((OPERATIONS + AHEAD) * sizeof(*ids)), found = 0;
	int previous;
	rng_seed(&rng, 1, 1);
	for (uint64_t i = 0; i < OPERATIONS + AHEAD; i++)
		ids[i] = PENDING + i / 2 - (i % 2 == 0 ? 1 + rng_below(&rng, PENDING - 1) : 0);
	double began = bench_now();
	for (uint64_t i = 0; i < OPERATIONS; i++) {
		join_prefetch(join, hash_of(ids[i + AHEAD]));
		if (i % 2 == 0)
			found += join_label(join, hash_of(ids[i]), 0, 1, &entry, &previous);
		else
			predict(join, ids[i]);
	}
	double seconds = bench_now() - began;
	free(ids);
	if (found != OPERATIONS / 2)
		bench_fail("join", "labels did not find their predictions");
	return seconds;
}

static void
bench_memory(void)
{
	struct bench_runs ours, theirs, bytes;
	for (int run = 0; run < BENCH_RUNS; run++) {
		/* Room for what comes in besides. */
		struct join *join = make((PENDING + OPERATIONS / 2) * (size_t)26, NULL);
		fill(join, 0, PENDING);
		ours.values[run] = mix(join);
		if (join_stats(join).evicted > 0)
			bench_fail("join", "there was no room");
		join_free(join);
		theirs.values[run] = peer_seconds();
		/* To the brim: the most it takes before it gives some away. */
		join = make((size_t)64 << 20, NULL);
		uint64_t most = 0;
		for (uint64_t id = 0; join_stats(join).evicted == 0; id += 1000) {
			most = join_stats(join).pending;
			fill(join, id, 1000);
		}
		bytes.values[run] = (double)join_stats(join).memory_bytes / (double)most;
		join_free(join);
	}
	bench_line("join, in memory", "operations/s", bench_rates(OPERATIONS, ours),
	    "chained table", bench_rates(OPERATIONS, theirs));
	bench_line("join, memory of a pending prediction", "bytes", bytes, "allowed",
	    all(JOIN_ENTRY_BYTES));
}

static void
check(bool good, const struct err *err)
{
	if (!good)
		bench_fail("join", err->text);
}

static void
bench_load(void)
{
	struct bench_runs ours, saves;
	struct err err;
	for (int run = 0; run < BENCH_RUNS; run++) {
		struct buf pack = {0};
		struct join *join = make(MEMORY_OF(PENDING), folder);
		check(join_keep(join, &err), &err);
		fill(join, 0, PENDING);
		if (join_stats(join).in_files > 0)
			bench_fail("join", "there was no room");
		buf_clear(&pack);
		double began = bench_now();
		check(join_save(join, &pack, &err), &err);
		saves.values[run] = 1000 * (bench_now() - began);
		join_free(join);
		began = bench_now();
		join = make(MEMORY_OF(PENDING), folder);
		struct unpack unpack = {pack.data, pack.data + pack.length, false};
		check(join_load(join, &unpack, &err), &err);
		ours.values[run] = 1000 * (bench_now() - began);
		if (join_stats(join).pending != PENDING)
			bench_fail("join", "not everything came back");
		join_free(join);
		buf_free(&pack);
	}
	bench_line("join, 2.8 million entries after a restart", "ms", ours, "allowed", all(100));
	bench_line("join, a save", "ms", saves, "allowed", all(5));
}

/* Filled in as many parts as there are runs; then labels of what stands in files, at random. */
static void
bench_files(void)
{
	enum { PART = (FILED + PENDING) / BENCH_RUNS / GROUP * GROUP };
	struct bench_runs labels, fills, bytes, reads, pauses;
	struct join *join = make((size_t)64 << 20, folder);
	struct join_stats before, after;
	struct join_entry entry;
	struct rng rng;
	uint64_t found = 0;
	int previous;
	rng_seed(&rng, 1, 1);
	for (int run = 0; run < BENCH_RUNS; run++) {
		double began = bench_now(), last = began;
		pauses.values[run] = 0;
		for (uint64_t id = 0; id < PART; id += GROUP) {
			fill(join, (uint64_t)run * PART + id, GROUP);
			double now = bench_now();
			if (1000 * (now - last) > pauses.values[run])
				pauses.values[run] = 1000 * (now - last);
			last = now;
		}
		fills.values[run] = last - began;
	}
	before = join_stats(join);
	for (int run = 0; run < BENCH_RUNS; run++) {
		uint64_t reads_before = join_stats(join).reads;
		double began = bench_now();
		for (uint64_t i = 0; i < LOOKUPS; i++)
			found += join_label(join, hash_of(rng_below(&rng, FILED - PENDING)), 0, 1,
			    &entry, &previous);
		labels.values[run] = bench_now() - began;
		after = join_stats(join);
		reads.values[run] = (double)(after.reads - reads_before) / LOOKUPS;
		bytes.values[run] = (double)before.file_bytes / (double)before.in_files;
	}
	if (found != (uint64_t)LOOKUPS * BENCH_RUNS || before.in_files < FILED - PENDING ||
	    before.pending != (uint64_t)PART * BENCH_RUNS || after.error[0] != '\0')
		bench_fail("join", "entries are lacking");
	if (after.memory_bytes > (uint64_t)64 << 20)
		bench_fail("join", "it takes more memory than it was given");
	join_free(join);
	bench_line("join, labels of 30 million in files", "labels/s", bench_rates(LOOKUPS, labels),
	    "asked for", all(1e5));
	bench_line("join, predictions into files", "predictions/s", bench_rates(PART, fills),
	    "asked for", all(1e6));
	bench_line("join, longest pause among them", "ms", pauses, "allowed", all(5));
	bench_line(
	    "join, file of a pending prediction", "bytes", bytes, "allowed", all(JOIN_ENTRY_BYTES));
	bench_line("join, reads a label", "reads", reads, "asked for", all(1));
}

static double
read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double
wall_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* Of all threads. */
static double
process_seconds(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* --- as many as the issue asks for --- */

/* Of this process, in MiB. */
static double
anonymous_memory(void)
{
	char line[256];
	double kib = 0;
	FILE *file = fopen("/proc/self/status", "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %lf kB", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib / 1024;
}

static size_t
memory_of_many(void)
{
	const char *mib = getenv("JOIN_MEMORY");
	return mib != NULL ? (size_t)strtoull(mib, NULL, 10) << 20 : (size_t)64 << 20;
}

struct trial {
	double began, last, pause; /* seconds, on the wall's clock */
	uint64_t memory, bytes; /* at most */
	double anonymous;
};

static void
look(struct trial *trial, const struct join *join)
{
	double now = wall_now();
	trial->pause = now - trial->last > trial->pause ? now - trial->last : trial->pause;
	struct join_stats stats = join_stats(join);
	trial->memory = stats.memory_bytes > trial->memory ? stats.memory_bytes : trial->memory;
	trial->bytes = stats.file_bytes > trial->bytes ? stats.file_bytes : trial->bytes;
	if (stats.error[0] != '\0')
		bench_fail("join", stats.error);
	if (stats.memory_bytes > memory_of_many())
		bench_fail("join", "it takes more memory than it was given");
	trial->last = wall_now();
}

static void
tell(const struct trial *trial, const struct join *join, const char *what, uint64_t count)
{
	printf("join, %s\t%.3g a second\tlongest pause %.3g ms\tpending %.4g million\tmemory up to "
	       "%.4g MiB, RssAnon %.4g\tfiles up to %.4g GB\n",
	    what, (double)count / (trial->last - trial->began), 1000 * trial->pause,
	    (double)join_stats(join).pending / 1e6, (double)trial->memory / 1048576,
	    anonymous_memory(), (double)trial->bytes / 1e9);
	fflush(stdout);
}

static struct trial
begin_trial(void)
{
	double now = wall_now();
	return (struct trial){.began = now, .last = now};
}

static void
fill_many(struct join *join, uint64_t pending)
{
	enum { SLICES = 20 };
	for (uint64_t slice = 0, id = 0; slice < SLICES; slice++) {
		struct trial trial = begin_trial();
		uint64_t first = id;
		for (; id < pending / SLICES * (slice + 1); id += GROUP) {
			fill(join, id, GROUP);
			look(&trial, join);
		}
		tell(&trial, join, "predictions in", id - first);
		if (join_stats(join).pending != id)
			bench_fail("join", "entries are lacking");
	}
}

static void
label_many(struct join *join, uint64_t pending, const char *what)
{
	struct trial trial = begin_trial();
	struct join_entry entry;
	struct rng rng;
	uint64_t found = 0, joined = join_stats(join).joined, reads = join_stats(join).reads;
	int previous;
	rng_seed(&rng, joined, 1);
	for (uint64_t i = 0; i < LOOKUPS; i++) {
		uint64_t hash = hash_of(rng_below(&rng, (uint32_t)(pending / 100 * 99)));
		found += join_label(join, hash, 0, 1, &entry, &previous);
		look(&trial, join);
	}
	tell(&trial, join, what, LOOKUPS);
	printf("join, reads a label\t%.3g\n", (double)(join_stats(join).reads - reads) / LOOKUPS);
	if (found != LOOKUPS)
		bench_fail("join", "labels found no prediction");
}

/* As many as JOIN_PENDING says, once, by the clock on the wall: writing so much is no work of the
 * processor alone. Then labels, a save, a restart, and labels again. */
static void
bench_many(uint64_t pending)
{
	struct join *join = make(memory_of_many(), folder);
	struct buf pack = {0};
	struct err err;
	check(join_keep(join, &err), &err);
	fill_many(join, pending);
	label_many(join, pending, "labels");
	double began = wall_now();
	check(join_save(join, &pack, &err), &err);
	double saved = wall_now();
	join_saved(join);
	struct join_stats before = join_stats(join);
	join_free(join);
	double freed = wall_now();
	join = make(memory_of_many(), folder);
	struct unpack unpack = {pack.data, pack.data + pack.length, false};
	check(join_load(join, &unpack, &err), &err);
	printf("join, a save\t%.3g ms\tending %.3g ms\ta restart %.3g ms\tprocessor %.4g s\n",
	    1000 * (saved - began), 1000 * (freed - saved), 1000 * (wall_now() - freed),
	    process_seconds());
	struct join_stats after = join_stats(join);
	if (after.pending != before.pending || after.joined != before.joined)
		bench_fail("join", "not everything came back");
	label_many(join, pending, "labels after it");
	join_free(join);
	buf_free(&pack);
	files_remove_folder(folder);
}

int
main(void)
{
	const char *pending = getenv("JOIN_PENDING");
	if (mkdtemp(folder) == NULL)
		bench_fail("join", "no folder");
	if (pending != NULL) {
		bench_many(strtoull(pending, NULL, 10));
		return 0;
	}
	bench_memory();
	bench_load();
	/* What its last save refers to is there still. */
	files_remove_folder(folder);
	bench_files();
	if (rmdir(folder) != 0)
		bench_fail("join", "files are left over");
	return 0;
}
