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
#include "core/base/rng.h"
#include "core/monitor/batch.h"
#include "core/monitor/state.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { FEATURES = 6, WORDS = 80 };

struct event { /* of a random log */
	bool labels;
	struct prediction prediction;
	struct label label;
	struct feature_value features[FEATURES];
	struct feature_value attributions[2];
	char id[24], words[2][16];
};

struct log {
	struct event *events;
	size_t count;
};

/* --- the log --------------------------------------------------------------------------------- */

/* What differs between one random log and another. */
struct kind {
	size_t count, versions, services;
	unsigned late, ahead, twice, labels, lacking, unseen; /* in a thousand */
	double step_s;
	bool attributions,
	    mixed; /* mixed: words and numbers in one column, order of names varies */
};

static bool
chance(struct rng *rng, unsigned of_thousand)
{
	return rng_uniform(rng) * 1000 < of_thousand;
}

static size_t
below(struct rng *rng, size_t n)
{
	return (size_t)(rng_uniform(rng) * (double)n);
}

static struct feature_value
number(const char *name, double value)
{
	return (struct feature_value){.name = name,
	    .kind = isnan(value) ? VALUE_MISSING : VALUE_NUMBER,
	    .number = value,
	    .text = ""};
}

static struct feature_value
word(const char *name, const char *text)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_TEXT, .number = NAN, .text = text};
}

static void
make_features(struct event *event, const struct kind *kind, struct rng *rng, size_t i)
{
	struct feature_value *features = event->features;
	size_t count = 0;
	snprintf(event->words[0], sizeof(event->words[0]), "w%zu",
	    chance(rng, kind->unseen) ? 1000 + i % 37 : below(rng, WORDS));
	snprintf(event->words[1], sizeof(event->words[1]), "k%zu", below(rng, 5));
	if (!chance(rng, kind->lacking))
		features[count++] = number("amount", rng_lognormal(rng, 50, 1));
	if (!chance(rng, kind->lacking))
		features[count++] = number("age", floor(20 + 60 * rng_uniform(rng)));
	if (!chance(rng, kind->lacking))
		features[count++] = word("merchant", event->words[0]);
	features[count++] = kind->mixed && chance(rng, 100) ? number("kind", (double)below(rng, 3))
							    : word("kind", event->words[1]);
	if (i > kind->count / 3) /* one that comes only later */
		features[count++] = number("later", rng_normal(rng));
	features[count++] = number("nothing", i == kind->count / 2 ? 1 : NAN);
	if (kind->mixed && chance(rng, 100)) {
		struct feature_value first = features[0];
		features[0] = features[1];
		features[1] = first;
	}
	if (kind->mixed && chance(rng, 20))
		features[0].number = chance(rng, 500) ? INFINITY : -1e300;
	event->prediction.features = features;
	event->prediction.features_count = count;
}

static void
make_prediction(struct event *event, const struct kind *kind, struct rng *rng, size_t i, wall_us ts)
{
	static const char *const versions[] = {"1", "2", "3"};
	static const char *const services[] = {"eu", "us", ""};
	static const char *const segments[] = {"retail", "travel", ""};
	if (chance(rng, kind->late))
		ts -= (wall_us)(rng_uniform(rng) * 5 * CLOCK_HOUR);
	if (chance(rng, kind->ahead))
		ts += 30 * CLOCK_DAY;
	bool failed = chance(rng, 10);
	size_t version = i * kind->versions / kind->count; /* they appear one after the other */
	if (version > 0 && chance(rng, 300))
		version--;
	size_t id = i > 100 && chance(rng, kind->twice) ? i - below(rng, 100) : i;
	snprintf(event->id, sizeof(event->id), "id-%zu", id);
	double score = failed ? NAN : 1 / (1 + exp(3 - 2 * rng_normal(rng)));
	event->prediction = (struct prediction){.ts = ts,
	    .request_id = chance(rng, 5) ? "" : event->id,
	    .service = services[below(rng, kind->services)],
	    .model = "m",
	    .version = versions[version],
	    .segment = segments[below(rng, 3)],
	    .score = score,
	    .threshold = chance(rng, 20) ? NAN : 0.5,
	    .decision = failed || chance(rng, 20) ? -1 : score >= 0.5,
	    .latency_ms = chance(rng, 20) ? NAN : rng_lognormal(rng, 12, 0.5),
	    .status = failed ? (chance(rng, 500) ? 503 : 422) : 200,
	    .label = chance(rng, 10) ? chance(rng, 500) : -1};
	make_features(event, kind, rng, i);
	if (!kind->attributions)
		return;
	event->attributions[0] = number("amount", rng_normal(rng));
	event->attributions[1] = number("age", rng_normal(rng));
	event->prediction.attributions = event->attributions;
	event->prediction.attributions_count = 2;
}

static struct log
log_make(const struct kind *kind, uint64_t seed)
{
	struct log log = {mem_alloc(kind->count * sizeof(*log.events)), kind->count};
	struct rng rng;
	rng_seed(&rng, seed, 7);
	wall_us ts = START;
	for (size_t i = 0; i < log.count; i++) {
		struct event *event = &log.events[i];
		ts += (wall_us)rng_exponential(&rng, kind->step_s * (double)CLOCK_SECOND);
		event->labels = chance(&rng, kind->labels);
		if (!event->labels) {
			make_prediction(event, kind, &rng, i, ts);
			continue;
		}
		/* Some before their prediction, some twice, some of none. */
		snprintf(event->id, sizeof(event->id), "id-%zu", below(&rng, i + i / 10 + 1));
		event->label = (struct label){.ts = chance(&rng, 100) ? 0 : ts,
		    .request_id = event->id,
		    .value = chance(&rng, 200)};
	}
	return log;
}

static struct config *
config_make(void)
{
	struct config *config = config_new();
	config->comparison_us = CLOCK_HOUR;
	config->reference_records = 1500;
	config->replay_rows = 0; /* rows that are kept go another way */
	return config;
}

/* --- two monitors, side by side -------------------------------------------------------------- */

static void
ring_equal(const struct ring *a, const struct ring *b)
{
	assert_int_equal(a->buckets_count, b->buckets_count);
	for (size_t i = 0; i < a->buckets_count; i++) {
		const struct ring_bucket *x = a->buckets[i], *y = b->buckets[i];
		assert_int_equal(x == NULL, y == NULL);
		if (x == NULL)
			continue;
		assert_int_equal(x->index, y->index);
		assert_int_equal(x->n, y->n);
		assert_memory_equal(x->hours, y->hours, sizeof(x->hours));
		assert_int_equal(x->size, y->size);
		if (x->size > 0)
			assert_memory_equal(x->cells, y->cells, x->size * sizeof(*x->cells));
	}
}

static void
concept_equal(const struct concept *a, const struct concept *b)
{
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		struct concept_stream_state x = a->streams[i], y = b->streams[i];
		assert_int_equal(adwin_width(x.adwin), adwin_width(y.adwin));
		double means[] = {adwin_mean(x.adwin), adwin_mean(y.adwin)};
		assert_memory_equal(&means[0], &means[1], sizeof(double));
		double variances[] = {adwin_variance(x.adwin), adwin_variance(y.adwin)};
		assert_memory_equal(&variances[0], &variances[1], sizeof(double));
		x.adwin = y.adwin = NULL;
		assert_memory_equal(&x, &y, sizeof(x));
	}
}

static void
quality_equal(const struct series_quality *a, const struct series_quality *b)
{
	size_t size = sizeof(struct quality_bucket) +
		      cohorts_room(&a->cohorts) * sizeof(struct cohort_counts);
	for (size_t i = 0; i < SERIES_QUALITY_BUCKETS; i++) {
		assert_int_equal(a->buckets[i] == NULL, b->buckets[i] == NULL);
		if (a->buckets[i] != NULL)
			assert_memory_equal(a->buckets[i], b->buckets[i], size);
	}
	assert_memory_equal(&a->label_lag, &b->label_lag, sizeof(a->label_lag));
	assert_memory_equal(&a->positive_lag, &b->positive_lag, sizeof(a->positive_lag));
	concept_equal(&a->concept, &b->concept);
}

static void
recent_equal(struct recent *a, struct recent *b)
{
	assert_int_equal(recent_first(a), recent_first(b));
	assert_int_equal(recent_end(a), recent_end(b));
	for (uint64_t i = recent_first(a); i < recent_end(a); i++) {
		struct recent_row x = recent_get(a, i), y = recent_get(b, i);
		assert_int_equal(x.ts, y.ts);
		assert_int_equal(x.decision, y.decision);
		assert_int_equal(x.label, y.label);
		assert_int_equal(x.failed, y.failed);
		assert_string_equal(x.id, y.id);
		const struct prediction *p = recent_prediction(a, i), *q = recent_prediction(b, i);
		assert_int_equal(p->features_count, q->features_count);
		for (size_t k = 0; k < p->features_count; k++) {
			const struct feature_value *v = &p->features[k], *w = &q->features[k];
			assert_string_equal(v->name, w->name);
			assert_int_equal(v->kind, w->kind);
			assert_string_equal(v->text, w->text);
			assert_true(
			    v->number == w->number || (isnan(v->number) && isnan(w->number)));
		}
	}
}

static void
series_equal(const struct series *a, const struct series *b)
{
	assert_string_equal(a->service, b->service);
	assert_string_equal(a->version, b->version);
	assert_int_equal(a->first_ts, b->first_ts);
	assert_int_equal(a->last_ts, b->last_ts);
	assert_int_equal(a->records, b->records);
	assert_memory_equal(&a->threshold, &b->threshold, sizeof(a->threshold));
	assert_memory_equal(a->second_index, b->second_index, sizeof(a->second_index));
	assert_memory_equal(a->second_count, b->second_count, sizeof(a->second_count));
	for (size_t i = 0; i < SERIES_BUCKETS + SERIES_SLACK; i++) {
		assert_int_equal(a->buckets[i] == NULL, b->buckets[i] == NULL);
		if (a->buckets[i] != NULL)
			assert_memory_equal(a->buckets[i], b->buckets[i], sizeof(*a->buckets[i]));
	}
	for (size_t i = 0; i < a->rings_count; i++)
		ring_equal(&a->rings[i], &b->rings[i]);
	ring_equal(&a->scores, &b->scores);
	assert_int_equal(a->unseen_count, b->unseen_count);
	for (size_t i = 0; i < a->unseen_count; i++) {
		assert_int_equal(a->unseen[i] == NULL, b->unseen[i] == NULL);
		if (a->unseen[i] != NULL)
			assert_memory_equal(a->unseen[i], b->unseen[i], sizeof(*a->unseen[i]));
	}
	quality_equal(&a->quality, &b->quality);
	for (size_t i = 0; i < ATTRIBUTIONS_RING; i++) {
		const struct attributions_bucket *x = a->attributions.buckets[i];
		const struct attributions_bucket *y = b->attributions.buckets[i];
		assert_int_equal(x == NULL, y == NULL);
		if (x != NULL)
			assert_memory_equal(x, y, sizeof(*x) + 2 * sizeof(double));
	}
	assert_int_equal(a->recent == NULL, b->recent == NULL);
	if (a->recent != NULL)
		recent_equal(a->recent, b->recent);
}

static void
reference_equal(const struct reference_column *a, const struct reference_column *b)
{
	assert_string_equal(a->feature.name, b->feature.name);
	assert_int_equal(a->ready, b->ready);
	assert_int_equal(a->seen, b->seen);
	assert_int_equal(a->feature.n, b->feature.n);
	assert_int_equal(a->feature.missing, b->feature.missing);
	assert_int_equal(a->feature.bins.count, b->feature.bins.count);
	assert_memory_equal(&a->feature.mean, &b->feature.mean, sizeof(double));
	for (size_t i = 0; a->ready && i < a->feature.bins.count; i++)
		assert_int_equal(a->feature.counts[i], b->feature.counts[i]);
}

static void
monitors_equal(struct monitor *a, struct monitor *b)
{
	assert_int_equal(a->clock, b->clock);
	assert_int_equal(a->live, b->live);
	assert_int_equal(a->series_count, b->series_count);
	for (size_t i = 0; i < a->sources_count; i++)
		assert_int_equal(a->sources[i].watermark, b->sources[i].watermark);
	for (size_t i = 0; i < a->models_count; i++) {
		const struct model_state *x = a->models[i], *y = b->models[i];
		assert_int_equal(x->features_count, y->features_count);
		for (size_t k = 0; k < x->features_count; k++) {
			reference_equal(&x->features[k], &y->features[k]);
			assert_int_equal(x->places[k].offset, y->places[k].offset);
		}
		for (size_t k = 0; k < x->versions_count; k++)
			reference_equal(&x->versions[k].score, &y->versions[k].score);
	}
	for (size_t i = 0; i < a->series_count; i++)
		series_equal(a->series[i], b->series[i]);
	struct join_view x = monitor_join(a), y = monitor_join(b);
	assert_memory_equal(&x, &y, sizeof(x));
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

static void
take(struct monitor *monitor, struct batch *batch, const struct log *log, struct batch_result *all)
{
	struct batch_result one;
	struct refusals_seen seen = {0, log};
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
			size_t until = from + 1 + below(&rng, most);
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

static void
compare(const struct config *config, const struct kind *kind, uint64_t seed)
{
	static const size_t most[] = {1, 7, 300, 5000}, ahead[] = {1, 2, 3, 4};
	struct log log = log_make(kind, seed);
	clock_freeze(START + 20 * CLOCK_DAY);
	struct monitor *singly = monitor_new(config);
	monitor_add_source(singly);
	struct batch_result expected = go_singly(singly, &log, 2000);
	assert_true(expected.accepted > 0);
	for (size_t i = 0; i < 4; i++) {
		struct monitor *monitor = monitor_new(config);
		monitor_add_source(monitor);
		struct batch_result result = go_in_batches(monitor, &log, 2000, most[i], ahead[i]);
		assert_memory_equal(&result, &expected, sizeof(result));
		monitors_equal(singly, monitor);
		monitor_free(monitor);
	}
	monitor_free(singly);
	free(log.events);
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
	compare(config, &plain, 1);
	config_free(config);
}

static void
a_wild_log_is_counted_alike(void **state)
{
	(void)state;
	struct config *config = config_make();
	for (uint64_t seed = 1; seed <= 3; seed++)
		compare(config, &wild, seed);
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
	    cmocka_unit_test(a_batch_without_records_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
