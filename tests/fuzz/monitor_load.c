/* monitor_load.c: any bytes as what a monitor once saved. An input is the bytes themselves (its
 * first byte is even), or changes of a true one, four bytes each: where, and to what. What is taken
 * must then be a monitor like any other: it answers, counts, and comes back the same. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/monitor/monitor_save.h"
#include "core/monitor/monitor_view.h"

#define START INT64_C(1769600000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char suite[] =
    "[{\"expectation_type\":\"expect_column_quantile_values_to_be_between\",\"kwargs\":{\"column\":"
    "\"f0\",\"quantile_ranges\":{\"quantiles\":[0.5],\"value_ranges\":[[0,1]]}}},"
    "{\"expectation_type\":\"expect_column_values_to_be_unique\",\"kwargs\":{\"column\":\"f1\"}},"
    "{\"expectation_type\":\"expect_column_distinct_values_to_be_in_set\",\"kwargs\":{\"column\":"
    "\"f2\",\"value_set\":[\"a\",\"b\"]}}]";

static struct config *config;
static struct buf whole; /* a true one */

static struct monitor *
new_monitor(void)
{
	struct monitor *monitor = monitor_new(config);
	monitor_add_suite(monitor, "m", suite_parse(suite, strlen(suite), "suite", NULL));
	return monitor;
}

static void
feed(struct monitor *monitor, int count, uint64_t seed)
{
	static const char *const words[] = {"a", "b", "c", "d"};
	struct rng rng;
	size_t source = monitor_add_source(monitor);
	rng_seed(&rng, seed, 1);
	for (int i = 0; i < count; i++) {
		const struct feature_value features[] = {{"f0", VALUE_NUMBER, rng_normal(&rng), ""},
		    {"f1", VALUE_NUMBER, (double)rng_below(&rng, 5), ""},
		    {"f2", VALUE_TEXT, NAN, words[rng_below(&rng, i < 1000 ? 3 : 4)]}};
		struct prediction prediction = {
		    .ts = START + (i / 40 + (int64_t)seed) * CLOCK_SECOND,
		    .request_id = words[rng_below(&rng, 4)],
		    .service = "eu",
		    .model = i % 5 == 0 ? "m" : "n",
		    .version = "1",
		    .segment = words[rng_below(&rng, 4)],
		    .score = rng_uniform(&rng),
		    .threshold = 0.5,
		    .decision = -1,
		    .latency_ms = 10,
		    .status = 200,
		    .label = i % 2,
		    .features = features,
		    .features_count = 3};
		monitor_prediction(monitor, source, &prediction, "", "", NULL);
	}
	monitor_tick(monitor);
}

static void
set_up(void)
{
	clock_freeze(START + CLOCK_DAY);
	config = config_new();
	config->comparison_us = CLOCK_HOUR / 4;
	config->quality_us = CLOCK_HOUR;
	config->replay_rows = 20;
	config->cohort_most = 2;
	config->join_memory = 1;
	struct monitor *monitor = new_monitor();
	feed(monitor, 1400, 0);
	monitor_save(monitor, &whole);
	monitor_free(monitor);
}

static void
try(const char *bytes, size_t length)
{
	struct buf first = {0}, second = {0};
	struct unpack unpack = {.at = bytes, .end = bytes + length};
	struct monitor *monitor = new_monitor();
	if (monitor_load(monitor, &unpack)) {
		monitor_save(monitor, &first);
		struct monitor *again = new_monitor();
		unpack = (struct unpack){.at = first.data, .end = first.data + first.length};
		if (!monitor_load(again, &unpack))
			mem_die("what was saved cannot be loaded");
		monitor_save(again, &second);
		if (first.length != second.length ||
		    memcmp(first.data, second.data, first.length) != 0)
			mem_die("what was loaded is not what was saved");
		monitor_free(again);
		struct snapshot *snapshot = snapshot_new();
		monitor_view(monitor, snapshot);
		feed(monitor, 5, 300);
		monitor_view(monitor, snapshot);
		snapshot_free(snapshot);
	}
	monitor_free(monitor);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (config == NULL)
		set_up();
	if (size == 0 || data[0] % 2 == 0) {
		try((const char *)data, size);
		return 0;
	}
	struct buf changed = {0};
	buf_append(&changed, whole.data, whole.length);
	for (size_t i = 1; i + 4 <= size; i += 4) {
		size_t at = ((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]);
		changed.data[at % changed.length] = (char)data[i + 3];
	}
	try(changed.data, changed.length);
	buf_free(&changed);
	return 0;
}
