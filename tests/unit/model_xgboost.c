/* model_xgboost.c: XGBoost's boosters, splits, objectives and forms of files against XGBoost's own
 * answers. What tests/data/models has of each was trained on random numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "tests/kit/model_cases.h"
#include "tests/kit/model_files.h"

/* --- XGBoost's answers --- */
static void
margins_of_a_dart_model_stopped_early_are_those_of_its_estimator(void **state)
{
	(void)state;
	model_cases_within(MODELS "dart.ubj", MODELS "dart.cases.csv", "margin", "score", 40, 0);
	struct model *model = model_files_load(MODELS "dart.ubj");
	assert_int_equal(model_trees(model), 6); /* of 8 */
	model_free(model);
}

/* Among the rows are codes below 0, with fractions, unseen and too large for a float's count. */
static void
margins_of_categorical_splits_are_xgboosts(void **state)
{
	(void)state;
	model_cases_within(MODELS "sets.json", MODELS "sets.cases.csv", "margin", "score", 60, 0);
	model_cases_within(MODELS "sets.ubj", MODELS "sets.cases.csv", "margin", "score", 60, 0);
}

static void
margins_of_a_forest_of_counts_are_xgboosts(void **state)
{
	(void)state;
	model_cases_within(
	    MODELS "poisson.ubj", MODELS "poisson.cases.csv", "margin", "score", 20, 0);
}

/* Lines of `label input:value...`; what is not there is missing. */
static void
read_sparse(const char *line, double *row, size_t features)
{
	char *end;
	for (size_t i = 0; i < features; i++)
		row[i] = NAN;
	strtod(line, &end);
	while (*end == ' ') {
		unsigned long input = strtoul(end, &end, 10);
		assert_true(*end == ':' && input < features);
		row[input] = strtod(end + 1, &end);
	}
}

static void
scores_of_the_categorical_toy_are_xgboosts(void **state)
{
	(void)state;
	const char *folder = SHARED "trees/xgb_toy_categorical/xgb_toy_categorical";
	char *model_path = mem_printf("%s_model.json", folder);
	char *rows_path = mem_printf("%s.test", folder), *wanted_path = NULL;
	model_files_need(model_path);
	wanted_path = mem_printf("%s.test.pred", folder);
	struct model *model = model_files_load(model_path);
	char *rows = model_files_text(rows_path), *wanted = model_files_text(wanted_path);
	char *row_rest = rows, *wanted_rest = wanted;
	size_t count = 0;
	for (char *line = strsep(&row_rest, "\n"); line != NULL && *line != '\0'; count++) {
		double row[2], score;
		read_sparse(line, row, 2);
		model_score(model, row, &score);
		assert_true(fabs(score - strtod(strsep(&wanted_rest, "\n"), NULL)) <= 1e-6);
		line = strsep(&row_rest, "\n");
	}
	assert_int_equal(count, 20);
	model_free(model);
	free(rows);
	free(wanted);
	free(model_path);
	free(rows_path);
	free(wanted_path);
}

/* --- one document, two forms --- */
static void
assert_same_model(const char *one_path, const char *other_path)
{
	struct model *one = model_files_load(one_path), *other = model_files_load(other_path);
	struct rng rng;
	rng_seed(&rng, 3, 1);
	size_t features = model_features(one);
	double row[8];
	assert_true(features <= 8 && features == model_features(other));
	assert_int_equal(model_trees(one), model_trees(other));
	for (size_t f = 0; f < features; f++) {
		assert_string_equal(model_feature(one, f), model_feature(other, f));
		assert_int_equal(model_words(one, f), model_words(other, f));
	}
	for (size_t i = 0; i < 2000; i++) {
		for (size_t f = 0; f < features; f++)
			row[f] = rng_uniform(&rng) < 0.1   ? NAN
				 : rng_uniform(&rng) < 0.5 ? floor(rng_uniform(&rng) * 45) - 2
							   : rng_uniform(&rng) * 4 - 2;
		assert_true(model_score(one, row, NULL) == model_score(other, row, NULL));
	}
	model_free(one);
	model_free(other);
}

static void
a_model_is_the_same_in_json_and_in_ubjson(void **state)
{
	(void)state;
	assert_same_model(MODELS "sets.json", MODELS "sets.ubj");
	assert_same_model(MODELS "words.json", MODELS "words.ubj");
}

/* --- categories by their words --- */
/* The first rows that words.json was trained on, and XGBoost 3.2's margins. */
static const struct {
	double amount;
	const char *mcc, *k;
	double own, margin;
} word_rows[] = {
    {-0.802, "tea", "20", 2, -2.23390508},
    {-1.324, "tea", "10", 0, -3.20009661},
    {0.42, "tea", "30", 2, -0.851150036},
    {0.11, "food", "10", 2, -1.5758301},
    {-0.553, "gas", "30", 0, -1.34579253},
    {0.749, "gas", "30", 2, 2.11277366},
    {1.635, "x y", "30", 1, 1.16866374},
};

static void
words_that_the_file_holds_become_codes(void **state)
{
	(void)state;
	struct model *model = model_files_load(MODELS "words.ubj");
	double code = -1;
	assert_true(model_categorical(model, 1) && model_categorical(model, 2));
	assert_false(model_categorical(model, 0));
	assert_false(model_categorical(model, 3)); /* 0, 1, 2 are their own codes */
	assert_true(model_code(model, 1, "gas", &code) && code == 0);
	assert_true(model_code(model, 1, "food", &code) && code == 1);
	assert_false(model_code(model, 1, "water", &code));
	assert_true(model_code(model, 2, "30", &code) && code == 2);
	assert_false(model_code(model, 2, "2", &code));
	for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
		double row[] = {word_rows[i].amount, 0, 0, word_rows[i].own};
		assert_true(model_code(model, 1, word_rows[i].mcc, &row[1]));
		assert_true(model_code(model, 2, word_rows[i].k, &row[2]));
		assert_true(model_score(model, row, NULL) == (double)(float)word_rows[i].margin);
	}
	model_free(model);
}

static void
words_of_the_metadata_go_before_the_files(void **state)
{
	(void)state;
	struct model *model = model_files_load(MODELS "words.json");
	struct err err = {0};
	double code = -1;
	if (!model_set_metadata(model, "{\"categories\":{\"mcc\":{\"fuel\":0}}}", &err))
		fail_msg("%s", err.text);
	assert_true(model_code(model, 1, "fuel", &code) && code == 0);
	assert_false(model_code(model, 1, "gas", &code));
	assert_true(model_code(model, 2, "10", &code) && code == 0);
	model_free(model);
}

/* XGBoost 3.2 cuts words in letters that are not ASCII. */
static void
words_cut_inside_a_letter_are_not_taken(void **state)
{
	(void)state;
	struct err err = {0};
	double code = -1;
	const char *gas = "\"values\":[103,97,115,";
	struct model *model =
	    model_files_changed_in(MODELS "words.json", gas, "\"values\":[-61,169,115,", &err);
	assert_non_null(model);
	assert_true(model_code(model, 1, "\xC3\xA9s", &code) && code == 0);
	model_free(model);
	model = model_files_changed_in(MODELS "words.json", gas, "\"values\":[103,97,-61,", &err);
	assert_non_null(model);
	assert_false(model_categorical(model, 1));
	assert_true(model_categorical(model, 2));
	assert_true(model_set_metadata(model, "{\"categories\":{\"mcc\":{\"gas\":0}}}", &err));
	assert_true(model_code(model, 1, "gas", &code) && code == 0);
	model_free(model);
}

/* --- objectives --- */
static double
sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static double
same(double x)
{
	return x;
}

static double
step(double x)
{
	return x > 0;
}

/* Base scores of 0.3 and the margins that XGBoost 1.7, 2.1 and 3.2 start from with them. */
static void
every_objective_has_its_link_and_its_base(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		double base;
		double (*link)(double);
	} objectives[] = {
	    {"binary:logistic", -0.84729786, sigmoid},
	    {"reg:logistic", -0.84729786, sigmoid},
	    {"binary:logitraw", 0.3, same},
	    {"binary:hinge", 0.3, step},
	    {"reg:squarederror", 0.3, same},
	    {"reg:linear", 0.3, same},
	    {"reg:squaredlogerror", 0.3, same},
	    {"reg:pseudohubererror", 0.3, same},
	    {"reg:absoluteerror", 0.3, same},
	    {"reg:quantileerror", 0.3, same},
	    {"reg:expectileerror", 0.3, same},
	    {"reg:gamma", -1.2039728, exp},
	    {"reg:tweedie", -1.2039728, exp},
	    {"count:poisson", -1.2039728, exp},
	    {"survival:cox", -1.2039728, exp},
	    {"survival:aft", -1.2039728, exp},
	    {"rank:pairwise", 0.3, same},
	    {"rank:ndcg", 0.3, same},
	    {"rank:map", 0.3, same},
	};
	for (size_t i = 0; i < sizeof(objectives) / sizeof(objectives[0]); i++) {
		struct err err = {0};
		char *new = mem_printf("\"[3E-1]\",\"num_feature\":\"3\"},\"objective\":{\"name\":"
				       "\"%s\"",
		    objectives[i].name);
		struct model *model = model_files_changed(
		    "\"[5E-1]\",\"boost_from_average\":\"1\",\"num_class\":\"0\","
		    "\"num_feature\":\"3\",\"num_target\":\"1\"},\"objective\":"
		    "{\"name\":\"binary:logistic\"",
		    new, &err);
		if (model == NULL)
			fail_msg("%s: %s", objectives[i].name, err.text);
		double score, margin = model_score(model, (const double[]){50, 0.5, 7}, &score);
		double wanted = objectives[i].base - 0.25 + 0.0625 + 0.03125;
		if (!(fabs(margin - wanted) <= 2e-7) ||
		    !(fabs(score - objectives[i].link(margin)) <= 1e-15))
			fail_msg("%s: margin %.9g, score %.9g, not %.9g", objectives[i].name,
			    margin, score, wanted);
		model_free(model);
		free(new);
	}
}

/* --- dart --- */
static double
margin_of_dart(const char *weights)
{
	struct err err = {0};
	char *new = mem_printf("\"name\":\"dart\",\"weight_drop\":%s}", weights);
	struct model *model = model_files_changed_in(
	    MODELS "dart.json", "\"name\":\"dart\",\"weight_drop\":[1,1,1]}", new, &err);
	if (model == NULL)
		fail_msg("%s: %s", weights, err.text);
	double margin = model_score(model, (const double[]){50, 0.5, 7}, NULL);
	model_free(model);
	free(new);
	return margin;
}

static void
the_leaves_of_a_dart_tree_are_weighed(void **state)
{
	(void)state;
	assert_true(margin_of_dart("[1,1,1]") == -0.25 + 0.0625 + 0.03125);
	assert_true(margin_of_dart("[0,1,0.5]") == 0.0625 + 0.015625);
	assert_true(margin_of_dart("[0.1,0,0]") == (double)(-0.25f * 0.1f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(margins_of_a_dart_model_stopped_early_are_those_of_its_estimator),
	    cmocka_unit_test(margins_of_categorical_splits_are_xgboosts),
	    cmocka_unit_test(margins_of_a_forest_of_counts_are_xgboosts),
	    cmocka_unit_test(scores_of_the_categorical_toy_are_xgboosts),
	    cmocka_unit_test(a_model_is_the_same_in_json_and_in_ubjson),
	    cmocka_unit_test(words_that_the_file_holds_become_codes),
	    cmocka_unit_test(words_of_the_metadata_go_before_the_files),
	    cmocka_unit_test(words_cut_inside_a_letter_are_not_taken),
	    cmocka_unit_test(every_objective_has_its_link_and_its_base),
	    cmocka_unit_test(the_leaves_of_a_dart_tree_are_weighed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
