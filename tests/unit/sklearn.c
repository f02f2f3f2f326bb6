/* sklearn.c: linear models of scikit-learn by hand: what their members mean, and what is refused.
 * tests/e2e/sklearn_export.py holds real ones against scikit-learn itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/parts.h"
#include "tests/kit/model_files.h"

static struct model *
try_parse(const char *text, struct err *err)
{
	return model_parse(text, strlen(text), "m.json", err);
}

static struct model *
parse(const char *text)
{
	struct err err = {0};
	struct model *model = try_parse(text, &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

static void
assert_score(const char *text, double a, double b, double margin, double score)
{
	struct model *model = parse(text);
	double got, sum = model_score(model, (const double[]){a, b}, &got);
	if (fabs(sum - margin) > 1e-15 || fabs(got - score) > 1e-15)
		fail_msg("%s: %.17g %.17g, not %.17g %.17g", text, sum, got, margin, score);
	model_free(model);
}

#define SKLEARN(class) "{\"kind\":\"sklearn\",\"class\":\"" class "\","
#define TWO "\"coef_\":[[0.5,-2]],\"intercept_\":[0.25],\"classes_\":[0,1]}"

static void
every_class_has_its_link(void **state)
{
	(void)state;
	const double margin = 0.25 + 0.5 * 3 - 2, logistic = 1 / (1 + exp(-margin));
	assert_score(SKLEARN("LogisticRegression") TWO, 3, 1, margin, logistic);
	assert_score(SKLEARN("LogisticRegression") "\"multi_class\":\"multinomial\"," TWO, 3, 1,
	    margin, 1 / (1 + exp(-2 * margin)));
	assert_score(
	    SKLEARN("LogisticRegression") "\"multi_class\":\"auto\"," TWO, 3, 1, margin, logistic);
	assert_score(SKLEARN("SGDClassifier") "\"loss\":\"log_loss\"," TWO, 3, 1, margin, logistic);
	assert_score(SKLEARN("SGDClassifier") "\"loss\":\"log\"," TWO, 3, 1, margin, logistic);
	assert_score(SKLEARN("SGDClassifier") "\"loss\":\"hinge\"," TWO, 3, 1, margin, margin);
	assert_score(SKLEARN("LinearSVC") "\"loss\":\"squared_hinge\"," TWO, 3, 1, margin, margin);
	assert_score(SKLEARN("RidgeClassifier") TWO, 3, 1, margin, margin);
	assert_score(SKLEARN("Perceptron") TWO, 3, 1, margin, margin);
	assert_score(
	    SKLEARN("Lasso") "\"coef_\":[0.5,-2],\"intercept_\":0.25}", 3, 1, margin, margin);
	assert_score(SKLEARN("PoissonRegressor") "\"coef_\":[0.5,-2],\"intercept_\":0.25}", 3, 1,
	    margin, exp(margin));
	struct model *model = parse(SKLEARN("LinearSVC") TWO);
	assert_string_equal(model_kind(model), "sklearn");
	assert_string_equal(model->objective, "LinearSVC");
	model_free(model);
}

static void
the_greater_class_is_flagged_wherever_it_stands(void **state)
{
	(void)state;
	static const struct {
		const char *classes, *more;
		double sign;
	} cases[] = {
	    {"[0,1]", "", 1},
	    {"[1,0]", "", -1},
	    {"[-1,1]", "", 1},
	    {"[1,2]", "", 1},
	    {"[false,true]", "", 1},
	    {"[\"0\",\"1\"]", "", 1},
	    {"[\"fraud\",\"legit\"]", ",\"positive\":\"fraud\"", -1},
	    {"[\"fraud\",\"legit\"]", ",\"positive\":\"legit\"", 1},
	    {"[0,1]", ",\"positive\":0", -1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		snprintf(text, sizeof(text),
		    SKLEARN("LinearSVC") "\"coef_\":[1,0],\"intercept_\":2,\"classes_\":%s%s}",
		    cases[i].classes, cases[i].more);
		assert_score(text, 3, 0, 5 * cases[i].sign, 5 * cases[i].sign);
	}
}

static void
steps_before_the_estimator_are_folded_into_it(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"kind\":\"sklearn\",\"feature_names_in_\":[\"a\",\"b\"],\"steps\":["
	    "{\"class\":\"SimpleImputer\",\"statistics_\":[7,8],\"missing_values\":NaN},"
	    "{\"class\":\"StandardScaler\",\"mean_\":[1,2],\"scale_\":[2,4]},"
	    "{\"class\":\"MinMaxScaler\",\"min_\":[0.5,0],\"scale_\":[4,1]},"
	    "{\"class\":\"LinearRegression\",\"coef_\":[1,1],\"intercept_\":10}]}";
	struct model *model = parse(text);
	assert_string_equal(model_feature(model, 1), "b");
	assert_true(model_score(model, (const double[]){3, 10}, NULL) == 10 + (1 * 4 + 0.5) + 2);
	assert_true(
	    model_score(model, (const double[]){NAN, NAN}, NULL) == 10 + (3 * 4 + 0.5) + 1.5);
	assert_true(model->terms[0].mean == 1 && model->terms[1].mean == 2);
	assert_true(model->terms[0].missing == 7 && model->terms[1].missing == 8);
	model_free(model);
}

static void
a_statistic_behind_a_scaler_is_in_its_units(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"kind\":\"sklearn\",\"steps\":[{\"class\":\"StandardScaler\",\"mean_\":[10],"
	    "\"scale_\":[2],\"with_mean\":true},{\"class\":\"SimpleImputer\",\"statistics_\":[0.5]}"
	    ","
	    "{\"class\":\"LinearRegression\",\"coef_\":[3],\"intercept_\":0}]}";
	struct model *model = parse(text);
	assert_true(model->terms[0].missing == 11);
	assert_true(model_score(model, (const double[]){NAN}, NULL) == 1.5);
	model_free(model);
}

static void
without_an_imputer_a_missing_value_counts_as_the_mean(void **state)
{
	(void)state;
	static const char scaled[] =
	    "{\"kind\":\"sklearn\",\"steps\":[{\"class\":\"StandardScaler\",\"mean_\":[10],"
	    "\"scale_\":null,\"with_mean\":false},"
	    "{\"class\":\"LinearRegression\",\"coef_\":[3],\"intercept_\":1}]}";
	struct model *model = parse(scaled);
	assert_true(model_score(model, (const double[]){2}, NULL) == 7);
	assert_true(model_score(model, (const double[]){NAN}, NULL) == 31);
	assert_true(model->terms[0].mean == 10);
	model_free(model);
	model = parse(SKLEARN("LinearRegression") "\"coef_\":[3],\"intercept_\":1}");
	assert_true(model_score(model, (const double[]){NAN}, NULL) == 1);
	model_free(model);
}

#define STEPS(step)                                                                                \
	"{\"kind\":\"sklearn\",\"steps\":[" step                                                   \
	",{\"class\":\"LinearRegression\",\"coef_\":[1,2],\"intercept_\":0}]}"
static const struct {
	const char *text, *with;
} refused[] = {
    {SKLEARN("RandomForestClassifier") "\"n_estimators\":3}",
	"a scikit-learn RandomForestClassifier, which is no linear model"},
    {SKLEARN("LogisticRegresion") TWO, "do you mean `LogisticRegression`?"},
    {SKLEARN("LogisticRegression") "\"coef_\":[[1],[2],[3]],\"intercept_\":[1,2,3],"
				   "\"classes_\":[0,1,2]}",
	"a LogisticRegression of 3 outputs"},
    {SKLEARN("LogisticRegression") "\"coef_\":[[1]],\"intercept_\":[1],"
				   "\"classes_\":[0,1,2]}",
	"a LogisticRegression of 3 classes; only models of two"},
    {SKLEARN("LogisticRegression") "\"coef_\":[[1]],\"intercept_\":[1]}", "classes_ is missing"},
    {SKLEARN("LinearSVC") "\"coef_\":[1],\"intercept_\":1,\"classes_\":[\"bad\",\"good\"]}",
	"classes_ are `bad` and `good`: which is the one to flag?"},
    {SKLEARN("LinearSVC") "\"coef_\":[1],\"intercept_\":1,\"classes_\":[1,1]}",
	"which is the one to flag?"},
    {SKLEARN("LinearSVC") "\"positive\":\"x\",\"coef_\":[1],\"intercept_\":1,"
			  "\"classes_\":[\"a\",\"b\"]}",
	"\"positive\" is none of the two classes_"},
    {SKLEARN("LinearSVC") "\"coef_\":[1],\"intercept_\":1,\"classes_\":[1,0],"
			  "\"calibration\":{\"kind\":\"platt\",\"a\":1,\"b\":0}}",
	"the calibration is of the second"},
    {SKLEARN("SGDClassifier") TWO, "needs its \"loss\""},
    {SKLEARN("SGDClassifier") "\"loss\":\"modified_huber\"," TWO, "modified_huber"},
    {SKLEARN("Ridge") "\"intercept_\":0}", "coef_ is missing"},
    {SKLEARN("Ridge") "\"coef_\":[[]],\"intercept_\":0}", "coef_ is empty"},
    {SKLEARN("Ridge") "\"coef_\":[1,null],\"intercept_\":0}", "coef_[1] is null"},
    {SKLEARN("Ridge") "\"coef_\":[1],\"intercept_\":[0,1]}", "intercept_ is an array"},
    {SKLEARN("Ridge") "\"coef_\":[1],\"intercept_\":0,\"feature_names_in_\":[\"a\",\"b\"]}",
	"2 feature names for 1 features"},
    {"{\"kind\":\"sklearn\"}", "step 0: its \"class\" is missing"},
    {"{\"kind\":\"sklearn\",\"steps\":[]}", "steps is empty"},
    {"{\"kind\":\"sklearn\",\"steps\":{}}", "steps is an object"},
    {STEPS("{\"class\":\"OneHotEncoder\"}"),
	"step 0, OneHotEncoder: it cannot be scored; what can stand before"},
    {STEPS("{\"class\":\"SimpleImputer\"}"), "SimpleImputer: statistics_ is missing"},
    {STEPS("{\"class\":\"SimpleImputer\",\"statistics_\":[1]}"),
	"statistics_ has 1 numbers for 2 inputs"},
    {STEPS("{\"class\":\"SimpleImputer\",\"statistics_\":[1,NaN]}"), "statistics_[1] is null"},
    {STEPS("{\"class\":\"SimpleImputer\",\"statistics_\":[1,2],\"add_indicator\":true}"),
	"add_indicator"},
    {STEPS("{\"class\":\"SimpleImputer\",\"statistics_\":[1,2],\"missing_values\":-1}"),
	"missing_values is not NaN"},
    {STEPS("{\"class\":\"StandardScaler\",\"scale_\":[1,0]}"), "scale_[1] is no scale"},
    {STEPS("{\"class\":\"StandardScaler\",\"scale_\":[1,1e-320]}"), "scale_[1] is no scale"},
    {STEPS("{\"class\":\"MinMaxScaler\",\"min_\":[1,2]}"), "min_ or scale_ is missing"},
    {STEPS("{\"class\":\"MinMaxScaler\",\"min_\":[1,2],\"scale_\":[1,1],\"clip\":true}"),
	"clip is not supported"},
};

static void
what_cannot_be_scored_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = {0};
		if (try_parse(refused[i].text, &err) != NULL)
			fail_msg("%s was taken", refused[i].text);
		if (strstr(err.text, refused[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, refused[i].with);
		assert_int_equal(err.code, ERR_DATA);
	}
}

static void
pickles_are_refused_with_the_way_out(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *with;
	} cases[] = {
	    {"\x80\x04\x95\x10", "a Python pickle"},
	    {"\x80\x02", "a Python pickle"},
	    {"ccopy_reg\n_reconstructor\n", "a Python pickle"},
	    {"\x78\x9C\x01\x02", "compressed with zlib"},
	    {"\x1F\x8B\x08", "compressed with gzip"},
	    {"BZh9", "compressed with bzip2"},
	    {"\xFD"
	     "7zXZ",
		"compressed with xz"},
	    {"\x04\x22\x4D\x18", "compressed with lz4"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		assert_null(try_parse(cases[i].bytes, &err));
		if (strstr(err.text, cases[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, cases[i].with);
		assert_non_null(strstr(err.text, "docs/models.md"));
		assert_int_equal(err.code, ERR_DATA);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_class_has_its_link),
	    cmocka_unit_test(the_greater_class_is_flagged_wherever_it_stands),
	    cmocka_unit_test(steps_before_the_estimator_are_folded_into_it),
	    cmocka_unit_test(a_statistic_behind_a_scaler_is_in_its_units),
	    cmocka_unit_test(without_an_imputer_a_missing_value_counts_as_the_mean),
	    cmocka_unit_test(what_cannot_be_scored_is_refused_by_name),
	    cmocka_unit_test(pickles_are_refused_with_the_way_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
