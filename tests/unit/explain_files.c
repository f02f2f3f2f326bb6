/* explain_files.c: contributions to the scores of model files against those that the libraries
 * which trained them give (tests/training/make_explain_cases.py), and sums of the handbook's
 * models. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/ingest/dataset.h"
#include "core/model/explain.h"
#include "tests/kit/model_files.h"

struct cases {
	struct dataset data;
	struct model *model;
	size_t features;
	double *values, *contributions;
};

static const double *
column(const struct cases *cases, const char *before, const char *name)
{
	char full[128];
	snprintf(full, sizeof(full), "%s%s", before, name);
	const struct dataset_column *found = dataset_feature(&cases->data, full);
	if (found == NULL || found->categorical)
		fail_msg("no column of numbers %s", full);
	return found->numbers;
}

static void
cases_read(struct cases *cases, const char *model_path, const char *path)
{
	struct err err = {0};
	model_files_need(model_path);
	model_files_need(path);
	cases->data.budget = SIZE_MAX;
	if (!dataset_read(&cases->data, path, NULL, &err))
		fail_msg("%s", err.text);
	cases->model = model_files_load(model_path);
	size_t rows = cases->data.rows;
	cases->features = model_features(cases->model);
	cases->values = mem_alloc(rows * cases->features * sizeof(double));
	cases->contributions = mem_alloc(rows * (cases->features + 1) * sizeof(double));
	for (size_t f = 0; f < cases->features; f++) {
		const double *numbers = column(cases, "", model_feature(cases->model, f));
		for (size_t i = 0; i < rows; i++)
			cases->values[i * cases->features + f] = numbers[i];
	}
	struct explainer *explainer = explainer_new(cases->model, &err);
	if (explainer == NULL)
		fail_msg("%s", err.text);
	explainer_rows(explainer, cases->values, rows, cases->contributions);
	explainer_free(explainer);
}

static void
cases_free(struct cases *cases)
{
	free(cases->values);
	free(cases->contributions);
	model_free(cases->model);
	dataset_free(&cases->data);
}

/* Each row's contributions and base sum to its margin, as far as that was added in float: the
 * contributions are doubles, whose sum tests/unit/explain.c holds against doubles. */
static void
check_sums(const struct cases *cases, size_t least_rows)
{
	double worst = 0;
	for (size_t i = 0; i < cases->data.rows; i++) {
		double margin =
		    model_score(cases->model, cases->values + i * cases->features, NULL);
		double sum = 0;
		for (size_t f = 0; f <= cases->features; f++)
			sum += cases->contributions[i * (cases->features + 1) + f];
		worst = fmax(worst, fabs(sum - margin) / (1 + fabs(margin)));
	}
	print_message(
	    "%zu rows: sums within %.2g of the margins, as shares\n", cases->data.rows, worst);
	assert_true(cases->data.rows >= least_rows);
	assert_true(worst <= 1e-6);
}

static void
compare_with_library(const char *file, const char *csv)
{
	struct cases cases = {0};
	char model_path[128], path[128];
	double worst = 0;
	snprintf(model_path, sizeof(model_path), MODELS "explain/%s", file);
	snprintf(path, sizeof(path), MODELS "explain/%s.csv", csv);
	cases_read(&cases, model_path, path);
	check_sums(&cases, 40);
	const double *margins = column(&cases, "", "margin");
	for (size_t f = 0; f <= cases.features; f++) {
		const double *theirs = f == cases.features
					   ? column(&cases, "", "base")
					   : column(&cases, "phi ", model_feature(cases.model, f));
		for (size_t i = 0; i < cases.data.rows; i++)
			worst = fmax(worst,
			    fabs(theirs[i] - cases.contributions[i * (cases.features + 1) + f]));
	}
	print_message("%s: contributions within %.2g of the library's\n", file, worst);
	assert_true(worst <= 1e-5);
	for (size_t i = 0; i < cases.data.rows; i++) {
		const double *row = cases.values + i * cases.features;
		assert_true(fabs(margins[i] - model_score(cases.model, row, NULL)) <= 1e-5);
	}
	cases_free(&cases);
}

static void
contributions_to_xgboost_are_pred_contribs(void **state)
{
	(void)state;
	compare_with_library("xgboost.json", "xgboost");
}

static void
contributions_with_categorical_splits_are_pred_contribs(void **state)
{
	(void)state;
	compare_with_library("xgboost-categorical.json", "xgboost-categorical");
}

static void
contributions_to_dart_are_pred_contribs(void **state)
{
	(void)state;
	compare_with_library("xgboost-dart.json", "xgboost-dart");
}

static void
contributions_to_lightgbm_are_pred_contrib(void **state)
{
	(void)state;
	compare_with_library("lightgbm.txt", "lightgbm");
}

static void
contributions_with_categories_and_zero_missing_are_pred_contrib(void **state)
{
	(void)state;
	compare_with_library("lightgbm-categorical.txt", "lightgbm-categorical");
}

static void
contributions_to_an_averaged_forest_are_pred_contrib(void **state)
{
	(void)state;
	compare_with_library("lightgbm-forest.txt", "lightgbm-forest");
}

static void
contributions_sum_to_the_margins_of_the_handbooks_models(void **state)
{
	(void)state;
	static const char *const names[] = {"model_v1_stale", "model_v2_fresh"};
	for (size_t i = 0; i < 2; i++) {
		struct cases cases = {0};
		char model_path[128], path[128];
		snprintf(model_path, sizeof(model_path), SHARED "handbook/%s.json", names[i]);
		snprintf(path, sizeof(path), SHARED "handbook/%s.cases.csv", names[i]);
		cases_read(&cases, model_path, path);
		check_sums(&cases, 1000);
		cases_free(&cases);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(contributions_to_xgboost_are_pred_contribs),
	    cmocka_unit_test(contributions_with_categorical_splits_are_pred_contribs),
	    cmocka_unit_test(contributions_to_dart_are_pred_contribs),
	    cmocka_unit_test(contributions_to_lightgbm_are_pred_contrib),
	    cmocka_unit_test(contributions_with_categories_and_zero_missing_are_pred_contrib),
	    cmocka_unit_test(contributions_to_an_averaged_forest_are_pred_contrib),
	    cmocka_unit_test(contributions_sum_to_the_margins_of_the_handbooks_models),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
