/* predict.h: a request's body in, an answer and log lines out. It knows neither sockets nor files,
 * so that a test or a fuzzer can call it. The rules (DESIGN.md section 8):
 *
 * A transaction is `{"request_id"?, "ts"?, "segment"?, "features": {...}}`, or the features flat at
 * the top beside those three names. Every input of the model must be there; null says that it is
 * missing. A number input takes a finite number or a boolean, a category input a string; a category
 * word that the model does not know counts as missing and is counted. Other features may be there
 * and are logged as they came. What breaks a rule is told as
 * `{"detail":[{"loc":[...],"msg":...,"type":...}]}`. */
#ifndef FRAUDTOP_SERVICE_PREDICT_H
#define FRAUDTOP_SERVICE_PREDICT_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/service/metrics.h"
#include "core/service/served.h"

#define PREDICT_MAX_BODY (1024 * 1024)
#define PREDICT_MAX_BATCH_BODY (8 * 1024 * 1024)
#define PREDICT_MAX_ROWS 1000

struct predict {
	const struct served *served;
	const char *service; /* for the log; clean */
	struct metrics *metrics; /* counts predictions and unknown categories */
	wall_us now; /* event time of what bears no `ts` */
	mono_us began; /* of the request, for the logged latency */
	unsigned lines; /* written into `log`, counted up */
};

/* Appends the answer's JSON to `answer` and whole log lines to `log`; returns the HTTP status: 200,
 * 422 or 500 (the model gave no probability; that is logged too). */
int predict_one(
    struct predict *predict, const char *body, size_t length, struct buf *answer, struct buf *log);
/* `{"transactions":[...]}` to `{"predictions":[...],"errors":n}`; a row that breaks a rule has
 * `detail` in the place of its prediction. */
int predict_batch(
    struct predict *predict, const char *body, size_t length, struct buf *answer, struct buf *log);

#endif
