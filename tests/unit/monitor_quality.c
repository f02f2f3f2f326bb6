/* monitor_quality.c: what the monitor says of a model's decisions from labels that come late,
 * early, twice, changed or never, against the same numbers computed over the rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/kit/judged.h"

/* Scores like a fraud model's: most near 0, a few anywhere. */
static double
fraud_score(void)
{
	double z = rng_normal(&judged.rng) * 1.5 - 3 + (rng_below(&judged.rng, 20) == 0 ? 4 : 0);
	return 1 / (1 + exp(-z));
}

static void
every_figure_equals_that_of_the_rows_however_the_labels_come(void **state)
{
	(void)state;
	enum { N = 4000 };
	double *scores = mem_alloc(N * sizeof(*scores));
	int8_t *labels = mem_alloc(N * sizeof(*labels));
	for (size_t i = 0; i < N; i++) {
		struct judged_row row = judged_row(i, fraud_score());
		scores[i] = row.score;
		labels[i] = rng_uniform(&judged.rng) < row.score;
		if (i % 3 == 0)
			judged_say(
			    i, labels[i], row.ts + CLOCK_HOUR); /* before its prediction is read */
		if (i % 7 == 5)
			row.label = labels[i]; /* in the log itself */
		judged_add(i, &row);
		if (i % 5 == 0)
			judged_say(i, !labels[i], row.ts + CLOCK_MINUTE); /* wrong at first */
		if (i % 3 != 0 || i % 5 == 0)
			judged_say(i, labels[i], row.ts + CLOCK_HOUR);
		if (i % 11 == 0)
			judged_say(i, labels[i], row.ts + 2 * CLOCK_HOUR); /* once more */
	}
	const struct quality_view *view = &judged_look()->quality;
	assert_int_equal(view->predictions, N);
	assert_int_equal(view->labelled, N);
	assert_int_equal(view->assumed, 0);
	struct quality_confusion own = quality_confusion_at(scores, labels, N, 0.5);
	assert_true(view->tp == own.tp && view->fp == own.fp);
	assert_true(view->tn == own.tn && view->fn == own.fn);
	judged_near(view->specificity.value, quality_specificity(&own), 0);
	judged_near(view->brier.value, quality_brier(scores, labels, N), 1e-7);
	judged_near(view->log_loss.value, quality_log_loss(scores, labels, N), 1e-7);
	judged_near(view->ece.value, calibration_ece_width(scores, labels, N, NULL).ece, 1e-7);
	judged_near(view->observed_expected.value, calibration_ratio(scores, labels, N), 1e-6);
	assert_true(view->observed_expected.low < 1 && 1 < view->observed_expected.high);
	double ece_count = calibration_ece_count(scores, labels, N).ece;
	assert_true(view->ece_count.low <= ece_count && ece_count <= view->ece_count.high);
	judged_near(view->ece_count.value, ece_count, 0.003);
	struct quality_rank exact = quality_rank_exact(scores, labels, N);
	judged_near(view->roc_auc.value, exact.roc_auc, 0.001);
	judged_near(view->roc_auc.low, exact.roc_auc_interval.low, 0.005);
	assert_true(view->average_precision.low <= exact.average_precision);
	assert_true(exact.average_precision <= view->average_precision.high);
	for (size_t i = 0; i < N; i++) {
		uint32_t *bins = labels[i] == 1 ? view->scores->positives : view->scores->negatives;
		bins[quality_bin(scores[i])]--;
	}
	uint32_t left = 0;
	for (size_t i = 0; i < QUALITY_BINS; i++)
		left += (view->scores->positives[i] != 0) + (view->scores->negatives[i] != 0);
	assert_true(left <= 2); /* a score at a border, kept to 24 bits */
	free(scores);
	free(labels);
}

/* The same rows and labels in another order: the same counts, and sums to rounding. */
static void
the_order_of_arrival_changes_nothing(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct judged_row *rows = mem_alloc(N * sizeof(*rows));
	size_t *order = mem_alloc(N * sizeof(*order));
	for (size_t i = 0; i < N; i++) {
		rows[i] = judged_row(0, fraud_score()); /* within the lateness */
		rows[i].ts += rng_below(&judged.rng, 60 * 1000000);
		rows[i].segment = i % 3 == 0 ? "a" : "b";
		order[i] = i;
		judged_add(i, &rows[i]);
		judged_say(i, rows[i].score > 0.3, rows[i].ts + CLOCK_HOUR);
	}
	struct series_view first = *judged_look();
	struct quality_scores scores = *first.quality.scores;
	struct cohort_view cohort = first.cohorts[0];
	judged_restart();
	for (size_t i = N; i-- > 1;) {
		size_t other = rng_below(&judged.rng, (uint32_t)i + 1), kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	for (size_t i = 0; i < N; i++) {
		judged_say(N - 1 - i, rows[N - 1 - i].score > 0.3, rows[N - 1 - i].ts + CLOCK_HOUR);
		judged_add(order[i], &rows[order[i]]);
	}
	const struct series_view *second = judged_look();
	assert_memory_equal(second->quality.scores, &scores, sizeof(scores));
	assert_memory_equal(&second->cohorts[0], &cohort, sizeof(cohort));
	assert_int_equal(second->quality.tp, first.quality.tp);
	assert_int_equal(second->quality.fn, first.quality.fn);
	judged_near(second->quality.brier.value, first.quality.brier.value, 1e-12);
	judged_near(second->quality.log_loss.value, first.quality.log_loss.value, 1e-12);
	judged_near(second->estimated.precision.value, first.estimated.precision.value, 1e-12);
	judged_near(second->estimated.recall.value, first.estimated.recall.value, 1e-12);
	free(rows);
	free(order);
}

/* Frauds are found sooner than the rest is cleared. */
static void
lags_and_early_positives_are_told(void **state)
{
	(void)state;
	enum { N = 2000 };
	for (size_t i = 0; i < N; i++) {
		struct judged_row row = judged_row(i, 0.4);
		int label = i % 20 == 0;
		judged_add(i, &row);
		judged_say(i, label,
		    row.ts + (label ? CLOCK_HOUR : 10 * CLOCK_HOUR + (wall_us)i * CLOCK_MINUTE));
		judged_say(i, label, row.ts + 500 * CLOCK_HOUR); /* a repetition is no new lag */
	}
	const struct quality_view *view = &judged_look()->quality;
	assert_int_equal(view->label_lag_s.n, N);
	/* Of 2,000 the first 100 are frauds; the median is the 900th of the others or so. */
	judged_near(view->label_lag_s.value, 36000 + 950 * 60, 0.03 * 93000);
	judged_near(view->label_lag_p90_s.value, 36000 + 1790 * 60, 0.03 * 143400);
	judged_near(view->early_positives.value, 0.5, 0.05);
	assert_int_equal(view->positives, N / 20);
}

static void
no_label_is_no_negative_unless_it_is_asked_for(void **state)
{
	(void)state;
	enum { N = 1000 };
	for (int assume = 0; assume < 2; assume++) {
		judged.config->assume_negative_us = assume ? 2 * CLOCK_DAY : 0;
		judged_restart();
		for (size_t i = 0; i < N; i++) { /* only frauds are ever told */
			struct judged_row row = judged_row(i, i % 10 == 0 ? 0.9 : 0.1);
			judged_add(i, &row);
			if (i % 20 == 0)
				judged_say(i, 1, row.ts + CLOCK_HOUR);
		}
		const struct series_view *series = judged_look();
		assert_int_equal(series->quality.labelled, N / 20);
		assert_false(series->quality.mature);
		struct judged_row later = judged_row(0, 0.1);
		later.ts = JUDGED_START + 2 * CLOCK_DAY + N / 2 * CLOCK_SECOND;
		judged_add(N, &later); /* moves the clock: half of them are of age */
		series = judged_look();
		assert_int_equal(series->quality.assumed, assume ? N / 2 + 1 - N / 40 - 1 : 0);
		later.ts = JUDGED_START + 3 * CLOCK_DAY;
		judged_add(N + 1, &later);
		series = judged_look();
		if (!assume) {
			assert_int_equal(series->quality.labelled, N / 20);
			assert_int_equal(series->quality.tn, 0);
			assert_false(series->quality.mature);
			continue;
		}
		assert_int_equal(series->quality.assumed, N - N / 20);
		assert_int_equal(series->quality.labelled, N);
		assert_true(series->quality.mature);
		assert_int_equal(series->quality.fp, N / 20);
		assert_int_equal(series->quality.tn, N - N / 10);
		assert_int_equal(series->concept[CONCEPT_ERROR].n, N);
		judged_say(1, 1, JUDGED_START + 3 * CLOCK_DAY); /* it was a fraud after all */
		judged_say(3, 0, JUDGED_START + 3 * CLOCK_DAY); /* it was not */
		series = judged_look();
		assert_int_equal(series->quality.assumed, N - N / 20 - 2);
		assert_int_equal(series->quality.labelled, N);
		assert_int_equal(series->quality.fn, 1);
		assert_int_equal(series->quality.tn, N - N / 10 - 1);
		assert_int_equal(series->quality.label_lag_s.n, N / 20 + 2);
		assert_int_equal(series->concept[CONCEPT_ERROR].n, N); /* fed once */
	}
}

static void
immature_quality_never_alarms_and_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct judged_row row = judged_row(i, i % 2 ? 0.9 : 0.1);
		judged_add(i, &row);
		if (i < 20)
			judged_say(i, i % 2 == 0, row.ts + CLOCK_HOUR);
	}
	const struct series_view *series = judged_look();
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT);
	assert_string_equal(series->quality.reason, "not judged: 20 labels of the 30 needed");
	assert_int_equal(series->quality.brier.state, METRIC_WARMING);
	for (size_t i = 20; i < 400; i++) /* the newest 400 seconds' worth is still young */
		judged_say(i, i % 2 == 0, JUDGED_START + 1000 * CLOCK_SECOND);
	series = judged_look();
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT);
	assert_non_null(strstr(series->quality.reason, "labels of 40 % of the predictions are in"));
}

static void
quality_is_judged_against_the_reference_in_words(void **state)
{
	(void)state;
	judged_set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < 4000; i++) {
		struct judged_row row = judged_row(i, 0.05 + 0.9 * rng_uniform(&judged.rng));
		row.label =
		    rng_uniform(&judged.rng) < row.score * row.score * 0.5; /* half as true */
		judged_add(i, &row);
	}
	const struct series_view *series = judged_look();
	assert_true(series->quality.mature);
	assert_int_equal(series->precision_severity, SEVERITY_CRITICAL);
	assert_int_equal(series->quality_severity, SEVERITY_CRITICAL);
	char words[160];
	snprintf(words, sizeof(words), "precision %.1f %% (reference ",
	    100 * series->quality.precision.value);
	assert_memory_equal(series->quality.reason, words, strlen(words));
	assert_non_null(strstr(series->quality.reason, "%), recall "));
	assert_null(strstr(series->quality.reason, "version")); /* it is this one's own */
	/* The estimate cannot see that: it says what it assumes. */
	assert_true(series->estimated.precision.value > series->quality.precision.value + 0.1);
}

static void
too_few_positives_leave_recall_unjudged(void **state)
{
	(void)state;
	judged_set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < 2000; i++) {
		struct judged_row row = judged_row(i, 0.05 + 0.9 * rng_uniform(&judged.rng));
		row.label = i % 100 == 0;
		row.decision = i % 4 == 0 && row.label == 0; /* every one of them missed */
		judged_add(i, &row);
	}
	const struct series_view *series = judged_look();
	assert_int_equal(series->quality.recall.n, 20);
	assert_int_equal(series->recall_severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(series->precision_severity, SEVERITY_CRITICAL);
	assert_non_null(
	    strstr(series->quality.reason, "recall not judged: 20 frauds of the 30 needed"));
}

static void
a_worse_error_is_seen_in_the_order_of_labels(void **state)
{
	(void)state;
	enum { N = 8000 };
	for (size_t i = 0; i < N; i++) {
		struct judged_row row = judged_row(i, rng_below(&judged.rng, 10) == 0 ? 0.9 : 0.1);
		judged_add(i, &row);
		bool wrong = rng_uniform(&judged.rng) < (i < 6000 ? 0.02 : 0.15);
		judged_say(i, wrong != row.decision, row.ts + CLOCK_DAY);
		judged_say(i, wrong != row.decision, row.ts + CLOCK_DAY); /* told twice, fed once */
	}
	const struct series_view *series = judged_look();
	const struct concept_view *error = &series->concept[CONCEPT_ERROR];
	assert_int_equal(error->n, N);
	assert_int_equal(series->concept[CONCEPT_DECISION_RATE].n, N);
	assert_int_equal(series->concept[CONCEPT_SCORE_MEAN].n, N);
	assert_int_equal(series->concept[CONCEPT_SCORE_MEAN].changes, 0);
	assert_true(error->changes >= 1 && error->worse);
	assert_true(error->changed_at > JUDGED_START + 6000 * CLOCK_SECOND + CLOCK_DAY);
	judged_near((double)(error->changed_prediction - JUDGED_START) / 1e6, 6000, 300);
	assert_int_equal(series->concept_severity, SEVERITY_WARNING);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, judged_set_up, judged_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(every_figure_equals_that_of_the_rows_however_the_labels_come),
	    TEST(the_order_of_arrival_changes_nothing),
	    TEST(lags_and_early_positives_are_told),
	    TEST(no_label_is_no_negative_unless_it_is_asked_for),
	    TEST(immature_quality_never_alarms_and_says_why),
	    TEST(quality_is_judged_against_the_reference_in_words),
	    TEST(too_few_positives_leave_recall_unjudged),
	    TEST(a_worse_error_is_seen_in_the_order_of_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
