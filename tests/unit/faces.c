/* faces.c: what the program says without a screen: JSON of every member of the snapshot, what is
 * wrong in sentences, and what --check-config expects of false alarms. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/config_file.h"
#include "core/reference/profile.h"
#include "tests/kit/fixture.h"
#include "tui/expected.h"
#include "tui/json.h"
#include "tui/words.h"

static struct snapshot *snapshot;
static cJSON *picture;

static int
make_picture(void **state)
{
	struct buf out = {0};
	(void)state;
	clock_freeze(FIXTURE_NOW);
	snapshot = fixture_snapshot();
	json_snapshot(snapshot, NULL, 0, false, &out);
	picture = cJSON_Parse(out.data);
	buf_free(&out);
	return picture != NULL ? 0 : -1;
}

static int
end_picture(void **state)
{
	(void)state;
	cJSON_Delete(picture);
	snapshot_free(snapshot);
	return 0;
}

/* The member that a path such as `drift.0.features.0.data.unseen` names. */
static const cJSON *
at(const char *path)
{
	char words[200];
	const cJSON *node = picture;
	text_copy(words, sizeof(words), path);
	char *rest = words;
	for (char *word = strtok_r(rest, ".", &rest); word != NULL && node != NULL;
	     word = strtok_r(NULL, ".", &rest))
		node = word[0] >= '0' && word[0] <= '9' ? cJSON_GetArrayItem(node, atoi(word))
							: cJSON_GetObjectItem(node, word);
	if (node == NULL)
		fail_msg("%s is not in the JSON", path);
	return node;
}

static void
is_metric(const char *path, const struct metric *metric)
{
	const cJSON *node = at(path), *value = cJSON_GetObjectItem(node, "value");
	assert_string_equal(
	    cJSON_GetObjectItem(node, "state")->valuestring, metric_state_name(metric->state));
	assert_true(cJSON_GetObjectItem(node, "n")->valuedouble == (double)metric->n);
	if (metric->state == METRIC_NONE) {
		assert_true(cJSON_IsNull(value));
		assert_null(cJSON_GetObjectItem(node, "low"));
		return;
	}
	assert_true(value->valuedouble == metric->value);
	assert_int_equal(cJSON_GetObjectItem(node, "low") != NULL, !isnan(metric->low));
	if (!isnan(metric->low)) {
		assert_true(cJSON_GetObjectItem(node, "low")->valuedouble == metric->low);
		assert_true(cJSON_GetObjectItem(node, "high")->valuedouble == metric->high);
	}
}

static void
drift_bears_its_verdict_and_what_it_rests_on(void **state)
{
	const struct drift_view *feature = &snapshot->series[0].features[0];
	(void)state;
	is_metric("drift.0.features.0.psi", &feature->psi);
	is_metric("drift.0.features.0.hellinger", &feature->hellinger);
	is_metric("drift.0.features.0.kl", &feature->kl);
	is_metric("drift.0.features.0.ks", &feature->ks);
	is_metric("drift.0.features.0.wasserstein", &feature->wasserstein);
	is_metric("drift.0.features.0.wasserstein_norm", &feature->wasserstein_norm);
	assert_true(at("drift.0.features.0.no_drift_level")->valuedouble == feature->null_level);
	assert_true(at("drift.0.features.0.p_adjusted")->valuedouble == feature->p_adjusted);
	assert_true(at("drift.0.features.0.n_reference")->valuedouble == 10000);
	assert_string_equal(at("drift.0.features.0.season")->valuestring, "none");
	assert_string_equal(at("drift.0.features.4.season")->valuestring, "hour-of-day");
	assert_int_equal(cJSON_GetArraySize(at("drift.0.features.0.windows")), 3);
	assert_string_equal(at("drift.0.features.0.windows.0")->valuestring, "critical");
	assert_string_equal(at("drift.0.features.0.windows.2")->valuestring, "ok");
	assert_true(at("drift.0.features.0.windows_confirm")->valuedouble == 2);
	assert_string_equal(at("drift.0.features.0.reason")->valuestring, feature->reason);
	assert_null(cJSON_GetObjectItem(at("drift.0.score"), "data"));
}

static void
a_replay_bears_its_result_or_why_there_is_none(void **state)
{
	const struct replay_view *view = snapshot->services[0].replay;
	(void)state;
	assert_int_equal(cJSON_GetArraySize(at("replay")), 3); /* fraud-batch has none */
	assert_string_equal(at("replay.0.progress")->valuestring, "there");
	assert_string_equal(at("replay.0.other_version")->valuestring, "12");
	assert_true(at("replay.0.window")->valuedouble == 36210);
	assert_true(cJSON_IsFalse(at("replay.0.whole")));
	assert_true(at("replay.0.unscored.no_input")->valuedouble == 3);
	assert_true(at("replay.0.decisions.to_passed")->valuedouble == 809);
	assert_true(at("replay.0.other.flagged")->valuedouble == 402);
	assert_true(at("replay.0.tests.mcnemar.only_other")->valuedouble == 87);
	assert_string_equal(at("replay.0.better")->valuestring, "other");
	assert_string_equal(at("replay.0.verdict")->valuestring, view->result.verdict);
	assert_int_equal(cJSON_GetArraySize(at("replay.0.changes")), REPLAY_VIEW_CHANGES);
	assert_true(cJSON_IsTrue(at("replay.0.changes.0.logged_flag")));
	assert_true(cJSON_IsNull(at("replay.0.changes.2.label")));
	const struct why_view *why = &view->changes[0].other;
	assert_true(at("replay.0.changes.0.why_other.score")->valuedouble == why->score);
	assert_true(at("replay.0.changes.0.why_other.rest")->valuedouble == why->why.rest);
	assert_string_equal(at("replay.0.changes.0.why_other.reasons.1.text")->valuestring,
	    why->why.reasons[1].text);
	assert_string_equal(at("replay.1.progress")->valuestring, "broken");
	assert_non_null(strstr(at("replay.1.problem")->valuestring, "SHA-256"));
	assert_null(cJSON_GetObjectItem(at("replay.1"), "verdict"));
	assert_true(cJSON_IsNull(at("replay.1.made_at")));
	assert_true(at("replay.2.asked")->valuedouble == 1280);
}

static void
data_quality_and_rates_are_there(void **state)
{
	const struct series_view *series = &snapshot->series[0];
	const struct data_view *data = &series->features[0].data;
	(void)state;
	is_metric("drift.0.features.0.data.out_of_range", &data->out_of_range);
	is_metric("drift.0.features.0.data.unseen", &data->unseen);
	is_metric("drift.0.features.0.missing_current", &data->nulls);
	assert_string_equal(at("drift.0.features.0.data.severity")->valuestring, "warning");
	assert_string_equal(at("drift.0.features.0.data.reason")->valuestring, data->reason);
	assert_string_equal(at("drift.0.features.3.data.unseen_words.0")->valuestring, "crypto");
	assert_true(cJSON_IsFalse(at("drift.0.features.0.data.absent")));
	is_metric("drift.0.decisions.current", &series->decisions.current);
	assert_true(at("drift.0.decisions.statistic")->valuedouble == 7.6);
	is_metric("drift.0.volume.reference", &series->volume.reference);
	assert_true(cJSON_IsNull(at("drift.0.volume.p_value")));
	is_metric("drift.0.duplicates", &series->duplicates);
	assert_string_equal(at("drift.0.data_severity")->valuestring, "warning");
}

static void
the_estimate_stands_apart_from_what_was_realised(void **state)
{
	const struct series_view *series = &snapshot->series[0];
	(void)state;
	is_metric("quality.0.precision", &series->quality.precision);
	is_metric("quality.0.estimate.precision", &series->estimated.precision);
	is_metric("quality.0.estimate.average_precision", &series->estimated.average_precision);
	assert_true(cJSON_IsTrue(at("quality.0.estimate.muted")));
	assert_string_equal(
	    at("quality.0.estimate.assumption")->valuestring, series->estimated.assumption);
	is_metric("quality.0.brier", &series->quality.brier);
	is_metric("quality.0.ece_count", &series->quality.ece_count);
	is_metric("quality.0.observed_expected", &series->quality.observed_expected);
	is_metric("quality.0.label_lag_p90_s", &series->quality.label_lag_p90_s);
	assert_string_equal(at("quality.0.reason")->valuestring, series->quality.reason);
}

static void
change_groups_and_expectations_are_there(void **state)
{
	const struct series_view *series = &snapshot->series[0];
	(void)state;
	assert_int_equal(cJSON_GetArraySize(at("quality.0.concept")), CONCEPT_STREAMS);
	is_metric("quality.0.concept.0.mean", &series->concept[0].mean);
	assert_string_equal(at("quality.0.concept.0.direction")->valuestring, "up");
	assert_true(cJSON_IsTrue(at("quality.0.concept.0.worse")));
	assert_true(cJSON_IsNull(at("quality.0.concept.1.before")));
	assert_true(cJSON_IsNull(at("quality.0.concept.1.changed_at")));
	assert_int_equal(cJSON_GetArraySize(at("quality.0.cohorts")), 4);
	is_metric("quality.0.cohorts.2.recall", &series->cohorts[2].recall);
	is_metric("quality.0.bias.disparate_impact", &series->bias.disparate_impact);
	assert_string_equal(at("quality.0.bias.groups.disparate_impact.1")->valuestring, "travel");
	is_metric("quality.0.attribution.ndcg", &series->attribution.ndcg);
	is_metric("quality.1.attribution.ndcg", &snapshot->series[1].attribution.ndcg);
	assert_true(at("quality.0.attribution.moved.0.rank_reference")->valuedouble == 3);
	assert_string_equal(at("quality.0.expectations.1.state")->valuestring, "failed");
	assert_string_equal(at("quality.0.expectations.3.state")->valuestring, "unknown");
}

static void
what_is_wrong_is_said_in_sentences_worst_first(void **state)
{
	struct view view = {.snapshot = snapshot, .now = FIXTURE_NOW};
	struct words words[WORDS_MOST];
	struct series_view *series = &snapshot->series[0];
	(void)state;
	assert_int_equal(words_of_series(&view, series, words), 5);
	assert_string_equal(words[0].text, "data of transactions_24h: 1.2 % are outside of the "
					   "reference's 0 to 40; 0.1 % warns");
	assert_string_equal(
	    words[2].text, "label error worse since 01-27 15:06: 2.10 to 6.31 % (ADWIN)");
	series->bias.severity = SEVERITY_CRITICAL;
	assert_int_equal(words_of_series(&view, series, words), 5);
	assert_memory_equal(words[0].text, "groups: ", 8);
	series->bias.severity = SEVERITY_WARNING;
	assert_int_equal(words_of_series(&view, &snapshot->series[1], words), 0);
	assert_true(words_of_drift(series, &words[0]));
	assert_string_equal(
	    words[0].text, "transactions_24h: PSI 0.31, 37 times what chance gives at n = 2,610");
	assert_false(words_of_drift(&snapshot->series[1], &words[0]));
}

/* More than fit are cut at the end, the worst kept. */
static void
of_too_many_sentences_the_worst_are_kept(void **state)
{
	struct view view = {.snapshot = snapshot, .now = FIXTURE_NOW};
	struct words words[WORDS_MOST];
	struct drift_view features[2 * WORDS_MOST];
	struct series_view series = {.features = features, .features_count = 2 * WORDS_MOST};
	(void)state;
	memset(features, 0, sizeof(features));
	for (size_t i = 0; i < 2 * WORDS_MOST; i++) {
		snprintf(features[i].name, sizeof(features[i].name), "f%zu", i);
		features[i].data.severity =
		    i + 1 == 2 * WORDS_MOST ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	}
	assert_int_equal(words_of_series(&view, &series, words), WORDS_MOST);
	assert_string_equal(words[0].text, "data of f15: ");
	assert_string_equal(words[1].text, "data of f0: ");
	assert_string_equal(words[WORDS_MOST - 1].text, "data of f6: ");
}

static char *
expect(const char *text)
{
	struct buf errors = {0}, out = {0};
	struct config *config = config_parse("/tmp/x.yaml", text, strlen(text), &errors, NULL);
	if (config == NULL)
		fail_msg("%s", errors.data);
	expected_print(config, &out);
	config_free(config);
	buf_free(&errors);
	return out.data;
}

/* The number after `at most` in the line that holds `n = WHICH`. */
static double
a_day(const char *text, const char *which)
{
	const char *line = strstr(text, which), *most = line ? strstr(line, "at most ") : NULL;
	assert_non_null(most);
	return strtod(most + 8, NULL);
}

static void
stricter_settings_expect_fewer_false_alarms(void **state)
{
	char *usual = expect("version: 1\n");
	char *loose = expect("version: 1\nlimits: {psi_warning: 0.01, score_psi_warning: 0.01}\n");
	char *often = expect("version: 1\nlimits: {psi_warning: 0.01, score_psi_warning: 0.01}\n"
			     "windows: {comparison: 15m}\n");
	(void)state;
	assert_non_null(strstr(usual, "assumed: 12 features and the score, 10 bins each"));
	assert_non_null(strstr(usual, "windows of 1 h, one every 5 min"));
	assert_non_null(strstr(usual, "ADWIN with delta 0.002, shared by the 3 streams"));
	assert_true(a_day(usual, "n = 1,000 ") < 0.01);
	assert_true(a_day(usual, "n = 1,000 ") < a_day(loose, "n = 1,000 "));
	/* bounded by alpha over the columns, 288 looks a day */
	assert_true(fabs(a_day(loose, "n = 1,000 ") - 2.88) < 0.006);
	assert_true(fabs(a_day(often, "n = 1,000 ") - 4 * 2.88) < 0.006);
	assert_true(a_day(loose, "n = 10,000 ") <= a_day(loose, "n = 1,000 "));
	free(usual);
	free(loose);
	free(often);
}

static void
features_are_counted_from_the_profile(void **state)
{
	char path[] = "/tmp/fraudtop-expected-XXXXXX";
	double *values = mem_alloc(5000 * sizeof(*values));
	struct profile_feature features[2];
	struct profile profile = {
	    .model = "m", .records = 5000, .features = features, .features_count = 2};
	struct err err = {0};
	(void)state;
	close(mkstemp(path));
	for (size_t i = 0; i < 5000; i++)
		values[i] = (double)(i * 7919 % 5000);
	assert_true(profile_feature_from_numbers(&features[0], "a", values, 5000));
	assert_true(profile_feature_from_numbers(&features[1], "b", values, 900));
	if (!profile_write(&profile, path, &err))
		fail_msg("%s", err.text);
	char *text = mem_printf("version: 1\nservices: [{name: s, url: http://h, model: m}]\n"
				"references: [{model: m, profile: %s}]\n",
	    path);
	char *said = expect(text);
	assert_non_null(strstr(said, "m: 2 features of "));
	assert_non_null(strstr(said, "1 of the 2 columns will not be judged, for too few records"));
	free(said);
	unlink(path);
	said = expect(text);
	assert_non_null(strstr(said, "No such file or directory; assumed: 12 features"));
	free(said);
	free(text);
	profile_feature_free(&features[0]);
	profile_feature_free(&features[1]);
	free(values);
}

static void
a_suite_is_named_with_what_is_not_known_of_it(void **state)
{
	char path[] = "/tmp/fraudtop-suite-XXXXXX";
	static const char suite[] =
	    "[{\"expectation_type\":\"expect_column_to_exist\",\"kwargs\":{\"column\":\"a\"}},"
	    "{\"expectation_type\":\"expect_miracles\",\"kwargs\":{\"column\":\"b\"}}]";
	(void)state;
	int fd = mkstemp(path);
	assert_int_equal(write(fd, suite, strlen(suite)), strlen(suite));
	close(fd);
	char *text = mem_printf("version: 1\nexpectations: [{model: m, suite: %s}]\n", path);
	char *said = expect(text);
	assert_non_null(strstr(said, "expectations: 2 of /tmp/fraudtop-suite-"));
	assert_non_null(strstr(said, "of which this version does not know 1\n    expect_miracles"));
	free(said);
	unlink(path);
	said = expect(text);
	assert_non_null(strstr(said, "No such file or directory"));
	free(said);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drift_bears_its_verdict_and_what_it_rests_on),
	    cmocka_unit_test(a_replay_bears_its_result_or_why_there_is_none),
	    cmocka_unit_test(data_quality_and_rates_are_there),
	    cmocka_unit_test(the_estimate_stands_apart_from_what_was_realised),
	    cmocka_unit_test(change_groups_and_expectations_are_there),
	    cmocka_unit_test(what_is_wrong_is_said_in_sentences_worst_first),
	    cmocka_unit_test(of_too_many_sentences_the_worst_are_kept),
	    cmocka_unit_test(stricter_settings_expect_fewer_false_alarms),
	    cmocka_unit_test(features_are_counted_from_the_profile),
	    cmocka_unit_test(a_suite_is_named_with_what_is_not_known_of_it),
	};
	return cmocka_run_group_tests_name("faces", tests, make_picture, end_picture);
}
