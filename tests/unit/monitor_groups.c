/* monitor_groups.c: what the monitor says of a model without labels: from scores alone, by group,
 * and by attributions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/stats/bias.h"
#include "core/stats/cbpe.h"
#include "core/stats/ndcg.h"
#include "tests/kit/judged.h"

static void
the_estimate_equals_what_labels_drawn_from_the_probabilities_show(void **state)
{
	(void)state;
	enum { N = 20000 };
	judged_set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < N; i++) {
		struct judged_row row = judged_row(i, 0.05 + 0.9 * rng_uniform(&judged.rng));
		row.ts = JUDGED_START + (wall_us)i * CLOCK_SECOND / 10;
		judged_add(i, &row);
	}
	const struct series_view *series = judged_look();
	struct estimate_view estimate = series->estimated;
	assert_int_equal(series->quality.labelled, 0);
	assert_true(estimate.calibrated && !estimate.muted);
	assert_int_equal(estimate.n, N);
	assert_non_null(strstr(estimate.assumption, "if fraud behaves as in the reference"));
	assert_int_equal(series->quality_severity, SEVERITY_INSUFFICIENT); /* it never alarms */
	rng_seed(&judged.rng, 42, 54); /* the same scores once more, now with labels */
	judged_restart();
	judged_set_reference(20000, NULL, NULL);
	for (size_t i = 0; i < N; i++) {
		struct judged_row row = judged_row(i, 0.05 + 0.9 * rng_uniform(&judged.rng));
		row.ts = JUDGED_START + (wall_us)i * CLOCK_SECOND / 10;
		row.label = i * 2654435761u % 10007 < row.score * row.score * 10007;
		judged_add(i, &row);
	}
	series = judged_look();
	assert_int_equal(series->estimated.n, N);
	judged_near(estimate.precision.value, series->quality.precision.value, 0.025);
	judged_near(estimate.recall.value, series->quality.recall.value, 0.025);
	judged_near(estimate.fpr.value, series->quality.fpr.value, 0.025);
	judged_near(estimate.f1.value, series->quality.f1.value, 0.025);
	judged_near(estimate.roc_auc.value, series->quality.roc_auc.value, 0.02);
	judged_near(
	    estimate.average_precision.value, series->quality.average_precision.value, 0.03);
	/* Over all hours of the curve too, where there is anything. */
	assert_true(isnan(estimate.precision_curve[0]));
	judged_near(estimate.precision_curve[SNAPSHOT_CURVE - 1], estimate.precision.value, 0.02);
}

static void
without_a_map_the_scores_are_taken_as_they_are_and_it_says_so(void **state)
{
	(void)state;
	struct cbpe sums = {0};
	for (size_t i = 0; i < 2000; i++) {
		struct judged_row row = judged_row(i, join_score(rng_uniform(&judged.rng)));
		cbpe_add(&sums, row.score, row.decision);
		judged_add(i, &row);
	}
	const struct estimate_view *view = &judged_look()->estimated;
	assert_false(view->calibrated);
	judged_near(view->precision.value, cbpe_precision(&sums).value, 1e-12);
	judged_near(view->recall.value, cbpe_recall(&sums).value, 1e-12);
	judged_near(view->recall.low, cbpe_recall(&sums).low, 1e-12);
	assert_non_null(strstr(view->assumption, "not calibrated"));
}

static void
the_estimate_is_muted_where_the_scores_have_left_the_reference(void **state)
{
	(void)state;
	judged_set_reference(20000, NULL, NULL);
	size_t i = 0;
	for (; i < 3000; i++) { /* 2 % above the highest score of the reference: PSI sees little */
		struct judged_row row =
		    judged_row(i, i % 50 == 0 ? 0.99 : 0.05 + 0.9 * rng_uniform(&judged.rng));
		judged_add(i, &row);
	}
	const struct series_view *series = judged_look();
	assert_true(series->score_severity < SEVERITY_CRITICAL);
	assert_true(series->estimated.muted);
	assert_int_equal(series->estimated.precision.state, METRIC_WARMING);
	assert_non_null(strstr(series->estimated.assumption, "2.0 % of the scores"));
	judged_restart();
	judged_set_reference(20000, NULL, NULL);
	for (i = 0; i < 20000; i++) { /* within its range, and all at one end of it */
		struct judged_row row = judged_row(i, 0.7 + 0.2 * rng_uniform(&judged.rng));
		judged_add(i, &row);
	}
	series = judged_look();
	assert_int_equal(series->score_severity, SEVERITY_CRITICAL);
	assert_true(series->estimated.muted);
	assert_non_null(strstr(series->estimated.assumption, "the scores have left"));
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
		struct judged_row row = judged_row(i, 0.1);
		row.segment = segments[i % 4];
		row.service = i % 8 < 4 ? "eu" : "us";
		row.decision =
		    i % 4 == 1 ? i % 40 == 1 : i % 10 == 0; /* app 10 %, web 20 % of half */
		row.label = row.decision ? i % 3 == 0 : i % 50 == 0;
		judged_add(i, &row);
	}
	judged_look();
	const struct series_view *both = judged.snapshot->models[0].versions[0].series;
	assert_int_equal(judged.snapshot->series_count, 2);
	assert_int_equal(both->cohorts_count, 3);
	assert_string_equal(both->cohorts[0].name, "web");
	assert_int_equal(cohort(both, "web")->n, 2000);
	assert_int_equal(cohort(both, "app")->n, 1000);
	assert_int_equal(cohort(both, "missing")->n, 1000);
	assert_int_equal(cohort(both, "web")->flagged, 400);
	assert_int_equal(cohort(both, "app")->flagged, 100);
	assert_int_equal(cohort(&judged.snapshot->series[0], "web")->n, 1000);
	judged_near(cohort(both, "web")->share.value, 0.5, 0);
	judged_near(cohort(both, "web")->selection_rate.value, 0.2, 0);
	assert_true(cohort(both, "web")->selection_rate.low < 0.2);
	assert_int_equal(cohort(both, "web")->labelled, 2000);
	const struct bias_view *bias = &both->bias;
	assert_string_equal(bias->by, "segment");
	judged_near(bias->disparate_impact.value, 0.5, 1e-12);
	judged_near(bias->demographic_parity_difference.value, 0.1, 1e-12);
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
		struct judged_row row = judged_row(i, 0.1);
		row.segment = i % 2 ? "a" : "b";
		row.decision = i / 2 < (i % 2 ? 12 : 20);
		judged_add(i, &row);
	}
	const struct bias_view *bias = &judged_look()->bias;
	judged_near(bias->disparate_impact.value, 0.6, 1e-12);
	assert_int_equal(bias->severity, SEVERITY_OK);
	assert_non_null(strstr(bias->reason, "may be chance"));
	judged.config->bias_least = 1000;
	bias = &judged_look()->bias;
	assert_int_equal(bias->severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(bias->disparate_impact.state, METRIC_NONE);
}

static void
without_the_field_there_are_no_cohorts(void **state)
{
	(void)state;
	struct judged_row row = judged_row(0, 0.1);
	judged_add(0, &row);
	const struct series_view *series = judged_look();
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
	judged_set_reference(2000, names, baseline);
	for (size_t i = 0; i < 2000; i++) {
		struct judged_row row = judged_row(i, 0.5);
		double sign = i % 2 ? 1 : -1, noise = 1 + 0.2 * (rng_uniform(&judged.rng) - 0.5);
		for (size_t k = 0; k < 3; k++) /* in another order than the profile's */
			row.attributions[2 - k] = attribution(names[k], sign * noise * now[k]);
		row.attributions_count = 3;
		judged_add(i, &row);
	}
	const struct attribution_view *view = &judged_look()->attribution;
	assert_int_equal(view->n, 2000);
	judged_near(view->ndcg.value, ndcg_attribution(baseline, now, 3), 1e-9);
	judged_near(view->ndcg.value, 0.6876, 1e-4);
	assert_int_equal(view->severity, SEVERITY_WARNING);
	assert_int_equal(view->moved_count, 2);
	assert_string_equal(view->moved[0].name, "amount");
	assert_int_equal(view->moved[0].rank_reference, 1);
	assert_int_equal(view->moved[0].rank, 3);
	assert_string_equal(view->moved[1].name, "country");
	struct judged_row later = judged_row(0, 0.5);
	later.ts = JUDGED_START + 5 * CLOCK_HOUR; /* all of them have left the window */
	judged_add(9999, &later);
	assert_int_equal(judged_look()->attribution.ndcg.state, METRIC_NONE);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, judged_set_up, judged_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(the_estimate_equals_what_labels_drawn_from_the_probabilities_show),
	    TEST(without_a_map_the_scores_are_taken_as_they_are_and_it_says_so),
	    TEST(the_estimate_is_muted_where_the_scores_have_left_the_reference),
	    TEST(cohorts_are_added_up_over_services_and_compared),
	    TEST(bias_alarms_only_when_the_whole_interval_is_beyond),
	    TEST(without_the_field_there_are_no_cohorts),
	    TEST(attributions_are_ranked_against_the_reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
