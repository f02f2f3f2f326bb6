/* checkpoint.c: what a checkpoint of a busy service costs: an hour of 60 predictions a second with
 * 12 features and labels, in windows that are all full. Packing is what the thread of the keys does
 * every ten seconds; loading, with the join's file, is what a restart waits for, beside counting
 * the same records again, already parsed. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/config/config.h"
#include "core/join/save.h"
#include "core/monitor/monitor_save.h"
#include "core/monitor/state.h"
#include "tests/bench/bench.h"

enum { FEATURES = 12, RECORDS = 216000 };

struct stage {
	struct config *config;
	wall_us start;
	char folder[64];
};

static void
fill(struct feature_value *features, struct rng *rng)
{
	static const char *const names[FEATURES] = {"amount", "age_days", "distance", "hour",
	    "count_1h", "count_24h", "mean_7d", "balance", "velocity", "merchant", "country",
	    "device"};
	static const char *const words[] = {"retail", "travel", "online", "grocery", "fuel"};
	for (size_t i = 0; i < FEATURES; i++) {
		bool word = i >= 9;
		features[i] = (struct feature_value){.name = names[i],
		    .kind = word ? VALUE_TEXT : VALUE_NUMBER,
		    .number = word ? NAN : rng_lognormal(rng, 50, 1),
		    .text = word ? words[rng_below(rng, 5)] : ""};
	}
}

static struct monitor *
count_records(const struct stage *stage)
{
	struct rng rng;
	struct monitor *monitor = monitor_new(stage->config);
	monitor_set_join_folder(monitor, stage->folder);
	size_t source = monitor_add_source(monitor);
	rng_seed(&rng, 5, 1);
	for (int i = 0; i < RECORDS; i++) {
		char id[40];
		struct feature_value features[FEATURES];
		fill(features, &rng);
		snprintf(id, sizeof(id), "5f0c1d2e-%08x-%04x", rng_u32(&rng), i & 0xffff);
		double score = 1 / (1 + exp(4 - 2 * rng_normal(&rng)));
		struct prediction prediction = {.ts = stage->start + i * (CLOCK_SECOND / 60),
		    .request_id = id,
		    .service = "eu",
		    .model = "fraud",
		    .version = "12",
		    .segment = "retail",
		    .score = score,
		    .threshold = 0.5,
		    .decision = score >= 0.5,
		    .latency_ms = rng_lognormal(&rng, 12, 0.5),
		    .status = 200,
		    .label = i % 3 == 0 ? score > 0.7 : -1,
		    .features = features,
		    .features_count = FEATURES};
		monitor_prediction(monitor, source, &prediction, "", "", NULL);
	}
	monitor_tick(monitor);
	return monitor;
}

static double
seconds_to_pack(struct monitor *monitor, struct buf *windows, struct buf *join)
{
	buf_clear(windows);
	buf_clear(join);
	double began = bench_now();
	monitor_save(monitor, windows);
	if (!join_save(monitor->join, join, NULL))
		bench_fail("checkpoint", "the join cannot be saved");
	double took = bench_now() - began;
	join_saved(monitor->join);
	return took;
}

static double
seconds_to_load(const struct stage *stage, const struct buf *windows, const struct buf *join)
{
	struct unpack parts[] = {{.at = windows->data, .end = windows->data + windows->length},
	    {.at = join->data, .end = join->data + join->length}};
	struct err err = {0};
	double began = bench_now();
	struct monitor *monitor = monitor_new(stage->config);
	monitor_set_join_folder(monitor, stage->folder);
	if (!monitor_load(monitor, &parts[0]) || !join_load(monitor->join, &parts[1], &err))
		bench_fail("checkpoint cannot be loaded", err.text);
	double took = bench_now() - began;
	monitor_free(monitor);
	return took;
}

int
main(void)
{
	struct stage stage = {.config = config_new(), .folder = "/tmp/fraudtop-bench-XXXXXX"};
	struct buf windows = {0}, join = {0};
	struct bench_runs pack, load, count, size, whole;
	clock_parse("2026-01-28T14:00:00Z", 20, &stage.start);
	clock_freeze(stage.start + CLOCK_HOUR);
	if (mkdtemp(stage.folder) == NULL)
		bench_fail("checkpoint", "no folder to be had");
	for (int i = 0; i < BENCH_RUNS; i++) {
		double began = bench_now();
		struct monitor *monitor = count_records(&stage);
		count.values[i] = 1000 * (bench_now() - began);
		seconds_to_pack(monitor, &windows, &join); /* the buffers have grown */
		pack.values[i] = 1000 * seconds_to_pack(monitor, &windows, &join);
		monitor_free(monitor);
		load.values[i] = 1000 * seconds_to_load(&stage, &windows, &join);
		size.values[i] = (double)(windows.length + join.length) / 1024;
		whole.values[i] = RECORDS * 480.0 / 1024;
	}
	bench_line("checkpoint of a service: pack", "ms", pack, "counting the records", count);
	bench_line("checkpoint of a service: load", "ms", load, "counting the records", count);
	bench_line("checkpoint of a service: size", "KiB", size, "the log", whole);
	buf_free(&windows);
	buf_free(&join);
	config_free(stage.config);
	char *command = mem_printf("rm -rf '%s'", stage.folder);
	int code = system(command);
	free(command);
	return code;
}
