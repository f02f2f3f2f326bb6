/* xgboost_peer.h: the library that trained the models, as a peer: Debian's libxgboost through its C
 * API, on one thread. Trains, saves, loads and predicts; whatever it refuses ends the benchmark.
 *
 * Predictions are in memory of the library's that the next call of the same booster takes back.
 * Models stopped early are predicted with the rounds up to the best one. */
#ifndef FRAUDTOP_TESTS_SUPPORT_XGBOOST_PEER_H
#define FRAUDTOP_TESTS_SUPPORT_XGBOOST_PEER_H

#include <stddef.h>
#include <xgboost/c_api.h>

struct peer {
	BoosterHandle booster;
	DMatrixHandle proxy; /* what an in-place prediction wants; empty */
	int rounds; /* used by a prediction; 0: all */
};

enum peer_wants { PEER_VALUE = 0, PEER_MARGIN = 1, PEER_CONTRIBUTIONS = 2 };

/* What an in-place prediction is asked with, written once for a place that is filled anew. */
struct peer_question {
	char array[160], config[160];
};

/* Ends the program if that is not 0. */
void peer_need(int status);

/* Rows laid one behind the other; NaN is missing. To be freed with XGDMatrixFree. */
DMatrixHandle peer_matrix(const float *values, size_t rows, size_t features);
/* `rounds` trees of binary:logistic. */
struct peer peer_train(const float *values, const float *labels, size_t rows, size_t features,
    int rounds, const char *depth);
struct peer peer_load(const char *json, size_t length);
/* The model as JSON; the library's memory. */
const char *peer_save(const struct peer *peer, size_t *length);
void peer_free(struct peer *peer);
/* The library remembers what it predicted for a matrix: to be measured, each needs its first time.
 */
const float *peer_predict(const struct peer *peer, DMatrixHandle matrix, enum peer_wants wants);
struct peer_question peer_ask(const struct peer *peer, const float *values, size_t rows,
    size_t features, enum peer_wants wants);
/* In place: from the values themselves, without a matrix. */
const float *peer_answer(const struct peer *peer, const struct peer_question *question);

#endif
