/* ingest.c: reading log lines, and the whole way into the windows, beside cJSON's mere parsing.
 *
 * The lines are as `fraudtop serve` writes them (scores with all their digits), made from simulated
 * payments with a fixed seed, 60 a second of event time, and stay in memory: neither the disk nor
 * the cutting into lines is measured. All three do the same lines in turns, in one thread. cJSON
 * builds its tree and frees it; nothing is looked up in it. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/config/config.h"
#include "core/ingest/record.h"
#include "core/monitor/batch.h"
#include "core/service/payments.h"
#include "core/source/stretch.h"
#include "tests/bench/bench.h"

enum { BYTES = 100000000, STRETCH = 1024 * 1024 };

struct lines {
	struct buf text;
	size_t *starts; /* count + 1 of them; a line's newline stands before the next start */
	size_t count, capacity;
};

static void
write_line(struct buf *out, struct rng *rng, const struct payment *payment, wall_us ts)
{
	struct jsonw json = {.out = out};
	double score = 1 / (1 + exp(4 - 2 * rng_normal(rng) - 6 * payment->label));
	jsonw_open_object(&json, NULL);
	jsonw_time(&json, "ts", ts);
	jsonw_string(&json, "request_id", payment->request_id);
	jsonw_string(&json, "service", "eu");
	jsonw_string(&json, "model", "fraud");
	jsonw_string(&json, "version", "12");
	jsonw_number(&json, "latency_ms", round(rng_lognormal(rng, 12, 0.5) * 1000) / 1000);
	jsonw_int(&json, "status", 200);
	jsonw_number(&json, "score", score);
	jsonw_number(&json, "threshold", 0.5);
	jsonw_bool(&json, "decision", score >= 0.5);
	payment_write_features(payment, &json, "features");
	jsonw_close_object(&json);
	buf_append(out, "\n", 1);
}

static struct lines
make_lines(void)
{
	struct lines lines = {0};
	struct rng rng;
	struct payments *payments = payments_new(11, 1);
	wall_us ts = 0;
	clock_parse("2026-01-28T14:00:00Z", 20, &ts);
	rng_seed(&rng, 11, 2);
	while (lines.text.length < BYTES) {
		struct payment payment;
		payments_next(payments, &payment);
		ts += (wall_us)rng_exponential(&rng, (double)CLOCK_SECOND / 60);
		mem_reserve(&lines.starts, &lines.capacity, lines.count + 2, sizeof(*lines.starts));
		lines.starts[lines.count++] = lines.text.length;
		write_line(&lines.text, &rng, &payment, ts);
	}
	lines.starts[lines.count] = lines.text.length;
	static const char pad[STRETCH_PAD];
	buf_append(&lines.text, pad, sizeof(pad));
	payments_free(payments);
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
	if (features != lines->count * PAYMENT_FEATURES)
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
	if (snapshot->series_count != 1 || snapshot->series[0].features_count != PAYMENT_FEATURES ||
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
main(void)
{
	struct lines lines = make_lines();
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
