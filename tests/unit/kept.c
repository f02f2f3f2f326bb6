/* kept.c: a picture made of what was kept is the same to the bit as one made of the buckets alone:
 * over hours of traffic of several services and versions, some silent for a while, with late
 * records, late and corrected labels, references that grow, and windows of every kind. */
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
#include "core/monitor/kept.h"
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"
#include "core/monitor/state.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { SERVICES = 3, VERSIONS = 2, SOURCES = SERVICES * VERSIONS };

static void
forget(struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->series_count; i++) {
		kept_free(monitor->series[i]->kept);
		monitor->series[i]->kept = NULL;
	}
	for (size_t m = 0; m < monitor->models_count; m++) {
		struct model_state *model = monitor->models[m];
		model->volume = (struct model_volume){0};
		for (size_t i = 0; i < model->versions_count; i++) {
			kept_free(model->versions[i].kept);
			model->versions[i].kept = NULL;
		}
	}
	for (size_t i = 0; i < monitor->services_count; i++) {
		kept_free(monitor->services[i].kept);
		monitor->services[i].kept = NULL;
	}
}

/* --- the same to the bit; paddings may differ, so not by whole structs --- */

static void
same_metrics(const char *name, const struct metric *a, const struct metric *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (a[i].state == b[i].state && a[i].n == b[i].n &&
		    memcmp(&a[i].value, &b[i].value, sizeof(a[i].value)) == 0 &&
		    memcmp(&a[i].low, &b[i].low, sizeof(a[i].low)) == 0 &&
		    memcmp(&a[i].high, &b[i].high, sizeof(a[i].high)) == 0)
			continue;
		fail_msg("%s, %zu on: %.17g of %llu, anew %.17g of %llu", name, i, a[i].value,
		    (unsigned long long)a[i].n, b[i].value, (unsigned long long)b[i].n);
	}
}

#define SAME_METRIC(field) same_metrics(#field, &a->field, &b->field, 1)
#define SAME_METRICS(from, to) /* neighbours */                                                    \
	same_metrics(#from, &a->from, &b->from, (size_t)(&a->to - &a->from) + 1)
#define SAME(field) assert_memory_equal(&a->field, &b->field, sizeof(a->field))

static void
same_data(const struct data_view *a, const struct data_view *b)
{
	SAME_METRICS(nulls_reference, unseen);
	SAME(constant);
	SAME(absent);
	SAME(extra);
	SAME(unseen_words);
	SAME(severity);
	assert_string_equal(a->reason, b->reason);
}

static void
same_drift(const struct drift_view *a, const struct drift_view *b)
{
	assert_string_equal(a->name, b->name);
	SAME_METRICS(psi, wasserstein_norm);
	SAME(null_level);
	SAME(chance);
	SAME(p_value);
	SAME(p_adjusted);
	SAME(n_reference);
	SAME(season);
	SAME(severity);
	SAME(windows);
	assert_string_equal(a->reason, b->reason);
	assert_int_equal(a->bins, b->bins);
	for (size_t i = 0; i < a->bins; i++)
		assert_string_equal(a->labels[i], b->labels[i]);
	if (a->bins > 0) {
		assert_memory_equal(a->reference, b->reference, a->bins * sizeof(*a->reference));
		assert_memory_equal(a->current, b->current, a->bins * sizeof(*a->current));
	}
	SAME(psi_curve);
	SAME(curve_null_level);
	same_data(&a->data, &b->data);
}

static void
same_quality(const struct quality_view *a, const struct quality_view *b)
{
	SAME(predictions);
	SAME(labelled);
	SAME(positives);
	SAME(assumed);
	SAME_METRICS(maturity, threshold);
	SAME(tp);
	SAME(fp);
	SAME(tn);
	SAME(fn);
	SAME_METRICS(precision, observed_expected);
	SAME(precision_curve);
	SAME(recall_curve);
	SAME(maturity_curve);
	SAME(mature);
	SAME_METRICS(label_lag_s, early_positives);
	assert_int_equal(a->scores == NULL, b->scores == NULL);
	if (a->scores != NULL)
		assert_memory_equal(a->scores, b->scores, sizeof(*a->scores));
	assert_string_equal(a->reason, b->reason);
}

static void
same_estimate(const struct estimate_view *a, const struct estimate_view *b)
{
	SAME(n);
	SAME(muted);
	SAME_METRICS(precision, average_precision);
	SAME(precision_curve);
	SAME(recall_curve);
	assert_string_equal(a->assumption, b->assumption);
}

static void
same_rate(const struct rate_view *a, const struct rate_view *b)
{
	SAME_METRICS(reference, current);
	SAME(statistic);
	SAME(p_value);
	SAME(season);
	SAME(severity);
	assert_string_equal(a->reason, b->reason);
}

static void
same_latency(const struct latency_view *a, const struct latency_view *b)
{
	SAME_METRIC(p50);
	SAME_METRIC(p90);
	SAME_METRIC(p95);
	SAME_METRIC(p99);
	SAME_METRIC(max);
	SAME_METRIC(mean);
	SAME(p50_curve);
	SAME(p95_curve);
	SAME(p99_curve);
	SAME(histogram_bins);
	SAME(histogram_low_ms);
	SAME(histogram_count);
}

static void
same_series(const struct series_view *a, const struct series_view *b)
{
	assert_string_equal(a->service, b->service);
	assert_string_equal(a->version, b->version);
	SAME(records);
	SAME(weight);
	SAME_METRICS(rps, decision_rate);
	same_rate(&a->decisions, &b->decisions);
	same_rate(&a->volume, &b->volume);
	SAME_METRICS(duplicates, recent_p99);
	same_latency(&a->latency, &b->latency);
	assert_int_equal(a->features_count, b->features_count);
	for (size_t i = 0; i < a->features_count; i++)
		same_drift(&a->features[i], &b->features[i]);
	same_drift(&a->score, &b->score);
	SAME_METRICS(drift_share, worst_psi);
	assert_string_equal(a->worst_feature, b->worst_feature);
	SAME(drift_severity);
	SAME(score_severity);
	SAME(latency_severity);
	SAME(error_severity);
	SAME(quality_severity);
	SAME(data_severity);
	same_quality(&a->quality, &b->quality);
	same_estimate(&a->estimated, &b->estimated);
}

struct picture {
	struct snapshot *snapshot;
	struct series_view services[SERVICES];
	bool known[SERVICES];
};

static struct picture *
take(struct monitor *monitor)
{
	struct picture *picture = mem_alloc(sizeof(*picture));
	picture->snapshot = snapshot_new();
	monitor_view(monitor, picture->snapshot);
	for (size_t i = 0; i < SERVICES; i++) {
		char name[32];
		snprintf(name, sizeof(name), "s%zu", i);
		picture->known[i] = monitor_service(monitor, name, &picture->services[i]);
	}
	return picture;
}

static void
drop(struct picture *picture)
{
	snapshot_free(picture->snapshot);
	free(picture);
}

/* A picture of what was kept beside one of the buckets alone. */
static void
compare(struct monitor *monitor)
{
	struct picture *kept = take(monitor);
	/* What was kept until now serves the pictures after this as well. */
	struct kept *series[MONITOR_SERIES_ALL], *versions[VERSIONS], *services[SERVICES];
	for (size_t i = 0; i < monitor->series_count; i++) {
		series[i] = monitor->series[i]->kept;
		monitor->series[i]->kept = NULL;
	}
	struct model_state *model = monitor->models[0];
	for (size_t i = 0; i < model->versions_count; i++) {
		versions[i] = model->versions[i].kept;
		model->versions[i].kept = NULL;
	}
	size_t services_count = monitor->services_count;
	for (size_t i = 0; i < services_count; i++) {
		services[i] = monitor->services[i].kept;
		monitor->services[i].kept = NULL;
	}
	model->volume = (struct model_volume){0};
	struct picture *fresh = take(monitor);
	assert_int_equal(kept->snapshot->series_count, fresh->snapshot->series_count);
	for (size_t i = 0; i < fresh->snapshot->series_count; i++)
		same_series(&kept->snapshot->series[i], &fresh->snapshot->series[i]);
	const struct model_view *a = &kept->snapshot->models[0], *b = &fresh->snapshot->models[0];
	assert_int_equal(a->versions_count, b->versions_count);
	for (size_t i = 0; i < a->versions_count; i++)
		same_series(a->versions[i].series, b->versions[i].series);
	for (size_t i = 0; i < SERVICES; i++) {
		assert_int_equal(kept->known[i], fresh->known[i]);
		if (kept->known[i])
			same_series(&kept->services[i], &fresh->services[i]);
	}
	drop(kept);
	drop(fresh);
	forget(monitor);
	for (size_t i = 0; i < monitor->series_count; i++)
		monitor->series[i]->kept = series[i];
	for (size_t i = 0; i < model->versions_count; i++)
		model->versions[i].kept = versions[i];
	for (size_t i = 0; i < services_count; i++)
		monitor->services[i].kept = services[i];
}

struct run {
	struct config *config;
	struct monitor *monitor;
	struct rng rng;
	size_t sent;
};

static size_t
below(struct run *run, size_t n)
{
	return (size_t)(rng_uniform(&run->rng) * (double)n);
}

static void
send_one(struct run *run, size_t source, wall_us ts)
{
	static const char *const words[] = {"a", "b", "c", "never seen", "nor this"};
	char id[32], service[32], version[32];
	snprintf(id, sizeof(id), "r%zu", run->sent++);
	snprintf(service, sizeof(service), "s%zu", source / VERSIONS);
	snprintf(version, sizeof(version), "%zu", source % VERSIONS);
	double shift = run->sent > 12000 ? 0.7 : 0;
	struct feature_value features[] = {
	    monitored_number("amount", shift + rng_normal(&run->rng)),
	    monitored_number("count", (double)below(run, 7)),
	    below(run, 20) > 0 ? monitored_word("kind", words[below(run, run->sent > 9000 ? 5 : 3)])
			       : monitored_missing("kind")};
	struct prediction prediction = monitored_prediction(ts);
	prediction.request_id = id;
	prediction.service = service;
	prediction.version = version;
	prediction.score = rng_uniform(&run->rng);
	prediction.decision = prediction.score > 0.8;
	prediction.status = below(run, 30) > 0 ? 200 : 503;
	prediction.latency_ms = rng_lognormal(&run->rng, 12, 0.5);
	prediction.features = features;
	prediction.features_count = run->sent > 4000 ? 3 : 2; /* one comes later */
	struct err err = {0};
	monitor_prediction(run->monitor, source, &prediction, "s", "m", &err);
}

/* Of a record of any age; now and then another than it had. */
static void
label_one(struct run *run, wall_us ts)
{
	char id[32];
	snprintf(id, sizeof(id), "r%zu", below(run, run->sent));
	struct label label = {.ts = ts, .request_id = id, .value = below(run, 3) == 0};
	monitor_label(run->monitor, &label);
}

static void
run_hours(struct config *config, wall_us step, size_t steps)
{
	struct run run = {.config = config, .monitor = monitor_new(config)};
	wall_us ts = START;
	rng_seed(&run.rng, 7, 11);
	for (size_t i = 0; i < SOURCES; i++)
		monitor_add_source(run.monitor);
	for (size_t i = 0; i < steps; i++) {
		ts += step * (below(&run, 200) == 0 ? 40 : 1); /* a gap */
		clock_freeze(ts + CLOCK_SECOND);
		for (size_t k = 0; k < 30; k++) {
			size_t source = below(&run, SOURCES);
			/* Each falls silent for some of the time. */
			if ((i / 60 + source) % 4 == 0)
				continue;
			wall_us late = below(&run, 40) == 0 ? (wall_us)below(&run, 100) * step : 0;
			send_one(&run, source, ts - late);
		}
		for (size_t k = 0; k < 6 && run.sent > 0; k++)
			label_one(&run, ts);
		monitor_tick(run.monitor);
		if (i % 3 == 0)
			drop(take(run.monitor));
		if (i % 13 == 0 && run.sent > 0)
			compare(run.monitor);
	}
	assert_true(run.sent > 15000);
	monitor_free(run.monitor);
	config_free(config);
}

static struct config *
configured(int64_t comparison_us, int64_t quality_us, int of)
{
	struct config *config = config_new();
	config->comparison_us = comparison_us;
	config->quality_us = quality_us;
	config->of_windows = of;
	config->confirm_windows = 1;
	config->min_samples = 100;
	config->reference_records = 1500;
	config->lateness_us = CLOCK_HOUR;
	return config;
}

static void
pictures_of_one_window_are_as_if_made_anew(void **state)
{
	(void)state;
	run_hours(configured(CLOCK_HOUR, CLOCK_DAY, 1), 7 * CLOCK_SECOND, 1000);
}

static void
pictures_of_three_windows_are_as_if_made_anew(void **state)
{
	(void)state;
	run_hours(configured(10 * CLOCK_MINUTE, 2 * CLOCK_HOUR, 3), 3 * CLOCK_SECOND, 1000);
}

static void
pictures_of_eight_windows_are_as_if_made_anew(void **state)
{
	(void)state;
	run_hours(configured(CLOCK_DAY, 7 * CLOCK_DAY, 8), CLOCK_MINUTE, 1000);
}

static void
pictures_of_short_windows_are_as_if_made_anew(void **state)
{
	(void)state;
	run_hours(configured(CLOCK_MINUTE, CLOCK_HOUR, 2), CLOCK_SECOND, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pictures_of_one_window_are_as_if_made_anew),
	    cmocka_unit_test(pictures_of_three_windows_are_as_if_made_anew),
	    cmocka_unit_test(pictures_of_eight_windows_are_as_if_made_anew),
	    cmocka_unit_test(pictures_of_short_windows_are_as_if_made_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
