/* quality.c: proportions, confusion counts, ranking, calibration error, groups, attributions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/bias.h"
#include "core/stats/calibration.h"
#include "core/stats/ndcg.h"
#include "core/stats/proportion.h"
#include "core/stats/quality.h"
#include "tests/support/vectors/vectors.h"

static void
run_wilson(struct vector *v)
{
	uint64_t k = vector_input_count(v, "k"), n = vector_input_count(v, "n");
	double z = vector_param_number(v, "z", PROPORTION_Z95);
	struct interval interval = proportion_wilson_z(k, n, z);
	vector_check(v, "lo", interval.low);
	vector_check(v, "hi", interval.high);
}

/* All that counts give, under the names that the files use for it. */
static void
check_counts(struct vector *v, const cJSON *expected, const struct quality_confusion *c)
{
	vector_check_in(v, expected, "tp", (double)c->tp);
	vector_check_in(v, expected, "fp", (double)c->fp);
	vector_check_in(v, expected, "fn", (double)c->fn);
	vector_check_in(v, expected, "tn", (double)c->tn);
	vector_check_in(v, expected, "precision", quality_precision(c));
	vector_check_in(v, expected, "recall", quality_recall(c));
	vector_check_in(v, expected, "tpr", quality_recall(c));
	vector_check_in(v, expected, "f1", quality_f1(c));
	vector_check_in(v, expected, "f0_5", quality_f(c, 0.5));
	vector_check_in(v, expected, "f2", quality_f(c, 2));
	vector_check_in(v, expected, "fpr", quality_fpr(c));
	vector_check_in(v, expected, "fnr", quality_fnr(c));
	vector_check_in(v, expected, "tnr", quality_specificity(c));
	vector_check_in(v, expected, "specificity", quality_specificity(c));
	vector_check_in(v, expected, "accuracy", quality_accuracy(c));
	vector_check_in(v, expected, "flag_rate", quality_flag_rate(c));
}

static void
check_thresholds(struct vector *v, const double *scores, const int8_t *labels, size_t n)
{
	const cJSON *thresholds = vector_param(v, "thresholds"), *at;
	int i = 0;
	cJSON_ArrayForEach(at, vector_item(v->expected, "at"))
	{
		double threshold = vector_number(vector_item(at, "threshold"));
		if (thresholds != NULL &&
		    vector_number(cJSON_GetArrayItem(thresholds, i++)) != threshold)
			vector_fault(v, "at: another threshold than the params'");
		vector_check_in(v, at, "threshold", threshold);
		struct quality_confusion counts =
		    quality_confusion_at(scores, labels, n, threshold);
		check_counts(v, at, &counts);
	}
}

static void
check_calibration(struct vector *v, const double *scores, const int8_t *labels, size_t n)
{
	uint64_t counts[10];
	double numbers[10];
	struct calibration_error width = calibration_ece_width(scores, labels, n, counts);
	struct calibration_error count = calibration_ece_count(scores, labels, n);
	for (size_t i = 0; i < 10; i++)
		numbers[i] = (double)counts[i];
	vector_check(v, "ece_width10", width.ece);
	vector_check(v, "mce_width10", width.worst);
	vector_check(v, "ece_count10", count.ece);
	vector_check(v, "mce_count10", count.worst);
	vector_check_list(v, "ece_bin_counts", numbers, 10);
	vector_check(v, "observed_expected", calibration_ratio(scores, labels, n));
}

static void
run_quality(struct vector *v)
{
	struct sample scores = {0}, truth = {0};
	if (vector_item(v->inputs, "labels_scores") != NULL) {
		sample_read(v, &scores, &truth, vector_input(v, "labels_scores"));
	} else {
		sample_pairs(v, "score", "y", &scores, &truth);
	}
	size_t n = scores.count < truth.count ? scores.count : truth.count;
	int8_t *labels = mem_alloc(n + 1);
	for (size_t i = 0; i < n; i++)
		labels[i] = (int8_t)(truth.values[i] == 1 ? 1 : truth.values[i] == 0 ? 0 : -1);
	vector_param_is(v, "log_loss_eps", 2.220446049250313e-16);
	struct quality_rank rank = quality_rank_exact(scores.values, labels, n);
	struct quality_confusion counts = quality_confusion_at(scores.values, labels, n, 0.5);
	vector_check(v, "n", (double)(counts.tp + counts.fp + counts.fn + counts.tn));
	vector_check(v, "pos", (double)(counts.tp + counts.fn));
	vector_check(v, "roc_auc", rank.roc_auc);
	vector_check(v, "average_precision", rank.average_precision);
	vector_check(v, "pr_auc_trapezoid", rank.pr_auc_trapezoid);
	vector_check(v, "brier", quality_brier(scores.values, labels, n));
	vector_check(v, "log_loss", quality_log_loss(scores.values, labels, n));
	check_thresholds(v, scores.values, labels, n);
	check_calibration(v, scores.values, labels, n);
	free(labels);
	free(scores.values);
	free(truth.values);
}

/* --- confusion: the four counts, or a matrix of classes --- */

static void
check_matrix(struct vector *v, const cJSON *json)
{
	const cJSON *names = vector_input(v, "labels"), *row, *cell, *name;
	size_t classes = (size_t)cJSON_GetArraySize(names), i = 0, chosen = 0;
	uint64_t *matrix = mem_alloc((classes * classes + 1) * sizeof(*matrix));
	bool turned = strcmp(vector_param_text(v, "rows", "true"), "predicted") == 0;
	cJSON_ArrayForEach(row, json)
	{
		cJSON_ArrayForEach(cell, row)
		{
			size_t at = turned ? i % classes * classes + i / classes : i;
			if (i++ < classes * classes)
				matrix[at] = (uint64_t)fmax(vector_number(cell), 0);
		}
	}
	if (i != classes * classes)
		vector_fault(v, "the matrix is not %zu by %zu", classes, classes);
	cJSON_ArrayForEach(name, names)
	{
		struct quality_confusion counts = quality_confusion_of(matrix, classes, chosen++);
		char word[64];
		snprintf(word, sizeof(word), "%s", vector_text(name));
		if (cJSON_IsNumber(name))
			snprintf(word, sizeof(word), "%g", name->valuedouble);
		check_counts(v, vector_item(v->expected, word), &counts);
	}
	free(matrix);
}

static struct quality_confusion
read_confusion(const cJSON *json)
{
	return (struct quality_confusion){(uint64_t)vector_number(vector_item(json, "tp")),
	    (uint64_t)vector_number(vector_item(json, "fp")),
	    (uint64_t)vector_number(vector_item(json, "tn")),
	    (uint64_t)vector_number(vector_item(json, "fn"))};
}

static void
run_confusion(struct vector *v)
{
	const cJSON *matrix = vector_input(v, "matrix");
	if (matrix != NULL) {
		check_matrix(v, matrix);
		return;
	}
	struct quality_confusion counts = {vector_input_count(v, "tp"), vector_input_count(v, "fp"),
	    vector_input_count(v, "tn"), vector_input_count(v, "fn")};
	check_counts(v, v->expected, &counts);
}

/* --- groups --- */

static void
check_rates(struct vector *v, const cJSON *groups, const struct bias_group *list)
{
	const cJSON *rates[] = {vector_item(v->expected, "selection_rate"),
	    vector_item(v->expected, "tpr"), vector_item(v->expected, "fpr")};
	const cJSON *group;
	size_t i = 0;
	cJSON_ArrayForEach(group, groups)
	{
		const struct quality_confusion *counts = &list[i++].counts;
		vector_check_in(v, rates[0], group->string, quality_flag_rate(counts));
		vector_check_in(v, rates[1], group->string, quality_recall(counts));
		vector_check_in(v, rates[2], group->string, quality_fpr(counts));
	}
}

static void
run_bias(struct vector *v)
{
	const cJSON *groups = vector_input(v, "groups"), *group;
	size_t count = 0;
	struct bias_group *list =
	    mem_alloc(((size_t)cJSON_GetArraySize(groups) + 1) * sizeof(*list));
	cJSON_ArrayForEach(group, groups)
	{
		struct quality_confusion c = read_confusion(group);
		list[count++] = (struct bias_group){c.tp + c.fp + c.fn + c.tn, c.tp + c.fp, c};
	}
	double least = vector_param_number(v, "min_n", 0);
	struct bias bias = bias_of(list, count, (uint64_t)least);
	check_rates(v, groups, list);
	vector_check(v, "demographic_parity_difference", bias.demographic_parity_difference.value);
	vector_check(v, "disparate_impact_ratio", bias.disparate_impact.value);
	vector_check(v, "equal_opportunity_difference", bias.equal_opportunity_difference.value);
	vector_check(v, "fpr_difference", bias.fpr_difference.value);
	vector_check(v, "equalized_odds_difference", bias.equalized_odds_difference);
	vector_check_flag(
	    v, "four_fifths_ok", bias_four_fifths(&bias), bias.disparate_impact.value);
	free(list);
}

/* --- attributions --- */

static void
run_ndcg_attribution(struct vector *v)
{
	const cJSON *baseline = vector_input(v, "baseline"), *live = vector_input(v, "live"), *one;
	struct sample gains = {0}, order = {0};
	cJSON_ArrayForEach(one, baseline)
	{
		sample_add(&gains, vector_number(one));
		sample_add(&order, vector_number(vector_item(live, one->string)));
	}
	cJSON_ArrayForEach(one, live)
	{
		if (vector_item(baseline, one->string) == NULL) {
			sample_add(&gains, 0);
			sample_add(&order, vector_number(one));
		}
	}
	double ndcg = ndcg_attribution(gains.values, order.values, gains.count);
	vector_check(v, "ndcg", ndcg);
	vector_check_flag(v, "alert_below_0_90", ndcg < NDCG_LIMIT, ndcg);
	free(gains.values);
	free(order.values);
}

static void
run_ndcg_score(struct vector *v)
{
	struct sample gain, score;
	sample_pairs(v, "gain", "score", &gain, &score);
	double k = vector_input_number(v, "k");
	size_t first = k >= 1 ? (size_t)k : 0;
	vector_check(v, "ndcg", ndcg_score(gain.values, score.values, gain.count, first, 1));
	vector_check(
	    v, "ndcg_ignore_ties", ndcg_score(gain.values, score.values, gain.count, first, 0));
	free(gain.values);
	free(score.values);
}

const struct vector_metric vectors_of_quality[] = {
    {"wilson", run_wilson},
    {"binary_quality", run_quality},
    {"confusion", run_confusion},
    {"bias", run_bias},
    {"ndcg_attribution", run_ndcg_attribution},
    {"ndcg_score", run_ndcg_score},
    {NULL, NULL},
};
