/* parse.c: log lines to records, beside simdjson on demand reading every value and cJSON parsing.
 *
 * The log is make_log's (lines of 480 bytes, 12 features, of them 3 categorical); PARSE_BYTES of
 * it, 1 GB if nothing else is said, in one piece of memory with every page touched, so that no disk
 * is measured; cutting it into lines is. All do the same bytes in turns, in one thread. Ours hands
 * over records: every field checked for its range, every feature by name, texts validated and
 * ended. cJSON builds its tree and frees it, over a tenth of the log, since it takes so long.
 *
 * The lines of a log repeat their shape, and ours bets on it. What it costs when they do less and
 * less so, a tenth of the log shows in each of the shapes of parse/shapes.h. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_reader.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"
#include "tests/bench/bench.h"
#include "tests/bench/parse/shapes.h"

size_t simdjson_peer_read(
    const char *text, size_t length, bool known, double *sum, size_t *bytes, const char **kernel);

struct log {
	char *text;
	size_t length, lines, part; /* part: for cJSON, whole lines */
	double sum; /* of every number, by our own reading */
	double unasked; /* the sum of those that are in no record */
};

static struct log
make_log(const char *program)
{
	const char *asked = getenv("PARSE_BYTES");
	size_t bytes = asked != NULL ? strtoull(asked, NULL, 10) : 1000000000;
	char *command = mem_printf("'%s' %zu 1", program, bytes);
	struct log log = {.text = mem_alloc(bytes + STRETCH_PAD)};
	FILE *pipe = popen(command, "r");
	if (pipe == NULL)
		bench_fail(command, "cannot be run");
	log.length = fread(log.text, 1, bytes, pipe);
	if (pclose(pipe) != 0 || log.length == 0)
		bench_fail(command, "has written no log");
	free(command);
	for (const char *at = log.text;
	     (at = memchr(at, '\n', (size_t)(log.text + log.length - at)));)
		log.lines++, at++;
	const char *tenth = log.text + log.length / 10;
	log.part = (size_t)((const char *)memchr(tenth, '\n', log.length) + 1 - log.text);
	return log;
}

static double
sum_of(const struct prediction *prediction)
{
	double sum = prediction->status + prediction->score + (prediction->decision > 0);
	sum += isnan(prediction->latency_ms) ? 0 : prediction->latency_ms;
	sum += isnan(prediction->threshold) ? 0 : prediction->threshold;
	for (size_t i = 0; i < prediction->features_count; i++)
		if (prediction->features[i].kind == VALUE_NUMBER)
			sum += prediction->features[i].number;
	return sum;
}

static double
read_ours(struct log *log, const char *way)
{
	if (!walkers_force(way))
		return 0;
	struct record_reader *reader = record_reader_new();
	const char *at = log->text, *end = at + log->length;
	size_t length, lines = 0;
	log->sum = log->unasked;
	double began = bench_now();
	while (at < end) {
		struct prediction prediction;
		struct err err;
		if (!record_next_prediction(reader, at, end, &at, &length, &prediction, &err))
			bench_fail("record_next_prediction", err.text);
		lines++;
		log->sum += sum_of(&prediction);
	}
	double seconds = bench_now() - began;
	if (lines != log->lines)
		bench_fail("record_next_prediction", "records are lacking");
	record_reader_free(reader);
	walkers_force(NULL);
	return seconds;
}

static double
read_simdjson(const struct log *log, bool known, const char **kernel)
{
	double sum, began = bench_now();
	size_t bytes;
	if (simdjson_peer_read(log->text, log->length, known, &sum, &bytes, kernel) != log->lines)
		bench_fail("simdjson", "a record that it cannot read");
	double seconds = bench_now() - began;
	if (!(sum > log->sum * (1 - 1e-9) && sum < log->sum * (1 + 1e-9)))
		bench_fail("simdjson", "its numbers are not ours");
	return seconds;
}

static double
parse_cjson(const struct log *log)
{
	double began = bench_now();
	for (const char *at = log->text, *end = at + log->part; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		cJSON *root = cJSON_ParseWithLength(at, (size_t)(newline - at));
		if (root == NULL)
			bench_fail("cJSON", "a line that it cannot parse");
		cJSON_Delete(root);
		at = newline + 1;
	}
	return bench_now() - began;
}

/* A part of the log in another shape. */
static struct log
reshape(const struct log *log, const struct parse_shape *shape)
{
	struct log other = {.text = mem_alloc(log->part + log->part / 2 + STRETCH_PAD)};
	struct rng rng;
	rng_seed(&rng, 1, 0);
	for (const char *at = log->text, *end = at + log->part; at < end; other.lines++) {
		other.length = (size_t)(parse_shape_line(shape, &rng, at, other.lines,
					    other.text + other.length, &other.unasked) -
					other.text);
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
	other.part = other.length;
	return other;
}

static void
compare_shape(const struct log *log, const struct parse_shape *shape)
{
	char what[64];
	const char *kernel;
	struct log other = reshape(log, shape);
	struct bench_runs ours, simdjson, cjson;
	for (int run = 0; run < BENCH_RUNS; run++) {
		ours.values[run] = read_ours(&other, NULL);
		simdjson.values[run] = read_simdjson(&other, false, &kernel);
		cjson.values[run] = parse_cjson(&other);
	}
	double megabytes = (double)other.length / 1e6;
	snprintf(what, sizeof(what), "log to records, %s", shape->name);
	struct bench_runs rates = bench_rates(megabytes, ours);
	bench_line(what, "MB/s", rates, "simdjson, every value", bench_rates(megabytes, simdjson));
	bench_line(what, "MB/s", rates, "cJSON", bench_rates(megabytes, cjson));
	free(other.text);
}

static void
compare_ways(struct log *log, double megabytes)
{
	static const char *const ways[] = {"avx2", "base", "plain"};
	struct bench_runs best, other;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char what[64];
		if (read_ours(log, ways[i]) == 0)
			continue;
		for (int run = 0; run < BENCH_RUNS; run++) {
			other.values[run] = read_ours(log, ways[i]);
			best.values[run] = read_ours(log, NULL);
		}
		snprintf(what, sizeof(what), "log to records, %s", ways[i]);
		bench_line(what, "MB/s", bench_rates(megabytes, other), "ours, the best way",
		    bench_rates(megabytes, best));
	}
}

int
main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *kernel;
	(void)argc;
	char *program = mem_printf("%.*s/../tests/make_log",
	    slash != NULL ? (int)(slash - argv[0]) : 1, slash != NULL ? argv[0] : ".");
	struct log log = make_log(program);
	free(program);
	struct bench_runs ours, unknown, known, cjson;
	for (int run = 0; run < BENCH_RUNS; run++) {
		ours.values[run] = read_ours(&log, NULL);
		unknown.values[run] = read_simdjson(&log, false, &kernel);
		known.values[run] = read_simdjson(&log, true, &kernel);
		cjson.values[run] = parse_cjson(&log);
	}
	char what[128], peer[128];
	double megabytes = (double)log.length / 1e6;
	struct bench_runs rates = bench_rates(megabytes, ours);
	snprintf(what, sizeof(what), "log to records, %.0f bytes a line, 12 features",
	    (double)log.length / (double)log.lines);
	snprintf(peer, sizeof(peer), "simdjson, every value (%s)", kernel);
	bench_line(what, "MB/s", rates, peer, bench_rates(megabytes, unknown));
	bench_line(
	    what, "MB/s", rates, "simdjson, keys and types known", bench_rates(megabytes, known));
	bench_line(what, "MB/s", rates, "cJSON", bench_rates((double)log.part / 1e6, cjson));
	for (size_t i = 0; i < PARSE_SHAPES; i++)
		compare_shape(&log, &parse_shapes[i]);
	log.length = log.part;
	log.lines = 0;
	for (size_t i = 0; i < log.length; i++)
		log.lines += log.text[i] == '\n';
	compare_ways(&log, (double)log.length / 1e6);
	free(log.text);
	return 0;
}
