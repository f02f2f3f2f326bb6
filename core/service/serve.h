/* serve.h: the embedded scoring service: HTTP on libmicrohttpd around predict.h, served.h and
 * predlog.h.
 *
 * GET / · GET /health · GET /metrics · POST /predict · POST /predict/batch. One thread a
 * connection, at most 256. Every request is scored by one version from its start to its end; an
 * alias that moves changes the next request. Nobody is asked who they are: it listens on loopback
 * unless told otherwise. */
#ifndef FRAUDTOP_SERVICE_SERVE_H
#define FRAUDTOP_SERVICE_SERVE_H

#include "core/base/buf.h"
#include "core/service/served.h"

struct service;

struct service_options {
	struct served_source source;
	const char *name; /* of the service */
	const char *address; /* numeric; NULL: 127.0.0.1 */
	unsigned port; /* 0: any free one */
	const char *log_path; /* NULL: predictions are not logged */
	bool simulate_delay; /* honour X-Simulate-Delay-Ms: for demos alone */
};

/* Loads the model, listens and answers. Signals stay the caller's: block them before. NULL: err. */
struct service *service_start(const struct service_options *options, struct err *err);
/* Stops listening, finishes the requests under way (10 s at most), frees everything. NULL is fine.
 */
void service_stop(struct service *service);

/* `fraud-eu on http://127.0.0.1:8001, model fraud_classifier 12` */
void service_describe(struct service *service, struct buf *out);
/* Opens the log anew, after a rotation. */
bool service_reopen_log(struct service *service, struct err *err);

#endif
