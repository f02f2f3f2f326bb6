/* xgboost_peer.h: the library that trained the models, as a peer: Debian's libxgboost through its C
 * API, on one thread. Trains, saves, loads and predicts; whatever it refuses ends the benchmark.
 *
 * Predictions are in memory of the library's that the next call of the same booster takes back.
 * Models stopped early are predicted with the rounds up to the best one. */
#ifndef FRAUDTOP_TESTS_BENCH_XGBOOST_PEER_H
#define FRAUDTOP_TESTS_BENCH_XGBOOST_PEER_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <xgboost/c_api.h>

#include "tests/bench/bench.h"

struct peer {
	BoosterHandle booster;
	DMatrixHandle proxy; /* what an in-place prediction wants; empty */
	int rounds; /* used by a prediction; 0: all */
};

enum peer_wants { PEER_VALUE = 0, PEER_MARGIN = 1, PEER_CONTRIBUTIONS = 2 };

static inline void
peer_need(int status)
{
	if (status != 0)
		bench_fail("libxgboost", XGBGetLastError());
}

/* Rows laid one behind the other; NaN is missing. To be freed with XGDMatrixFree. */
static inline DMatrixHandle
peer_matrix(const float *values, size_t rows, size_t features)
{
	DMatrixHandle matrix;
	peer_need(XGDMatrixCreateFromMat_omp(values, rows, features, NAN, &matrix, 1));
	return matrix;
}

static inline struct peer
peer_new(DMatrixHandle *matrices, bst_ulong count)
{
	struct peer peer = {0};
	peer_need(XGBoosterCreate(matrices, count, &peer.booster));
	peer_need(XGBoosterSetParam(peer.booster, "nthread", "1"));
	peer_need(XGProxyDMatrixCreate(&peer.proxy));
	return peer;
}

/* `rounds` trees of binary:logistic. */
static inline struct peer
peer_train(const float *values, const float *labels, size_t rows, size_t features, int rounds,
    const char *depth)
{
	DMatrixHandle matrix = peer_matrix(values, rows, features);
	peer_need(XGDMatrixSetFloatInfo(matrix, "label", labels, rows));
	struct peer peer = peer_new(&matrix, 1);
	const char *const params[][2] = {{"objective", "binary:logistic"}, {"tree_method", "hist"},
	    {"max_depth", depth}, {"eta", "0.1"}, {"seed", "7"}};
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		peer_need(XGBoosterSetParam(peer.booster, params[i][0], params[i][1]));
	for (int round = 0; round < rounds; round++)
		peer_need(XGBoosterUpdateOneIter(peer.booster, round, matrix));
	peer_need(XGDMatrixFree(matrix));
	return peer;
}

static inline struct peer
peer_load(const char *json, size_t length)
{
	struct peer peer = peer_new(NULL, 0);
	const char *best;
	int found;
	peer_need(XGBoosterLoadModelFromBuffer(peer.booster, json, length));
	peer_need(XGBoosterSetParam(peer.booster, "nthread", "1"));
	peer_need(XGBoosterGetAttr(peer.booster, "best_iteration", &best, &found));
	peer.rounds = found ? atoi(best) + 1 : 0;
	return peer;
}

/* The model as JSON; the library's memory. */
static inline const char *
peer_save(const struct peer *peer, size_t *length)
{
	bst_ulong bytes;
	const char *json;
	peer_need(
	    XGBoosterSaveModelToBuffer(peer->booster, "{\"format\":\"json\"}", &bytes, &json));
	*length = bytes;
	return json;
}

static inline void
peer_free(struct peer *peer)
{
	XGBoosterFree(peer->booster);
	XGDMatrixFree(peer->proxy);
}

/* The library remembers what it predicted for a matrix: to be measured, each needs its first time.
 */
static inline const float *
peer_predict(const struct peer *peer, DMatrixHandle matrix, enum peer_wants wants)
{
	char config[160];
	snprintf(config, sizeof(config),
	    "{\"type\":%d,\"training\":false,\"iteration_begin\":0,\"iteration_end\":%d,"
	    "\"strict_shape\":false}",
	    (int)wants, peer->rounds);
	const bst_ulong *shape;
	bst_ulong dimensions;
	const float *result;
	peer_need(XGBoosterPredictFromDMatrix(
	    peer->booster, matrix, config, &shape, &dimensions, &result));
	return result;
}

/* What an in-place prediction is asked with, written once for a place that is filled anew. */
struct peer_question {
	char array[160], config[160];
};

static inline struct peer_question
peer_ask(const struct peer *peer, const float *values, size_t rows, size_t features,
    enum peer_wants wants)
{
	struct peer_question question;
	snprintf(question.array, sizeof(question.array),
	    "{\"data\":[%llu,true],\"shape\":[%zu,%zu],\"typestr\":\"<f4\",\"version\":3}",
	    (unsigned long long)(uintptr_t)values, rows, features);
	snprintf(question.config, sizeof(question.config),
	    "{\"type\":%d,\"missing\":NaN,\"iteration_begin\":0,\"iteration_end\":%d,"
	    "\"strict_shape\":false,\"cache_id\":0}",
	    (int)wants, peer->rounds);
	return question;
}

/* In place: from the values themselves, without a matrix. */
static inline const float *
peer_answer(const struct peer *peer, const struct peer_question *question)
{
	const bst_ulong *shape;
	bst_ulong dimensions;
	const float *result;
	peer_need(XGBoosterPredictFromDense(peer->booster, question->array, question->config,
	    peer->proxy, &shape, &dimensions, &result));
	return result;
}

#endif
