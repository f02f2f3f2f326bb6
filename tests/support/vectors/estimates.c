/* estimates.c: quality without labels, isotonic maps, limits from chunks, many tests at once. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/calibration.h"
#include "core/stats/cbpe.h"
#include "core/stats/compat.h"
#include "core/stats/multiple.h"
#include "tests/support/vectors/vectors.h"

static void
run_cbpe(struct vector *v)
{
	struct sample p = sample_input(v, "prob");
	double threshold = vector_param_number(v, "threshold", 0.5);
	struct cbpe sums = {0};
	vector_param_is(v, "calibrated", 1);
	for (size_t i = 0; i < p.count; i++)
		cbpe_add(&sums, p.values[i], p.values[i] >= threshold);
	struct cbpe_nannyml figures = cbpe_as_nannyml(&sums);
	struct cbpe_rank rank = cbpe_rank_exact(p.values, NULL, p.count);
	vector_check(v, "tp", sums.tp);
	vector_check(v, "fp", sums.fp);
	vector_check(v, "fn", sums.fn);
	vector_check(v, "tn", sums.tn);
	vector_check(v, "precision", figures.precision); /* NannyML's are what the files hold */
	vector_check(v, "recall", figures.recall);
	vector_check(v, "fpr", cbpe_fpr(&sums).value);
	vector_check(v, "f1", figures.f1);
	vector_check(v, "accuracy", figures.accuracy);
	vector_check(v, "specificity", figures.specificity);
	vector_check(v, "roc_auc", rank.roc_auc);
	vector_check(v, "average_precision", rank.average_precision);
	vector_check(v, "brier", cbpe_brier(p.values, p.count));
	vector_check(v, "log_loss", cbpe_log_loss(p.values, p.count));
	free(p.values);
}

static void
run_isotonic(struct vector *v)
{
	struct sample x, y, w = {0}, query = sample_input(v, "query"), got = {0};
	struct calibration_curve curve;
	sample_pairs(v, "x", "y", &x, &y);
	if (vector_item(v->inputs, "weights") != NULL)
		w = sample_input(v, "weights");
	while (w.count > 0 && w.count < x.count)
		sample_add(&w, 1);
	bool fitted = calibration_curve_fit(&curve, x.values, y.values, w.values, x.count);
	for (size_t i = 0; i < query.count; i++)
		sample_add(&got, fitted ? calibration_curve_apply(&curve, query.values[i]) : NAN);
	vector_check_list(v, "values", got.values, got.count);
	calibration_curve_free(&curve);
	free(x.values);
	free(y.values);
	free(w.values);
	free(query.values);
	free(got.values);
}

static void
run_count_edges(struct vector *v)
{
	size_t n = vector_input_count(v, "n"), bins = vector_input_count(v, "bins");
	size_t *edges = mem_alloc((2 * bins + 1) * sizeof(*edges));
	size_t got = calibration_count_edges(n, bins, edges), i = 0;
	const cJSON *expected = vector_item(v->expected, "edges"), *pair;
	if ((size_t)cJSON_GetArraySize(expected) != got)
		vector_fault(v, "edges: got %zu bins", got);
	cJSON_ArrayForEach(pair, expected)
	{
		if (i >= got)
			break;
		vector_compare(v, "edges from", (double)edges[i], cJSON_GetArrayItem(pair, 0));
		vector_compare(v, "edges to", (double)edges[++i], cJSON_GetArrayItem(pair, 1));
	}
	free(edges);
}

static void
run_sd_threshold(struct vector *v)
{
	static const char *const names[] = {"mean", "median", "min", "max"};
	static const enum compat_offset offsets[] = {
	    COMPAT_OFFSET_MEAN, COMPAT_OFFSET_MEDIAN, COMPAT_OFFSET_MIN, COMPAT_OFFSET_MAX};
	struct sample values = sample_input(v, "values");
	const char *offset = vector_param_text(v, "offset", "mean");
	double k_lower = vector_param_number(v, "k_lower", NAN), low = NAN, high = NAN;
	double k_upper = vector_param_number(v, "k_upper", NAN);
	size_t i = 0;
	while (i < 4 && strcmp(names[i], offset) != 0)
		i++;
	if (i == 4 || strcmp(vector_param_text(v, "std", "population"), "population") != 0)
		vector_fault(v, "unknown offset or std");
	else
		compat_sd_threshold(
		    values.values, values.count, offsets[i], k_lower, k_upper, &low, &high);
	vector_check(v, "lower", low);
	vector_check(v, "upper", high);
	free(values.values);
}

/* Checks the numbers of the tests whose adjusted p is at most alpha; rounding makes no tie less. */
static void
check_rejected(
    struct vector *v, const char *key, const double *adjusted, size_t n, double alpha, bool strict)
{
	struct sample rejected = {0};
	for (size_t i = 0; i < n; i++) {
		if (adjusted[i] < alpha ||
		    (!strict && adjusted[i] <= alpha * (1 + 4 * DBL_EPSILON)))
			sample_add(&rejected, (double)i);
	}
	vector_check_exact(v, key, rejected.values, rejected.count);
	free(rejected.values);
}

static void
run_multiple(struct vector *v)
{
	struct sample p = sample_input(v, "pvalues");
	double alpha = vector_input_number(v, "alpha");
	bool strict =
	    strcmp(vector_param_text(v, "compare", "p <= threshold"), "p < threshold") == 0;
	double *adjusted = mem_alloc((p.count + 1) * sizeof(*adjusted));
	multiple_bh(p.values, adjusted, p.count);
	vector_check_list(v, "bh_adjusted", adjusted, p.count);
	check_rejected(v, "bh_rejected", adjusted, p.count, alpha, strict);
	multiple_bonferroni(p.values, adjusted, p.count);
	vector_check_list(v, "bonferroni_adjusted", adjusted, p.count);
	check_rejected(v, "bonferroni_rejected", adjusted, p.count, alpha, strict);
	free(adjusted);
	free(p.values);
}

const struct vector_metric vectors_of_estimates[] = {
    {"cbpe", run_cbpe},
    {"isotonic", run_isotonic},
    {"ece_count_edges", run_count_edges},
    {"sd_threshold", run_sd_threshold},
    {"multiple_testing", run_multiple},
    {NULL, NULL},
};
