/* monitor_quality.c: what the monitor says of a model's decisions: from labels that come late,
 * early, twice, changed or never, from scores alone, by group, and by attributions; against the
 * same numbers computed over the rows. */
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
#include "core/base/text.h"
#include "core/monitor/monitor.h"
#include "core/stats/bias.h"
#include "core/stats/calibration.h"
#include "core/stats/cbpe.h"
#include "core/stats/ndcg.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

struct row {
	wall_us ts;
	double score;
	int decision, label;
	const char *service, *segment;
	struct feature_value attributions[3];
	size_t attributions_count;
};

static struct config *config;
static struct monitor *monitor;
static size_t source;
static struct rng rng;
static struct snapshot *snapshot;

static void
restart(void)
{
	monitor_free(monitor);
	monitor = monitor_new(config);
	source = monitor_add_source(monitor);
}

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	clock_freeze(START + 60 * CLOCK_DAY);
	rng_seed(&rng, 42, 54);
	monitor = NULL;
	restart();
	snapshot = NULL;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
	return 0;
}

static struct row
row_of(size_t i, double score)
{
	return (struct row){.ts = START + (wall_us)i * CLOCK_SECOND,
	    .score = score,
	    .decision = score >= 0.5,
	    .label = -1,
	    .service = "eu",
	    .segment = ""};
}

static void
add(size_t i, const struct row *row)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct prediction prediction = {.ts = row->ts,
	    .request_id = id,
	    .service = row->service,
	    .model = "m",
	    .version = "1",
	    .segment = row->segment,
	    .score = row->score,
	    .threshold = 0.5,
	    .decision = row->decision,
	    .latency_ms = 10,
	    .status = 200,
	    .label = row->label,
	    .attributions = row->attributions,
	    .attributions_count = row->attributions_count};
	struct err err = {0};
	assert_int_equal(
	    monitor_prediction(monitor, source, &prediction, "", "", &err), MONITOR_ACCEPTED);
}

static void
say(size_t i, int value, wall_us ts)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct label label = {.ts = ts, .request_id = id, .value = value};
	monitor_label(monitor, &label);
}

static const struct series_view *
look(void)
{
	snapshot_free(snapshot);
	snapshot = snapshot_new();
	monitor_tick(monitor);
	monitor_view(monitor, snapshot);
	assert_true(snapshot->series_count > 0);
	return &snapshot->series[0];
}

/* Scores like a fraud model's: most near 0, a few anywhere. */
static double
fraud_score(void)
{
	double z = rng_normal(&rng) * 1.5 - 3 + (rng_below(&rng, 20) == 0 ? 4 : 0);
	return 1 / (1 + exp(-z));
}

static void
assert_near(double got, double wanted, double within)
{
	if (!(fabs(got - wanted) <= within))
		print_error("%.17g is not within %g of %.17g\n", got, within, wanted);
	assert_true(fabs(got - wanted) <= within);
}

static void
every_figure_equals_that_of_the_rows_however_the_labels_come(void **state)
{
	(void)state;
	enum { N = 4000 };
	double *scores = mem_alloc(N * sizeof(*scores));
	int8_t *labels = mem_alloc(N * sizeof(*labels));
	for (size_t i = 0; i < N; i++) {
		struct row row = row_of(i, fraud_score());
		scores[i] = row.score;
		labels[i] = rng_uniform(&rng) < row.score;
		if (i % 3 == 0)
			say(i, labels[i], row.ts + CLOCK_HOUR); /* before its prediction is read */
		if (i % 7 == 5)
			row.label = labels[i]; /* in the log itself */
		add(i, &row);
		if (i % 5 == 0)
			say(i, !labels[i], row.ts + CLOCK_MINUTE); /* wrong at first */
		if (i % 3 != 0 || i % 5 == 0)
			say(i, labels[i], row.ts + CLOCK_HOUR);
		if (i % 11 == 0)
			say(i, labels[i], row.ts + 2 * CLOCK_HOUR); /* once more */
	}
	const struct quality_view *view = &look()->quality;
	assert_int_equal(view->predictions, N);
	assert_int_equal(view->labelled, N);
	assert_int_equal(view->assumed, 0);
	struct quality_confusion own = quality_confusion_at(scores, labels, N, 0.5);
	assert_true(view->tp == own.tp && view->fp == own.fp);
	assert_true(view->tn == own.tn && view->fn == own.fn);
	assert_near(view->specificity.value, quality_specificity(&own), 0);
	assert_near(view->brier.value, quality_brier(scores, labels, N), 1e-7);
	assert_near(view->log_loss.value, quality_log_loss(scores, labels, N), 1e-7);
	assert_near(view->ece.value, calibration_ece_width(scores, labels, N, NULL).ece, 1e-7);
	assert_near(view->observed_expected.value, calibration_ratio(scores, labels, N), 1e-6);
	assert_true(view->observed_expected.low < 1 && 1 < view->observed_expected.high);
	double ece_count = calibration_ece_count(scores, labels, N).ece;
	assert_true(view->ece_count.low <= ece_count && ece_count <= view->ece_count.high);
	assert_near(view->ece_count.value, ece_count, 0.003);
	struct quality_rank exact = quality_rank_exact(scores, labels, N);
	assert_near(view->roc_auc.value, exact.roc_auc, 0.001);
	assert_near(view->roc_auc.low, exact.roc_auc_interval.low, 0.005);
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
	struct row *rows = mem_alloc(N * sizeof(*rows));
	size_t *order = mem_alloc(N * sizeof(*order));
	for (size_t i = 0; i < N; i++) {
		rows[i] = row_of(0, fraud_score()); /* within the lateness */
		rows[i].ts += rng_below(&rng, 60 * 1000000);
		rows[i].segment = i % 3 == 0 ? "a" : "b";
		order[i] = i;
		add(i, &rows[i]);
		say(i, rows[i].score > 0.3, rows[i].ts + CLOCK_HOUR);
	}
	struct series_view first = *look();
	struct quality_scores scores = *first.quality.scores;
	struct cohort_view cohort = first.cohorts[0];
	restart();
	for (size_t i = N; i-- > 1;) {
		size_t other = rng_below(&rng, (uint32_t)i + 1), kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
	for (size_t i = 0; i < N; i++) {
		say(N - 1 - i, rows[N - 1 - i].score > 0.3, rows[N - 1 - i].ts + CLOCK_HOUR);
		add(order[i], &rows[order[i]]);
	}
	const struct series_view *second = look();
	assert_memory_equal(second->quality.scores, &scores, sizeof(scores));
	assert_memory_equal(&second->cohorts[0], &cohort, sizeof(cohort));
	assert_int_equal(second->quality.tp, first.quality.tp);
	assert_int_equal(second->quality.fn, first.quality.fn);
	assert_near(second->quality.brier.value, first.quality.brier.value, 1e-12);
	assert_near(second->quality.log_loss.value, first.quality.log_loss.value, 1e-12);
	assert_near(second->estimated.precision.value, first.estimated.precision.value, 1e-12);
	assert_near(second->estimated.recall.value, first.estimated.recall.value, 1e-12);
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
		struct row row = row_of(i, 0.4);
		int label = i % 20 == 0;
		add(i, &row);
		say(i, label,
		    row.ts + (label ? CLOCK_HOUR : 10 * CLOCK_HOUR + (wall_us)i * CLOCK_MINUTE));
		say(i, label, row.ts + 500 * CLOCK_HOUR); /* a repetition is no new lag */
	}
	const struct quality_view *view = &look()->quality;
	assert_int_equal(view->label_lag_s.n, N);
	/* Of 2,000 the first 100 are frauds; the median is the 900th of the others or so. */
	assert_near(view->label_lag_s.value, 36000 + 950 * 60, 0.03 * 93000);
	assert_near(view->label_lag_p90_s.value, 36000 + 1790 * 60, 0.03 * 143400);
	assert_near(view->early_positives.value, 0.5, 0.05);
	assert_int_equal(view->positives, N / 20);
}

static void
no_label_is_no_negative_unless_it_is_asked_for(void **state)
{
	(void)state;
	enum { N = 1000 };
	for (int assume = 0; assume < 2; assume++) {
		config->assume_negative_us = assume ? 2 * CLOCK_DAY : 0;
		restart();
		for (size_t i = 0; i < N; i++) { /* only frauds are ever told */
			struct row row = row_of(i, i % 10 == 0 ? 0.9 : 0.1);
			add(i, &row);
			if (i % 20 == 0)
				say(i, 1, row.ts + CLOCK_HOUR);
		}
		const struct series_view *series = look();
		assert_int_equal(series->quality.labelled, N / 20);
		assert_false(series->quality.mature);
		struct row later = row_of(0, 0.1);
		later.ts = START + 2 * CLOCK_DAY + N / 2 * CLOCK_SECOND;
		add(N, &later); /* moves the clock: half of them are of age */
		series = look();
		assert_int_equal(series->quality.assumed, assume ? N / 2 + 1 - N / 40 - 1 : 0);
		later.ts = START + 3 * CLOCK_DAY;
		add(N + 1, &later);
		series = look();
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
		say(1, 1, START + 3 * CLOCK_DAY); /* it was a fraud after all */
		say(3, 0, START + 3 * CLOCK_DAY); /* it was not */
		series = look();
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
		struct row row = row_of(i, i % 2 ? 0.9 : 0.1);
		add(i, &row);
		if (i < 20)
			say(i, i % 2 == 0, row.ts + CLOCK_HOUR);
	}
	const struct series_view *series = look();
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT);
	assert_string_equal(series->quality.reason, "not judged: 20 labels of 30");
	assert_int_equal(series->quality.brier.state, METRIC_WARMING);
	for (size_t i = 20; i < 400; i++) /* the newest 400 seconds' worth is still young */
		say(i, i % 2 == 0, START + 1000 * CLOCK_SECOND);
	series = look();
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT);
	assert_non_null(strstr(series->quality.reason, "labels of 40 % of the predictions are in"));
}

/* A profile of even scores whose labels are drawn by P(label | score) = score^2. */
static void
set_reference(size_t n, const char *const *features, const double *attributions)
{
	struct profile *profile = mem_alloc(sizeof(*profile));
	text_copy(profile->model, sizeof(profile->model), "m");
	profile->records = n;
	profile->scores = mem_alloc(sizeof(*profile->scores));
	profile->scores_count = 1;
	struct profile_score *score = profile->scores;
	text_copy(score->version, sizeof(score->version), "1");
	double *values = mem_alloc(n * sizeof(*values));
	int8_t *labels = mem_alloc(n * sizeof(*labels));
	for (size_t i = 0; i < n; i++) {
		values[i] = 0.05 + 0.9 * rng_uniform(&rng);
		labels[i] = rng_uniform(&rng) < values[i] * values[i];
		bool flagged = values[i] >= 0.5;
		uint64_t *cells[] = {&score->tn, &score->fn, &score->fp, &score->tp};
		++*cells[2 * flagged + labels[i]];
		score->flagged += flagged;
	}
	score->decided = score->labelled = n;
	calibration_fit(&score->calibration, values, labels, n);
	score->calibrated = true;
	profile_feature_from_numbers(&score->score, "score", values, n);
	free(values);
	free(labels);
	for (size_t i = 0; features != NULL && features[i] != NULL; i++) {
		profile->features = mem_grow(profile->features, i + 1, sizeof(*profile->features));
		struct profile_feature *feature = &profile->features[i];
		double numbers[] = {1, 2, 3};
		profile_feature_init(feature, features[i]);
		profile_feature_from_numbers(feature, features[i], numbers, 3);
		feature->attribution = attributions[i];
		profile->features_count = i + 1;
	}
	monitor_set_profile(monitor, "m", "test", profile);
}

static void
the_estimate_equals_what_labels_drawn_from_the_probabilities_show(void **state)
{
	(void)state;
	enum { N = 20000 };
	set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < N; i++) {
		struct row row = row_of(i, 0.05 + 0.9 * rng_uniform(&rng));
		row.ts = START + (wall_us)i * CLOCK_SECOND / 10;
		add(i, &row);
	}
	const struct series_view *series = look();
	struct estimate_view estimate = series->estimated;
	assert_int_equal(series->quality.labelled, 0);
	assert_true(estimate.calibrated && !estimate.muted);
	assert_int_equal(estimate.n, N);
	assert_non_null(strstr(estimate.assumption, "if fraud behaves as in the reference"));
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT); /* it never alarms */
	rng_seed(&rng, 42, 54); /* the same scores once more, now with labels */
	restart();
	set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < N; i++) {
		struct row row = row_of(i, 0.05 + 0.9 * rng_uniform(&rng));
		row.ts = START + (wall_us)i * CLOCK_SECOND / 10;
		row.label = i * 2654435761u % 10007 < row.score * row.score * 10007;
		add(i, &row);
	}
	series = look();
	assert_int_equal(series->estimated.n, N);
	assert_near(estimate.precision.value, series->quality.precision.value, 0.025);
	assert_near(estimate.recall.value, series->quality.recall.value, 0.025);
	assert_near(estimate.fpr.value, series->quality.fpr.value, 0.025);
	assert_near(estimate.f1.value, series->quality.f1.value, 0.025);
	assert_near(estimate.roc_auc.value, series->quality.roc_auc.value, 0.02);
	assert_near(
	    estimate.average_precision.value, series->quality.average_precision.value, 0.03);
	/* Over all hours of the curve too, where there is anything. */
	assert_true(isnan(estimate.precision_curve[0]));
	assert_near(estimate.precision_curve[SNAPSHOT_CURVE - 1], estimate.precision.value, 0.02);
}

static void
without_a_map_the_scores_are_taken_as_they_are_and_it_says_so(void **state)
{
	(void)state;
	struct cbpe sums = {0};
	for (size_t i = 0; i < 2000; i++) {
		struct row row = row_of(i, join_score(rng_uniform(&rng)));
		cbpe_add(&sums, row.score, row.decision);
		add(i, &row);
	}
	const struct estimate_view *view = &look()->estimated;
	assert_false(view->calibrated);
	assert_near(view->precision.value, cbpe_precision(&sums).value, 1e-12);
	assert_near(view->recall.value, cbpe_recall(&sums).value, 1e-12);
	assert_near(view->recall.low, cbpe_recall(&sums).low, 1e-12);
	assert_non_null(strstr(view->assumption, "not calibrated"));
}

static void
the_estimate_is_muted_where_the_scores_have_left_the_reference(void **state)
{
	(void)state;
	set_reference(20000, NULL, NULL);
	size_t i = 0;
	for (; i < 3000; i++) { /* 2 % above the highest score of the reference: PSI sees little */
		struct row row = row_of(i, i % 50 == 0 ? 0.99 : 0.05 + 0.9 * rng_uniform(&rng));
		add(i, &row);
	}
	const struct series_view *series = look();
	assert_true(series->score_severity < SEVERITY_CRITICAL);
	assert_true(series->estimated.muted);
	assert_int_equal(series->estimated.precision.state, METRIC_WARMING);
	assert_non_null(strstr(series->estimated.assumption, "2.0 % of the scores"));
	restart();
	set_reference(20000, NULL, NULL);
	for (i = 0; i < 20000; i++) { /* within its range, and all at one end of it */
		struct row row = row_of(i, 0.7 + 0.2 * rng_uniform(&rng));
		add(i, &row);
	}
	series = look();
	assert_int_equal(series->score_severity, SEVERITY_CRITICAL);
	assert_true(series->estimated.muted);
	assert_non_null(strstr(series->estimated.assumption, "the scores have left"));
}

static void
quality_is_judged_against_the_reference_in_words(void **state)
{
	(void)state;
	set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < 4000; i++) {
		struct row row = row_of(i, 0.05 + 0.9 * rng_uniform(&rng));
		row.label = rng_uniform(&rng) < row.score * row.score * 0.5; /* half as true */
		add(i, &row);
	}
	const struct series_view *series = look();
	assert_true(series->quality.mature);
	assert_int_equal(series->precision_severity, SEVERITY_CRITICAL);
	assert_int_equal(series->quality_severity, SEVERITY_CRITICAL);
	assert_non_null(strstr(series->quality.reason, "in the reference of 1"));
	assert_non_null(strstr(series->quality.reason, "precision"));
	/* The estimate cannot see that: it says what it assumes. */
	assert_true(series->estimated.precision.value > series->quality.precision.value + 0.1);
}

static void
too_few_positives_leave_recall_unjudged(void **state)
{
	(void)state;
	set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < 2000; i++) {
		struct row row = row_of(i, 0.05 + 0.9 * rng_uniform(&rng));
		row.label = i % 100 == 0;
		row.decision = i % 4 == 0 && row.label == 0; /* every one of them missed */
		add(i, &row);
	}
	const struct series_view *series = look();
	assert_int_equal(series->quality.recall.n, 20);
	assert_int_equal(series->recall_severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(series->precision_severity, SEVERITY_CRITICAL);
	assert_non_null(strstr(series->quality.reason, "recall not judged: 20 of 30"));
}

static void
a_worse_error_is_seen_in_the_order_of_labels(void **state)
{
	(void)state;
	enum { N = 8000 };
	for (size_t i = 0; i < N; i++) {
		struct row row = row_of(i, rng_below(&rng, 10) == 0 ? 0.9 : 0.1);
		add(i, &row);
		bool wrong = rng_uniform(&rng) < (i < 6000 ? 0.02 : 0.15);
		say(i, wrong != row.decision, row.ts + CLOCK_DAY);
		say(i, wrong != row.decision, row.ts + CLOCK_DAY); /* told twice, fed once */
	}
	const struct series_view *series = look();
	const struct concept_view *error = &series->concept[CONCEPT_ERROR];
	assert_int_equal(error->n, N);
	assert_int_equal(series->concept[CONCEPT_DECISION_RATE].n, N);
	assert_int_equal(series->concept[CONCEPT_SCORE_MEAN].n, N);
	assert_int_equal(series->concept[CONCEPT_SCORE_MEAN].changes, 0);
	assert_true(error->changes >= 1 && error->worse);
	assert_true(error->changed_at > START + 6000 * CLOCK_SECOND + CLOCK_DAY);
	assert_near((double)(error->changed_prediction - START) / 1e6, 6000, 300);
	assert_int_equal(series->concept_severity, SEVERITY_WARNING);
}

static const struct cohort_view *
cohort(const struct series_view *series, const char *name)
{
	for (size_t i = 0; i < series->cohorts_count; i++) {
		if (strcmp(series->cohorts[i].name, name) == 0)
			return &series->cohorts[i];
	}
	fail_msg("no cohort %s", name);
	return NULL;
}

static void
cohorts_are_added_up_over_services_and_compared(void **state)
{
	(void)state;
	static const char *const segments[] = {"web", "app", "web", ""};
	for (size_t i = 0; i < 4000; i++) {
		struct row row = row_of(i, 0.1);
		row.segment = segments[i % 4];
		row.service = i % 8 < 4 ? "eu" : "us";
		row.decision =
		    i % 4 == 1 ? i % 40 == 1 : i % 10 == 0; /* app 10 %, web 20 % of half */
		row.label = row.decision ? i % 3 == 0 : i % 50 == 0;
		add(i, &row);
	}
	look();
	const struct series_view *both = snapshot->models[0].versions[0].series;
	assert_int_equal(snapshot->series_count, 2);
	assert_int_equal(both->cohorts_count, 3);
	assert_string_equal(both->cohorts[0].name, "web");
	assert_int_equal(cohort(both, "web")->n, 2000);
	assert_int_equal(cohort(both, "app")->n, 1000);
	assert_int_equal(cohort(both, "missing")->n, 1000);
	assert_int_equal(cohort(both, "web")->flagged, 400);
	assert_int_equal(cohort(both, "app")->flagged, 100);
	assert_int_equal(cohort(&snapshot->series[0], "web")->n, 1000);
	assert_near(cohort(both, "web")->share.value, 0.5, 0);
	assert_near(cohort(both, "web")->selection_rate.value, 0.2, 0);
	assert_true(cohort(both, "web")->selection_rate.low < 0.2);
	assert_int_equal(cohort(both, "web")->labelled, 2000);
	const struct bias_view *bias = &both->bias;
	assert_string_equal(bias->by, "segment");
	assert_near(bias->disparate_impact.value, 0.5, 1e-12);
	assert_near(bias->demographic_parity_difference.value, 0.1, 1e-12);
	assert_string_equal(bias->extremes[1][0], "web");
	assert_string_equal(bias->extremes[1][1], "app");
	assert_int_equal(bias->disparate_impact.n, 1000);
	assert_int_equal(bias->severity, SEVERITY_WARNING);
	assert_non_null(strstr(bias->reason, "disparate impact 0.50"));
}

static void
bias_alarms_only_when_the_whole_interval_is_beyond(void **state)
{
	(void)state;
	for (size_t i = 0; i < 400; i++) { /* 12 of 200 against 20 of 200: may be chance */
		struct row row = row_of(i, 0.1);
		row.segment = i % 2 ? "a" : "b";
		row.decision = i / 2 < (i % 2 ? 12 : 20);
		add(i, &row);
	}
	const struct bias_view *bias = &look()->bias;
	assert_near(bias->disparate_impact.value, 0.6, 1e-12);
	assert_int_equal(bias->severity, SEVERITY_OK);
	assert_non_null(strstr(bias->reason, "may be chance"));
	config->bias_least = 1000;
	bias = &look()->bias;
	assert_int_equal(bias->severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(bias->disparate_impact.state, METRIC_NONE);
}

static void
without_the_field_there_are_no_cohorts(void **state)
{
	(void)state;
	struct row row = row_of(0, 0.1);
	add(0, &row);
	const struct series_view *series = look();
	assert_int_equal(series->cohorts_count, 0);
	assert_string_equal(series->bias.by, "");
	assert_int_equal(series->bias.disparate_impact.state, METRIC_NONE);
}

static struct feature_value
attribution(const char *name, double value)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_NUMBER, .number = value, .text = ""};
}

/* SageMaker's example: (.70, .50, .05) becomes (.10, .20, .70). */
static void
attributions_are_ranked_against_the_reference(void **state)
{
	(void)state;
	static const char *const names[] = {"amount", "hour", "country", NULL};
	const double baseline[] = {0.70, 0.50, 0.05};
	const double now[] = {0.10, 0.20, 0.70};
	set_reference(2000, names, baseline);
	for (size_t i = 0; i < 2000; i++) {
		struct row row = row_of(i, 0.5);
		double sign = i % 2 ? 1 : -1, noise = 1 + 0.2 * (rng_uniform(&rng) - 0.5);
		for (size_t k = 0; k < 3; k++) /* in another order than the profile's */
			row.attributions[2 - k] = attribution(names[k], sign * noise * now[k]);
		row.attributions_count = 3;
		add(i, &row);
	}
	const struct attribution_view *view = &look()->attribution;
	assert_int_equal(view->n, 2000);
	assert_near(view->ndcg.value, ndcg_attribution(baseline, now, 3), 1e-9);
	assert_near(view->ndcg.value, 0.6876, 1e-4);
	assert_int_equal(view->severity, SEVERITY_WARNING);
	assert_int_equal(view->moved_count, 2);
	assert_string_equal(view->moved[0].name, "amount");
	assert_int_equal(view->moved[0].rank_reference, 1);
	assert_int_equal(view->moved[0].rank, 3);
	assert_string_equal(view->moved[1].name, "country");
	struct row later = row_of(0, 0.5);
	later.ts = START + 5 * CLOCK_HOUR; /* all of them have left the window */
	add(9999, &later);
	assert_int_equal(look()->attribution.ndcg.state, METRIC_NONE);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(every_figure_equals_that_of_the_rows_however_the_labels_come),
	    TEST(the_order_of_arrival_changes_nothing),
	    TEST(lags_and_early_positives_are_told),
	    TEST(no_label_is_no_negative_unless_it_is_asked_for),
	    TEST(immature_quality_never_alarms_and_says_why),
	    TEST(the_estimate_equals_what_labels_drawn_from_the_probabilities_show),
	    TEST(without_a_map_the_scores_are_taken_as_they_are_and_it_says_so),
	    TEST(the_estimate_is_muted_where_the_scores_have_left_the_reference),
	    TEST(quality_is_judged_against_the_reference_in_words),
	    TEST(too_few_positives_leave_recall_unjudged),
	    TEST(a_worse_error_is_seen_in_the_order_of_labels),
	    TEST(cohorts_are_added_up_over_services_and_compared),
	    TEST(bias_alarms_only_when_the_whole_interval_is_beyond),
	    TEST(without_the_field_there_are_no_cohorts),
	    TEST(attributions_are_ranked_against_the_reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
