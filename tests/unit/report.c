/* report.c: reports on small files whose figures were worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/report_json.h"

static const struct dataset_options columns = {
    .score = "p", .label = "y", .version = "v", .segment = "s"};
static const struct dataset_options columns_without_labels = {.score = "p", .version = "v"};
static const char small[] = "p,y,v,s\n0.9,1,v1,a\n0.6,0,v1,a\n0.4,1,v1,b\n0.1,0,v1,b\n"
			    "0.8,1,v2,a\n0.2,,v2,b\n0.3,0,V2,b\n";

static void
quality_is_what_counting_by_hand_gives(void **state)
{
	(void)state;
	struct dataset data = {0};
	report_json_read(&data, small, &columns);
	cJSON *root = report_json(&data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"records", 7}, {"rejected", 0}, {"late", 0}, {"quality/labelled", 6},
	    {"quality/positives", 3}, {"quality/maturity", 6.0 / 7}, {"quality/threshold", 0.5},
	    {"quality/tp", 2}, {"quality/fp", 1}, {"quality/tn", 2}, {"quality/fn", 1},
	    {"quality/precision", 2.0 / 3}, {"quality/recall", 2.0 / 3}, {"quality/f1", 2.0 / 3},
	    {"quality/fpr", 1.0 / 3}, {"quality/roc_auc", 8.0 / 9},
	    {"quality/average_precision", (1 + 1 + 0.75) / 3}, {"quality/brier", 0.87 / 6},
	    {"drift", NAN}, {"prediction_drift", NAN}, {"errors/count", NAN}, {"errors/rate", NAN},
	    {"latency_ms/count", 0}, {"latency_ms/p99", NAN}, {"latency_ms/mean", NAN},
	    {"first_ts", NAN});
	cJSON_Delete(root);
	dataset_free(&data);
}

static void
versions_and_segments_are_apart_and_names_differ_by_case(void **state)
{
	(void)state;
	struct dataset data = {0};
	report_json_read(&data, small, &columns);
	cJSON *root = report_json(&data, NULL, NULL, 0.5);
	assert_int_equal(cJSON_GetArraySize(report_json_at(root, "versions")), 3);
	assert_string_equal(report_json_at(root, "versions/2/version")->valuestring, "V2");
	REPORT_EXPECT(root, {"versions/0/records", 4}, {"versions/0/quality/precision", 0.5},
	    {"versions/0/quality/recall", 0.5}, {"versions/0/quality/roc_auc", 0.75},
	    {"versions/1/records", 2}, {"versions/1/quality/labelled", 1},
	    {"versions/1/quality/tp", 1}, {"versions/1/quality/maturity", 0.5},
	    {"versions/1/quality/roc_auc", NAN}, {"versions/2/records", 1},
	    {"versions/2/quality/tn", 1}, {"versions/2/quality/precision", NAN},
	    {"versions/2/quality/average_precision", NAN}, {"segments/0/n", 3},
	    {"segments/0/labelled", 3}, {"segments/0/precision", 2.0 / 3}, {"segments/0/recall", 1},
	    {"segments/0/fpr", 1}, {"segments/0/selection_rate", 1}, {"segments/1/n", 4},
	    {"segments/1/labelled", 3}, {"segments/1/precision", NAN}, {"segments/1/recall", 0},
	    {"segments/1/fpr", 0}, {"segments/1/selection_rate", 0});
	cJSON_Delete(root);
	dataset_free(&data);
}

static void
without_a_decision_right_and_wrong_are_unknown_and_ranks_are_not(void **state)
{
	(void)state;
	struct dataset data = {0};
	report_json_read(&data, small, &columns);
	cJSON *root = report_json(&data, NULL, NULL, NAN);
	REPORT_EXPECT(root, {"quality/labelled", 6}, {"quality/threshold", NAN},
	    {"quality/tp", NAN}, {"quality/fp", NAN}, {"quality/tn", NAN}, {"quality/fn", NAN},
	    {"quality/precision", NAN}, {"quality/roc_auc", 8.0 / 9},
	    {"segments/0/selection_rate", NAN});
	cJSON_Delete(root);
	dataset_free(&data);
}

static void
a_log_gives_latency_errors_and_times(void **state)
{
	(void)state;
	struct dataset data = {0};
	report_json_read(&data,
	    "{\"ts\":\"2026-01-28T14:00:00Z\",\"score\":0.7,\"latency_ms\":10,\"status\":200}\n"
	    "{\"ts\":\"2026-01-28T14:05:00Z\",\"score\":0.2,\"latency_ms\":40,\"status\":200,"
	    "\"threshold\":0.1}\n"
	    "{\"ts\":\"2026-01-28T14:05:01Z\",\"latency_ms\":20,\"status\":503}\n"
	    "not a record\n"
	    "{\"ts\":\"2026-01-28T14:03:00Z\",\"latency_ms\":30,\"status\":404}\n",
	    NULL);
	cJSON *root = report_json(&data, NULL, NULL, NAN);
	REPORT_EXPECT(root, {"records", 4}, {"rejected", 1}, {"late", 1}, {"latency_ms/count", 4},
	    {"latency_ms/mean", 25}, {"latency_ms/p50", 25}, {"latency_ms/p90", 37},
	    {"latency_ms/max", 40}, {"errors/count", 1}, {"errors/rate", 0.25},
	    {"quality/labelled", 0}, {"quality/precision", NAN}, {"quality/ci/recall/0", NAN});
	assert_string_equal(
	    report_json_at(root, "first_ts")->valuestring, "2026-01-28T14:00:00.000Z");
	assert_string_equal(
	    report_json_at(root, "last_ts")->valuestring, "2026-01-28T14:05:01.000Z");
	cJSON_Delete(root);
	dataset_free(&data);
}

static void
columns_that_cannot_be_compared_are_counted_and_not_judged(void **state)
{
	(void)state;
	struct dataset data = {0}, reference = {0};
	report_json_read(
	    &data, "same,lacking,empty,kind,words\n1,5,2,x,a\n2,,2,y,b\n3,5,,,c\n", NULL);
	report_json_read(&reference, "same,empty,kind\n1,,7\n2,,8\n3,,9\n4,,9\n", NULL);
	cJSON *root = report_json(&data, &reference, NULL, NAN);
	REPORT_EXPECT(root, {"drift/features/0/n_reference", 4}, {"drift/features/0/n_current", 3},
	    {"drift/features/0/missing_reference", 0}, {"drift/features/1/n_reference", NAN},
	    {"drift/features/1/missing_reference", NAN}, {"drift/features/1/n_current", 2},
	    {"drift/features/1/missing_current", 1}, {"drift/features/1/psi", NAN},
	    {"drift/features/2/n_reference", 0}, {"drift/features/2/missing_reference", 4},
	    {"drift/features/2/n_current", 2}, {"drift/features/2/psi", NAN},
	    {"drift/features/3/n_reference", 4}, {"drift/features/3/n_current", 2},
	    {"drift/features/3/missing_current", 1}, {"drift/features/3/psi", NAN},
	    {"drift/features/3/ks/statistic", NAN}, {"drift/features/4/n_reference", NAN},
	    {"drift/features/4/n_current", 3}, {"drift/share", NAN}, {"drift/dataset_drift", NAN},
	    {"prediction_drift/score", NAN}, {"prediction_drift/decision_rate/current", NAN});
	for (int i = 0; i < 5; i++) {
		char path[64];
		snprintf(path, sizeof(path), "drift/features/%d/severity", i);
		assert_string_equal(report_json_at(root, path)->valuestring, "insufficient");
	}
	cJSON_Delete(root);
	dataset_free(&data);
	dataset_free(&reference);
}

/* PSI with Jeffreys shares: 2 values and an unseen bin that is empty on both sides. */
static void
psi_of_a_hand_computed_table(void **state)
{
	(void)state;
	struct dataset data = {0}, reference = {0};
	report_json_read(&reference, "k\na\na\na\nb\n", NULL);
	report_json_read(&data, "k\na\nb\nb\nb\n", NULL);
	cJSON *root = report_json(&data, &reference, NULL, NAN);
	double high = 3.5 / 5, low = 1.5 / 5; /* (3 + 1/2) / (4 + 2/2), (1 + 1/2) / (4 + 2/2) */
	REPORT_EXPECT(root, {"drift/features/0/psi", 2 * (high - low) * log(high / low)},
	    {"drift/features/0/chi2/dof", 1}, {"drift/features/0/ks/statistic", NAN});
	cJSON_Delete(root);
	dataset_free(&data);
	dataset_free(&reference);
}

static void
a_version_is_compared_with_its_own_scores(void **state)
{
	(void)state;
	struct dataset month = {0}, data = {0};
	report_json_read(&month,
	    "p,v\n0.1,v1\n0.2,v1\n0.1,v1\n0.7,v1\n0.8,v2\n0.9,v2\n0.8,v2\n0.6,v2\n",
	    &columns_without_labels);
	struct profile *profile = profile_from_dataset(&month);
	assert_int_equal(profile->scores_count, 2);
	profile->scores[0].decided = profile->scores[1].decided = 4;
	profile->scores[0].flagged = 1;
	profile->scores[1].flagged = 4;
	report_json_read(
	    &data, "p,v\n0.1,v1\n0.2,v1\n0.1,v1\n0.7,v1\n0.8,v2\n", &columns_without_labels);
	cJSON *root = report_json(&data, NULL, profile, 0.5);
	REPORT_EXPECT(root, {"versions/0/prediction_drift/score/psi", 0},
	    {"versions/0/prediction_drift/decision_rate/reference", 0.25},
	    {"versions/0/prediction_drift/decision_rate/current", 0.25},
	    {"versions/1/prediction_drift/decision_rate/reference", 1},
	    /* Rows of several versions: the profile's newest. */
	    {"prediction_drift/decision_rate/reference", 1},
	    {"prediction_drift/decision_rate/current", 0.4});
	assert_true(report_json_at(root, "prediction_drift/score/psi")->valuedouble > 0.5);
	cJSON_Delete(root);
	profile_free(profile);
	dataset_free(&month);
	dataset_free(&data);
}

static void
data_without_a_row_gives_a_report_without_a_figure(void **state)
{
	(void)state;
	struct dataset data = {0};
	report_json_read(&data, "p,y,v,s\n", &columns);
	cJSON *root = report_json(&data, NULL, NULL, 0.5);
	REPORT_EXPECT(root, {"records", 0}, {"latency_ms/p50", NAN}, {"errors/rate", NAN},
	    {"quality/maturity", NAN}, {"quality/precision", NAN}, {"quality/brier", NAN},
	    {"quality/ci/precision/1", NAN}, {"last_ts", NAN});
	assert_int_equal(cJSON_GetArraySize(report_json_at(root, "versions")), 0);
	cJSON_Delete(root);
	dataset_free(&data);
}

/* n rows of a word column: `word` and a number below `kinds`; every tenth's n is infinite. */
static void
read_words(struct dataset *data, const char *word, int kinds, int n)
{
	struct buf text = {0};
	buf_puts(&text, "m,z\n");
	for (int i = 0; i < n; i++)
		buf_printf(&text, "%s%d,%s\n", word, i * 7919 % kinds, i % 10 == 0 ? "inf" : "1");
	report_json_read(data, text.data, NULL);
	buf_free(&text);
}

static void
words_that_are_all_new_are_drift_however_many_there_are(void **state)
{
	(void)state;
	struct dataset month = {0}, same = {0}, other = {0};
	read_words(&month, "a", 500, 5000);
	read_words(&same, "a", 480, 4800);
	read_words(&other, "b", 500, 5000);
	cJSON *root = report_json(&other, &month, NULL, NAN);
	REPORT_EXPECT(root, {"drift/features/0/tvd", 1}, {"drift/features/0/js_distance", 1},
	    {"drift/features/0/data/unseen/share", 1});
	assert_string_equal(
	    report_json_at(root, "drift/features/0/severity")->valuestring, "critical");
	cJSON_Delete(root);
	root = report_json(&same, &month, NULL, NAN);
	assert_string_equal(report_json_at(root, "drift/features/0/severity")->valuestring, "ok");
	cJSON_Delete(root);
	dataset_free(&month);
	dataset_free(&same);
	dataset_free(&other);
}

static void
an_infinity_is_no_null_and_is_said(void **state)
{
	(void)state;
	struct dataset data = {0}, month = {0};
	read_words(&month, "a", 3, 2000);
	read_words(&data, "a", 3, 2000);
	cJSON *root = report_json(&data, &month, NULL, NAN);
	REPORT_EXPECT(root, {"drift/features/1/missing_current", 200},
	    {"drift/features/1/data/nulls/current", 0},
	    {"drift/features/1/data/nulls/reference", 0}, {"drift/features/1/data/nonfinite", 200});
	assert_string_equal(report_json_at(root, "drift/features/1/data/reason")->valuestring,
	    "10.00 % of its values are infinite");
	cJSON_Delete(root);
	dataset_free(&data);
	dataset_free(&month);
}

static void
labels_without_scores_have_a_maturity(void **state)
{
	(void)state;
	static const struct dataset_options only = {.label = "y"};
	struct dataset data = {0};
	report_json_read(&data, "x,y\n1,1\n2,\n3,0\n4,0\n", &only);
	cJSON *root = report_json(&data, NULL, NULL, NAN);
	REPORT_EXPECT(
	    root, {"quality/labelled", 3}, {"quality/maturity", 0.75}, {"quality/tp", NAN});
	cJSON_Delete(root);
	dataset_free(&data);
}

/* Nine tenths and more are 0: one bin of PSI holds both sides. */
static void
what_moves_within_a_bin_of_psi_is_said(void **state)
{
	(void)state;
	struct dataset data = {0}, month = {0};
	for (int side = 0; side < 2; side++) {
		struct buf text = {0};
		buf_puts(&text, "x\n");
		for (int i = 0; i < 2000; i++)
			buf_printf(&text, "%d\n", i % 100 < (side ? 60 : 5) ? i : 0);
		report_json_read(side ? &data : &month, text.data, NULL);
		buf_free(&text);
	}
	cJSON *root = report_json(&data, &month, NULL, NAN);
	assert_true(report_json_at(root, "drift/features/0/psi")->valuedouble < 0.01);
	assert_non_null(strstr(report_json_at(root, "drift/features/0/reason")->valuestring,
	    "it moved within a bin of PSI, says KS"));
	cJSON_Delete(root);
	dataset_free(&data);
	dataset_free(&month);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quality_is_what_counting_by_hand_gives),
	    cmocka_unit_test(versions_and_segments_are_apart_and_names_differ_by_case),
	    cmocka_unit_test(without_a_decision_right_and_wrong_are_unknown_and_ranks_are_not),
	    cmocka_unit_test(a_log_gives_latency_errors_and_times),
	    cmocka_unit_test(columns_that_cannot_be_compared_are_counted_and_not_judged),
	    cmocka_unit_test(psi_of_a_hand_computed_table),
	    cmocka_unit_test(a_version_is_compared_with_its_own_scores),
	    cmocka_unit_test(data_without_a_row_gives_a_report_without_a_figure),
	    cmocka_unit_test(words_that_are_all_new_are_drift_however_many_there_are),
	    cmocka_unit_test(an_infinity_is_no_null_and_is_said),
	    cmocka_unit_test(labels_without_scores_have_a_maturity),
	    cmocka_unit_test(what_moves_within_a_bin_of_psi_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
