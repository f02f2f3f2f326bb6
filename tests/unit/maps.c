/* maps.c: what follows a model's link, against scikit-learn's own predictions
 * (tests/data/calibration). */
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
#include "core/model/metadata.h"
#include "tests/kit/model_files.h"

#define MAPS "tests/data/calibration/"

static struct model *
parse(const char *link, const char *calibration, struct err *err)
{
	struct buf text = {0};
	buf_printf(&text,
	    "{\"kind\":\"linear\",\"link\":\"%s\",\"intercept\":0,\"features\":[{\"name\":\"x\","
	    "\"weight\":1}],\"calibration\":%s}",
	    link, calibration);
	struct model *model = model_parse(text.data, text.length, "m.json", err);
	buf_free(&text);
	return model;
}

static void
assert_as_sklearn(const char *name, size_t least_rows, const char *words)
{
	enum { ROWS = 256 };
	double values[ROWS], wanted[ROWS], scores[ROWS], margins[ROWS], worst = 0;
	char path[128];
	size_t rows = 0;
	snprintf(path, sizeof(path), MAPS "%s.json", name);
	struct model *model = model_files_load(path);
	assert_string_equal(model_calibration(model), words);
	snprintf(path, sizeof(path), MAPS "%s.csv", name);
	char *text = model_files_text(path), *rest = text;
	strsep(&rest, "\n");
	for (char *line = strsep(&rest, "\n"); line != NULL && *line != '\0';
	     line = strsep(&rest, "\n")) {
		char *end;
		assert_true(rows < ROWS);
		values[rows] = strtod(line, &end);
		wanted[rows++] = strtod(end + 1, NULL);
	}
	assert_true(rows >= least_rows);
	model_score_rows(model, values, rows, margins, scores);
	for (size_t i = 0; i < rows; i++) {
		double alone;
		worst = fmax(worst, fabs(scores[i] - wanted[i]));
		assert_true(fabs(scores[i] - wanted[i]) <= 1e-12);
		assert_true(margins[i] == values[i]);
		model_score(model, &values[i], &alone);
		assert_true(alone == scores[i]);
	}
	print_message("%s: %zu rows, within %.2g\n", name, rows, worst);
	free(text);
	model_free(model);
}

static void
isotonic_maps_are_scikit_learns(void **state)
{
	(void)state;
	assert_as_sklearn("isotonic", 180, "isotonic, 28 points");
	assert_as_sklearn("isotonic_falling", 180, "isotonic, 28 points");
	assert_as_sklearn("isotonic_one_point", 3, "isotonic, 1 point");
}

static void
platt_maps_are_scikit_learns(void **state)
{
	(void)state;
	assert_as_sklearn("sigmoid", 200, "platt of the margin");
}

static void
maps_are_applied_one_after_the_other(void **state)
{
	(void)state;
	assert_as_sklearn(
	    "sigmoid_then_isotonic", 200, "platt of the margin, then isotonic, 28 points");
}

static void
a_map_takes_the_links_score_unless_it_says_otherwise(void **state)
{
	(void)state;
	struct err err = {0};
	double score, x = 0.75, probability = 1 / (1 + exp(-x));
	static const char *const inputs[] = {"", ",\"input\":\"score\"", ",\"input\":\"margin\""};
	for (size_t i = 0; i < 3; i++) {
		char map[128];
		snprintf(map, sizeof(map), "{\"kind\":\"platt\",\"a\":-2,\"b\":0.5%s}", inputs[i]);
		struct model *model = parse("logistic", map, &err);
		assert_non_null(model);
		assert_true(model_score(model, &x, &score) == x);
		double f = i == 2 ? x : probability;
		assert_true(fabs(score - 1 / (1 + exp(-2 * f + 0.5))) < 1e-15);
		model_free(model);
	}
}

static void
the_metadatas_maps_follow_the_files_own(void **state)
{
	(void)state;
	struct err err = {0};
	double score, x = 0.25;
	struct model *model = parse("identity", "{\"kind\":\"platt\",\"a\":-1,\"b\":0}", &err);
	assert_non_null(model);
	assert_true(model_set_metadata(
	    model, "{\"calibration\":[{\"kind\":\"isotonic\",\"x\":[0,1],\"y\":[0,0.5]}]}", &err));
	assert_string_equal(model_calibration(model), "platt, then isotonic, 2 points");
	model_score(model, &x, &score);
	assert_true(fabs(score - 0.5 / (1 + exp(-x))) < 1e-15);
	/* The file's own came first, so that the margin is taken already. */
	assert_false(model_set_metadata(model,
	    "{\"calibration\":{\"kind\":\"platt\",\"a\":1,\"b\":0,\"input\":\"margin\"}}", &err));
	assert_non_null(strstr(err.text, "only the first map can take"));
	assert_true(model_set_metadata(model, "{}", &err));
	assert_string_equal(model_calibration(model), "platt");
	model_score(model, &x, &score);
	assert_true(fabs(score - 1 / (1 + exp(-x))) < 1e-15);
	model_free(model);
}

static void
a_boosted_model_is_calibrated_by_its_metadata(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = model_files_load(MODELS "sound.json");
	assert_string_equal(model_calibration(model), "");
	const double rows[] = {50, 0.5, 7, 50, 0.5, 5};
	double margins[2], before[2], scores[2];
	model_score_rows(model, rows, 2, margins, before);
	assert_true(model_set_metadata(
	    model, "{\"calibration\":{\"kind\":\"platt\",\"a\":-3,\"b\":1}}", &err));
	model_score_rows(model, rows, 2, NULL, scores);
	for (size_t i = 0; i < 2; i++)
		assert_true(fabs(scores[i] - 1 / (1 + exp(-3 * before[i] + 1))) < 1e-15);
	assert_true(model_score(model, rows, NULL) == margins[0]);
	model_free(model);
}

static void
what_is_not_finite_stays_within_the_map_or_is_no_number(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model =
	    parse("identity", "{\"kind\":\"isotonic\",\"x\":[0,1],\"y\":[0.25,0.75]}", &err);
	assert_non_null(model);
	double values[] = {INFINITY, -INFINITY, NAN, 0.5}, scores[4];
	model_score_rows(model, values, 4, NULL, scores);
	assert_true(scores[0] == 0.75 && scores[1] == 0.25 && scores[2] == 0.25);
	assert_true(scores[3] == 0.5);
	model_free(model);
	model = parse(
	    "identity", "{\"kind\":\"isotonic\",\"x\":[-1e308,1e308],\"y\":[-1e308,1e308]}", &err);
	assert_non_null(model);
	model_score_rows(model, values, 4, NULL, scores);
	for (size_t i = 0; i < 4; i++)
		assert_true(scores[i] >= -1e308 && scores[i] <= 1e308);
	model_free(model);
	static const char difference[] =
	    "{\"kind\":\"linear\",\"link\":\"identity\",\"intercept\":0,\"features\":["
	    "{\"name\":\"a\",\"weight\":1},{\"name\":\"b\",\"weight\":-1}],"
	    "\"calibration\":{\"kind\":\"isotonic\",\"x\":[0,1],\"y\":[0,1]}}";
	model = model_parse(difference, strlen(difference), "m.json", &err);
	assert_non_null(model);
	model_score(model, (const double[]){INFINITY, INFINITY}, scores);
	assert_true(isnan(scores[0]));
	model_free(model);
}

static void
broken_maps_are_refused_with_the_place(void **state)
{
	(void)state;
	static const struct {
		const char *link, *json, *with;
	} cases[] = {
	    {"identity", "7", "calibration: it is a number, not an object"},
	    {"identity", "[{\"kind\":\"platt\",\"a\":1,\"b\":1},[]]",
		"calibration[1]: it is an array"},
	    {"identity", "{}", "calibration: kind is missing"},
	    {"identity", "{\"kind\":\"isotonc\"}",
		"unknown kind `isotonc`; do you mean `isotonic`?"},
	    {"identity", "{\"kind\":\"beta\"}", "unknown kind `beta`"},
	    {"identity", "{\"kind\":\"platt\",\"a\":1}", "platt: b is missing"},
	    {"identity", "{\"kind\":\"platt\",\"a\":1e999,\"b\":0}", "a is infinite"},
	    {"identity", "{\"kind\":\"platt\",\"a\":1,\"b\":0,\"input\":\"logit\"}",
		"input is logit, not \"score\" or \"margin\""},
	    {"identity", "{\"kind\":\"isotonic\",\"y\":[1]}", "isotonic: x is missing"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[],\"y\":[]}", "x is empty"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[1,2],\"y\":[1]}",
		"x has 2 numbers and y has 1"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[1,null],\"y\":[1,2]}", "x[1] is null"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[1,2,2],\"y\":[0,1,1]}",
		"x[2], 2, is not above x[1], 2"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[1,2,3],\"y\":[0,0.5,0.25]}",
		"y[2], 0.25, turns back"},
	    {"identity", "{\"kind\":\"isotonic\",\"x\":[1,2,3,4],\"y\":[1,0.5,0.5,0.75]}",
		"y[3], 0.75, turns back"},
	    {"logistic", "{\"kind\":\"isotonic\",\"x\":[0,1],\"y\":[0,1.5]}",
		"y[1] is 1.5, but a probability is from 0 to 1"},
	    {"identity",
		"[{\"kind\":\"platt\",\"a\":1,\"b\":1},{\"kind\":\"isotonic\",\"x\":[0],\"y\":"
		"[-0.5]}]",
		"y[0] is -0.5, but a probability"},
	    {"identity",
		"[{\"kind\":\"platt\",\"a\":1,\"b\":1},"
		"{\"kind\":\"platt\",\"a\":1,\"b\":1,\"input\":\"margin\"}]",
		"calibration[1]: its input is the margin"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		if (parse(cases[i].link, cases[i].json, &err) != NULL)
			fail_msg("%s was taken", cases[i].json);
		if (strstr(err.text, cases[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, cases[i].with);
		assert_int_equal(err.code, ERR_DATA);
	}
	struct err err = {0};
	struct buf many = {0};
	buf_puts(&many, "[{\"kind\":\"platt\",\"a\":1,\"b\":1}");
	for (size_t i = 0; i < 16; i++)
		buf_puts(&many, ",{\"kind\":\"platt\",\"a\":1,\"b\":1}");
	buf_puts(&many, "]");
	assert_null(parse("identity", many.data, &err));
	assert_non_null(strstr(err.text, "more than 16 maps"));
	buf_free(&many);
}

static void
an_empty_list_or_null_maps_nothing(void **state)
{
	(void)state;
	static const char *const nothing[] = {"null", "[]"};
	for (size_t i = 0; i < 2; i++) {
		struct err err = {0};
		struct model *model = parse("logistic", nothing[i], &err);
		assert_non_null(model);
		assert_string_equal(model_calibration(model), "");
		model_free(model);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(isotonic_maps_are_scikit_learns),
	    cmocka_unit_test(platt_maps_are_scikit_learns),
	    cmocka_unit_test(maps_are_applied_one_after_the_other),
	    cmocka_unit_test(a_map_takes_the_links_score_unless_it_says_otherwise),
	    cmocka_unit_test(the_metadatas_maps_follow_the_files_own),
	    cmocka_unit_test(a_boosted_model_is_calibrated_by_its_metadata),
	    cmocka_unit_test(what_is_not_finite_stays_within_the_map_or_is_no_number),
	    cmocka_unit_test(broken_maps_are_refused_with_the_place),
	    cmocka_unit_test(an_empty_list_or_null_maps_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
