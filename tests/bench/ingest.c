/* ingest.c: reading log lines, and the whole way into the windows, beside cJSON's mere parsing.
 *
 * A gigabyte of lines by make_log, seeded, in memory: neither the disk nor the cutting into lines
 * is measured. All three do the same lines in turns, in one thread. cJSON builds its tree and frees
 * it; nothing is looked up in it. */
#include <cjson/cJSON.h>
#include <libgen.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/config/config.h"
#include "core/ingest/record_reader.h"
#include "core/monitor/batch.h"
#include "core/monitor/monitor_view.h"
#include "core/source/stretch.h"
#include "tests/bench/bench.h"

enum { BYTES = 1000000000, FEATURES = 12, STRETCH = 1024 * 1024 };

struct lines {
	struct buf text;
	size_t *starts; /* count + 1 of them; a line's newline stands before the next start */
	size_t count, capacity;
};

/* What make_log writes, which stands beside the benchmarks' folder. */
static void
read_log(struct buf *text, const char *program)
{
	char *folder = mem_string(program);
	char *command = mem_printf("%s/../tests/make_log %d 11", dirname(folder), BYTES);
	FILE *log = popen(command, "r");
	size_t got;
	char *block = mem_alloc(STRETCH);
	while (log != NULL && (got = fread(block, 1, STRETCH, log)) > 0)
		buf_append(text, block, got);
	if (log == NULL || pclose(log) != 0)
		bench_fail(command, "it failed");
	free(block);
	free(command);
	free(folder);
}

static struct lines
make_lines(const char *program)
{
	struct lines lines = {0};
	static const char pad[STRETCH_PAD];
	read_log(&lines.text, program);
	size_t length = lines.text.length;
	buf_append(&lines.text, pad, sizeof(pad));
	for (size_t at = 0; at <= length;) {
		mem_reserve(&lines.starts, &lines.capacity, lines.count + 1, sizeof(*lines.starts));
		lines.starts[lines.count++] = at;
		if (at == length)
			break;
		const char *end = memchr(lines.text.data + at, '\n', length - at);
		at = end != NULL ? (size_t)(end - lines.text.data) + 1 : length;
	}
	lines.count--;
	return lines;
}

static const char *
line_at(const struct lines *lines, size_t i, size_t *length)
{
	*length = lines->starts[i + 1] - lines->starts[i] - 1;
	return lines->text.data + lines->starts[i];
}

static double
read_all(const struct lines *lines)
{
	struct record_reader *reader = record_reader_new();
	double began = bench_now();
	size_t features = 0;
	for (size_t i = 0; i < lines->count; i++) {
		struct prediction prediction;
		struct err err;
		size_t length;
		const char *line = line_at(lines, i, &length);
		if (!record_read_prediction(reader, line, length, &prediction, &err))
			bench_fail("record_read_prediction", err.text);
		features += prediction.features_count;
	}
	double seconds = bench_now() - began;
	if (features != lines->count * FEATURES)
		bench_fail("record_read_prediction", "features are lacking");
	record_reader_free(reader);
	return seconds;
}

static double
parse_all(const struct lines *lines)
{
	double began = bench_now();
	for (size_t i = 0; i < lines->count; i++) {
		size_t length;
		const char *line = line_at(lines, i, &length);
		cJSON *root = cJSON_ParseWithLength(line, length);
		if (root == NULL)
			bench_fail("cJSON", "a line that it cannot parse");
		cJSON_Delete(root);
	}
	return bench_now() - began;
}

/* A stretch's lines from `at` on into a batch; returns where the next one begins. */
static size_t
prepare(struct batch *batch, struct monitor *monitor, size_t source, struct record_reader *reader,
    const struct lines *lines, size_t at)
{
	size_t end = lines->starts[at] + STRETCH;
	batch_begin(batch, monitor, source, false, "", "");
	for (; at < lines->count && lines->starts[at] < end; at++) {
		struct prediction prediction;
		struct err err;
		size_t length;
		const char *line = line_at(lines, at, &length);
		if (!record_read_prediction(reader, line, length, &prediction, &err))
			bench_fail("record_read_prediction", err.text);
		batch_prediction(batch, &prediction, lines->starts[at], at + 1);
	}
	return at;
}

struct times {
	double all, commit;
};

static void
check_windows(struct monitor *monitor, const struct lines *lines)
{
	struct snapshot *snapshot = snapshot_new();
	monitor_view(monitor, snapshot);
	if (snapshot->series_count != 1 || snapshot->series[0].features_count != FEATURES ||
	    snapshot->join.pending != lines->count)
		bench_fail("monitor", "the windows do not hold what was read");
	snapshot_free(snapshot);
}

/* Into windows with latency, drift and quality on, every prediction waiting for its label: stretch
 * by stretch, as the intake does. */
static struct times
monitor_all(const struct lines *lines, const struct config *config)
{
	struct times times = {0};
	struct record_reader *reader = record_reader_new();
	struct monitor *monitor = monitor_new(config);
	struct batch *batch = batch_new();
	struct batch_result result;
	size_t source = monitor_add_source(monitor);
	uint64_t accepted = 0;
	double began = bench_now();
	for (size_t i = 0; i < lines->count;) {
		i = prepare(batch, monitor, source, reader, lines, i);
		double before = bench_now();
		monitor_commit(monitor, batch, &result, NULL, NULL);
		monitor_tick(monitor);
		times.commit += bench_now() - before;
		accepted += result.accepted;
	}
	times.all = bench_now() - began;
	if (accepted != lines->count)
		bench_fail("monitor_commit", "a record was not accepted");
	check_windows(monitor, lines);
	batch_free(batch);
	monitor_free(monitor);
	record_reader_free(reader);
	return times;
}

int
main(int argc, char **argv)
{
	(void)argc;
	struct lines lines = make_lines(argv[0]);
	struct config *config = config_new();
	struct bench_runs read, parse, windows, commit;
	for (int run = 0; run < BENCH_RUNS; run++) {
		read.values[run] = read_all(&lines);
		parse.values[run] = parse_all(&lines);
		struct times times = monitor_all(&lines, config);
		windows.values[run] = times.all;
		commit.values[run] = times.commit;
	}
	char what[128];
	double megabytes = (double)lines.starts[lines.count] / 1e6, count = (double)lines.count;
	snprintf(what, sizeof(what), "read log lines of %.0f bytes, 12 features",
	    (double)lines.starts[lines.count] / count);
	struct bench_runs cjson = bench_rates(megabytes, parse),
			  cjson_lines = bench_rates(count, parse);
	bench_line(what, "MB/s", bench_rates(megabytes, read), "cJSON", cjson);
	bench_line("read log lines", "lines/s", bench_rates(count, read), "cJSON", cjson_lines);
	bench_line("log lines into windows", "MB/s", bench_rates(megabytes, windows),
	    "cJSON parsing", cjson);
	bench_line("log lines into windows", "lines/s", bench_rates(count, windows),
	    "cJSON parsing", cjson_lines);
	bench_line("the part of it that is one after the other", "lines/s",
	    bench_rates(count, commit), "all of it", bench_rates(count, windows));
	config_free(config);
	free(lines.starts);
	buf_free(&lines.text);
	return 0;
}
