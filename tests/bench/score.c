/* score.c: core/model beside Debian's libxgboost on one thread and beside the loop that anybody
 * would write first, on the same trees and rows.
 *
 * That peer keeps each tree of the JSON file as plain arrays and walks them row by row. All must
 * give the same margins, bit for bit, for every row; what is measured are the scores. The models:
 * one that libxgboost trains here, with random rows; the handbook's with its cases, repeated (left
 * out, loudly, where ../shared/data/handbook is not there); the demo's with the simulator's
 * payments. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/model/model.h"
#include "tests/bench/model_rows.h"
#include "tests/support/xgboost_peer.h"

#define DEMO "core/service/models/"
#define HANDBOOK "../shared/data/handbook/"

enum { ROWS = 100000, SINGLES = 10000, FEATURES_MAX = 64 };

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
plain_load(const struct buf *text)
{
	cJSON *root = cJSON_ParseWithLength(text->data, text->length);
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
plain_margin(const struct plain_model *model, const float *row)
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
	return (double)sum;
}

static double
logistic(double margin)
{
	return 1.0 / (1.0 + exp(-margin));
}

/* --- rows --- */
/* Numbers about 0, one in thirty missing. */
static double *
random_rows(size_t features)
{
	struct rng rng;
	rng_seed(&rng, 12, 6);
	double *rows = mem_alloc(ROWS * features * sizeof(*rows));
	for (size_t i = 0; i < ROWS * features; i++)
		rows[i] = rng_below(&rng, 30) == 0 ? (double)NAN : rng_normal(&rng);
	return rows;
}

/* --- measuring --- */
struct job {
	const char *name;
	const struct model *model;
	const struct plain_model *plain;
	const struct peer *peer;
	size_t features;
	const double *rows;
	float *floats; /* the same, for the peers */
	double *results, *peer_results;
};

static void
check_same(const struct job *job, size_t rows, const char *peer)
{
	if (memcmp(job->results, job->peer_results, rows * sizeof(double)) != 0)
		bench_fail(job->name, peer);
}

/* Margins, bit for bit: ours in a batch and alone, the loop's, the library's. */
static void
check_margins(const struct job *job)
{
	model_score_rows(job->model, job->rows, ROWS, job->results, NULL);
	for (size_t i = 0; i < ROWS; i++)
		job->peer_results[i] = model_score(job->model, job->rows + i * job->features, NULL);
	check_same(job, ROWS, "a row alone gives another margin than in a batch");
	for (size_t i = 0; i < ROWS; i++)
		job->peer_results[i] = plain_margin(job->plain, job->floats + i * job->features);
	check_same(job, ROWS, "the plain loop gives other margins");
	DMatrixHandle matrix = peer_matrix(job->floats, ROWS, job->features);
	const float *margins = peer_predict(job->peer, matrix, PEER_MARGIN);
	for (size_t i = 0; i < ROWS; i++)
		job->peer_results[i] = (double)margins[i];
	XGDMatrixFree(matrix);
	check_same(job, ROWS, "libxgboost gives other margins");
}

/* Seconds for scores of a batch: ours, the library's, the loop's. */
static void
measure_batch(const struct job *job, double seconds[3])
{
	double began = bench_now();
	model_score_rows(job->model, job->rows, ROWS, NULL, job->results);
	seconds[0] = bench_now() - began;
	DMatrixHandle matrix = peer_matrix(job->floats, ROWS, job->features);
	began = bench_now();
	peer_predict(job->peer, matrix, PEER_VALUE);
	seconds[1] = bench_now() - began;
	XGDMatrixFree(matrix);
	began = bench_now();
	for (size_t i = 0; i < ROWS; i++)
		job->peer_results[i] =
		    logistic(plain_margin(job->plain, job->floats + i * job->features));
	seconds[2] = bench_now() - began;
	check_same(job, ROWS, "the plain loop gives other scores");
}

/* Seconds for SINGLES rows one by one: ours, the library's in place and with a matrix, the loop's.
 */
static void
measure_singles(const struct job *job, double seconds[4])
{
	float row[FEATURES_MAX];
	struct peer_question question = peer_ask(job->peer, row, 1, job->features, PEER_VALUE);
	double began = bench_now();
	for (size_t i = 0; i < SINGLES; i++)
		model_score(job->model, job->rows + i * job->features, &job->results[i]);
	seconds[0] = bench_now() - began;
	began = bench_now();
	for (size_t i = 0; i < SINGLES; i++) {
		memcpy(row, job->floats + i * job->features, job->features * sizeof(*row));
		peer_answer(job->peer, &question);
	}
	seconds[1] = bench_now() - began;
	began = bench_now();
	for (size_t i = 0; i < SINGLES; i++) {
		DMatrixHandle matrix =
		    peer_matrix(job->floats + i * job->features, 1, job->features);
		peer_predict(job->peer, matrix, PEER_VALUE);
		XGDMatrixFree(matrix);
	}
	seconds[2] = bench_now() - began;
	began = bench_now();
	for (size_t i = 0; i < SINGLES; i++)
		job->peer_results[i] =
		    logistic(plain_margin(job->plain, job->floats + i * job->features));
	seconds[3] = bench_now() - began;
	check_same(job, SINGLES, "the plain loop gives other scores");
}

static void
measure(const struct job *job)
{
	static const char *const batch_peers[] = {"libxgboost", "plain loop"};
	static const char *const single_peers[] = {
	    "libxgboost, in place", "libxgboost, by a matrix", "plain loop"};
	struct bench_runs batch[3], single[4];
	char what[128];
	check_margins(job);
	for (int run = 0; run < BENCH_RUNS; run++) {
		double seconds[4];
		measure_batch(job, seconds);
		for (int i = 0; i < 3; i++)
			batch[i].values[run] = seconds[i];
		measure_singles(job, seconds);
		for (int i = 0; i < 4; i++)
			single[i].values[run] = seconds[i] / SINGLES * 1e6;
	}
	int trees = job->plain->trees_count;
	snprintf(what, sizeof(what), "score %s, %d trees, batch of %d", job->name, trees, ROWS);
	for (int i = 0; i < 2; i++)
		bench_line(what, "rows/s", bench_rates(ROWS, batch[0]), batch_peers[i],
		    bench_rates(ROWS, batch[i + 1]));
	snprintf(what, sizeof(what), "score %s, %d trees, one row", job->name, trees);
	for (int i = 0; i < 3; i++)
		bench_line(what, "us", single[0], single_peers[i], single[i + 1]);
}

/* Debian's library is older than the demo's models and takes a base score in brackets for 0. */
static void
take_off_brackets(struct buf *text)
{
	char *base = strstr(text->data, "\"base_score\":\"[");
	char *end = base != NULL ? strchr(base, ']') : NULL;
	if (end == NULL)
		return;
	char *open = strchr(base, '[');
	memmove(end, end + 1, text->length - (size_t)(end - text->data));
	memmove(open, open + 1, text->length - 1 - (size_t)(open - text->data));
	text->length -= 2;
}

/* Rows: random if payments is false and cases is NULL. */
static void
bench_model(
    const char *name, struct model *model, struct buf *text, bool payments, const char *cases)
{
	take_off_brackets(text);
	struct plain_model plain = plain_load(text);
	struct peer peer = peer_load(text->data, text->length);
	size_t features = model_features(model);
	if (features > FEATURES_MAX)
		bench_fail(name, "too many features");
	double *rows = payments	       ? model_rows_payments(model, ROWS)
		       : cases != NULL ? model_rows_cases(model, cases, ROWS)
				       : random_rows(features);
	float *floats = model_rows_floats(rows, ROWS * features);
	double *results = mem_alloc(2 * ROWS * sizeof(*results));
	struct job job = {
	    name, model, &plain, &peer, features, rows, floats, results, results + ROWS};
	measure(&job);
	free(results);
	free(floats);
	free(rows);
	peer_free(&peer);
	plain_free(&plain);
	model_free(model);
	buf_free(text);
}

static void
bench_file(const char *name, const char *path, const char *cases)
{
	if (access(path, R_OK) != 0 || (cases != NULL && access(cases, R_OK) != 0)) {
		fprintf(stderr, "LEFT OUT: %s is not there\n", path);
		return;
	}
	struct err err;
	struct buf text = {0};
	struct model *model = model_load(path, &err);
	if (model == NULL || !buf_read_file(&text, path, 64 << 20, &err))
		bench_fail(path, err.text);
	bench_model(name, model, &text, cases == NULL, cases);
}

/* 100 trees of depth 6 over 12 features, trained here and now by the library. */
static void
bench_trained(void)
{
	enum { FEATURES = 12, TRAINING = 40000 };
	double *rows = random_rows(FEATURES);
	float *values = mem_alloc((size_t)TRAINING * FEATURES * sizeof(*values));
	float *labels = mem_alloc(TRAINING * sizeof(*labels));
	struct rng rng;
	rng_seed(&rng, 3, 1);
	for (size_t i = 0; i < TRAINING; i++) {
		double odds = -1;
		for (size_t f = 0; f < FEATURES; f++) {
			double x = rows[i * FEATURES + f];
			values[i * FEATURES + f] = (float)x;
			if (!isnan(x))
				odds += f % 3 == 0 ? x : f % 3 == 1 ? x * x / 2 - 0.5 : -x / 2;
		}
		labels[i] = rng_uniform(&rng) < logistic(odds) ? 1 : 0;
	}
	struct peer peer = peer_train(values, labels, TRAINING, FEATURES, 100, "6");
	size_t length;
	const char *json = peer_save(&peer, &length);
	struct buf text = {0};
	buf_append(&text, json, length);
	struct err err;
	struct model *model = model_parse(text.data, text.length, "trained", &err);
	if (model == NULL)
		bench_fail("the trained model", err.text);
	peer_free(&peer);
	free(labels);
	free(values);
	free(rows);
	bench_model("depth 6, 12 features", model, &text, false, NULL);
}

int
main(void)
{
	bench_trained();
	bench_file(
	    "handbook v1", HANDBOOK "model_v1_stale.json", HANDBOOK "model_v1_stale.cases.csv");
	bench_file(
	    "handbook v2", HANDBOOK "model_v2_fresh.json", HANDBOOK "model_v2_fresh.cases.csv");
	bench_file("demo 12", DEMO "fraud_classifier_12.json", NULL);
	bench_file("demo 13", DEMO "fraud_classifier_13.json", NULL);
	return 0;
}
