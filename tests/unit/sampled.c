/* sampled.c: a log of which only some records are read, and a join that keeps only some: volumes
 * and rates are of all, numbers of samples are what was counted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"
#include "core/monitor/state.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { RECORDS = 6000 };

static void
add(struct monitor *monitor, size_t source, wall_us ts, const char *id, double score)
{
	struct prediction prediction = monitored_prediction(ts);
	prediction.request_id = id;
	prediction.score = score;
	prediction.decision = score >= 0.5;
	monitored_send(monitor, source, &prediction);
}

/* Ten a second, with labels. */
static struct monitor *
monitor_made(const struct config *config, uint32_t weight, bool ids)
{
	struct monitor *monitor = monitor_new(config);
	size_t source = monitor_add_source(monitor);
	struct rng rng;
	rng_seed(&rng, 3, 4);
	clock_freeze(START + CLOCK_DAY);
	if (weight > 1)
		monitor_weigh_source(monitor, source, weight);
	for (size_t i = 0; i < RECORDS; i++) {
		char id[24];
		snprintf(id, sizeof(id), "id-%zu", i);
		wall_us ts = START + (wall_us)i * CLOCK_SECOND / 10;
		add(monitor, source, ts, ids ? id : "", rng_uniform(&rng));
		monitor_label(
		    monitor, &(struct label){
				 .ts = ts + CLOCK_SECOND, .request_id = id, .value = i % 3 == 0});
	}
	monitor_tick(monitor);
	return monitor;
}

static struct snapshot *
view(struct monitor *monitor)
{
	struct snapshot *snapshot = snapshot_new();
	monitor_view(monitor, snapshot);
	assert_int_equal(snapshot->series_count, 1);
	return snapshot;
}

static void
a_sampled_source_has_its_volume_and_the_real_number_of_samples(void **state)
{
	(void)state;
	struct config *config = config_new();
	struct monitor *monitor = monitor_made(config, 10, true);
	struct snapshot *snapshot = view(monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->records, RECORDS);
	assert_true(series->weight == 10);
	assert_int_equal(lround(series->rps.value), 100);
	assert_int_equal(series->rps.n, RECORDS);
	assert_int_equal(series->volume.current.n, RECORDS);
	assert_int_equal(series->error_rate.n, RECORDS);
	assert_int_equal(series->quality.predictions, RECORDS);
	assert_int_equal(series->quality.sample, 1);
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
}

static void
an_unsampled_source_weighs_one(void **state)
{
	(void)state;
	struct config *config = config_new();
	struct monitor *monitor = monitor_made(config, 1, true);
	struct snapshot *snapshot = view(monitor);
	assert_true(snapshot->series[0].weight == 1);
	assert_int_equal(lround(snapshot->series[0].rps.value), 10);
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
}

static void
what_the_join_does_not_keep_is_not_in_quality(void **state)
{
	(void)state;
	struct config *config = config_new();
	config->join_sample = 4;
	struct monitor *monitor = monitor_made(config, 1, true);
	uint64_t kept = 0;
	for (size_t i = 0; i < RECORDS; i++) {
		char id[24];
		snprintf(id, sizeof(id), "id-%zu", i);
		kept += join_sampled(monitor->join, join_hash(id));
	}
	struct snapshot *snapshot = view(monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->records, RECORDS); /* traffic and drift are of all */
	assert_int_equal(series->quality.sample, 4);
	assert_int_equal(series->quality.predictions, kept);
	assert_int_equal(series->quality.labelled, kept);
	assert_true(series->quality.maturity.value == 1);
	assert_int_equal(series->concept[CONCEPT_SCORE_MEAN].n, kept);
	assert_int_equal(series->duplicates.n, kept);
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
}

static void
without_an_id_a_sampling_join_can_keep_nothing(void **state)
{
	(void)state;
	struct config *config = config_new();
	config->join_sample = 4;
	struct monitor *monitor = monitor_made(config, 1, false);
	struct snapshot *snapshot = view(monitor);
	assert_int_equal(snapshot->series[0].records, RECORDS);
	assert_int_equal(snapshot->series[0].quality.predictions, 0);
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sampled_source_has_its_volume_and_the_real_number_of_samples),
	    cmocka_unit_test(an_unsampled_source_weighs_one),
	    cmocka_unit_test(what_the_join_does_not_keep_is_not_in_quality),
	    cmocka_unit_test(without_an_id_a_sampling_join_can_keep_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
