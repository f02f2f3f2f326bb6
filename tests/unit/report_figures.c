/* report_figures.c: what a report adds to counting: distances and tests, verdicts and seasons,
 * estimates, bias, sound data. */
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
#include "core/base/rng.h"
#include "tests/kit/report_json.h"

static struct config *config;
static struct dataset data, reference;
static struct buf text;

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	config->min_samples = 1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	config_free(config);
	dataset_free(&data);
	dataset_free(&reference);
	buf_free(&text);
	return 0;
}

static cJSON *
compared(double threshold)
{
	return report_json_by(config, &data, &reference, NULL, threshold);
}

static void
expect_word(const cJSON *root, const char *path, const char *word)
{
	assert_string_equal(report_json_at(root, path)->valuestring, word);
}

static void
distances_of_two_words_are_what_they_are_by_hand(void **state)
{
	(void)state;
	report_json_read(&reference, "k\na\na\na\nb\n", NULL);
	report_json_read(&data, "k\na\nb\nb\nb\n", NULL);
	cJSON *root = compared(NAN);
	double high = 3.5 / 5, low = 1.5 / 5, middle = 0.5;
	double js = (0.75 * log2(0.75 / middle) + 0.25 * log2(0.25 / middle));
	REPORT_EXPECT(root, {"drift/features/0/kl", (high - low) * log(high / low)},
	    {"drift/features/0/hellinger", sqrt(1 - 2 * sqrt(0.75 * 0.25))},
	    {"drift/features/0/js_distance", sqrt(js)}, {"drift/features/0/linf", 0.5},
	    {"drift/features/0/tvd", 0.5}, {"drift/features/0/z/statistic", -sqrt(2)},
	    {"drift/features/0/z/p_value", erfc(1)}, {"drift/features/0/wasserstein", NAN},
	    {"drift/features/0/anderson/statistic", NAN});
	cJSON_Delete(root);
}

static void
distances_of_numbers_are_exact(void **state)
{
	(void)state;
	report_json_read(&reference, "x,flag\n1,0\n2,0\n3,1\n4,0\n", NULL);
	report_json_read(&data, "x,flag\n2,1\n3,1\n4,1\n5,0\n", NULL);
	cJSON *root = compared(NAN);
	REPORT_EXPECT(root, {"drift/features/0/wasserstein", 1},
	    {"drift/features/0/wasserstein_norm", 1 / sqrt(1.25)},
	    {"drift/features/0/ks/statistic", 0.25}, {"drift/features/0/ks/p_value", 1},
	    {"drift/features/0/z/statistic", NAN}, {"drift/features/0/anderson/p_value", 0.25},
	    {"drift/features/1/z/statistic", -sqrt(2)}, {"drift/features/1/wasserstein", 0.5});
	expect_word(root, "drift/features/0/anderson/p_value_is", ">");
	cJSON_Delete(root);
}

static const struct dataset_options scored = {.score = "p",
    .label = "y",
    .segment = "s",
    .id = "i",
    .time = "t",
    .labels_apart = true,
    .lenient = true};

static void
calibration_and_score_histograms_are_by_hand(void **state)
{
	(void)state;
	report_json_read(
	    &data, "p,y\n0.9,1\n0.6,0\n0.4,1\n0.1,0\n0.8,1\n0.2,\n0.3,0\n1,1\n", &scored);
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"quality/ece", (0.1 + 0.6 + 0.6 + 0.1 + 0.2 + 0.3 + 0) / 7},
	    {"quality/specificity", 2.0 / 3}, {"quality/observed_expected", 4 / 4.1},
	    {"quality/log_loss_clipped", 1}, {"quality/score_histogram/positives/9", 2},
	    {"quality/score_histogram/positives/8", 1}, {"quality/score_histogram/negatives/3", 1},
	    {"quality/score_histogram/negatives/9", 0});
	double low = report_json_at(root, "quality/ci/roc_auc/0")->valuedouble;
	double high = report_json_at(root, "quality/ci/roc_auc/1")->valuedouble;
	assert_true(low < 10.0 / 12 && high > 10.0 / 12 && low >= 0 && high <= 1);
	assert_true(report_json_at(root, "quality/ci/fpr/1")->valuedouble > 1.0 / 3);
	cJSON_Delete(root);
}

static void
without_labels_quality_is_estimated_and_says_what_it_assumes(void **state)
{
	(void)state;
	report_json_read(&data, "p\n0.9\n0.6\n0.4\n0.1\n0.8\n0.2\n0.3\n", &scored);
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"estimated_quality/n", 7}, {"estimated_quality/labelled", 0},
	    {"estimated_quality/positives", 3.3}, {"estimated_quality/tp", 2.3},
	    {"estimated_quality/fp", 0.7}, {"estimated_quality/fn", 1}, {"estimated_quality/tn", 3},
	    {"estimated_quality/precision", 2.3 / 3}, {"estimated_quality/recall", 2.3 / 3.3},
	    {"estimated_quality/fpr", 0.7 / 3.7}, {"estimated_quality/f1", 2.3 / (2.3 + 0.85)},
	    {"estimated_quality/brier", 1.19 / 7}, {"estimated_quality/ece", 0},
	    {"estimated_quality/threshold", 0.5}, {"quality/labelled", 0},
	    {"quality/precision", NAN});
	assert_true(cJSON_IsFalse(report_json_at(root, "estimated_quality/calibrated")));
	assert_non_null(
	    strstr(report_json_at(root, "estimated_quality/assumes")->valuestring, "no labelled"));
	cJSON_Delete(root);
}

/* Of each score half as many are frauds as it says. */
static void
a_labelled_reference_calibrates_the_estimate(void **state)
{
	(void)state;
	buf_puts(&text, "p,y\n");
	for (int i = 0; i < 2000; i++) {
		int score = 2 * (i % 4 + 1);
		buf_printf(&text, "0.%d,%d\n", score, i / 4 % 20 < score);
	}
	report_json_read(&reference, text.data, &scored);
	report_json_read(&data, "p\n0.2\n0.4\n0.6\n0.8\n", &scored);
	cJSON *root = compared(0.5);
	REPORT_EXPECT(root, {"estimated_quality/positives", 1}, {"estimated_quality/tp", 0.7},
	    {"estimated_quality/precision", 0.35}, {"estimated_quality/recall", 0.7},
	    {"estimated_quality/ece", 0.25});
	assert_true(cJSON_IsTrue(report_json_at(root, "estimated_quality/calibrated")));
	cJSON_Delete(root);
}

static void
bias_is_between_the_groups_that_are_large_enough(void **state)
{
	(void)state;
	report_json_read(&data,
	    "p,y,s\n0.9,1,a\n0.8,0,a\n0.7,1,a\n0.1,0,a\n0.9,1,b\n0.2,1,b\n0.1,0,b\n0.1,0,b\n"
	    "0.9,0,few\n",
	    &scored);
	config->bias_least = 4;
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"bias/demographic_parity_difference", 0.5},
	    {"bias/disparate_impact", 1.0 / 3}, {"bias/equal_opportunity_difference", 0.5},
	    {"bias/fpr_difference", 0.5}, {"bias/excluded/0/decided", 1}, {"bias/least", 4},
	    {"segments/2/fpr", 1});
	expect_word(root, "bias/groups/disparate_impact/most", "a");
	expect_word(root, "bias/excluded/0/name", "few");
	assert_true(
	    report_json_at(root, "bias/groups/disparate_impact/ci/0")->valuedouble < 1.0 / 3);
	cJSON_Delete(root);
}

static void
cohorts_may_be_by_a_feature_the_rarer_values_together(void **state)
{
	(void)state;
	report_json_read(&data, "p,c\n0.9,x\n0.8,x\n0.7,y\n0.1,y\n0.9,z\n0.2,\n0.2,x\n", &scored);
	snprintf(config->cohort_by, sizeof(config->cohort_by), "c");
	config->cohort_most = 2;
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	assert_int_equal(cJSON_GetArraySize(report_json_at(root, "segments")), 3);
	expect_word(root, "segments/0/name", "x");
	expect_word(root, "segments/2/name", "other");
	REPORT_EXPECT(root, {"segments/0/n", 3}, {"segments/0/selection_rate", 2.0 / 3},
	    {"segments/1/n", 2}, {"segments/2/n", 1});
	cJSON_Delete(root);
}

/* Rows of a column each: `of` rows of which the first `part` are the one text, the rest the other.
 */
static void
fill(const char *header, int of, int part, const char *one, const char *other)
{
	buf_clear(&text);
	buf_printf(&text, "%s\n", header);
	for (int i = 0; i < of; i++)
		buf_printf(&text, "%s\n", i < part ? one : other);
}

static void
what_is_wrong_with_a_columns_values_is_said(void **state)
{
	(void)state;
	buf_puts(&text, "nulls,word,number,constant,mixed,gone\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "%d,%s,%d.5,%d,%d,1\n", i, i % 2 ? "odd" : "even", i, i % 3, i);
	report_json_read(&reference, text.data, NULL);
	buf_clear(&text);
	buf_puts(&text, "nulls,word,number,constant,mixed,new\n");
	for (int i = 0; i < 1000; i++) {
		const char *word = i % 50 ? (i % 2 ? "odd" : "even") : i % 100 ? "rare" : "fresh";
		buf_printf(&text, "%.0d,%s,%d.5,2,", i % 10 ? i : 0, word, i < 30 ? i + 5000 : i);
		buf_printf(&text, i < 20 ? "ten,1\n" : "%d,1\n", i);
	}
	report_json_read(&data, text.data, NULL);
	cJSON *root = compared(NAN);
	REPORT_EXPECT(root, {"drift/features/0/data/nulls/reference", 0},
	    {"drift/features/0/data/nulls/current", 0.1},
	    {"drift/features/1/data/unseen/count", 20},
	    {"drift/features/1/data/unseen/top/0/count", 10},
	    {"drift/features/2/data/out_of_range/count", 30},
	    {"drift/features/2/data/out_of_range/low", 0.5},
	    {"drift/features/4/data/type_changed", 0.02}, {"drift/features/4/n_current", 980},
	    {"drift/features/6/n_reference", 1000}, {"drift/features/6/n_current", 0},
	    {"drift/features/6/missing_current", 1000});
	assert_true(
	    report_json_at(root, "drift/features/0/data/nulls/z/p_value")->valuedouble < 1e-20);
	assert_true(report_json_at(root, "drift/features/4/psi")->valuedouble > 0);
	const char *const severities[] = {
	    "critical", "warning", "warning", "critical", "warning", "warning", "critical"};
	for (int i = 0; i < 7; i++) {
		char path[64];
		snprintf(path, sizeof(path), "drift/features/%d/data/severity", i);
		expect_word(root, path, severities[i]);
	}
	assert_true(cJSON_IsTrue(report_json_at(root, "drift/features/3/data/constant")));
	assert_true(cJSON_IsTrue(report_json_at(root, "drift/features/5/data/extra")));
	assert_true(cJSON_IsTrue(report_json_at(root, "drift/features/6/data/absent")));
	expect_word(root, "drift/features/6/name", "gone");
	cJSON_Delete(root);
}

/* A stray word on either side does not make a column of numbers one of words. */
static void
a_stray_word_costs_its_own_row_alone(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		buf_clear(&text);
		buf_puts(&text, "old,new\n");
		for (int i = 0; i < 1000; i++) {
			buf_printf(&text, i == 500 && side == 0 ? "word," : "%d.25,", i);
			buf_printf(&text, i == 500 && side == 1 ? "word\n" : "%d.25\n", i);
		}
		report_json_read(side ? &data : &reference, text.data, NULL);
	}
	cJSON *root = compared(NAN);
	for (int i = 0; i < 2; i++) {
		char path[64];
		snprintf(path, sizeof(path), "drift/features/%d/kind", i);
		expect_word(root, path, "numeric");
		snprintf(path, sizeof(path), "drift/features/%d/psi", i);
		assert_true(report_json_at(root, path)->valuedouble < 0.001);
		snprintf(path, sizeof(path), "drift/features/%d/ks/p_value", i);
		assert_true(report_json_at(root, path)->valuedouble > 0.99);
		snprintf(path, sizeof(path), "drift/features/%d/severity", i);
		expect_word(root, path, "ok");
	}
	REPORT_EXPECT(root, {"drift/features/0/n_reference", 999},
	    {"drift/features/0/n_current", 1000}, {"drift/features/1/n_reference", 1000},
	    {"drift/features/1/n_current", 999}, {"drift/features/0/data/type_changed", 0.001},
	    {"drift/features/1/data/type_changed", 0.001});
	cJSON_Delete(root);
}

/* The least and greatest of two samples of one source lie anywhere, and so do rare words. */
static void
sound_data_is_sound_in_small_samples_too(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 7, 7);
	for (int side = 0; side < 2; side++) {
		buf_clear(&text);
		buf_puts(&text, "x,word\n");
		for (int i = 0; i < 500; i++)
			buf_printf(&text, "%.17g,w%.0f\n", rng_normal(&rng),
			    floor(rng_exponential(&rng, 20)));
		report_json_read(side ? &data : &reference, text.data, NULL);
	}
	cJSON *root = compared(NAN);
	expect_word(root, "drift/features/0/data/severity", "ok");
	expect_word(root, "drift/features/1/data/severity", "ok");
	cJSON_Delete(root);
}

static void
drift_is_an_effect_that_is_significant_in_enough_samples(void **state)
{
	(void)state;
	fill("k", 40, 20, "a", "b");
	report_json_read(&reference, text.data, NULL);
	fill("k", 40, 28, "a", "b");
	report_json_read(&data, text.data, NULL);
	cJSON *root = compared(NAN);
	assert_true(report_json_at(root, "drift/features/0/psi")->valuedouble > 0.1);
	assert_true(report_json_at(root, "drift/features/0/p_adjusted")->valuedouble > 0.01);
	expect_word(root, "drift/features/0/severity", "ok");
	assert_non_null(
	    strstr(report_json_at(root, "drift/features/0/reason")->valuestring, "significant"));
	cJSON_Delete(root);
	config->min_samples = 41;
	root = compared(NAN);
	expect_word(root, "drift/features/0/severity", "insufficient");
	assert_non_null(strstr(
	    report_json_at(root, "drift/features/0/reason")->valuestring, "40 of the 41 needed"));
	cJSON_Delete(root);
	config->min_samples = 1;
	config->alpha = 0.5;
	root = compared(NAN);
	expect_word(root, "drift/features/0/severity", "ok"); /* within the no-drift level */
	cJSON_Delete(root);
}

static void
a_feature_has_limits_of_its_own(void **state)
{
	(void)state;
	fill("k", 4000, 2000, "a", "b");
	report_json_read(&reference, text.data, NULL);
	fill("k", 4000, 2800, "a", "b");
	report_json_read(&data, text.data, NULL);
	cJSON *root = compared(NAN);
	expect_word(root, "drift/features/0/severity", "warning");
	cJSON_Delete(root);
	config->features = mem_alloc(sizeof(*config->features));
	config->features_count = 1;
	config->features[0] = (struct config_feature){
	    .name = "k", .warning = 0.01, .critical = 0.1, .season = "auto"};
	root = compared(NAN);
	expect_word(root, "drift/features/0/severity", "critical");
	REPORT_EXPECT(root, {"drift/share", 1});
	cJSON_Delete(root);
	config->features[0].critical = NAN;
	config->features[0].min_samples = 5000;
	root = compared(NAN);
	expect_word(root, "drift/features/0/severity", "insufficient");
	cJSON_Delete(root);
}

/* Hours from..to of each of `days` days from a Monday on, 20 rows each; night is before six. */
static void
fill_hours(int days, int from, int to)
{
	buf_clear(&text);
	buf_puts(&text, "t,p,night\n");
	for (int i = 0; i < days * 24 * 20; i++) {
		int hour = i / 20 % 24;
		if (hour >= from && hour < to)
			buf_printf(&text, "%d,0.%d,%d\n", 1704067200 + i * 180,
			    hour < 6 ? 8 : 1 + i % 2, hour < 6);
	}
}

static void
a_night_is_compared_with_nights(void **state)
{
	(void)state;
	fill_hours(28, 0, 24);
	report_json_read(&reference, text.data, &scored);
	fill_hours(1, 2, 5);
	report_json_read(&data, text.data, &scored);
	cJSON *root = compared(0.5);
	assert_true(report_json_at(root, "drift/features/0/psi")->valuedouble > 1);
	expect_word(root, "drift/features/0/season/kind", "hour-of-week");
	assert_true(fabs(report_json_at(root, "drift/features/0/season/psi")->valuedouble) < 0.01);
	expect_word(root, "drift/features/0/severity", "ok");
	expect_word(root, "prediction_drift/score/severity", "ok");
	REPORT_EXPECT(root, {"prediction_drift/decision_rate/reference", 0.25},
	    {"prediction_drift/decision_rate/current", 1},
	    {"prediction_drift/decision_rate/season/reference", 1});
	expect_word(root, "prediction_drift/decision_rate/severity", "ok");
	cJSON_Delete(root);
	config->features = mem_alloc(sizeof(*config->features));
	config->features_count = 1;
	config->features[0] = (struct config_feature){
	    .name = "night", .warning = NAN, .critical = NAN, .season = "none"};
	snprintf(config->score_season, sizeof(config->score_season), "none");
	snprintf(config->rate_season, sizeof(config->rate_season), "none");
	root = compared(0.5);
	expect_word(root, "drift/features/0/severity", "critical");
	expect_word(root, "prediction_drift/score/severity", "critical");
	expect_word(root, "prediction_drift/decision_rate/severity", "critical");
	cJSON_Delete(root);
}

static void
hours_that_the_reference_lacks_are_not_judged(void **state)
{
	(void)state;
	fill_hours(28, 0, 12);
	report_json_read(&reference, text.data, &scored);
	fill_hours(1, 14, 20);
	report_json_read(&data, text.data, &scored);
	cJSON *root = compared(0.5);
	expect_word(root, "drift/features/0/severity", "insufficient");
	assert_non_null(
	    strstr(report_json_at(root, "drift/features/0/reason")->valuestring, "hours"));
	REPORT_EXPECT(root, {"drift/features/0/season/psi", NAN});
	expect_word(root, "prediction_drift/decision_rate/severity", "insufficient");
	cJSON_Delete(root);
}

static void
an_old_prediction_without_a_label_is_a_negative_only_on_demand(void **state)
{
	(void)state;
	report_json_read(&data,
	    "t,p,y\n2026-01-01T00:00:00Z,0.9,\n2026-01-02T00:00:00Z,0.8,1\n"
	    "2026-01-09T00:00:00Z,0.7,\n",
	    &scored);
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"quality/labelled", 1}, {"quality/fp", 0});
	cJSON_Delete(root);
	config->assume_negative_us = 7 * CLOCK_DAY;
	root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(
	    root, {"quality/labelled", 2}, {"quality/fp", 1}, {"quality/assumed_negative", 1});
	cJSON_Delete(root);
}

static void
request_ids_that_come_again_are_counted(void **state)
{
	(void)state;
	report_json_read(&data, "i,p\na,0.1\nb,0.2\na,0.3\na,0.4\n,0.5\n", &scored);
	cJSON *root = report_json_by(config, &data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"duplicates/count", 2}, {"duplicates/share", 0.5});
	cJSON_Delete(root);
}

/* The example of SageMaker's guide: 0.69. */
static void
attributions_that_change_their_order_are_drift(void **state)
{
	(void)state;
	static const char *const values[] = {
	    "{\"a\":0.7,\"b\":-0.5,\"c\":0.05}", "{\"a\":0.1,\"b\":0.2,\"c\":0.7}"};
	for (int side = 0; side < 2; side++) {
		buf_clear(&text);
		buf_printf(&text,
		    "{\"ts\":\"2026-01-28T14:00:00Z\",\"score\":0.7,\"features\":{\"a\":1,\"b\":2,"
		    "\"c\":3},\"attributions\":%s}\n",
		    values[side]);
		report_json_read(side ? &data : &reference, text.data, NULL);
	}
	cJSON *root = compared(NAN);
	double best = 0.7 + 0.5 / log2(3) + 0.05 / 2, got = 0.05 + 0.5 / log2(3) + 0.7 / 2;
	REPORT_EXPECT(root, {"attribution_drift/ndcg", got / best},
	    {"attribution_drift/features/0/rank_reference", 1},
	    {"attribution_drift/features/0/rank_current", 3},
	    {"attribution_drift/features/1/reference", 0.5});
	assert_true(cJSON_IsTrue(report_json_at(root, "attribution_drift/drifted")));
	cJSON_Delete(root);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(distances_of_two_words_are_what_they_are_by_hand),
	    CASE(distances_of_numbers_are_exact),
	    CASE(calibration_and_score_histograms_are_by_hand),
	    CASE(without_labels_quality_is_estimated_and_says_what_it_assumes),
	    CASE(a_labelled_reference_calibrates_the_estimate),
	    CASE(bias_is_between_the_groups_that_are_large_enough),
	    CASE(cohorts_may_be_by_a_feature_the_rarer_values_together),
	    CASE(what_is_wrong_with_a_columns_values_is_said),
	    CASE(a_stray_word_costs_its_own_row_alone),
	    CASE(sound_data_is_sound_in_small_samples_too),
	    CASE(drift_is_an_effect_that_is_significant_in_enough_samples),
	    CASE(a_feature_has_limits_of_its_own),
	    CASE(a_night_is_compared_with_nights),
	    CASE(hours_that_the_reference_lacks_are_not_judged),
	    CASE(an_old_prediction_without_a_label_is_a_negative_only_on_demand),
	    CASE(request_ids_that_come_again_are_counted),
	    CASE(attributions_that_change_their_order_are_drift),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
