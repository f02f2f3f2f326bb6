/* score.c: core/model beside the loop that anybody would write first, on the same trees and rows.
 *
 * The peer keeps each tree of the JSON file as plain arrays and walks them row by row. Both must
 * give the same margin, bit for bit, for every row. Rows: payments of the simulator for the demo's
 * models, the cases of ../shared/data/handbook, repeated, for the handbook's (left out, loudly,
 * where that folder is not there). */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/ingest/dataset.h"
#include "core/model/model.h"
#include "core/service/payments.h"
#include "tests/bench/bench.h"

#define DEMO "core/service/models/"
#define HANDBOOK "../shared/data/handbook/"

enum { ROWS = 100000, SINGLES = 50000 };

/* --- the peer --- */
struct plain_tree {
	int *left, *right, *feature, *default_left;
	float *condition;
};

struct plain_model {
	struct plain_tree *trees;
	int trees_count, features_count;
	float base;
};

static const cJSON *
member(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	if (item == NULL)
		bench_fail(name, "missing in the model file");
	return item;
}

static int *
plain_ints(const cJSON *array)
{
	int *list = mem_alloc(((size_t)cJSON_GetArraySize(array) + 1) * sizeof(*list)), count = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, array) list[count++] = item->valueint;
	return list;
}

static float *
plain_floats(const cJSON *array)
{
	float *list = mem_alloc(((size_t)cJSON_GetArraySize(array) + 1) * sizeof(*list));
	int count = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, array) list[count++] = (float)item->valuedouble;
	return list;
}

static int
plain_trees_used(const cJSON *learner, const cJSON *trees)
{
	const cJSON *attributes = member(learner, "attributes");
	const cJSON *best = cJSON_GetObjectItemCaseSensitive(attributes, "best_iteration");
	return best != NULL ? atoi(best->valuestring) + 1 : cJSON_GetArraySize(trees);
}

static struct plain_model
plain_load(const char *path)
{
	struct buf text = {0};
	struct err err;
	if (!buf_read_file(&text, path, 64 << 20, &err))
		bench_fail(path, err.text);
	cJSON *root = cJSON_ParseWithLength(text.data, text.length);
	const cJSON *learner = member(root, "learner");
	const cJSON *param = member(learner, "learner_model_param");
	const char *base = member(param, "base_score")->valuestring;
	float probability = (float)atof(base + strspn(base, "["));
	const cJSON *booster = member(member(learner, "gradient_booster"), "model");
	const cJSON *trees = member(booster, "trees"), *tree;
	struct plain_model model = {
	    .features_count = atoi(member(param, "num_feature")->valuestring),
	    .base = -logf(1.0f / probability - 1.0f)};
	int used = plain_trees_used(learner, trees);
	model.trees = mem_alloc((size_t)used * sizeof(*model.trees));
	cJSON_ArrayForEach(tree, trees)
	{
		if (model.trees_count == used)
			break;
		model.trees[model.trees_count++] =
		    (struct plain_tree){.left = plain_ints(member(tree, "left_children")),
			.right = plain_ints(member(tree, "right_children")),
			.feature = plain_ints(member(tree, "split_indices")),
			.default_left = plain_ints(member(tree, "default_left")),
			.condition = plain_floats(member(tree, "split_conditions"))};
	}
	cJSON_Delete(root);
	buf_free(&text);
	return model;
}

static void
plain_free(struct plain_model *model)
{
	for (int i = 0; i < model->trees_count; i++) {
		free(model->trees[i].left);
		free(model->trees[i].right);
		free(model->trees[i].feature);
		free(model->trees[i].default_left);
		free(model->trees[i].condition);
	}
	free(model->trees);
}

static double
plain_score(const struct plain_model *model, const float *row, double *score)
{
	float sum = model->base;
	for (int t = 0; t < model->trees_count; t++) {
		const struct plain_tree *tree = &model->trees[t];
		int node = 0;
		while (tree->left[node] != -1) {
			float value = row[tree->feature[node]];
			if (isnan(value))
				node =
				    tree->default_left[node] ? tree->left[node] : tree->right[node];
			else
				node = value < tree->condition[node] ? tree->left[node]
								     : tree->right[node];
		}
		sum += tree->condition[node];
	}
	*score = 1.0 / (1.0 + exp(-(double)sum));
	return (double)sum;
}

/* --- rows --- */
static float *
payment_rows(const struct model *model)
{
	size_t features = model_features(model);
	float *rows = mem_alloc(ROWS * features * sizeof(*rows));
	struct payments *payments = payments_new(7, 1);
	for (size_t i = 0; i < ROWS; i++) {
		struct payment payment;
		payments_next(payments, &payment);
		for (enum payment_feature f = 0; f < PAYMENT_FEATURES; f++) {
			int input = model_find(model, payment_feature_name(f));
			double value = payment.values[f];
			if (input < 0)
				bench_fail(payment_feature_name(f), "the demo's model lacks it");
			if (model_categorical(model, (size_t)input) &&
			    !model_code(
				model, (size_t)input, payment_category_name(&payment), &value))
				value = NAN;
			rows[i * features + (size_t)input] = (float)value;
		}
	}
	payments_free(payments);
	return rows;
}

static float *
case_rows(const struct model *model, const char *path)
{
	size_t features = model_features(model);
	float *rows = mem_alloc(ROWS * features * sizeof(*rows));
	struct dataset data = {0};
	struct err err;
	if (!dataset_read(&data, path, NULL, &err))
		bench_fail(path, err.text);
	for (size_t f = 0; f < features; f++) {
		const struct dataset_column *column =
		    dataset_feature(&data, model_feature(model, f));
		if (column == NULL || column->categorical)
			bench_fail(model_feature(model, f), "no such column of numbers");
		for (size_t i = 0; i < ROWS; i++)
			rows[i * features + f] = (float)column->numbers[i % data.rows];
	}
	dataset_free(&data);
	return rows;
}

/* --- measuring --- */
struct job {
	const struct model *model;
	const struct plain_model *plain;
	const float *rows;
	double *margins, *scores, *peer_margins, *peer_scores;
};

static void
plain_score_rows(const struct job *job, size_t rows)
{
	size_t features = (size_t)job->plain->features_count;
	for (size_t i = 0; i < rows; i++)
		job->peer_margins[i] =
		    plain_score(job->plain, job->rows + i * features, &job->peer_scores[i]);
}

static void
score_singly(const struct job *job, size_t rows)
{
	size_t features = model_features(job->model);
	for (size_t i = 0; i < rows; i++)
		job->margins[i] =
		    model_score(job->model, job->rows + i * features, &job->scores[i]);
}

static void
check_same(const char *name, const struct job *job, size_t rows)
{
	if (memcmp(job->margins, job->peer_margins, rows * sizeof(double)) != 0 ||
	    memcmp(job->scores, job->peer_scores, rows * sizeof(double)) != 0)
		bench_fail(name, "the plain loop gives other results");
}

/* One repetition: the batch, then one row at a time, each followed by the peer. */
static void
measure_once(const char *name, const struct job *job, double seconds[4])
{
	double began = bench_now();
	model_score_rows(job->model, job->rows, ROWS, job->margins, job->scores);
	seconds[0] = bench_now() - began;
	began = bench_now();
	plain_score_rows(job, ROWS);
	seconds[1] = bench_now() - began;
	check_same(name, job, ROWS);
	memset(job->margins, 0, ROWS * sizeof(*job->margins));
	began = bench_now();
	score_singly(job, SINGLES);
	seconds[2] = bench_now() - began;
	began = bench_now();
	plain_score_rows(job, SINGLES);
	seconds[3] = bench_now() - began;
	check_same(name, job, SINGLES);
}

static void
measure(const char *name, const struct job *job)
{
	struct bench_runs batch, plain, single, plain_single;
	char what[128];
	for (int run = 0; run < BENCH_RUNS; run++) {
		double seconds[4];
		measure_once(name, job, seconds);
		batch.values[run] = seconds[0];
		plain.values[run] = seconds[1];
		single.values[run] = seconds[2] / SINGLES * 1e6;
		plain_single.values[run] = seconds[3] / SINGLES * 1e6;
	}
	int trees = job->plain->trees_count;
	snprintf(what, sizeof(what), "score %s, %d trees, batch of %d", name, trees, ROWS);
	bench_line(
	    what, "rows/s", bench_rates(ROWS, batch), "plain loop", bench_rates(ROWS, plain));
	snprintf(what, sizeof(what), "score %s, %d trees, one row", name, trees);
	bench_line(what, "us", single, "plain loop", plain_single);
}

/* cases NULL: rows are payments. */
static void
bench_model(const char *name, const char *path, const char *cases)
{
	if (access(path, R_OK) != 0 || (cases != NULL && access(cases, R_OK) != 0)) {
		fprintf(stderr, "LEFT OUT: %s is not there\n", path);
		return;
	}
	struct err err;
	struct model *model = model_load(path, &err);
	if (model == NULL)
		bench_fail(path, err.text);
	struct plain_model plain = plain_load(path);
	float *rows = cases != NULL ? case_rows(model, cases) : payment_rows(model);
	double *results = mem_alloc(4 * ROWS * sizeof(*results));
	struct job job = {
	    model, &plain, rows, results, results + ROWS, results + 2 * ROWS, results + 3 * ROWS};
	measure(name, &job);
	free(results);
	free(rows);
	plain_free(&plain);
	model_free(model);
}

int
main(void)
{
	bench_model("demo 12", DEMO "fraud_classifier_12.json", NULL);
	bench_model("demo 13", DEMO "fraud_classifier_13.json", NULL);
	bench_model(
	    "handbook v2", HANDBOOK "model_v2_fresh.json", HANDBOOK "model_v2_fresh.cases.csv");
	return 0;
}
