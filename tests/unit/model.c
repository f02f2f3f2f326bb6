/* model.c: model files against XGBoost's own answers, and what they say read in every form. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/kit/model_cases.h"
#include "tests/kit/model_files.h"

/* --- helpers -------------------------------------------------------------------------------- */
/* The margin of amount 50, distance 0.5, hour 7: the leaves -0.25, 0.0625, 0.03125. */
static double
margin_of_changed(const char *old, const char *new)
{
	struct err err = {0};
	struct model *model = model_files_changed(old, new, &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	double margin = model_score(model, (const double[]){50, 0.5f, 7}, NULL);
	model_free(model);
	return margin;
}

/* --- XGBoost's answers --- */
static void
scores_of_the_stale_handbook_model_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(SHARED "handbook/model_v1_stale.json",
	    SHARED "handbook/model_v1_stale.cases.csv", "margin", "prob", 1000);
}

static void
scores_of_the_fresh_handbook_model_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(SHARED "handbook/model_v2_fresh.json",
	    SHARED "handbook/model_v2_fresh.cases.csv", "margin", "prob", 1000);
}

#define TREES(name)                                                                                \
	SHARED "trees/xgboost/" name ".json", SHARED "trees/expected/" name ".json.expected.csv"

static void
scores_of_a_logistic_model_of_1_0_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(TREES("xgboost-1.0.0rc1.logit"), "margin0", "pred0", 64);
}

static void
scores_of_a_logitraw_model_of_1_0_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(TREES("xgboost-1.0.0rc1.logitraw"), "margin0", "pred0", 64);
}

static void
scores_of_a_regression_of_1_0_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(TREES("xgboost-1.0.0rc1.reg"), "margin0", "pred0", 64);
}

static void
scores_of_a_ranking_model_of_1_0_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(TREES("xgboost-1.0.0rc1.ltr"), "margin0", "pred0", 64);
}

static void
scores_of_the_mushroom_model_are_xgboosts(void **state)
{
	(void)state;
	model_cases_compare(SHARED "trees/xgboost/mushroom.json",
	    SHARED "trees/expected/docs-gb__examples__xgboost__mushroom-xgboost.json.expected.csv",
	    "margin0", "pred0", 64);
}

/* --- what a file says --- */
static void
a_base_score_is_read_in_every_form(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double base; /* in log-odds */
	} forms[] = {
	    {"\"[3E-1]\"", -0.8472979},
	    {"\"3E-1\"", -0.8472979},
	    {"\"0.300000\"", -0.8472979},
	    {"\"3.00000012e-01\"", -0.8472979},
	    {"0.3", -0.8472979},
	    {"[3e-1]", -0.8472979},
	    {"[\"3E-1\"]", -0.8472979},
	    {"\"[5E-1]\"", 0},
	    {"\"5E-1\"", 0},
	    /* XGBoost 3.2 writes these where all labels are the same; so are its margins. */
	    {"\"[0E0]\"", -13.81551},
	    {"\"[1E0]\"", 13.74516},
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char text[64];
		snprintf(text, sizeof(text), "\"base_score\":%s", forms[i].text);
		double margin = margin_of_changed("\"base_score\":\"[5E-1]\"", text);
		double wanted = forms[i].base - 0.25 + 0.0625 + 0.03125;
		if (fabs(margin - wanted) > (fabs(forms[i].base) > 1 ? 5e-6 : 2e-7))
			fail_msg("%s: the margin is %.9g, not %.9g", text, margin, wanted);
	}
}

static void
a_base_score_without_a_link_is_the_margin_itself(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model =
	    model_files_changed("\"[5E-1]\",\"boost_from_average\":\"1\",\"num_class\":\"0\","
				"\"num_feature\":\"3\",\"num_target\":\"1\"},\"objective\":"
				"{\"name\":\"binary:logistic\"",
		"\"[-1.25E0]\",\"num_feature\":\"3\"},\"objective\":{\"name\":\"reg:squarederror\"",
		&err);
	assert_non_null(model);
	double score, margin = model_score(model, (const double[]){50, 0.5f, 7}, &score);
	assert_true(margin == -1.25 - 0.25 + 0.0625 + 0.03125);
	assert_true(score == margin);
	model_free(model);
}

static void
values_below_the_threshold_go_left_and_missing_ones_their_default_way(void **state)
{
	(void)state;
	struct model *model = model_files_load(MODELS "sound.json");
	const double nan = NAN, inf = INFINITY;
	const struct {
		double row[3];
		double margin;
	} cases[] = {
	    {{50, 0.5f, 5}, 0.5 + 0.0625 + 0.03125},
	    {{50, 0.5f, 6}, -0.25 + 0.0625 + 0.03125}, /* equal: right */
	    {{100.5f, 0.5f, 5}, 0.75 + 0.0625 + 0.03125}, /* equal: right */
	    {{50, 0.0999f, 5}, 0.5 - 0.125 + 0.03125},
	    /* 0.1 is compared as a float: as a double it is below the threshold, 0.1f. */
	    {{50, 0.1, 5}, 0.5 + 0.0625 + 0.03125},
	    {{nan, 0.5f, 5}, 0.5 + 0.0625 + 0.03125}, /* missing: left */
	    {{50, 0.5f, nan}, -0.25 + 0.0625 + 0.03125}, /* missing: right */
	    {{50, nan, 5}, 0.5 + 0.0625 + 0.03125}, /* missing: right */
	    {{nan, nan, nan}, -0.25 + 0.0625 + 0.03125},
	    {{inf, 0.5f, 5}, 0.75 + 0.0625 + 0.03125},
	    {{-inf, -inf, -inf}, 0.5 - 0.125 + 0.03125},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double score, margin = model_score(model, cases[i].row, &score);
		if (margin != cases[i].margin)
			fail_msg("case %zu: %.9g, not %.9g", i, margin, cases[i].margin);
		assert_true(fabs(score - 1 / (1 + exp(-margin))) < 1e-15);
	}
	model_free(model);
}

static void
trees_behind_the_best_iteration_are_left_out(void **state)
{
	(void)state;
	const double leaves[] = {-0.25, 0.0625, 0.03125};
	const char *all = "\"attributes\":{}";
	assert_true(
	    margin_of_changed(all, "\"attributes\":{\"best_iteration\":\"0\"}") == leaves[0]);
	assert_true(margin_of_changed(all, "\"attributes\":{\"best_iteration\":\"1\"}") ==
		    leaves[0] + leaves[1]);
	assert_true(margin_of_changed(all, "\"attributes\":{\"best_iteration\":2}") ==
		    leaves[0] + leaves[1] + leaves[2]);
	struct err err = {0};
	struct model *model =
	    model_files_changed(all, "\"attributes\":{\"best_iteration\":\"1\"}", &err);
	assert_non_null(model);
	assert_int_equal(model_trees(model), 2);
	model_free(model);
}

/* Without iteration_indptr (before 2.0) the iterations are num_parallel_tree trees wide; without
 * that (before 1.6) best_ntree_limit says where they end. */
static void
a_best_iteration_counts_the_trees_grown_side_by_side(void **state)
{
	(void)state;
	const char *old = "\"attributes\":{},\"feature_names\":[\"amount\",\"distance\",\"hour\"],"
			  "\"feature_types\":[\"float\",\"float\",\"int\"],\"gradient_booster\":{"
			  "\"model\":{\"gbtree_model_param\":{\"num_parallel_tree\":\"1\","
			  "\"num_trees\":\"3\"},\"iteration_indptr\":[0,1,2,3]";
	const struct {
		const char *attributes, *rest;
		double margin;
	} cases[] = {
	    {"\"best_iteration\":\"0\"",
		"{\"num_parallel_tree\":\"2\",\"num_trees\":\"3\"},\"iteration_indptr\":[0,2,3]",
		-0.25 + 0.0625},
	    {"\"best_iteration\":\"0\"", "{\"num_parallel_tree\":\"2\",\"num_trees\":\"3\"}",
		-0.25 + 0.0625},
	    {"\"best_iteration\":\"0\"", "{\"num_parallel_tree\":\"0\",\"num_trees\":\"3\"}",
		-0.25},
	    {"\"best_iteration\":\"0\",\"best_ntree_limit\":\"2\"", "{\"num_trees\":\"3\"}",
		-0.25 + 0.0625},
	    {"\"best_iteration\":\"1\"", "{\"num_trees\":\"3\"}", -0.25 + 0.0625},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text),
		    "\"attributes\":{%s},\"gradient_booster\":{\"model\":{\"gbtree_model_param\":%"
		    "s",
		    cases[i].attributes, cases[i].rest);
		double margin = margin_of_changed(old, text);
		if (margin != cases[i].margin)
			fail_msg("case %zu: %.9g, not %.9g", i, margin, cases[i].margin);
	}
}

static void
trees_are_put_in_the_order_of_their_ids(void **state)
{
	(void)state;
	struct err err = {0};
	char *text = model_files_text(MODELS "sound.json");
	char *first = strstr(text, "\"id\":0"), *second = strstr(text, "\"id\":1");
	assert_non_null(first);
	assert_non_null(second);
	first[5] = '1';
	second[5] = '0';
	char *attributes = strstr(text, "\"attributes\":{}");
	assert_non_null(attributes);
	struct buf out = {0};
	buf_append(&out, text, (size_t)(attributes - text));
	buf_puts(&out, "\"attributes\":{\"best_iteration\":\"0\"}");
	buf_puts(&out, attributes + strlen("\"attributes\":{}"));
	struct model *model = model_parse(out.data, out.length, "swapped.json", &err);
	assert_non_null(model);
	assert_true(model_score(model, (const double[]){50, 0.5f, 7}, NULL) == 0.0625);
	model_free(model);
	buf_free(&out);
	free(text);
}

static void
infinite_thresholds_and_odd_spacing_are_read(void **state)
{
	(void)state;
	assert_true(margin_of_changed("[100.5,6,", "[Infinity,6,") == -0.25 + 0.0625 + 0.03125);
	assert_true(
	    margin_of_changed("[100.5,6,", " [ -Infinity\n,\t6 , ") == 0.75 + 0.0625 + 0.03125);
	assert_true(
	    margin_of_changed("\"trees\":[", "\"trees\" :\r\n\t [ ") == -0.25 + 0.0625 + 0.03125);
	assert_true(margin_of_changed("{\"learner\"", "\xEF\xBB\xBF{\"learner\"") ==
		    -0.25 + 0.0625 + 0.03125);
	assert_true(margin_of_changed("\"attributes\":{}",
			"\"attributes\":{\"a\":\"\\\"trees\\\":[NaN\",\"NaN\":\"-Infinity\"}") ==
		    -0.25 + 0.0625 + 0.03125);
}

static void
inputs_are_found_by_name(void **state)
{
	(void)state;
	struct model *model = model_files_load(MODELS "sound.json");
	assert_string_equal(model_kind(model), "xgboost");
	assert_int_equal(model_features(model), 3);
	assert_int_equal(model_trees(model), 3);
	assert_int_equal(model_find(model, "amount"), 0);
	assert_int_equal(model_find(model, "distance"), 1);
	assert_int_equal(model_find(model, "hour"), 2);
	assert_int_equal(model_find(model, "hou"), -1);
	assert_int_equal(model_find(model, ""), -1);
	assert_string_equal(model_feature(model, 2), "hour");
	assert_string_equal(model_version(model), "");
	assert_true(isnan(model_threshold(model)));
	assert_false(model_categorical(model, 0));
	model_free(model);
}

static void
inputs_without_names_are_called_f0_f1(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = model_files_changed(
	    "\"feature_names\":[\"amount\",\"distance\",\"hour\"],", "\"feature_names\":[],", &err);
	assert_non_null(model);
	assert_string_equal(model_feature(model, 0), "f0");
	assert_int_equal(model_find(model, "f2"), 2);
	assert_int_equal(model_find(model, "f3"), -1);
	model_free(model);
}

static void
names_from_outside_are_made_clean(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = model_files_changed("[\"amount\"", "[\"a\\u001b[31m\\u202eb\"", &err);
	assert_non_null(model);
	assert_string_equal(model_feature(model, 0), "a\xEF\xBF\xBD[31m\xEF\xBF\xBD"
						     "b");
	model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scores_of_the_stale_handbook_model_are_xgboosts),
	    cmocka_unit_test(scores_of_the_fresh_handbook_model_are_xgboosts),
	    cmocka_unit_test(scores_of_a_logistic_model_of_1_0_are_xgboosts),
	    cmocka_unit_test(scores_of_a_logitraw_model_of_1_0_are_xgboosts),
	    cmocka_unit_test(scores_of_a_regression_of_1_0_are_xgboosts),
	    cmocka_unit_test(scores_of_a_ranking_model_of_1_0_are_xgboosts),
	    cmocka_unit_test(scores_of_the_mushroom_model_are_xgboosts),
	    cmocka_unit_test(a_base_score_is_read_in_every_form),
	    cmocka_unit_test(a_base_score_without_a_link_is_the_margin_itself),
	    cmocka_unit_test(values_below_the_threshold_go_left_and_missing_ones_their_default_way),
	    cmocka_unit_test(trees_behind_the_best_iteration_are_left_out),
	    cmocka_unit_test(a_best_iteration_counts_the_trees_grown_side_by_side),
	    cmocka_unit_test(trees_are_put_in_the_order_of_their_ids),
	    cmocka_unit_test(infinite_thresholds_and_odd_spacing_are_read),
	    cmocka_unit_test(inputs_are_found_by_name),
	    cmocka_unit_test(inputs_without_names_are_called_f0_f1),
	    cmocka_unit_test(names_from_outside_are_made_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
