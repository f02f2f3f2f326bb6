#include "tests/support/xgboost_peer.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

void
peer_need(int status)
{
	if (status != 0)
		bench_fail("libxgboost", XGBGetLastError());
}

DMatrixHandle
peer_matrix(const float *values, size_t rows, size_t features)
{
	DMatrixHandle matrix;
	peer_need(XGDMatrixCreateFromMat_omp(values, rows, features, NAN, &matrix, 1));
	return matrix;
}

static struct peer
peer_new(DMatrixHandle *matrices, bst_ulong count)
{
	struct peer peer = {0};
	peer_need(XGBoosterCreate(matrices, count, &peer.booster));
	peer_need(XGBoosterSetParam(peer.booster, "nthread", "1"));
	peer_need(XGProxyDMatrixCreate(&peer.proxy));
	return peer;
}

struct peer
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

struct peer
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

const char *
peer_save(const struct peer *peer, size_t *length)
{
	bst_ulong bytes;
	const char *json;
	peer_need(
	    XGBoosterSaveModelToBuffer(peer->booster, "{\"format\":\"json\"}", &bytes, &json));
	*length = bytes;
	return json;
}

void
peer_free(struct peer *peer)
{
	XGBoosterFree(peer->booster);
	XGDMatrixFree(peer->proxy);
}

const float *
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

struct peer_question
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

const float *
peer_answer(const struct peer *peer, const struct peer_question *question)
{
	const bst_ulong *shape;
	bst_ulong dimensions;
	const float *result;
	peer_need(XGBoosterPredictFromDense(peer->booster, question->array, question->config,
	    peer->proxy, &shape, &dimensions, &result));
	return result;
}
