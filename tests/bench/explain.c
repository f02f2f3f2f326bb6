/* explain.c: TreeSHAP beside libxgboost's pred_contribs on the same models and rows, on one thread:
 * many rows at once, and one at a time. Both must give the same contributions, to the float that
 * libxgboost adds in. The peer's matrices are made beforehand, which is to its advantage. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "core/model/explain.h"
#include "tests/bench/model_rows.h"
#include "tests/support/xgboost_peer.h"

#define DEMO "core/service/models/"
#define HANDBOOK "../shared/data/handbook/"

enum { ROWS = 2000, SINGLES = 200, TRAINED_ROWS = 20000, TRAINED_FEATURES = 12, ROUNDS = 100 };

struct job {
	const char *name;
	struct model *model;
	struct peer peer;
	const double *rows;
	double *contributions;
	DMatrixHandle matrix, singles[SINGLES];
};

static void
check_same(const struct job *job, size_t row, size_t rows, const float *theirs)
{
	size_t width = model_features(job->model) + 1;
	const double *ours = job->contributions + row * width;
	for (size_t i = 0; i < rows * width; i++) {
		if (!(fabs(ours[i] - (double)theirs[i]) <= 1e-5 * (1 + fabs(ours[i])))) {
			fprintf(stderr, "row %zu, number %zu: %.9g and %.9g\n", row + i / width,
			    i % width, ours[i], (double)theirs[i]);
			bench_fail(job->name, "libxgboost gives other contributions");
		}
	}
}

/* One repetition: all rows, then one row at a time, each followed by the peer. */
static void
measure_once(const struct job *job, struct explainer *explainer, double seconds[4])
{
	size_t features = model_features(job->model);
	double began = bench_now();
	explainer_rows(explainer, job->rows, ROWS, job->contributions);
	seconds[0] = bench_now() - began;
	began = bench_now();
	const float *theirs = peer_predict(&job->peer, job->matrix, PEER_CONTRIBUTIONS);
	seconds[1] = bench_now() - began;
	check_same(job, 0, ROWS, theirs);
	began = bench_now();
	for (size_t i = 0; i < SINGLES; i++)
		explainer_rows(explainer, job->rows + i * features, 1,
		    job->contributions + i * (features + 1));
	seconds[2] = bench_now() - began;
	seconds[3] = 0;
	for (size_t i = 0; i < SINGLES; i++) {
		began = bench_now();
		theirs = peer_predict(&job->peer, job->singles[i], PEER_CONTRIBUTIONS);
		seconds[3] += bench_now() - began;
		check_same(job, i, 1, theirs);
	}
}

static void
measure(const struct job *job)
{
	struct bench_runs batch, peer_batch, single, peer_single;
	char what[128];
	struct err err;
	struct explainer *explainer = explainer_new(job->model, &err);
	if (explainer == NULL)
		bench_fail(job->name, err.text);
	for (int run = 0; run < BENCH_RUNS; run++) {
		double seconds[4];
		measure_once(job, explainer, seconds);
		batch.values[run] = seconds[0];
		peer_batch.values[run] = seconds[1];
		single.values[run] = seconds[2] / SINGLES * 1e6;
		peer_single.values[run] = seconds[3] / SINGLES * 1e6;
	}
	size_t trees = model_trees(job->model);
	snprintf(what, sizeof(what), "explain %s, %zu trees, batch of %d", job->name, trees, ROWS);
	bench_line(
	    what, "rows/s", bench_rates(ROWS, batch), "libxgboost", bench_rates(ROWS, peer_batch));
	snprintf(what, sizeof(what), "explain %s, %zu trees, one row", job->name, trees);
	bench_line(what, "us", single, "libxgboost", peer_single);
	explainer_free(explainer);
}

/* The job's rows, model and peer are there. */
static void
bench_job(struct job *job)
{
	size_t features = model_features(job->model);
	float *floats = model_rows_floats(job->rows, ROWS * features);
	job->contributions = mem_alloc(ROWS * (features + 1) * sizeof(double));
	job->matrix = peer_matrix(floats, ROWS, features);
	for (size_t i = 0; i < SINGLES; i++)
		job->singles[i] = peer_matrix(floats + i * features, 1, features);
	measure(job);
	for (size_t i = 0; i < SINGLES; i++)
		peer_need(XGDMatrixFree(job->singles[i]));
	peer_need(XGDMatrixFree(job->matrix));
	free(job->contributions);
	free(floats);
}

/* Writes a base score of XGBoost 3 ("[1E-2]") as Debian's reads it ("001E-2"). */
static void
plain_base_score(char *json)
{
	static const char key[] = "\"base_score\":\"[";
	char *number = strstr(json, key);
	if (number == NULL)
		return;
	number += sizeof(key) - 1;
	size_t length = strcspn(number, "]");
	memmove(number + 1, number, length);
	number[-1] = number[0] = '0';
}

/* cases NULL: rows are payments. */
static void
bench_file(const char *name, const char *path, const char *cases)
{
	struct err err;
	struct buf text = {0};
	if (access(path, R_OK) != 0 || (cases != NULL && access(cases, R_OK) != 0)) {
		fprintf(stderr, "LEFT OUT: %s is not there\n", path);
		return;
	}
	struct job job = {.name = name, .model = model_load(path, &err)};
	if (job.model == NULL || !buf_read_file(&text, path, 64 << 20, &err))
		bench_fail(path, err.text);
	plain_base_score(text.data);
	job.peer = peer_load(text.data, text.length);
	double *rows = cases != NULL ? model_rows_cases(job.model, cases, ROWS)
				     : model_rows_payments(job.model, ROWS);
	job.rows = rows;
	bench_job(&job);
	free(rows);
	peer_free(&job.peer);
	model_free(job.model);
	buf_free(&text);
}

/* A model trained here: rows of normal numbers, one in twenty missing. */
static void
bench_trained(const char *name, const char *depth)
{
	struct rng rng;
	rng_seed(&rng, 7, 1);
	double *rows = mem_alloc(TRAINED_ROWS * TRAINED_FEATURES * sizeof(*rows));
	float *labels = mem_alloc(TRAINED_ROWS * sizeof(*labels));
	for (size_t i = 0; i < TRAINED_ROWS; i++) {
		double *row = rows + i * TRAINED_FEATURES;
		for (size_t f = 0; f < TRAINED_FEATURES; f++)
			row[f] = rng_normal(&rng);
		double pull = row[0] + row[1] * row[2] - row[3] * fabs(row[4]) + 0.5 * row[5];
		labels[i] = pull + rng_normal(&rng) > 1.5;
		row[rng_below(&rng, TRAINED_FEATURES)] =
		    rng_uniform(&rng) < 0.6 ? (double)NAN : row[6];
	}
	float *floats = model_rows_floats(rows, TRAINED_ROWS * TRAINED_FEATURES);
	struct job job = {.name = name, .rows = rows};
	job.peer = peer_train(floats, labels, TRAINED_ROWS, TRAINED_FEATURES, ROUNDS, depth);
	size_t length;
	struct err err;
	const char *json = peer_save(&job.peer, &length);
	job.model = model_parse(json, length, name, &err);
	if (job.model == NULL)
		bench_fail(name, err.text);
	bench_job(&job);
	model_free(job.model);
	peer_free(&job.peer);
	free(floats);
	free(labels);
	free(rows);
}

int
main(void)
{
	bench_trained("depth 6", "6");
	bench_file("demo 12", DEMO "fraud_classifier_12.json", NULL);
	bench_file("demo 13", DEMO "fraud_classifier_13.json", NULL);
	bench_file(
	    "handbook v1", HANDBOOK "model_v1_stale.json", HANDBOOK "model_v1_stale.cases.csv");
	bench_file(
	    "handbook v2", HANDBOOK "model_v2_fresh.json", HANDBOOK "model_v2_fresh.cases.csv");
	return 0;
}
