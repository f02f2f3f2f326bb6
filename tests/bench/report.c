/* report.c: a report on 30 features with the features on disk, beside the same in memory: rows a
 * second and the most memory, each run in a process of its own.
 *
 * With a number of rows it makes that one report with the budget that `fraudtop report` has, on a
 * reference of as many rows, and prints what it took: `build/bench/report 10000000` needs 7 GB in
 * $TMPDIR and is how the promise of 4 GiB is checked. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/rng.h"
#include "core/report/report.h"
#include "tests/bench/bench.h"

enum { FEATURES = 30, CATEGORICAL = 3, ROWS = 60000 };

static char paths[2][256];

/* Features drift by a little from side to side; the last three are categories. */
static void
write_table(const char *path, size_t rows, uint64_t seed)
{
	struct rng rng;
	FILE *file = fopen(path, "w");
	if (file == NULL)
		bench_fail("report", path);
	rng_seed(&rng, 42, seed);
	fputs("id,ts,version,label,score", file);
	for (int i = 0; i < FEATURES; i++)
		fprintf(file, ",f%d", i);
	for (size_t row = 0; row < rows; row++) {
		double score = pow(rng_uniform(&rng), 4);
		fprintf(file, "\n%zu,%zu,v%zu,%d,%.6f", row, 1704067200 + row, row % 2,
		    rng_uniform(&rng) < score, score);
		for (int i = 0; i < FEATURES - CATEGORICAL; i++)
			fprintf(file, ",%.5f",
			    rng_uniform(&rng) + rng_uniform(&rng) + 0.01 * (double)seed);
		for (int i = 0; i < CATEGORICAL; i++)
			fprintf(file, ",c%u", rng_below(&rng, 12));
	}
	fputc('\n', file);
	if (fclose(file) != 0)
		bench_fail("report", "the table cannot be written: set TMPDIR");
}

static void
make_report(size_t budget, size_t rows)
{
	static const struct dataset_options columns = {
	    .id = "id", .time = "ts", .version = "version", .label = "label", .score = "score"};
	struct dataset data = {.budget = budget}, reference = {.budget = budget};
	struct err err = {0};
	struct buf out = {0};
	struct report_input input = {
	    .data = &data, .reference = &reference, .threshold = 0.5, .config = config_new()};
	if (!dataset_read(&data, paths[0], &columns, &err) ||
	    !dataset_read(&reference, paths[1], &columns, &err) ||
	    !report_write(&input, false, &out, &err))
		bench_fail("report", err.text);
	if (data.rows != rows || reference.rows != rows)
		bench_fail("report", "rows were lost");
}

/* One report in a process of its own. */
static struct rusage
measure(size_t budget, size_t rows)
{
	struct rusage usage;
	int status = 0;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		make_report(budget, rows);
		_exit(0);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
		bench_fail("report", "a run failed");
	return usage;
}

static double
seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static void
compare(void)
{
	struct bench_runs disk, memory, disk_mb, memory_mb;
	for (int i = 0; i < BENCH_RUNS; i++) {
		struct rusage tight = measure(1 << 20, ROWS), whole = measure(SIZE_MAX, ROWS);
		disk.values[i] = seconds(&tight);
		memory.values[i] = seconds(&whole);
		disk_mb.values[i] = (double)tight.ru_maxrss / 1024;
		memory_mb.values[i] = (double)whole.ru_maxrss / 1024;
	}
	bench_line("report, 30 features, from disk", "rows/s", bench_rates(2.0 * ROWS, disk),
	    "in memory", bench_rates(2.0 * ROWS, memory));
	bench_line("report, 30 features, from disk: memory", "MB", disk_mb, "in memory", memory_mb);
}

int
main(int argc, char **argv)
{
	size_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : ROWS;
	const char *folder = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	for (int i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/fraudtop-bench-%ld-%d.csv", folder,
		    (long)getpid(), i);
		write_table(paths[i], rows, (uint64_t)i + 1);
	}
	if (argc > 1) {
		struct rusage usage = measure(0, rows);
		printf("%zu rows on each side: %.1f s of processor time, %ld MB at most\n", rows,
		    seconds(&usage), usage.ru_maxrss / 1024);
	} else {
		compare();
	}
	for (int i = 0; i < 2; i++)
		unlink(paths[i]);
	return 0;
}
