/* lightgbm.c: LightGBM's text models against the library's own answers. */
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
#include "core/base/mem.h"
#include "core/model/parts.h"
#include "tests/kit/model_files.h"

#define LIGHTGBMS "tests/data/lightgbms/"

/* --- the library's answers --- */

/* A cell as the library understood it: a word is a category's, an empty cell and a word that the
 * model has not are missing. */
static double
cell_value(const struct model *model, size_t feature, const char *cell)
{
	double value;
	if (model_categorical(model, feature))
		return model_code(model, feature, cell, &value) ? value : (double)NAN;
	return *cell != '\0' ? strtod(cell, NULL) : (double)NAN;
}

/* How far one row of a table is off: the larger of its margin's and its score's distance, relative
 * if they are large. */
static double
row_error(const struct model *model, char *line)
{
	size_t features = model_features(model);
	double *row = mem_alloc(features * sizeof(*row));
	for (size_t f = 0; f < features; f++) {
		char *cell = strsep(&line, ",");
		assert_non_null(line);
		row[f] = cell_value(model, f, cell);
	}
	double wanted_margin = strtod(strsep(&line, ","), NULL), score;
	double wanted_score = strtod(strsep(&line, ","), NULL);
	double margin = model_score(model, row, &score);
	free(row);
	return fmax(fabs(margin - wanted_margin) / fmax(1, fabs(wanted_margin)),
	    fabs(score - wanted_score) / fmax(1, fabs(wanted_score)));
}

static void
assert_scores_are_the_librarys(const char *model_path, const char *name, size_t least_rows)
{
	char path[256];
	snprintf(path, sizeof(path), LIGHTGBMS "%s.csv", name);
	model_files_need(model_path);
	char *text = model_files_text(path), *rest = text;
	struct model *model = model_files_load(model_path);
	assert_string_equal(model_kind(model), "lightgbm");
	double worst = 0;
	size_t rows = 0;
	strsep(&rest, "\n");
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		if (*line == '\0')
			continue;
		double error = row_error(model, line);
		if (!(error <= 1e-13))
			fail_msg("%s, row %zu: off by %.3g", path, rows, error);
		worst = fmax(worst, error);
		rows++;
	}
	print_message("%s: %zu rows within %.2g\n", name, rows, worst);
	assert_true(rows >= least_rows);
	model_free(model);
	free(text);
}

static void
scores_of_models_of_every_kind_are_lightgbms(void **state)
{
	(void)state;
	static const char *const names[] = {
	    "zero_missing", "no_missing", "dart", "forest", "tweedie", "sigmoid"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[256];
		snprintf(path, sizeof(path), LIGHTGBMS "%s.txt", names[i]);
		assert_scores_are_the_librarys(path, names[i], 65);
	}
}

static void
words_of_categories_score_as_pandas_has_them(void **state)
{
	(void)state;
	assert_scores_are_the_librarys(LIGHTGBMS "payments.txt", "payments", 80);
}

static void
scores_of_the_windows_model_are_lightgbms(void **state)
{
	(void)state;
	assert_scores_are_the_librarys(
	    SHARED "trees/lightgbm/windows__LightGBM_model.txt", "shared_windows", 40);
}

static void
scores_of_a_model_with_large_categories_are_lightgbms(void **state)
{
	(void)state;
	assert_scores_are_the_librarys(
	    SHARED "trees/lightgbm/tests__cpp_tests__LightGBM_model.txt", "shared_categories", 40);
}

static void
scores_of_a_model_with_a_constant_tree_are_lightgbms(void **state)
{
	(void)state;
	assert_scores_are_the_librarys(SHARED
	    "trees/lightgbm_constant_tree/model_with_constant_tree.txt",
	    "shared_constant", 40);
}

/* Rows `label 0:a 1:b`, an answer a line in the other file. */
static void
scores_of_the_categorical_toy_of_v2_are_lightgbms(void **state)
{
	(void)state;
	model_files_need(SHARED "trees/toy_categorical/toy_categorical.test");
	char *rows = model_files_text(SHARED "trees/toy_categorical/toy_categorical.test");
	char *answers = model_files_text(SHARED "trees/toy_categorical/toy_categorical.test.pred");
	char *next_row = rows, *next_answer = answers;
	struct model *model =
	    model_files_load(SHARED "trees/toy_categorical/toy_categorical_model.txt");
	size_t count = 0;
	for (char *line = strsep(&next_row, "\n"); *line != '\0'; line = strsep(&next_row, "\n")) {
		double row[2], score;
		assert_int_equal(sscanf(line, "%*s 0:%lf 1:%lf", &row[0], &row[1]), 2);
		model_score(model, row, &score);
		assert_true(fabs(score - strtod(strsep(&next_answer, "\n"), NULL)) <= 1e-14);
		count++;
	}
	assert_int_equal(count, 180);
	model_free(model);
	free(rows);
	free(answers);
}

/* --- splits --- */

/* A model of one split with the leaves 1 and 2; `more` are its lines about categories. */
static struct model *
one_split(int decision, const char *threshold, const char *more)
{
	struct err err = {0};
	char *text = mem_printf("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n"
				"label_index=0\nmax_feature_idx=0\nfeature_names=a\n"
				"feature_infos=[0:1]\n\nTree=0\nnum_leaves=2\nnum_cat=%d\n"
				"split_feature=0\nthreshold=%s\ndecision_type=%d\nleft_child=-1\n"
				"right_child=-2\nleaf_value=1 2\nleaf_count=3 4\n"
				"internal_count=7\n%sshrinkage=1\n\n\nend of trees\n",
	    decision & 1, threshold, decision, more);
	struct model *model = model_parse(text, strlen(text), "split", &err);
	free(text);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

static const double probes[] = {NAN, -INFINITY, INFINITY, 0, -0.5, -1, -0.99, 1, 2, 3, 31, 32, 33,
    1e10, -1e10, 2147483648.0, 4294967298.0, 1e300};
enum { PROBES = sizeof(probes) / sizeof(probes[0]) };

static void
assert_ways(int decision, const char *threshold, const char *more, const double *values,
    size_t count, const char *ways)
{
	struct model *model = one_split(decision, threshold, more);
	assert_int_equal(strlen(ways), count);
	for (size_t i = 0; i < count; i++) {
		char way = model_score(model, &values[i], NULL) == 1 ? 'L' : 'R';
		if (way != ways[i])
			fail_msg("decision %d, threshold %s: %g goes %c, with LightGBM %c",
			    decision, threshold, values[i], way, ways[i]);
	}
	model_free(model);
}

/* What LightGBM 4.5 does with models of one split. */
static void
every_split_sends_values_where_lightgbm_sends_them(void **state)
{
	(void)state;
	static const struct {
		int decision;
		const char *threshold, *ways;
	} splits[] = {
	    {0, "0.5", "LLRLLLLRRRRRRRLRRR"},
	    {2, "0.5", "LLRLLLLRRRRRRRLRRR"},
	    {4, "0.5", "RLRRLLLRRRRRRRLRRR"},
	    {6, "0.5", "LLRLLLLRRRRRRRLRRR"},
	    {8, "0.5", "RLRLLLLRRRRRRRLRRR"},
	    {10, "0.5", "LLRLLLLRRRRRRRLRRR"},
	    {0, "-0.5", "RLRRLLLRRRRRRRLRRR"},
	    {2, "-0.5", "RLRRLLLRRRRRRRLRRR"},
	    {4, "-0.5", "RLRRLLLRRRRRRRLRRR"},
	    {6, "-0.5", "LLRLLLLRRRRRRRLRRR"},
	    {8, "-0.5", "RLRRLLLRRRRRRRLRRR"},
	    {10, "-0.5", "LLRRLLLRRRRRRRLRRR"},
	};
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++)
		assert_ways(
		    splits[i].decision, splits[i].threshold, "", probes, PROBES, splits[i].ways);
	for (int decision = 1; decision <= 11; decision += 2)
		assert_ways(decision, "0", "cat_boundaries=0 1\ncat_threshold=5\n", probes, PROBES,
		    "RRRLLRLRLRRRRRRRRR");
}

static void
what_is_near_zero_counts_as_zero(void **state)
{
	(void)state;
	const double zero = (double)1e-35F;
	const double values[] = {zero, nextafter(zero, 1), nextafter(zero, 0), 1e-35, -zero,
	    nextafter(-zero, -1), -1e-35, 1e-36};
	static const char below[] = "-1.0000000180025095e-35", above[] = "1.0000000180025095e-35";
	assert_ways(0, below, "", values, 8, "RRRRRLRR");
	assert_ways(0, above, "", values, 8, "LRLLLLLL");
	assert_ways(4, "-5", "", values, 8, "RRRRRRRR");
	assert_ways(4, below, "", values, 8, "RRRRRLRR");
	assert_ways(4, above, "", values, 8, "RRRRRLRR");
	assert_ways(6, "-5", "", values, 8, "LRLLLRLL");
	assert_ways(6, below, "", values, 8, "LRLLLLLL");
	assert_ways(6, above, "", values, 8, "LRLLLLLL");
}

/* A split at infinity parts what is missing from all else. */
static void
a_threshold_of_infinity_takes_infinity_too(void **state)
{
	(void)state;
	const double values[] = {NAN, INFINITY, -INFINITY, 0, 1.7976931348623157e308};
	assert_ways(8, "inf", "", values, 5, "RLLLL");
	assert_ways(10, "inf", "", values, 5, "LLLLL");
	assert_ways(4, "inf", "", values, 5, "RLLRL");
	assert_ways(0, "inf", "", values, 5, "LLLLL");
	assert_ways(8, "-inf", "", values, 5, "RRLRR");
	assert_ways(10, "-inf", "", values, 5, "LRLRR");
	assert_ways(8, "1.7976931348623157e308", "", values, 5, "RRLLL");
}

/* --- what a file says --- */

/* small.txt with the first `old` replaced. */
static struct model *
small_with(const char *old, const char *new)
{
	struct err err = {0};
	char *text = model_files_text(LIGHTGBMS "small.txt");
	char *place = strstr(text, old);
	assert_non_null(place);
	char *whole = mem_printf("%.*s%s%s", (int)(place - text), text, new, place + strlen(old));
	struct model *model = model_parse(whole, strlen(whole), "changed", &err);
	free(text);
	free(whole);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

/* Both at amount 10, country 2, night 1: the leaves -0.5, 0.0625 and 0.75. */
static void
assert_small(struct model *model, double margin, double score)
{
	double found, at = model_score(model, (const double[]){10, 2, 1}, &found);
	assert_true(at == margin);
	if (fabs(found - score) > 1e-15)
		fail_msg("%s: the score is %.17g, not %.17g", model->objective, found, score);
	model_free(model);
}

static void
each_objective_turns_the_margin_as_lightgbm_does(void **state)
{
	(void)state;
	const double m = 0.3125, e = exp(m), logistic = 1 / (1 + exp(-m));
	const struct {
		const char *objective;
		double score;
	} cases[] = {
	    {"binary sigmoid:1", logistic},
	    {"binary sigmoid:2.5", 1 / (1 + exp(-2.5 * m))},
	    {"cross_entropy", logistic},
	    {"xentropy", logistic},
	    {"cross_entropy_lambda", log1p(e)},
	    {"xentlambda", log1p(e)},
	    {"regression", m},
	    {"regression sqrt", m * m},
	    {"regression_l1", m},
	    {"regression_l1 sqrt", m * m},
	    {"huber", m},
	    {"huber sqrt", m},
	    {"fair sqrt", m * m},
	    {"quantile", m},
	    {"quantile sqrt", m * m},
	    {"mape sqrt", m * m},
	    {"poisson", e},
	    {"poisson sqrt", e},
	    {"gamma", e},
	    {"tweedie", e},
	    {"lambdarank", m},
	    {"rank_xendcg", m},
	    {"custom", m},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[64];
		snprintf(line, sizeof(line), "objective=%s", cases[i].objective);
		assert_small(small_with("objective=binary sigmoid:1", line), m, cases[i].score);
	}
	assert_small(small_with("objective=binary sigmoid:1\n", ""), m, m);
}

static void
a_forest_is_the_mean_of_its_trees(void **state)
{
	(void)state;
	const double margin = -0.5 / 3 + 0.0625 / 3 + 0.75 / 3;
	assert_small(small_with("feature_names", "average_output\nfeature_names"), margin,
	    1 / (1 + exp(-margin)));
	assert_small(small_with("version=v4\n", "version=v3\n"), 0.3125, 1 / (1 + exp(-0.3125)));
	assert_small(small_with("version=v4\n", "version=v2\n"), 0.3125, 1 / (1 + exp(-0.3125)));
}

static void
a_file_may_end_its_lines_as_windows_does(void **state)
{
	(void)state;
	char *text = model_files_text(LIGHTGBMS "small.txt");
	struct buf lines = {0};
	struct err err = {0};
	for (const char *at = text; *at != '\0'; at++)
		buf_printf(&lines, *at == '\n' ? "\r%c" : "%c", *at);
	struct model *model = model_parse(lines.data, lines.length, "windows", &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(model_trees(model), 3);
	assert_small(model, 0.3125, 1 / (1 + exp(-0.3125)));
	buf_free(&lines);
	free(text);
}

static void
the_words_of_categories_are_found_by_their_columns(void **state)
{
	(void)state;
	double code;
	struct model *model = model_files_load(LIGHTGBMS "payments.txt");
	static const struct {
		size_t input;
		const char *word;
		double code;
	} words[] = {{1, "caf\xC3\xA9", 0}, {1, "fuel & oil", 1}, {1, "travel", 4}, {3, "10", 0},
	    {3, "45", 3}, {4, "false", 0}, {4, "False", 0}, {4, "true", 1}, {4, "True", 1}};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		code = -1;
		assert_true(model_code(model, words[i].input, words[i].word, &code));
		assert_true(code == words[i].code);
	}
	assert_false(model_code(model, 1, "cafe", &code));
	assert_false(model_categorical(model, 0) || model_categorical(model, 2));
	assert_string_equal(model_feature(model, 1), "merchant");
	model_free(model);
}

/* The code that small.txt has after two changes for a word of an input, or -1. */
static double
code_after(size_t input, const char *word, const char *old, const char *new, const char *words)
{
	static const char given[] = "[[\"DE\", \"FR\", \"NG\"]]";
	struct err err = {0};
	char *text = model_files_text(LIGHTGBMS "small.txt");
	memcpy(strstr(text, "tree_sizes"), "other_size", 10);
	char *place = strstr(text, old), *end = strstr(text, given);
	assert_true(place != NULL && end != NULL);
	char *whole = mem_printf("%.*s%s%.*s%s\n", (int)(place - text), text, new,
	    (int)(end - place - (ptrdiff_t)strlen(old)), place + strlen(old), words);
	struct model *model = model_parse(whole, strlen(whole), "words", &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	double code = -1;
	assert_true(model_code(model, input, word, &code) == model_categorical(model, input));
	model_free(model);
	free(whole);
	free(text);
	return code;
}

static void
words_are_given_only_to_inputs_that_are_certain(void **state)
{
	(void)state;
	static const char columns[] = "[categorical_feature: 1]";
	static const char one[] = "[[\"DE\",\"FR\",\"NG\"]]";
	assert_true(code_after(1, "FR", "", "", one) == 1);
	assert_true(code_after(1, "FR", "", "", "[[\"NG\", \"DE\", \"FR\"]]") == 2);
	assert_true(code_after(1, "FR", "", "", "null") == -1);
	assert_true(code_after(1, "FR", "", "", "[]") == -1);
	/* Without parameters, by feature_infos; its codes must lie among the words. */
	assert_true(code_after(1, "FR", columns, "[categorical_feature: ]", one) == 1);
	assert_true(code_after(1, "FR", columns, "[categorical_feature: name:x]", one) == 1);
	assert_true(code_after(1, "FR", columns, "[categorical_feature: 0,1]", one) == -1);
	assert_true(code_after(1, "FR", "-1:2:0:1", "-1:3:0:1", one) == -1);
	assert_true(code_after(1, "FR", "-1:2:0:1", "none", one) == 1);
	assert_true(code_after(0, "FR", columns, "[categorical_feature: 0]", one) == -1);
}

static void
an_ordered_column_gets_its_words_too_if_it_can_be_no_other(void **state)
{
	(void)state;
	static const char two[] = "[[\"DE\", \"FR\", \"NG\"], [\"no\", \"yes\"]]";
	static const char before[] = "[[\"no\", \"FR\", \"yes\"], [\"DE\", \"FR\", \"NG\"]]";
	assert_true(code_after(1, "FR", "", "", two) == 1);
	assert_true(code_after(2, "yes", "", "", two) == 1);
	/* Three words may also be the first column's, if it goes from 0 to 2. */
	assert_true(code_after(1, "FR", "[0:9000]", "[0:2]", before) == -1);
	assert_true(code_after(0, "yes", "[0:9000]", "[0:2]", before) == -1);
	assert_true(
	    code_after(0, "yes", "[0:9000] -1:2:0:1 [0:1]", "[0:2] -1:2:0:1 [0:1.5]", before) == 2);
	/* Nor if more lists than columns are over. */
	assert_true(code_after(1, "FR", "", "", "[[\"FR\"],[\"FR\"],[\"FR\"],[\"FR\"]]") == -1);
}

static void
covers_are_the_counts_of_rows(void **state)
{
	(void)state;
	struct model *model = small_with("max_feature_idx", "max_feature_idx");
	static const double covers[] = {100, 70, 30, 40, 30, 10, 20, 1, 100, 60, 40};
	assert_int_equal(model->trees.nodes_count, 11);
	assert_false(model->trees.uncovered);
	for (size_t i = 0; i < 11; i++)
		assert_true(model->trees.cover[i] == covers[i]);
	model_free(model);
	model = small_with("internal_count=100\n", "internal_count_not=0\n");
	assert_true(model->trees.uncovered);
	model_free(model);
}

static void
a_model_without_trees_scores_zero(void **state)
{
	(void)state;
	struct err err = {0};
	static const char text[] = "tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\n"
				   "objective=binary sigmoid:1\nfeature_names=a\n"
				   "feature_infos=none\ntree_sizes=\n\n\nend of trees\n";
	struct model *model = model_parse(text, strlen(text), "none", &err);
	assert_non_null(model);
	double score;
	assert_true(model_score(model, (const double[]){1}, &score) == 0 && score == 0.5);
	assert_int_equal(model_trees(model), 0);
	model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scores_of_models_of_every_kind_are_lightgbms),
	    cmocka_unit_test(words_of_categories_score_as_pandas_has_them),
	    cmocka_unit_test(scores_of_the_windows_model_are_lightgbms),
	    cmocka_unit_test(scores_of_a_model_with_large_categories_are_lightgbms),
	    cmocka_unit_test(scores_of_a_model_with_a_constant_tree_are_lightgbms),
	    cmocka_unit_test(scores_of_the_categorical_toy_of_v2_are_lightgbms),
	    cmocka_unit_test(every_split_sends_values_where_lightgbm_sends_them),
	    cmocka_unit_test(what_is_near_zero_counts_as_zero),
	    cmocka_unit_test(a_threshold_of_infinity_takes_infinity_too),
	    cmocka_unit_test(each_objective_turns_the_margin_as_lightgbm_does),
	    cmocka_unit_test(a_forest_is_the_mean_of_its_trees),
	    cmocka_unit_test(a_file_may_end_its_lines_as_windows_does),
	    cmocka_unit_test(the_words_of_categories_are_found_by_their_columns),
	    cmocka_unit_test(words_are_given_only_to_inputs_that_are_certain),
	    cmocka_unit_test(an_ordered_column_gets_its_words_too_if_it_can_be_no_other),
	    cmocka_unit_test(covers_are_the_counts_of_rows),
	    cmocka_unit_test(a_model_without_trees_scores_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
