/* monitor.c: windows in event time, references, late records, labels in any order, views. */
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
#include "core/stats/quality.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

struct fixture {
	struct config *config;
	struct monitor *monitor;
	size_t source;
	struct rng rng;
};

static void
begin(struct fixture *fixture)
{
	fixture->config = config_new();
	fixture->config->comparison_us = CLOCK_HOUR;
	clock_freeze(START + 2 * CLOCK_HOUR);
	fixture->monitor = monitor_new(fixture->config);
	fixture->source = monitor_add_source(fixture->monitor);
	rng_seed(&fixture->rng, 42, 54);
}

static void
end(struct fixture *fixture)
{
	monitor_free(fixture->monitor);
	config_free(fixture->config);
}

static enum monitor_verdict
add(struct fixture *fixture, wall_us ts, const char *id, const char *version, double amount,
    double score, int status)
{
	struct feature_value features[] = {
	    {.name = "amount", .kind = VALUE_NUMBER, .number = amount, .text = ""},
	    {.name = "kind", .kind = VALUE_TEXT, .number = NAN, .text = amount > 0 ? "a" : "b"}};
	struct prediction prediction = {.ts = ts,
	    .request_id = id,
	    .service = "eu",
	    .model = "m",
	    .version = version,
	    .segment = "",
	    .score = score,
	    .threshold = 0.5,
	    .decision = isnan(score) ? -1 : score >= 0.5,
	    .latency_ms = 10 + score,
	    .status = status,
	    .label = -1,
	    .features = features,
	    .features_count = 2};
	struct err err = {0};
	return monitor_prediction(
	    fixture->monitor, fixture->source, &prediction, "default", "default", &err);
}

/* n records, 2.5 a second, amounts normal around `mean`. */
static void
add_many(struct fixture *fixture, wall_us *ts, size_t n, double mean)
{
	for (size_t i = 0; i < n; i++, *ts += 4 * CLOCK_SECOND / 10) {
		char id[32];
		snprintf(id, sizeof(id), "%lld", (long long)*ts);
		assert_int_equal(add(fixture, *ts, id, "1", mean + rng_normal(&fixture->rng),
				     rng_uniform(&fixture->rng), 200),
		    MONITOR_ACCEPTED);
	}
}

static void
nothing_is_known_before_the_first_record(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series_count, 0);
	assert_int_equal(snapshot->clock, 0);
	snapshot_free(snapshot);
	end(&f);
}

static void
drift_is_warming_below_a_thousand_records_and_none_before_a_reference(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	wall_us ts = START;
	add_many(&f, &ts, 500, 0);
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series[0].features_count, 2);
	assert_int_equal(snapshot->series[0].features[0].psi.state, METRIC_NONE);
	assert_int_equal(snapshot->series[0].drift_severity, SEVERITY_INSUFFICIENT);
	assert_false(snapshot->models[0].reference.ready);
	snapshot_free(snapshot);
	add_many(&f, &ts, 900, 0); /* 1,000 make the bins, 400 are current */
	snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series[0].features[0].psi.state, METRIC_WARMING);
	assert_int_equal(snapshot->series[0].drift_severity, SEVERITY_INSUFFICIENT);
	assert_true(snapshot->models[0].reference.ready);
	assert_int_equal(snapshot->models[0].reference.records, 1400);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_shifted_feature_is_critical_and_an_unshifted_one_is_not(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 3000;
	wall_us ts = START;
	add_many(&f, &ts, 3000, 5);
	ts += CLOCK_HOUR; /* the window holds only what comes now */
	add_many(&f, &ts, 3000, 6);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_string_equal(series->features[0].name, "amount");
	assert_int_equal(series->features[0].severity, SEVERITY_CRITICAL);
	assert_true(series->features[0].psi.value > 0.5);
	assert_true(series->features[0].chance > 10);
	assert_int_equal(series->features[0].windows_count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(series->features[0].windows[i], SEVERITY_CRITICAL);
	assert_true(series->features[0].p_adjusted < 1e-9);
	assert_true(series->features[0].wasserstein_norm.low < 1 &&
		    series->features[0].wasserstein_norm.high > 0.9);
	assert_non_null(strstr(series->features[0].reason, "what chance gives at n = 3,000"));
	assert_true(series->features[0].ks.low > 0.3 && series->features[0].ks.high < 0.5);
	assert_string_equal(series->features[1].name, "kind");
	assert_int_equal(series->features[1].severity, SEVERITY_OK);
	assert_true(series->features[1].categorical);
	assert_int_equal(series->features[1].ks.state, METRIC_NONE);
	assert_int_equal(series->features[0].psi.n, 3000);
	assert_true(fabs(series->drift_share.value - 0.5) < 1e-12);
	assert_string_equal(series->worst_feature, "amount");
	assert_int_equal(series->score_severity, SEVERITY_OK);
	snapshot_free(snapshot);
	end(&f);
}

/* The verdict wants two of three windows, a twelfth of the hour apart. */
static void
drift_of_one_window_is_shown_and_does_not_alarm_yet(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 3000;
	wall_us ts = START;
	add_many(&f, &ts, 3000, 5);
	ts += CLOCK_HOUR;
	enum severity seen[4];
	for (int step = 0; step < 4; step++, ts += 3 * CLOCK_MINUTE) {
		add_many(&f, &ts, 1100, 6);
		struct snapshot *snapshot = monitored_view(f.monitor);
		const struct drift_view *amount = &snapshot->series[0].features[0];
		assert_string_equal(amount->name, "amount");
		assert_true(amount->psi.value > 0.5 && amount->psi.state == METRIC_OK);
		assert_int_equal(amount->windows[0], SEVERITY_CRITICAL);
		seen[step] = amount->severity;
		if (step == 0)
			assert_non_null(
			    strstr(amount->reason, "over in 1 of 3 windows, alarms at 2"));
		snapshot_free(snapshot);
	}
	assert_int_equal(seen[0], SEVERITY_OK);
	assert_int_equal(seen[3], SEVERITY_CRITICAL);
	end(&f);
}

static void
latency_and_errors_are_those_of_the_window(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	wall_us ts = START;
	for (int i = 0; i < 1000; i++, ts += CLOCK_SECOND)
		add(&f, ts, "", "1", 1, i < 990 ? 0.25 : NAN, i < 990 ? 200 : 503);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->records, 1000);
	assert_true(fabs(series->error_rate.value - 0.01) < 1e-12);
	assert_true(series->error_rate.low < 0.01 && series->error_rate.high > 0.01);
	assert_true(fabs(series->latency.p50.value - 10.25) < 0.11);
	assert_true(fabs(series->rps.value - 1) < 1e-9);
	assert_int_equal(series->latency.p99.n, 990);
	snapshot_free(snapshot);
	ts += 2 * CLOCK_HOUR; /* an hour on, none of them is left in the window */
	clock_freeze(ts);
	add(&f, ts, "", "1", 1, 0.25, 200);
	snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series[0].records, 1);
	assert_int_equal(snapshot->series[0].latency.p99.state, METRIC_WARMING);
	snapshot_free(snapshot);
	end(&f);
}

static void
records_too_far_behind_are_late_and_those_ahead_of_the_clock_refused(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	assert_int_equal(add(&f, START, "", "1", 1, 0.1, 200), MONITOR_ACCEPTED);
	assert_int_equal(
	    add(&f, START - 59 * CLOCK_SECOND, "", "1", 1, 0.1, 200), MONITOR_ACCEPTED);
	assert_int_equal(add(&f, START - 61 * CLOCK_SECOND, "", "1", 1, 0.1, 200), MONITOR_LATE);
	assert_int_equal(
	    add(&f, clock_wall() + 4 * CLOCK_MINUTE, "", "1", 1, 0.1, 200), MONITOR_ACCEPTED);
	assert_int_equal(
	    add(&f, clock_wall() + 6 * CLOCK_MINUTE, "", "1", 1, 0.1, 200), MONITOR_REFUSED);
	end(&f);
}

static void
an_old_log_stands_still_at_its_end_and_a_live_one_runs_dry(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f); /* the wall clock is two hours ahead: an old log */
	wall_us ts = START;
	add_many(&f, &ts, 100, 0);
	clock_advance(CLOCK_HOUR);
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->clock, ts - 4 * CLOCK_SECOND / 10);
	assert_true(snapshot->series[0].rps.value > 0);
	snapshot_free(snapshot);
	end(&f);

	begin(&f);
	clock_freeze(START + 40 * CLOCK_SECOND);
	ts = START;
	add_many(&f, &ts, 100, 0);
	clock_advance(CLOCK_MINUTE); /* longer than idle_after */
	snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->clock, START + 100 * CLOCK_SECOND);
	assert_true(snapshot->series[0].rps.value == 0);
	snapshot_free(snapshot);
	end(&f);
}

static void
an_idle_source_does_not_hold_the_clock(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	size_t slow = f.source, fast = monitor_add_source(f.monitor);
	add(&f, START, "", "1", 1, 0.1, 200);
	f.source = fast;
	add(&f, START + CLOCK_MINUTE, "", "1", 1, 0.1, 200);
	monitor_tick(f.monitor);
	assert_int_equal(monitor_clock(f.monitor), START); /* the slower of the two */
	clock_advance(11 * CLOCK_SECOND);
	add(&f, START + 2 * CLOCK_MINUTE, "", "1", 1, 0.1, 200);
	monitor_tick(f.monitor);
	assert_int_equal(monitor_clock(f.monitor), START + 2 * CLOCK_MINUTE);
	(void)slow;
	end(&f);
}

/* Labels before, after, twice, and changed give the same counts as counting by hand. */
static void
quality_equals_counting_by_hand_in_any_order_of_arrival(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct fixture f;
	begin(&f);
	struct quality_confusion own = {0};
	double *scores = mem_alloc(N * sizeof(*scores));
	int8_t *labels = mem_alloc(N * sizeof(*labels));
	for (int i = 0; i < N; i++) {
		char id[16];
		snprintf(id, sizeof(id), "r%d", i);
		wall_us ts = START + i * CLOCK_SECOND;
		scores[i] = (float)rng_uniform(&f.rng);
		labels[i] = rng_uniform(&f.rng) < scores[i] * scores[i];
		struct label label = {.ts = ts + CLOCK_HOUR, .request_id = id, .value = labels[i]};
		struct label wrong = {.ts = ts, .request_id = id, .value = !labels[i]};
		if (i % 3 == 0)
			monitor_label(f.monitor, &label);
		add(&f, ts, id, "1", 1, scores[i], 200);
		if (i % 5 == 0)
			monitor_label(f.monitor, &wrong);
		if (i % 3 != 0 || i % 5 == 0)
			monitor_label(f.monitor, &label);
		uint64_t *cells[] = {&own.tn, &own.fn, &own.fp, &own.tp};
		++*cells[2 * (scores[i] >= 0.5) + labels[i]];
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct quality_view *quality = &snapshot->series[0].quality;
	assert_int_equal(quality->predictions, N);
	assert_int_equal(quality->labelled, N);
	assert_int_equal(quality->tp, own.tp);
	assert_int_equal(quality->fp, own.fp);
	assert_int_equal(quality->tn, own.tn);
	assert_int_equal(quality->fn, own.fn);
	assert_true(quality->mature);
	assert_int_equal(quality->precision.state, METRIC_OK);
	struct quality_rank exact = quality_rank_exact(scores, labels, N);
	assert_true(
	    quality->roc_auc.low <= exact.roc_auc && exact.roc_auc <= quality->roc_auc.high);
	assert_true(quality->average_precision.low <= exact.average_precision &&
		    exact.average_precision <= quality->average_precision.high);
	/* The bins hide next to nothing; the interval is that of the sample. */
	assert_true(fabs(quality->roc_auc.value - exact.roc_auc) < 1e-3);
	assert_true(fabs(quality->roc_auc.low - exact.roc_auc_interval.low) < 5e-3);
	assert_true(fabs(quality->roc_auc.high - exact.roc_auc_interval.high) < 5e-3);
	snapshot_free(snapshot);
	free(scores);
	free(labels);
	end(&f);
}

static void
no_label_yet_is_not_a_negative(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	for (int i = 0; i < 200; i++) {
		char id[16];
		snprintf(id, sizeof(id), "r%d", i);
		add(&f, START + i * CLOCK_SECOND, id, "1", 1, i % 2 ? 0.9 : 0.1, 200);
		struct label label = {.ts = START, .request_id = id, .value = 1};
		if (i < 20)
			monitor_label(f.monitor, &label);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct quality_view *quality = &snapshot->series[0].quality;
	assert_int_equal(quality->fp + quality->tn, 0);
	assert_int_equal(quality->tp, 10);
	assert_int_equal(quality->fn, 10);
	assert_true(fabs(quality->maturity.value - 0.1) < 1e-12);
	assert_false(quality->mature);
	assert_int_equal(quality->precision.state, METRIC_WARMING);
	assert_int_equal(snapshot->series[0].quality_severity, SEVERITY_INSUFFICIENT);
	snapshot_free(snapshot);
	end(&f);
}

static void
versions_are_kept_apart_and_their_scores_have_references_of_their_own(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	wall_us ts = START;
	for (int i = 0; i < 4000; i++, ts += CLOCK_SECOND / 4) {
		double u = rng_uniform(&f.rng);
		add(&f, ts, "", i < 2000 ? "1" : "2", rng_normal(&f.rng), i < 2000 ? u : u * u,
		    200);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series_count, 2);
	assert_int_equal(snapshot->models[0].versions_count, 2);
	for (int i = 0; i < 2; i++) { /* the second version's other scores are no alarm */
		assert_int_equal(snapshot->series[i].records, 2000);
		assert_int_not_equal(snapshot->series[i].score_severity, SEVERITY_CRITICAL);
	}
	snapshot_free(snapshot);
	end(&f);
}

static void
services_of_one_version_merge_to_the_sum_of_both(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	wall_us ts = START;
	for (int i = 0; i < 2000; i++, ts += CLOCK_SECOND / 2) {
		struct prediction prediction = monitored_prediction(ts);
		prediction.service = i % 2 ? "eu" : "us";
		prediction.latency_ms = i % 2 ? 10 : 20;
		monitored_send(f.monitor, f.source, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *both = snapshot->models[0].versions[0].series;
	assert_int_equal(both->records, 2000);
	assert_true(fabs(both->latency.mean.value - 15) < 1e-9);
	assert_true(fabs(both->latency.p99.value - 20) < 0.21);
	assert_int_equal(snapshot->series[0].records, 1000);
	snapshot_free(snapshot);
	end(&f);
}

static void
more_series_than_are_kept_are_counted_as_other(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	for (int i = 0; i < MONITOR_SERIES_MAX + 10; i++) {
		char version[16];
		snprintf(version, sizeof(version), "v%d", i);
		assert_int_equal(add(&f, START, "", version, 1, 0.1, 200), MONITOR_ACCEPTED);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series_count, MONITOR_SERIES_MAX + 1);
	const struct series_view *other = &snapshot->series[MONITOR_SERIES_MAX];
	assert_string_equal(other->version, "other");
	assert_string_equal(other->model, snapshot->series[0].model);
	assert_int_equal(other->records, 10);
	snapshot_free(snapshot);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_known_before_the_first_record),
	    cmocka_unit_test(drift_is_warming_below_a_thousand_records_and_none_before_a_reference),
	    cmocka_unit_test(a_shifted_feature_is_critical_and_an_unshifted_one_is_not),
	    cmocka_unit_test(drift_of_one_window_is_shown_and_does_not_alarm_yet),
	    cmocka_unit_test(latency_and_errors_are_those_of_the_window),
	    cmocka_unit_test(records_too_far_behind_are_late_and_those_ahead_of_the_clock_refused),
	    cmocka_unit_test(an_old_log_stands_still_at_its_end_and_a_live_one_runs_dry),
	    cmocka_unit_test(an_idle_source_does_not_hold_the_clock),
	    cmocka_unit_test(quality_equals_counting_by_hand_in_any_order_of_arrival),
	    cmocka_unit_test(no_label_yet_is_not_a_negative),
	    cmocka_unit_test(versions_are_kept_apart_and_their_scores_have_references_of_their_own),
	    cmocka_unit_test(services_of_one_version_merge_to_the_sum_of_both),
	    cmocka_unit_test(more_series_than_are_kept_are_counted_as_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
