/* monitor_edges.c: what a log does not say, says oddly, or stops saying: unknown stays unknown. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/rng.h"
#include "core/monitor/monitor.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

struct fixture {
	struct config *config;
	struct monitor *monitor;
	size_t source;
};

static void
begin(struct fixture *fixture)
{
	fixture->config = config_new();
	fixture->config->comparison_us = CLOCK_HOUR;
	clock_freeze(START + 2 * CLOCK_HOUR);
	fixture->monitor = monitor_new(fixture->config);
	fixture->source = monitor_add_source(fixture->monitor);
}

static void
end(struct fixture *fixture)
{
	monitor_free(fixture->monitor);
	config_free(fixture->config);
}

static struct prediction
record(wall_us ts, const struct feature_value *features, size_t count)
{
	struct prediction prediction = monitored_prediction(ts);
	prediction.features = features;
	prediction.features_count = count;
	return prediction;
}

static enum monitor_verdict
add(struct fixture *fixture, const struct prediction *prediction)
{
	struct err err = {0};
	return monitor_prediction(fixture->monitor, fixture->source, prediction, "", "", &err);
}

static void
a_feature_that_is_logged_no_more_is_missing(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 1000;
	for (int i = 0; i < 2000;
	     i++) { /* 1,000 make the reference; then `b` is gone from 3 of 4 */
		struct feature_value features[] = {
		    monitored_number("a", i % 7), monitored_number("b", i % 5)};
		struct prediction prediction =
		    record(START + i * CLOCK_SECOND / 10, features, i < 1000 || i % 4 == 0 ? 2 : 1);
		assert_int_equal(add(&f, &prediction), MONITOR_ACCEPTED);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *b = monitored_feature(&snapshot->series[0], "b");
	assert_true(b->data.nulls_reference.value == 0);
	assert_true(fabs(b->data.nulls.value - 0.75) < 1e-12);
	assert_int_equal(b->data.nulls.n, 1000);
	assert_int_equal(b->psi.n, 250);
	assert_true(monitored_feature(&snapshot->series[0], "a")->data.nulls.value == 0);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_name_too_long_to_keep_is_one_name_and_not_one_a_record(void **state)
{
	(void)state;
	struct fixture f;
	char name[200];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	begin(&f);
	for (int i = 0; i < MONITOR_SERIES_MAX + 100; i++) {
		struct feature_value feature = monitored_number(name, i);
		struct prediction prediction = record(START + i * CLOCK_SECOND / 10, &feature, 1);
		prediction.service = prediction.model = prediction.version = name;
		assert_int_equal(add(&f, &prediction), MONITOR_ACCEPTED);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series_count, 1);
	assert_int_equal(snapshot->series[0].features_count, 1);
	assert_int_equal(strlen(snapshot->series[0].version), SNAPSHOT_NAME - 1);
	snapshot_free(snapshot);
	end(&f);
}

static void
without_a_logged_status_the_error_rate_is_unknown_and_not_zero(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	for (int i = 0; i < 300; i++) {
		struct prediction prediction = record(START + i * CLOCK_SECOND, NULL, 0);
		prediction.status = 0;
		add(&f, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->records, 300);
	assert_int_equal(series->error_rate.state, METRIC_NONE);
	assert_int_equal(series->rejected_rate.state, METRIC_NONE);
	assert_int_equal(series->recent_error_rate.state, METRIC_NONE);
	assert_int_equal(series->error_severity, SEVERITY_INSUFFICIENT);
	snapshot_free(snapshot);
	struct prediction failed = record(START + 300 * CLOCK_SECOND, NULL, 0);
	failed.status = 503;
	failed.score = NAN;
	add(&f, &failed);
	snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->series[0].error_rate.n, 1); /* of those that say */
	assert_true(snapshot->series[0].error_rate.value == 1);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_source_that_lags_does_not_make_the_rate_of_another_zero(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	struct prediction slow = record(START, NULL, 0);
	slow.service = "slow";
	add(&f, &slow);
	f.source = monitor_add_source(f.monitor);
	for (int i = 0; i < 600; i++) { /* 5 a second, two minutes beyond the slow one */
		struct prediction prediction = record(START + i * CLOCK_SECOND / 5, NULL, 0);
		add(&f, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_int_equal(snapshot->clock, START);
	assert_string_equal(snapshot->series[1].service, "eu");
	assert_true(fabs(snapshot->series[1].rps.value - 5) < 1e-9);
	/* One record is no rate: unknown, not 0. */
	assert_int_equal(snapshot->series[0].rps.state, METRIC_NONE);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_number_in_a_column_of_words_is_its_text(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 1000;
	for (int i = 0; i < 3000; i++) { /* codes as words first, as numbers later */
		char code[16];
		snprintf(code, sizeof(code), "%d", 5400 + i % 4);
		struct feature_value feature = i < 1000 && i % 2
						   ? monitored_word("code", code)
						   : monitored_number("code", 5400 + i % 4);
		struct prediction prediction = record(START + i * CLOCK_SECOND / 10, &feature, 1);
		add(&f, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *code = monitored_feature(&snapshot->series[0], "code");
	assert_true(code->categorical);
	assert_true(code->data.nulls_reference.value == 0);
	assert_true(code->data.nulls.value == 0);
	assert_int_equal(code->psi.n, 2000);
	assert_true(code->psi.value < 1e-4); /* the same four codes, as often */
	assert_int_equal(code->severity, SEVERITY_OK);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_column_that_turns_from_numbers_to_words_has_changed_type(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 1000;
	for (int i = 0; i < 2000; i++) {
		struct feature_value feature = i < 1000 ? monitored_number("x", i % 9)
					       : i % 2	? monitored_word("x", "nine")
							: monitored_number("x", HUGE_VAL);
		struct prediction prediction = record(START + i * CLOCK_SECOND / 10, &feature, 1);
		add(&f, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *x = monitored_feature(&snapshot->series[0], "x");
	assert_true(x->data.nulls.value == 0);
	assert_true(fabs(x->data.type_changed.value - 0.5) < 1e-12);
	assert_true(fabs(x->data.nonfinite.value - 0.5) < 1e-12);
	assert_int_equal(x->data.severity, SEVERITY_CRITICAL);
	assert_string_equal(
	    x->data.reason, "50 % of the values are of another type than the reference's");
	assert_int_equal(x->psi.state, METRIC_NONE);
	assert_int_equal(x->severity, SEVERITY_INSUFFICIENT);
	snapshot_free(snapshot);
	end(&f);
}

/* Of a feature that is nearly always 0 the deciles are all 0: one PSI bin holds all there is. A
 * rise from 5 % to 60 % that are not 0 was once "within what chance gives", and no more. */
static void
what_moves_within_a_bin_of_psi_is_told_by_ks(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	f.config->reference_records = 1000;
	for (int i = 0; i < 2500; i++) {
		bool some = i < 1000 ? i % 20 == 0 : i % 10 < 6;
		struct feature_value features[] = {
		    monitored_number("risk", some ? 1 + i % 997 / 997.0 : 0)};
		wall_us ts = i < 1000 ? START + i * 1000 : START + 2 * CLOCK_HOUR + i * 1000;
		struct prediction prediction = record(ts, features, 1);
		assert_int_equal(add(&f, &prediction), MONITOR_ACCEPTED);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *risk = monitored_feature(&snapshot->series[0], "risk");
	assert_true(risk->psi.value < 0.01);
	assert_int_equal(risk->severity, SEVERITY_OK);
	assert_true(risk->ks.value > 0.5);
	assert_non_null(strstr(risk->reason, "it moved within a bin of PSI, says KS"));
	snapshot_free(snapshot);
	end(&f);
}

static void
the_worst_feature_is_one_that_can_be_judged(void **state)
{
	(void)state;
	struct fixture f;
	struct rng rng;
	begin(&f);
	rng_seed(&rng, 42, 54);
	f.config->reference_records = 1000;
	for (int i = 0; i < 3000; i++) { /* `rare` moves furthest, but in 1 record of 10 */
		double shift = i < 1000 ? 0 : 1;
		struct feature_value features[] = {
		    monitored_number("often", rng_normal(&rng) + shift),
		    monitored_number("rare", rng_normal(&rng) + 5 * shift)};
		struct prediction prediction =
		    record(START + i * CLOCK_SECOND / 2 + (i < 1000 ? 0 : CLOCK_HOUR), features,
			i < 1000 || i % 10 == 0 ? 2 : 1);
		add(&f, &prediction);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(
	    monitored_feature(&snapshot->series[0], "rare")->psi.state, METRIC_WARMING);
	assert_true(
	    monitored_feature(&snapshot->series[0], "rare")->psi.value > series->worst_psi.value);
	assert_string_equal(series->worst_feature, "often");
	assert_int_equal(series->worst_psi.state, METRIC_OK);
	assert_int_equal(series->drift_severity, SEVERITY_CRITICAL);
	snapshot_free(snapshot);
	end(&f);
}

/* The quality ring goes round; then a label and its correction for what it dropped change nothing.
 */
static void
a_correction_of_a_label_that_left_the_window_takes_nothing_back(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	struct prediction old = record(START - 8 * 24 * CLOCK_HOUR, NULL, 0);
	old.request_id = "old";
	add(&f, &old);
	struct label label = {.ts = START, .request_id = "old", .value = 1};
	monitor_label(f.monitor, &label);
	/* The same place of the ring of 168 hours, a week on. */
	struct prediction young = record(START - 24 * CLOCK_HOUR, NULL, 0);
	young.request_id = "young";
	add(&f, &young);
	label.value = 0;
	monitor_label(f.monitor, &label);
	struct label nobody = {.ts = START, .request_id = "never seen", .value = 1};
	monitor_label(f.monitor, &nobody);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct quality_view *quality = &snapshot->series[0].quality;
	assert_int_equal(quality->predictions, 1);
	assert_int_equal(quality->labelled, 0);
	assert_int_equal(quality->positives, 0);
	assert_int_equal(quality->tp + quality->fp + quality->tn + quality->fn, 0);
	assert_int_equal(snapshot->join.waiting_labels, 1);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_label_in_the_log_and_in_the_feed_counts_once(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	struct prediction prediction = record(START, NULL, 0);
	prediction.request_id = "both";
	prediction.label = 1;
	add(&f, &prediction);
	add(&f, &prediction); /* told twice: one prediction, two requests */
	struct label label = {.ts = START, .request_id = "both", .value = 1};
	monitor_label(f.monitor, &label);
	label.value = 0; /* and corrected */
	monitor_label(f.monitor, &label);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct quality_view *quality = &snapshot->series[0].quality;
	assert_int_equal(snapshot->series[0].records, 2);
	assert_int_equal(quality->predictions, 1);
	assert_int_equal(quality->labelled, 1);
	assert_int_equal(quality->positives, 0);
	assert_int_equal(quality->tn, 1);
	assert_int_equal(quality->tp + quality->fp + quality->fn, 0);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_decision_that_is_not_logged_is_that_of_the_threshold_or_unknown(void **state)
{
	(void)state;
	struct prediction prediction = record(START, NULL, 0);
	prediction.decision = -1;
	prediction.score = 0.5; /* at the threshold flags */
	assert_int_equal(monitor_decision(&prediction), 1);
	prediction.score = 0.49;
	assert_int_equal(monitor_decision(&prediction), 0);
	prediction.score = NAN;
	assert_int_equal(monitor_decision(&prediction), -1);
	prediction.score = 0.9;
	prediction.threshold = NAN;
	assert_int_equal(monitor_decision(&prediction), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_feature_that_is_logged_no_more_is_missing),
	    cmocka_unit_test(a_name_too_long_to_keep_is_one_name_and_not_one_a_record),
	    cmocka_unit_test(without_a_logged_status_the_error_rate_is_unknown_and_not_zero),
	    cmocka_unit_test(a_source_that_lags_does_not_make_the_rate_of_another_zero),
	    cmocka_unit_test(a_number_in_a_column_of_words_is_its_text),
	    cmocka_unit_test(a_column_that_turns_from_numbers_to_words_has_changed_type),
	    cmocka_unit_test(what_moves_within_a_bin_of_psi_is_told_by_ks),
	    cmocka_unit_test(the_worst_feature_is_one_that_can_be_judged),
	    cmocka_unit_test(a_correction_of_a_label_that_left_the_window_takes_nothing_back),
	    cmocka_unit_test(a_label_in_the_log_and_in_the_feed_counts_once),
	    cmocka_unit_test(a_decision_that_is_not_logged_is_that_of_the_threshold_or_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
