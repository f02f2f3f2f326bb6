/* batch.c: records in batches leave the monitor as it is when they come one by one, to the bit. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/monitor/batch_rows.h"
#include "core/monitor/state.h"
#include "tests/support/batch/random_log.h"

static struct config *
config_make(void)
{
	struct config *config = config_new();
	config->comparison_us = CLOCK_HOUR;
	config->reference_records = 1500;
	config->replay_rows = 0; /* rows that are kept go another way */
	return config;
}

/* --- the two ways ---------------------------------------------------------------------------- */

/* One by one, the clock moved on after every `tick` records. */
static struct batch_result
go_singly(struct monitor *monitor, const struct log *log, size_t tick)
{
	struct batch_result all = {0};
	for (size_t i = 0; i < log->count; i++) {
		const struct event *event = &log->events[i];
		struct err err;
		wall_us ts = event->labels ? event->label.ts : event->prediction.ts;
		if (event->labels) {
			monitor_label(monitor, &event->label);
			all.labels++;
		} else {
			enum monitor_verdict verdict =
			    monitor_prediction(monitor, 0, &event->prediction, "eu", "m", &err);
			all.accepted += verdict == MONITOR_ACCEPTED;
			all.late += verdict == MONITOR_LATE;
			all.refused += verdict == MONITOR_REFUSED;
			if (verdict != MONITOR_ACCEPTED)
				ts = 0;
		}
		all.newest = ts > all.newest ? ts : all.newest;
		if (i % tick == tick - 1)
			monitor_tick(monitor);
	}
	monitor_tick(monitor);
	return all;
}

struct refusals_seen {
	uint64_t count;
	const struct log *log;
};

static void
refused(const char *reason, uint64_t offset, uint64_t line, void *context)
{
	struct refusals_seen *seen = context;
	assert_non_null(strstr(reason, "ahead of the wall clock"));
	assert_int_equal(offset, 10 * line);
	assert_true(seen->log->events[line].prediction.ts > clock_wall() + MONITOR_AHEAD);
	seen->count++;
}

static void
fill(struct batch *batch, struct monitor *monitor, const struct log *log, size_t from, size_t until)
{
	char service[] = "eu", model[] = "m";
	batch_begin(batch, monitor, 0, true, service, model);
	memset(service, 'x', 2); /* what it needs was copied */
	for (size_t i = from; i < until; i++) {
		const struct event *event = &log->events[i];
		if (event->labels)
			batch_label(batch, &event->label);
		else
			batch_prediction(batch, &event->prediction, 10 * i, i);
	}
}

static size_t prepared, predictions; /* rows that went the short way, of all */
static uint64_t changes; /* series folded and back */

static void
count_prepared(const struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		prepared += batch->rows[i].kind == ROW_PREPARED;
		predictions += batch->rows[i].kind != ROW_LABEL;
	}
}

static void
take(struct monitor *monitor, struct batch *batch, const struct log *log, struct batch_result *all)
{
	struct batch_result one;
	struct refusals_seen seen = {0, log};
	count_prepared(batch);
	monitor_commit(monitor, batch, &one, refused, &seen);
	assert_int_equal(seen.count, one.refused);
	all->accepted += one.accepted;
	all->late += one.late;
	all->refused += one.refused;
	all->labels += one.labels;
	all->newest = one.newest > all->newest ? one.newest : all->newest;
}

/* In batches of up to `most` records that end where the clock is moved on, `ahead` of them made
 * before the first of them is committed. */
static struct batch_result
go_in_batches(
    struct monitor *monitor, const struct log *log, size_t tick, size_t most, size_t ahead)
{
	struct batch_result all = {0};
	struct batch *batches[4];
	struct rng rng;
	rng_seed(&rng, most, ahead);
	for (size_t i = 0; i < ahead; i++)
		batches[i] = batch_new();
	for (size_t from = 0; from < log->count;) {
		size_t made = 0, end = from - from % tick + tick;
		end = end < log->count ? end : log->count;
		for (; made < ahead && from < end; made++) {
			size_t until = from + 1 + log_below(&rng, most);
			until = until < end ? until : end;
			fill(batches[made], monitor, log, from, until);
			from = until;
		}
		for (size_t i = 0; i < made; i++)
			take(monitor, batches[i], log, &all);
		if (from % tick == 0)
			monitor_tick(monitor);
	}
	monitor_tick(monitor);
	for (size_t i = 0; i < ahead; i++)
		batch_free(batches[i]);
	return all;
}

static struct monitor *
with_nothing(const struct config *config)
{
	struct monitor *monitor = monitor_new(config);
	monitor_add_source(monitor);
	return monitor;
}

static void
compare_made(const struct config *config, const struct kind *kind, uint64_t seed,
    struct monitor *(*make)(const struct config *config))
{
	static const size_t most[] = {1, 7, 300, 5000}, ahead[] = {1, 2, 3, 4};
	struct log log = log_make(kind, seed);
	clock_freeze(START + 20 * CLOCK_DAY);
	struct monitor *singly = make(config);
	struct batch_result expected = go_singly(singly, &log, 2000);
	assert_true(expected.accepted > 0);
	for (size_t i = 0; i < 4; i++) {
		struct monitor *monitor = make(config);
		struct batch_result result = go_in_batches(monitor, &log, 2000, most[i], ahead[i]);
		assert_memory_equal(&result, &expected, sizeof(result));
		monitors_equal(singly, monitor);
		monitor_free(monitor);
	}
	changes = singly->room.changes;
	monitor_free(singly);
	free(log.events);
}

/* So little memory that versions are folded, and take each other's place. */
static struct monitor *
with_little_room(const struct config *config)
{
	struct monitor *monitor = with_nothing(config);
	monitor_limit_windows(monitor, 2);
	return monitor;
}

static void
compare(const struct config *config, const struct kind *kind, uint64_t seed)
{
	compare_made(config, kind, seed, with_nothing);
}

/* --- by threads ------------------------------------------------------------------------------ */

enum { WORKERS = 2, SLOTS = 4, STRETCH = 250, TICK = 2000 };

struct pool {
	struct monitor *monitor;
	const struct log *log;
	struct batch *batches[SLOTS]; /* of stretch n: n % SLOTS */
	bool full[SLOTS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

struct worker {
	struct pool *pool;
	size_t number;
	pthread_t thread;
};

static size_t
stretches(const struct log *log)
{
	return (log->count + STRETCH - 1) / STRETCH;
}

static void
wait_until(struct pool *pool, size_t slot, bool full)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->full[slot] != full)
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

static void
set(struct pool *pool, size_t slot, bool full)
{
	pthread_mutex_lock(&pool->lock);
	pool->full[slot] = full;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

static void *
work(void *argument)
{
	const struct worker *worker = argument;
	struct pool *pool = worker->pool;
	for (size_t n = worker->number; n < stretches(pool->log); n += WORKERS) {
		size_t from = n * STRETCH, until = from + STRETCH;
		wait_until(pool, n % SLOTS, false);
		fill(pool->batches[n % SLOTS], pool->monitor, pool->log, from,
		    until < pool->log->count ? until : pool->log->count);
		set(pool, n % SLOTS, true);
	}
	return NULL;
}

/* Two threads prepare while this one commits. */
static struct batch_result
go_by_threads(struct monitor *monitor, const struct log *log)
{
	struct batch_result all = {0};
	struct pool pool = {.monitor = monitor,
	    .log = log,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER};
	struct worker workers[WORKERS];
	for (size_t i = 0; i < SLOTS; i++)
		pool.batches[i] = batch_new();
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i].pool = &pool;
		workers[i].number = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (size_t n = 0; n < stretches(log); n++) {
		wait_until(&pool, n % SLOTS, true);
		take(monitor, pool.batches[n % SLOTS], log, &all);
		set(&pool, n % SLOTS, false);
		if ((n + 1) * STRETCH % TICK == 0)
			monitor_tick(monitor);
	}
	monitor_tick(monitor);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < SLOTS; i++)
		batch_free(pool.batches[i]);
	return all;
}

/* --- the tests ------------------------------------------------------------------------------- */

static const struct kind plain = {.count = 12000, .versions = 1, .services = 1, .step_s = 0.5};
static const struct kind wild = {.count = 15000,
    .versions = 3,
    .services = 3,
    .late = 20,
    .ahead = 5,
    .twice = 20,
    .labels = 200,
    .lacking = 30,
    .unseen = 50,
    .step_s = 1,
    .attributions = true,
    .mixed = true};

static void
an_ordinary_log_is_counted_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	prepared = predictions = 0;
	compare(config, &plain, 1);
	assert_true(prepared > predictions / 2); /* all but those that make the references */
	config_free(config);
}

static void
a_wild_log_is_counted_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	prepared = predictions = 0;
	for (uint64_t seed = 1; seed <= 3; seed++)
		compare(config, &wild, seed);
	assert_true(prepared > predictions / 8);
	config_free(config);
}

static void
rows_that_are_kept_are_counted_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	config->replay_rows = 500;
	compare(config, &wild, 4);
	config_free(config);
}

static void
cohorts_are_counted_alike(void **state)
{
	(void)state;
	static const char *const fields[] = {"segment", "merchant", "age", "kind"};
	for (uint64_t i = 0; i < 4; i++) {
		struct config *config = config_make();
		snprintf(config->cohort_by, sizeof(config->cohort_by), "%s", fields[i]);
		compare(config, &wild, 5 + i);
		config_free(config);
	}
}

static void
assumed_negatives_and_samples_are_counted_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	config->assume_negative_us = CLOCK_HOUR;
	config->label_ttl_us = 3 * CLOCK_HOUR;
	config->quality_us = 2 * CLOCK_HOUR;
	compare(config, &wild, 9);
	config->join_sample = 3;
	compare(config, &wild, 10);
	config_free(config);
}

static void
threads_that_prepare_while_another_commits_change_nothing(void **state)
{
	(void)state;
	struct config *config = config_make();
	struct log log = log_make(&wild, 11);
	clock_freeze(START + 20 * CLOCK_DAY);
	struct monitor *singly = monitor_new(config), *monitor = monitor_new(config);
	monitor_add_source(singly);
	monitor_add_source(monitor);
	struct batch_result expected = go_singly(singly, &log, TICK);
	struct batch_result result = go_by_threads(monitor, &log);
	assert_memory_equal(&result, &expected, sizeof(result));
	monitors_equal(singly, monitor);
	monitor_free(monitor);
	monitor_free(singly);
	free(log.events);
	config_free(config);
}

static void
a_batch_outlives_its_monitor(void **state)
{
	(void)state;
	struct config *config = config_make();
	struct log log = log_make(&plain, 12);
	clock_freeze(START + 20 * CLOCK_DAY);
	struct monitor *monitor = monitor_new(config);
	monitor_add_source(monitor);
	struct batch *batch = batch_new();
	struct batch_result all = {0};
	fill(batch, monitor, &log, 0, log.count);
	take(monitor, batch, &log, &all);
	fill(batch, monitor, &log, 0, 10);
	monitor_free(monitor);
	batch_free(batch);
	free(log.events);
	config_free(config);
}

static struct monitor *
with_profile(const struct config *config)
{
	struct monitor *monitor = monitor_new(config);
	monitor_add_source(monitor);
	monitor_set_profile(monitor, "m", "p.json", profile_make());
	return monitor;
}

static struct monitor *
with_suite(const struct config *config)
{
	static const char text[] =
	    "{\"expectations\":[{\"expectation_type\":\"expect_column_values_to_not_be_null\","
	    "\"kwargs\":{\"column\":\"amount\"}}]}";
	struct err err = {0};
	struct monitor *monitor = monitor_new(config);
	monitor_add_source(monitor);
	struct suite *suite = suite_parse(text, strlen(text), "suite", &err);
	assert_non_null(suite);
	monitor_add_suite(monitor, "m", suite);
	return monitor;
}

static void
a_profile_is_compared_with_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	compare_made(config, &wild, 13, with_profile);
	struct kind kind = wild;
	kind.attributions = false; /* those with attributions go the long way */
	prepared = predictions = 0;
	compare_made(config, &kind, 14, with_profile);
	assert_true(prepared > predictions / 4);
	config_free(config);
}

static void
what_is_folded_and_back_is_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	compare_made(config, &wild, 17, with_little_room);
	assert_true(changes > 10);
	config_free(config);
}

static void
a_suite_is_held_to_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	compare_made(config, &wild, 15, with_suite);
	config_free(config);
}

static void
a_batch_without_records_changes_nothing(void **state)
{
	(void)state;
	struct config *config = config_make();
	struct monitor *monitor = monitor_new(config);
	size_t source = monitor_add_source(monitor);
	struct batch *batch = batch_new();
	struct batch_result result;
	batch_begin(batch, monitor, source, false, "", "");
	monitor_commit(monitor, batch, &result, NULL, NULL);
	struct batch_result nothing = {0};
	assert_memory_equal(&result, &nothing, sizeof(result));
	assert_int_equal(monitor->series_count, 0);
	batch_free(batch);
	batch_free(NULL);
	monitor_free(monitor);
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ordinary_log_is_counted_alike),
	    cmocka_unit_test(a_wild_log_is_counted_alike),
	    cmocka_unit_test(rows_that_are_kept_are_counted_alike),
	    cmocka_unit_test(cohorts_are_counted_alike),
	    cmocka_unit_test(assumed_negatives_and_samples_are_counted_alike),
	    cmocka_unit_test(threads_that_prepare_while_another_commits_change_nothing),
	    cmocka_unit_test(a_batch_outlives_its_monitor),
	    cmocka_unit_test(a_profile_is_compared_with_alike),
	    cmocka_unit_test(what_is_folded_and_back_is_alike),
	    cmocka_unit_test(a_suite_is_held_to_alike),
	    cmocka_unit_test(a_batch_without_records_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
